#include "app/cli/session.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "app/cli/format.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/number.h"

enum { REDIRECTIONS_MAX = 16 };

/* What a command's name tells about its replies. */
enum traits {
    TRAIT_SUBSCRIBE = 1 << 0, /* one confirmation for each argument */
    TRAIT_UNSUBSCRIBE = 1 << 1,
    TRAIT_MONITOR = 1 << 2,
    TRAIT_TEXT = 1 << 3, /* a text for people, printed as it is in every format */
    TRAIT_NO_REPLY = 1 << 4,
    TRAIT_SHUTDOWN = 1 << 5,
};

void session_init(struct session *s, const struct options *options)
{
    *s = (struct session){
        .options = options,
        .host = mem_strdup(options->host),
        .port = options->port,
        .user = options->user ? mem_strdup(options->user) : NULL,
        .password = options->password ? mem_strdup(options->password) : NULL,
        .input_db = options->db,
        .protocol = options->protocol,
        .interrupt_fd = -1,
    };
    reply_reader_init(&s->connection.reader);
}

void session_fini(struct session *s)
{
    connection_close(&s->connection);
    tls_context_drop(s->tls_context);
    mem_free(s->host);
    mem_free(s->user);
    mem_free(s->password);
}

void session_set_address(struct session *s, struct slice host, int port)
{
    char *copy = mem_copy(host.ptr, host.len);
    mem_free(s->host);
    s->host = copy;
    s->port = port;
}

static void set_login(struct session *s, struct slice user, struct slice password)
{
    mem_free(s->user);
    mem_free(s->password);
    s->user = user.ptr ? mem_copy(user.ptr, user.len) : NULL;
    s->password = mem_copy(password.ptr, password.len);
}

/* Sends words of the introduction: false if the connection broke. A refusal
 * is reported as "<what> failed", unless what is NULL, and stored in *refused. */
static bool introduce(struct session *s, const char *what, bool *refused, int argc, const struct slice *argv)
{
    struct reply reply;
    if (!connection_send(&s->connection, argc, argv)) return false;
    if (connection_receive(&s->connection, &reply, -1, -1) != CONNECTION_REPLY) return false;
    *refused = reply.kind == REPLY_ERROR;
    if (*refused && what) fprintf(stderr, "%s failed: %s\n", what, reply.text.ptr);
    reply_fini(&reply);
    return true;
}

static bool introduce_login(struct session *s)
{
    if (s->password == NULL) return true;
    bool refused;
    struct slice words[] = {SLICE("AUTH"), s->user ? slice_of(s->user) : slice_of(s->password),
                            slice_of(s->password)};
    return introduce(s, "AUTH", &refused, s->user ? 3 : 2, words);
}

static bool introduce_protocol(struct session *s)
{
    if (s->protocol != 3) return true;
    bool refused;
    struct slice words[] = {SLICE("HELLO"), SLICE("3")};
    if (!introduce(s, s->options->protocol_is_preference ? NULL : "HELLO 3", &refused, 2, words))
        return false;
    if (refused) s->protocol = 0;
    return true;
}

static bool introduce_db(struct session *s)
{
    if (s->input_db == 0) return true;
    bool refused;
    char text[NUMBER_TEXT_MAX], what[32];
    size_t len = number_print(text, s->input_db);
    snprintf(what, sizeof what, "SELECT %" PRId64, s->input_db);
    struct slice words[] = {SLICE("SELECT"), slice_make(text, len)};
    if (!introduce(s, what, &refused, 2, words)) return false;
    if (!refused) s->db = s->input_db;
    return true;
}

/* The context is made once: its files are read, and a passphrase asked for, once. */
static bool secure(struct session *s)
{
    const struct options *o = s->options;
    if (!o->tls) return true;
    if (s->tls_context == NULL) {
        struct buffer reason = {0};
        s->tls_context = tls_context_new(&o->tls_profile, &reason);
        if (s->tls_context == NULL)
            snprintf(s->connection.error, sizeof s->connection.error, "%s", reason.data);
        buffer_fini(&reason);
    }
    return s->tls_context && connection_secure(&s->connection, s->tls_context, o->server_name);
}

bool session_connect(struct session *s)
{
    const char *path = s->options->socket_path;
    s->db = 0;
    s->in_multi = s->asking = s->replies_off = s->replies_skipped = false;
    s->subscriptions[0] = s->subscriptions[1] = s->channels = 0;
    if (!connection_open(&s->connection, s->host, s->port, path) || !secure(s)) {
        if (path) fprintf(stderr, "Could not connect to Redis at %s: %s\n", path, s->connection.error);
        else
            fprintf(stderr, "Could not connect to Redis at %s:%d: %s\n", s->host, s->port,
                    s->connection.error);
        return false;
    }
    if (introduce_login(s) && introduce_protocol(s) && introduce_db(s)) return true;
    fprintf(stderr, "Error: %s\n", s->connection.error);
    connection_close(&s->connection);
    return false;
}

/* Prints a text at once, so that a pipe sees it, and frees it. */
static void write_out(struct buffer *text)
{
    struct slice all = buffer_slice(text);
    fwrite(all.ptr, 1, all.len, stdout);
    fflush(stdout);
    buffer_fini(text);
}

/* What separates replies; the standard format brings its own newlines. */
static void append_delimiter(struct buffer *text, const struct options *options, enum output output)
{
    if (output == OUTPUT_RAW) buffer_append_slice(text, options->reply_delimiter);
    else if (output != OUTPUT_STANDARD) buffer_append_char(text, '\n');
}

void session_print(const struct session *s, const struct reply *reply, enum output output)
{
    struct buffer text = {0};
    format_reply(&text, reply, output, s->options->bulk_delimiter);
    append_delimiter(&text, s->options, output);
    write_out(&text);
}

static void print_push(const struct session *s, const struct reply *push)
{
    struct buffer text = {0};
    format_push(&text, push, s->options->output, s->options->bulk_delimiter);
    append_delimiter(&text, s->options, s->options->output);
    write_out(&text);
}

static bool words_are(int argc, const struct slice *argv, const char *first, const char *second)
{
    return argc >= (second ? 2 : 1) && slice_is(argv[0], first) && (!second || slice_is(argv[1], second));
}

static unsigned traits_of(int argc, const struct slice *argv)
{
    static const struct {
        const char *first, *second;
        unsigned traits;
    } rows[] = {
        {"subscribe", NULL, TRAIT_SUBSCRIBE},
        {"psubscribe", NULL, TRAIT_SUBSCRIBE},
        {"ssubscribe", NULL, TRAIT_SUBSCRIBE},
        {"unsubscribe", NULL, TRAIT_UNSUBSCRIBE},
        {"punsubscribe", NULL, TRAIT_UNSUBSCRIBE},
        {"sunsubscribe", NULL, TRAIT_UNSUBSCRIBE},
        {"monitor", NULL, TRAIT_MONITOR},
        {"shutdown", NULL, TRAIT_SHUTDOWN},
        {"info", NULL, TRAIT_TEXT},
        {"lolwut", NULL, TRAIT_TEXT},
        {"debug", "htstats", TRAIT_TEXT},
        {"debug", "htstats-key", TRAIT_TEXT},
        {"debug", "client-eviction", TRAIT_TEXT},
        {"memory", "malloc-stats", TRAIT_TEXT},
        {"memory", "doctor", TRAIT_TEXT},
        {"cluster", "info", TRAIT_TEXT},
        {"cluster", "nodes", TRAIT_TEXT},
        {"client", "list", TRAIT_TEXT},
        {"client", "info", TRAIT_TEXT},
        {"latency", "graph", TRAIT_TEXT},
        {"latency", "doctor", TRAIT_TEXT},
        {"proxy", "info", TRAIT_TEXT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (words_are(argc, argv, rows[i].first, rows[i].second)) return rows[i].traits;
    if (argc == 3 && words_are(argc, argv, "client", "reply") &&
        (slice_is(argv[2], "off") || slice_is(argv[2], "skip")))
        return TRAIT_NO_REPLY;
    return 0;
}

/* A confirmation of a (un)subscription tells how many there are now. */
static bool note_subscription(struct session *s, const struct reply *reply)
{
    if (!reply_is_aggregate(reply) || reply->item_count != 3) return false;
    const struct reply *kind = &reply->items[0], *count = &reply->items[2];
    if (!reply_is_text(kind) || count->kind != REPLY_INTEGER) return false;
    static const char *const kinds[] = {"subscribe",    "unsubscribe", "psubscribe",
                                        "punsubscribe", "ssubscribe",  "sunsubscribe"};
    for (int i = 0; i < 6; i++) {
        if (!slice_is(kind->text, kinds[i])) continue;
        int64_t *total = &s->subscriptions[i / 4];
        if (i < 2) s->channels += count->integer - *total;
        *total = count->integer;
        return true;
    }
    return false;
}

/* How many confirmations a command will get. Without arguments UNSUBSCRIBE
 * and its kin leave everything, and get one also when there is nothing. */
static int64_t expected_confirmations(const struct session *s, unsigned traits, int argc,
                                      const struct slice *argv)
{
    if (argc > 1 || traits & TRAIT_SUBSCRIBE) return argc > 1 ? argc - 1 : 1;
    int64_t count = s->channels;
    if (slice_is(argv[0], "sunsubscribe")) count = s->subscriptions[1];
    else if (slice_is(argv[0], "punsubscribe")) count = s->subscriptions[0] - s->channels;
    return count > 0 ? count : 1;
}

static enum session_result fail(struct session *s)
{
    fprintf(stderr, "Error: %s\n", s->connection.error);
    connection_close(&s->connection);
    return SESSION_FAILED;
}

/* The user pressed Ctrl-C: what the server still would send is for nobody. */
static enum session_result interrupted(struct session *s)
{
    char signal_info[128];
    if (read(s->interrupt_fd, signal_info, sizeof signal_info) < 0) perror("Error: reading the signal");
    putchar('\n');
    if (!session_connect(s)) return SESSION_FAILED;
    return SESSION_INTERRUPTED;
}

/* Receives the reply to a command; pushes that come before are printed. A
 * confirmation counts as the reply where one is expected. */
static enum connection_result receive_reply(struct session *s, struct reply *reply, bool confirmation)
{
    for (;;) {
        enum connection_result result = connection_receive(&s->connection, reply, -1, s->interrupt_fd);
        if (result != CONNECTION_REPLY) return result;
        bool noted = note_subscription(s, reply);
        bool message = reply->kind == REPLY_PUSH ||
                       (s->protocol != 3 && session_is_subscribed(s) && reply_is_aggregate(reply) &&
                        reply->item_count > 2 && reply_is_text(&reply->items[0]) &&
                        (slice_is(reply->items[0].text, "message") ||
                         slice_is(reply->items[0].text, "pmessage") ||
                         slice_is(reply->items[0].text, "smessage")));
        if (!message || (confirmation && noted)) return result;
        if (s->options->show_pushes || session_is_subscribed(s)) print_push(s, reply);
        reply_fini(reply);
    }
}

/* MOVED and ASK: goes where the error says. False if it is another error, or
 * the place cannot be reached. */
static bool follow_redirection(struct session *s, const struct reply *reply)
{
    int slot, port;
    bool ask = strncmp(reply->text.ptr, "ASK ", 4) == 0;
    if (!ask && strncmp(reply->text.ptr, "MOVED ", 6) != 0) return false;
    const char *address = strrchr(reply->text.ptr, ' '), *colon = strrchr(reply->text.ptr, ':');
    if (colon == NULL || colon < address || sscanf(strchr(reply->text.ptr, ' '), "%d", &slot) != 1 ||
        sscanf(colon + 1, "%d", &port) != 1)
        return false;
    struct slice host = slice_make(address + 1, (size_t)(colon - address) - 1);
    if (host.len == 0) host = slice_of(s->host);
    session_set_address(s, host, port);
    if (s->options->output == OUTPUT_STANDARD)
        printf("-> Redirected to slot [%d] located at %s:%d\n", slot, s->host, s->port);
    if (!session_connect(s)) return false;
    s->asking = ask;
    return true;
}

/* What a command that the server accepted changed for this session. */
static void note_success(struct session *s, int argc, const struct slice *argv)
{
    if (slice_is(argv[0], "multi")) s->in_multi = true;
    else if (slice_is(argv[0], "exec") || slice_is(argv[0], "discard")) s->in_multi = false;
    else if (s->in_multi && !slice_is(argv[0], "reset")) return;
    else if (slice_is(argv[0], "select") && argc == 2) {
        int64_t db;
        if (number_parse(argv[1], &db)) s->db = s->input_db = db;
    } else if (slice_is(argv[0], "auth") && (argc == 2 || argc == 3)) {
        set_login(s, argc == 3 ? argv[1] : (struct slice){0}, argv[argc - 1]);
    } else if (slice_is(argv[0], "hello") && argc >= 2) {
        s->protocol = slice_is(argv[1], "3") ? 3 : 2;
        for (int i = 2; i + 2 < argc; i++)
            if (slice_is(argv[i], "auth")) set_login(s, argv[i + 1], argv[i + 2]);
    } else if (slice_is(argv[0], "reset")) {
        s->in_multi = s->asking = s->replies_off = s->replies_skipped = false;
        s->subscriptions[0] = s->subscriptions[1] = s->channels = 0;
        s->db = s->input_db = 0;
        s->protocol = 2;
    }
}

static void print_command_reply(const struct session *s, const struct reply *reply, unsigned traits)
{
    const struct options *o = s->options;
    if (reply->kind == REPLY_ERROR && o->exit_on_error && !s->interactive) {
        fprintf(stderr, "%s\n", reply->text.ptr);
        return;
    }
    if (!(traits & TRAIT_TEXT)) {
        session_print(s, reply, o->output);
        return;
    }
    struct buffer text = {0};
    format_reply(&text, reply, OUTPUT_RAW, SLICE("\n"));
    if (text.len && text.data[text.len - 1] != '\n') buffer_append_char(&text, '\n');
    write_out(&text);
}

/* MONITOR: lines until Ctrl-C, or for ever. */
static enum session_result watch(struct session *s)
{
    for (;;) {
        struct reply reply;
        enum connection_result result = connection_receive(&s->connection, &reply, -1, s->interrupt_fd);
        if (result == CONNECTION_OTHER) return interrupted(s);
        if (result != CONNECTION_REPLY) return fail(s);
        session_print(s, &reply, s->options->output);
        reply_fini(&reply);
    }
}

/* Reads what a command is answered with. *redirected: the answer was the way
 * to another node, where we are now. */
static enum session_result read_replies(struct session *s, unsigned traits, int argc,
                                        const struct slice *argv, bool *redirected)
{
    bool confirmed = traits & (TRAIT_SUBSCRIBE | TRAIT_UNSUBSCRIBE) && !s->in_multi;
    int64_t expected = confirmed ? expected_confirmations(s, traits, argc, argv) : 1;
    enum session_result outcome = SESSION_OK;
    for (int64_t i = 0; i < expected; i++) {
        struct reply reply;
        enum connection_result result = receive_reply(s, &reply, confirmed);
        if (result == CONNECTION_OTHER) return interrupted(s);
        if (result == CONNECTION_FAILED && traits & TRAIT_SHUTDOWN) {
            connection_close(&s->connection);
            return SESSION_OK;
        }
        if (result == CONNECTION_FAILED) return SESSION_FAILED;
        if (reply.kind == REPLY_ERROR) {
            outcome = SESSION_ERROR_REPLY;
            expected = 0;
            if (slice_is(argv[0], "exec")) s->in_multi = false;
            *redirected = s->options->cluster && follow_redirection(s, &reply);
        } else note_success(s, argc, argv);
        if (!*redirected) print_command_reply(s, &reply, traits);
        reply_fini(&reply);
    }
    return outcome == SESSION_OK && traits & TRAIT_MONITOR && !s->in_multi ? watch(s) : outcome;
}

static bool send_command(struct session *s, int argc, const struct slice *argv)
{
    if (s->asking) {
        struct reply reply;
        s->asking = false;
        if (!connection_ask(&s->connection, &reply, "ASKING", NULL)) return false;
        reply_fini(&reply);
    }
    return connection_send(&s->connection, argc, argv);
}

/* Whether the command just sent gets a reply, as CLIENT REPLY has it. */
static bool gets_reply(struct session *s, unsigned traits, int argc, const struct slice *argv)
{
    bool skipped = s->replies_skipped;
    s->replies_skipped = traits & TRAIT_NO_REPLY && slice_is(argv[2], "skip");
    if (traits & TRAIT_NO_REPLY) s->replies_off |= slice_is(argv[2], "off");
    else if (argc == 3 && words_are(argc, argv, "client", "reply")) s->replies_off = false;
    return !(traits & TRAIT_NO_REPLY) && !skipped && !s->replies_off;
}

/* One try: FAILED with the connection still open means that it broke and
 * nobody has been told. */
static enum session_result try_command(struct session *s, unsigned traits, int argc, const struct slice *argv)
{
    for (int hops = 0; hops < REDIRECTIONS_MAX; hops++) {
        bool redirected = false;
        if (!send_command(s, argc, argv)) return SESSION_FAILED;
        if (!gets_reply(s, traits, argc, argv)) return SESSION_OK;
        enum session_result result = read_replies(s, traits, argc, argv, &redirected);
        if (!redirected) return result;
    }
    fprintf(stderr, "Error: more than %d redirections\n", REDIRECTIONS_MAX);
    return SESSION_ERROR_REPLY;
}

enum session_result session_run(struct session *s, int argc, const struct slice *argv)
{
    unsigned traits = traits_of(argc, argv);
    bool fresh = !connection_is_open(&s->connection);
    if (fresh && !session_connect(s)) return SESSION_FAILED;
    if (traits & TRAIT_SUBSCRIBE && !s->interactive && s->options->output != OUTPUT_RAW)
        puts("Reading messages... (press Ctrl-C to quit)");

    enum session_result result = try_command(s, traits, argc, argv);
    bool broke = result == SESSION_FAILED && connection_is_open(&s->connection);
    if (broke && s->interactive && !fresh) { /* the server went away while we were idle: once more */
        if (!session_connect(s)) return SESSION_FAILED;
        result = try_command(s, traits, argc, argv);
        broke = result == SESSION_FAILED && connection_is_open(&s->connection);
    }
    return broke ? fail(s) : result;
}

bool session_drain(struct session *s)
{
    struct reply reply;
    enum connection_result result;
    while ((result = connection_receive(&s->connection, &reply, 0, -1)) == CONNECTION_REPLY) {
        note_subscription(s, &reply);
        if (reply.kind != REPLY_PUSH || s->options->show_pushes || session_is_subscribed(s))
            print_push(s, &reply);
        reply_fini(&reply);
    }
    return result == CONNECTION_WAIT;
}

enum session_result session_wait_for_messages(struct session *s, int stdin_fd)
{
    bool notice = stdin_fd >= 0 && s->options->output != OUTPUT_RAW;
    for (;;) {
        if (!session_drain(s)) return fail(s);
        if (notice) fputs("Reading messages... (press Ctrl-C to quit or any key to type command)\r", stdout);
        fflush(stdout);
        struct pollfd fds[] = {{.fd = s->connection.stream.fd, .events = POLLIN},
                               {.fd = stdin_fd, .events = POLLIN},
                               {.fd = s->interrupt_fd, .events = POLLIN}};
        int ready = poll(fds, 3, -1);
        if (notice) fputs("\033[K", stdout);
        if (ready <= 0) continue;
        if (fds[2].revents) return interrupted(s);
        if (fds[1].revents) return SESSION_OK;
    }
}
