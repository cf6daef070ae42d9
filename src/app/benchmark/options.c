#include "app/benchmark/options.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/benchmark/fail.h"
#include "app/benchmark/uri.h"
#include "base/buffer.h"
#include "base/mem.h"
#include "base/number.h"

enum kind { FLAG, NUMBER, TEXT };

/* One option: how it is written, where it goes, what --help says. */
struct row {
    const char *name;
    const char *value; /* what --help calls its value */
    enum kind kind;
    size_t offset;
    int64_t min;
    int64_t max;
    const char *help;
};

#define AT(field) offsetof(struct options, field)
#define SOME      (INT64_C(1) << 40)

static const struct row general_rows[] = {
    {"-h", "host", TEXT, AT(server.host), 0, 0, "server's name or address (127.0.0.1)"},
    {"-p", "port", NUMBER, AT(server.port), 1, 65535, "server's port (6379)"},
    {"-s", "path", TEXT, AT(server.socket), 0, 0, "Unix socket, instead of host and port"},
    {"-u", "uri", TEXT, AT(uri), 0, 0,
     "redis://[user:password@]host[:port][/db]; rediss:// is the\nsame in TLS"},
    {"-a", "password", TEXT, AT(server.password), 0, 0, "authenticate with this password"},
    {"--user", "name", TEXT, AT(server.user), 0, 0, "authenticate as this user; needs -a"},
    {"--dbnum", "db", NUMBER, AT(server.db), 0, INT32_MAX, "select this database (0)"},
    {"-3", NULL, FLAG, AT(server.resp3), 0, 0, "speak RESP3"},
    {"--enable-tracking", NULL, FLAG, AT(server.tracking), 0, 0,
     "turn client tracking on in every connection"},
    {"--tls", NULL, FLAG, AT(server.tls), 0, 0, "speak TLS"},
    {"--cacert", "file", TEXT, AT(server.tls_profile.ca_file), 0, 0, "trust the certificates in it"},
    {"--cacertdir", "dir", TEXT, AT(server.tls_profile.ca_dir), 0, 0, "trust the certificates there"},
    {"--insecure", NULL, FLAG, AT(insecure), 0, 0, "trust anybody"},
    {"--cert", "file", TEXT, AT(server.tls_profile.cert_file), 0, 0, "certificate to show"},
    {"--key", "file", TEXT, AT(server.tls_profile.key_file), 0, 0, "its key"},
    {"--sni", "name", TEXT, AT(server.server_name), 0, 0, "server's name to ask for"},
    {"--tls-ciphers", "list", TEXT, AT(server.tls_profile.ciphers), 0, 0, "ciphers up to TLS 1.2"},
    {"--tls-ciphersuites", "list", TEXT, AT(server.tls_profile.ciphersuites), 0, 0, "suites of TLS 1.3"},
    {"-c", "clients", NUMBER, AT(clients), 1, 1000000, "connections at a time (50)"},
    {"-n", "requests", NUMBER, AT(requests), 1, SOME, "requests of each test (100000)"},
    {"-d", "bytes", NUMBER, AT(data_size_bytes), 1, INT64_C(1) << 30, "size of a value (3)"},
    {"-P", "requests", NUMBER, AT(pipeline), 1, 1000000, "requests sent in one write (1; 16 with --notify)"},
    {"-k", "0|1", NUMBER, AT(keep_alive), 0, 1, "0 opens a connection for every batch (1)"},
    {"-r", "keys", NUMBER, AT(keyspace), 1, INT64_C(1000000000000),
     "replace __rand_int__ by 12 digits of a number below keys, anew for\neach request; without it "
     "there is one key. __rand_<n>__ has a\nrange of its own"},
    {"--sequential", NULL, FLAG, AT(sequential), 0, 0, "__rand_int__ counts up, then starts again"},
    {"--seed", "number", NUMBER, AT(seed), 0, INT64_MAX, "makes the random numbers repeat"},
    {"--threads", "threads", NUMBER, AT(threads), 1, 500, "threads that share the connections (1)"},
    {"-t", "tests", TEXT, AT(tests), 0, 0, "run these, a list with commas: set,get,lrange_100"},
    {"-x", NULL, FLAG, AT(last_from_stdin), 0, 0, "the command's last argument comes from stdin"},
    {"-q", NULL, FLAG, AT(quiet), 0, 0, "one line for each test"},
    {"--csv", NULL, FLAG, AT(csv), 0, 0, "print comma-separated values"},
    {"--precision", "digits", NUMBER, AT(precision), 0, 6,
     "digits behind the point of latencies, at least 3"},
    {"-l", NULL, FLAG, AT(loop), 0, 0, "repeat the tests for ever"},
    {"-I", NULL, FLAG, AT(idle), 0, 0, "open the connections and leave them idle"},
    {"--show-server-errors", NULL, FLAG, AT(show_server_errors), 0, 0,
     "print error replies, one a second, and go on; without it\nthe first one ends the run"},
    {"-e", NULL, FLAG, AT(errors_ignored), 0, 0, "accepted, without effect"},
    {"--help", NULL, FLAG, AT(help), 0, 0, "print this"},
    {"--version", NULL, FLAG, AT(version), 0, 0, "print the version"},
};

static const struct row notify_rows[] = {
    {"--notify", "what", TEXT, AT(notify), 0, 0,
     "expired: are keys announced when their time has come\n"
     "fanout: deliveries to many subscribers\n"
     "patterns: SET while many patterns do not match\n"
     "overhead: SET with notifications off and on"},
    {"--background", "keys", NUMBER, AT(background), 0, SOME,
     "expired: volatile keys not due soon (1000000)"},
    {"--probes", "keys", NUMBER, AT(probes), 1, 10000000, "expired: keys due within the window (1000)"},
    {"--window", "ms", NUMBER, AT(window_ms), 1, 3600000, "expired: their deadlines spread over it (5000)"},
    {"--grace", "seconds", NUMBER, AT(grace_s), 1, 86400, "expired: wait for late announcements (20)"},
    {"--mass", "keys", NUMBER, AT(mass), 1, 100000000,
     "expired: instead of probes, this many keys due in one\nmillisecond, and the latency of GET meanwhile"},
    {"--fields", "count", NUMBER, AT(fields), 1, 10000,
     "expired: the probes are hashes (100000), of which this many\nfields each are due"},
    {"--subscribers", "count", NUMBER, AT(subscribers), 1, 100000, "fanout: subscribers (100)"},
    {"--pattern", NULL, FLAG, AT(by_pattern), 0, 0, "fanout: of __key*__:* instead of one channel"},
    {"--patterns", "count", NUMBER, AT(patterns), 1, 10000000, "patterns: how many (1000, then 10000)"},
    {"--pid", "pid", NUMBER, AT(pid), 1, INT32_MAX,
     "the server's process, to count its instructions (found\nthrough INFO when it is local)"},
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static void print_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s%s", rows[i].name, rows[i].value ? " <" : "",
                 rows[i].value ? rows[i].value : "", rows[i].value ? ">" : "");
        const char *line = rows[i].help;
        for (const char *end; (end = strchr(line, '\n')); line = end + 1, left[0] = '\0')
            printf("  %-24s %.*s\n", left, (int)(end - line), line);
        printf("  %-24s %s\n", left, line);
    }
}

void options_print_help(void)
{
    printf("Usage: redis-benchmark [options] [command argument...]\n\n"
           "Measures how a server answers the usual commands, or the one given.\n\nOptions:\n");
    print_rows(general_rows, COUNT(general_rows));
    printf("\nKeyspace notifications (they set notify-keyspace-events and put it back):\n");
    print_rows(notify_rows, COUNT(notify_rows));
    printf("\nExamples:\n"
           "  redis-benchmark -q -t set,get -n 1000000 -P 16\n"
           "  redis-benchmark -r 1000 zadd board __rand_int__ player:__rand_100__\n"
           "  redis-benchmark --notify expired --background 10000000\n");
}

static const struct row *row_find(const struct row *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

static void store(struct options *o, const struct row *row, char *value)
{
    void *at = (char *)o + row->offset;
    if (row->kind == FLAG) {
        *(bool *)at = true;
    } else if (row->kind == TEXT) {
        *(char **)at = value;
    } else {
        int64_t number;
        if (!number_parse(slice_of(value), &number) || number < row->min || number > row->max)
            fail("Option %s wants a number from %lld to %lld, not \"%s\"", row->name, (long long)row->min,
                 (long long)row->max, value);
        *(int64_t *)at = number;
    }
}

/* The command's words; -x adds all of stdin as the last one. */
static void set_command(struct options *o, char **words, size_t count)
{
    o->command = mem_alloc((count + 1) * sizeof *o->command);
    o->command_words = count;
    for (size_t i = 0; i < count; i++) o->command[i] = slice_of(words[i]);
    if (!o->last_from_stdin) return;

    for (size_t got = 1; got > 0;) {
        got = fread(buffer_reserve(&o->from_stdin, 4096), 1, 4096, stdin);
        buffer_added(&o->from_stdin, got);
    }
    o->command[o->command_words++] = buffer_slice(&o->from_stdin);
}

static void set_defaults(struct options *o)
{
    *o = (struct options){
        .server = {.host = "127.0.0.1", .port = 6379},
        .clients = 50,
        .data_size_bytes = 3,
        .threads = 1,
        .keep_alive = 1,
        .seed = (int64_t)time(NULL) ^ getpid(),
        .background = 1000000,
        .window_ms = 5000,
        .grace_s = 20,
        .subscribers = 100,
    };
}

static void make_context(struct options *o)
{
    struct endpoint *e = &o->server;
    struct buffer reason = {0};
    e->tls_profile.peer_certificate = o->insecure ? TLS_AUTH_NO : TLS_AUTH_YES;
    e->tls_context = tls_context_new(&e->tls_profile, &reason);
    if (e->tls_context == NULL) fail("%s", reason.data);
}

static void check(struct options *o, bool has_command)
{
    if (o->uri) uri_parse(o->uri, &o->server);
    if (o->server.tls) make_context(o);
    if (o->server.user && !o->server.password) fail("Option --user needs a password: add -a");
    if (o->notify && has_command) fail("Option --notify takes no command");
    if (o->last_from_stdin && !has_command) fail("Option -x needs a command");
    if (o->probes == 0) o->probes = o->fields ? 100000 : 1000;
    if (o->pipeline == 0) o->pipeline = o->notify ? 16 : 1;
    if (o->threads > o->clients) o->threads = o->clients;
}

void options_parse(struct options *o, int argc, char **argv)
{
    set_defaults(o);
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const struct row *row = row_find(general_rows, COUNT(general_rows), argv[i]);
        if (!row) row = row_find(notify_rows, COUNT(notify_rows), argv[i]);
        if (!row || (row->kind != FLAG && i + 1 == argc))
            fail("Invalid option \"%s\" or option argument missing\nTry redis-benchmark --help", argv[i]);
        store(o, row, row->kind == FLAG ? NULL : argv[++i]);
    }
    check(o, i < argc);
    if (i < argc && !o->help && !o->version) set_command(o, argv + i, (size_t)(argc - i));
}

void options_fini(struct options *o)
{
    tls_context_drop(o->server.tls_context);
    mem_free(o->command);
    buffer_fini(&o->from_stdin);
}
