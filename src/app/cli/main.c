/* redis-cli. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cli/help.h"
#include "app/cli/modes.h"
#include "app/cli/repl.h"
#include "app/cli/session.h"
#include "app/cli/words.h"
#include "base/buffer.h"

static void read_stdin(struct buffer *all)
{
    for (;;) {
        ssize_t got = read(STDIN_FILENO, buffer_reserve(all, 65536), 65536);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            fprintf(stderr, "Error: reading standard input: %s\n", strerror(errno));
            exit(1);
        }
        if (got == 0) return;
        buffer_added(all, (size_t)got);
    }
}

static void add_argument(const struct options *o, struct words *words, const char *text)
{
    struct slice word = slice_of(text);
    if (!o->quoted_input) words_add(words, word);
    else if (options_unquote(text, &word)) words_take(words, word);
    else {
        fputs("Invalid quoted string\n", stderr);
        exit(1);
    }
}

/* The command of the command line, with standard input in its place. */
static void gather_command(const struct options *o, struct words *words)
{
    struct buffer input = {0};
    bool found = false;
    if (o->stdin_is_last_argument || o->stdin_tag) read_stdin(&input);
    for (int i = 0; i < o->argc; i++) {
        bool is_tag = o->stdin_tag && !found && strcmp(o->argv[i], o->stdin_tag) == 0;
        if (is_tag) words_add(words, buffer_slice(&input));
        else add_argument(o, words, o->argv[i]);
        found |= is_tag;
    }
    if (o->stdin_is_last_argument) words_add(words, buffer_slice(&input));
    buffer_fini(&input);
    if (o->stdin_tag && !found) {
        fputs("Using -X option but stdin tag not match.\n", stderr);
        exit(1);
    }
}

static int print_help(struct session *s, const struct words *words)
{
    struct docs docs = {.reply.kind = REPLY_NULL};
    if (!docs_load(&docs, &s->connection)) return modes_fail(s);
    help_print(&docs, words->count - 1, words->list + 1, s->options->output_is_tty);
    docs_fini(&docs);
    return 0;
}

static int run_command(struct session *s)
{
    const struct options *o = s->options;
    struct words words = {0};
    gather_command(o, &words);
    if (!session_connect(s)) {
        words_fini(&words);
        return 1;
    }
    if (slice_is(words.list[0], "help") || slice_is(words.list[0], "?")) {
        int status = print_help(s, &words);
        words_fini(&words);
        return status;
    }
    enum session_result result = SESSION_OK;
    for (int64_t i = 0; (o->repeat < 0 || i < o->repeat) && result != SESSION_FAILED; i++) {
        if (i && o->interval_us) usleep((useconds_t)o->interval_us);
        result = session_run(s, words.count, words.list);
        if (result == SESSION_ERROR_REPLY && o->exit_on_error) break;
    }
    if (result != SESSION_FAILED && session_is_subscribed(s)) result = session_wait_for_messages(s, -1);
    words_fini(&words);
    return result == SESSION_FAILED || (result == SESSION_ERROR_REPLY && o->exit_on_error);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    struct options options;
    struct session session;
    options_parse(&options, argc, argv);
    session_init(&session, &options);
    int status;
    if (options.mode != MODE_COMMAND) status = modes_run(&session);
    else if (options.argc > 0) status = run_command(&session);
    else status = repl_run(&session);
    session_fini(&session);
    options_fini(&options);
    return status;
}
