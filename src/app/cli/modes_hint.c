/* --test_hint and --test_hint_file: the hints of the interactive mode without
 * a terminal. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/docs.h"
#include "app/cli/editor_hints.h"
#include "app/cli/modes.h"
#include "app/cli/words.h"

/* The hint without the blank that parts it from an unfinished word. */
static void hint_of(struct buffer *hint, const struct docs *docs, struct slice line)
{
    buffer_clear(hint);
    editor_hints_append(hint, docs, line);
    if (hint->len && hint->data[0] == ' ') buffer_consume(hint, 1);
}

/* A line is an input and the hint it should get, both quoted; `#` comments. */
static int check_file(const struct docs *docs, FILE *file)
{
    struct buffer hint = {0};
    int passed = 0, total = 0;
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; (len = getline(&line, &capacity, file)) > 0;) {
        struct words words = {0};
        bool is_case = line[0] != '#' && words_split(&words, slice_make(line, (size_t)len)) &&
                       words.count == 2;
        if (is_case) {
            hint_of(&hint, docs, words.list[0]);
            bool same = slice_equal(buffer_slice(&hint), words.list[1]);
            if (!same)
                printf("'%s': expected '%s', got '%s'\n", words.list[0].ptr, words.list[1].ptr,
                       buffer_slice(&hint).ptr);
            passed += same;
            total++;
        }
        words_fini(&words);
    }
    free(line);
    buffer_fini(&hint);
    printf("%s: %d/%d passed\n", passed == total ? "SUCCESS" : "FAILURE", passed, total);
    return passed != total;
}

int modes_hint(struct session *s)
{
    const struct options *o = s->options;
    struct docs docs = {.reply.kind = REPLY_NULL};
    int status = 0;
    if (!docs_load(&docs, &s->connection)) return modes_fail(s);
    if (o->mode == MODE_HINT) {
        struct buffer hint = {0};
        hint_of(&hint, &docs, slice_of(o->file));
        printf("%s\n", buffer_slice(&hint).ptr);
        buffer_fini(&hint);
    } else {
        FILE *file = fopen(o->file, "r");
        if (file) status = check_file(&docs, file);
        else {
            fprintf(stderr, "Can't open file '%s': %s\n", o->file, strerror(errno));
            status = 1;
        }
        if (file) fclose(file);
    }
    docs_fini(&docs);
    return status;
}
