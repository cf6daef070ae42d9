#include "app/cli/repl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cli/editor.h"
#include "app/cli/help.h"
#include "app/cli/words.h"
#include "base/clock.h"
#include "base/number.h"

enum { SLOW_COMMAND_MS = 500 }; /* from here on the time it took is shown */

struct repl {
    struct session *session;
    struct editor editor;
    struct docs docs;
    bool docs_asked;
    bool leaving;
};

static void write_prompt(const struct session *s, struct buffer *prompt)
{
    buffer_clear(prompt);
    if (!connection_is_open(&s->connection)) {
        buffer_append_text(prompt, "not connected");
    } else {
        const char *path = s->options->socket_path;
        if (path) buffer_printf(prompt, "redis %s", path);
        else buffer_printf(prompt, strchr(s->host, ':') ? "[%s]:%d" : "%s:%d", s->host, s->port);
        if (s->db) buffer_printf(prompt, "[%" PRId64 "]", s->db);
        if (s->in_multi) buffer_append_text(prompt, "(TX)");
        if (session_is_subscribed(s)) buffer_append_text(prompt, "(subscribed mode)");
    }
    buffer_append_text(prompt, "> ");
}

/* Preferences: ":set hints", from the prompt and from ~/.redisclirc. */
static void set_preference(struct repl *r, const struct words *words)
{
    bool set = slice_is(words->list[0], ":set") && words->count == 2;
    if (set && slice_is(words->list[1], "hints")) r->editor.show_hints = true;
    else if (set && slice_is(words->list[1], "nohints")) r->editor.show_hints = false;
    else if (set) printf("unknown redis-cli preference '%s'\n", words->list[1].ptr);
    else printf("unknown redis-cli internal command '%s'\n", words->list[0].ptr);
}

static void read_preferences(struct repl *r)
{
    const char *path = getenv("REDISCLI_RCFILE"), *home = getenv("HOME");
    struct buffer full = {0};
    if (path && *path) buffer_append_text(&full, path);
    else if (home && *home) buffer_printf(&full, "%s/.redisclirc", home);
    FILE *file = full.len ? fopen(full.data, "r") : NULL;
    buffer_fini(&full);
    if (file == NULL) return;
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t len; (len = getline(&line, &capacity, file)) > 0;) {
        struct words words = {0};
        if (words_split(&words, slice_make(line, (size_t)len)) && words.count && words.list[0].ptr[0] == ':')
            set_preference(r, &words);
        words_fini(&words);
    }
    free(line);
    fclose(file);
}

/* Asks for the command descriptions once, when somebody can make use of them. */
static void load_docs(struct repl *r)
{
    struct session *s = r->session;
    if (r->docs_asked || !connection_is_open(&s->connection)) return;
    if (s->in_multi || session_is_subscribed(s)) return;
    r->docs_asked = docs_load(&r->docs, &s->connection);
    if (!r->docs_asked) connection_close(&s->connection);
}

static void connect_elsewhere(struct repl *r, const struct words *words)
{
    int64_t port;
    if (!number_parse(words->list[2], &port) || port < 0 || port > 65535) {
        printf("Invalid port '%s'\n", words->list[2].ptr);
        return;
    }
    connection_close(&r->session->connection);
    session_set_address(r->session, words->list[1], (int)port);
    r->docs_asked = false;
    session_connect(r->session);
}

/* What is for the program itself: false if the line is a command. */
static bool run_internal(struct repl *r, const struct words *words)
{
    const struct slice *word = words->list;
    if (words->count == 1 && (slice_is(word[0], "quit") || slice_is(word[0], "exit"))) {
        r->leaving = true;
    } else if (word[0].ptr[0] == ':') {
        set_preference(r, words);
    } else if (slice_is(word[0], "help") || slice_is(word[0], "?")) {
        load_docs(r);
        help_print(&r->docs, words->count - 1, word + 1, r->session->options->output_is_tty);
    } else if (slice_is(word[0], "connect") && words->count == 3) {
        connect_elsewhere(r, words);
    } else if (slice_is(word[0], "clear") && words->count == 1) {
        if (r->editor.is_terminal) fputs("\033[H\033[2J", stdout);
    } else return false;
    return true;
}

static void run_command(struct repl *r, const struct words *words)
{
    const struct options *o = r->session->options;
    int64_t repeat = o->repeat;
    int skip = 0;
    if (words->count > 1 && number_parse(words->list[0], &repeat)) {
        if (repeat <= 0) {
            puts("Invalid redis-cli repeat command option value.");
            return;
        }
        skip = 1;
    }
    int64_t start_ns = clock_monotonic_ns();
    enum session_result result = SESSION_OK;
    for (int64_t i = 0; (repeat < 0 || i < repeat) && result <= SESSION_ERROR_REPLY; i++) {
        if (i && o->interval_us) usleep((useconds_t)o->interval_us);
        result = session_run(r->session, words->count - skip, words->list + skip);
    }
    bool login = slice_is(words->list[skip], "auth") || slice_is(words->list[skip], "hello");
    if (login && r->docs.reply.item_count == 0) r->docs_asked = false; /* refused before, perhaps */
    int64_t elapsed_ms = (clock_monotonic_ns() - start_ns) / 1000000;
    if (elapsed_ms >= SLOW_COMMAND_MS && o->output == OUTPUT_STANDARD)
        printf("(%.2fs)\n", (double)elapsed_ms / 1000);
}

static void run_line(struct repl *r, struct slice line)
{
    struct words words = {0};
    if (!words_split(&words, line)) puts("Invalid argument(s)");
    else if (words.count) {
        editor_remember(&r->editor, line);
        if (!run_internal(r, &words)) run_command(r, &words);
    }
    words_fini(&words);
    fflush(stdout);
}

int repl_run(struct session *session)
{
    struct repl r = {.session = session};
    struct buffer prompt = {0}, line = {0};
    session->interactive = true;
    docs_fini(&r.docs);
    session_connect(session);
    editor_init(&r.editor, session, &r.docs);
    if (r.editor.is_terminal) read_preferences(&r);
    while (!r.leaving) {
        if (session_is_subscribed(session) && connection_is_open(&session->connection)) {
            editor_wait_for_messages(&r.editor);
        }
        if (r.editor.line) load_docs(&r);
        write_prompt(session, &prompt);
        if (!editor_read(&r.editor, prompt.data, &line)) break;
        run_line(&r, buffer_slice(&line));
    }
    editor_fini(&r.editor);
    docs_fini(&r.docs);
    buffer_fini(&prompt);
    buffer_fini(&line);
    return 0;
}
