#include "app/cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "app/cli/usage.h"
#include "base/mem.h"
#include "base/number.h"
#include "io/request.h"

enum { DEFAULT_PORT = 6379, PIPE_TIMEOUT_S = 30 };

/* What parsing keeps besides the options themselves. */
struct parser {
    struct options *options;
    bool password_given;
    bool ask_password;
    bool insecure;
    bool no_auth_warning;
    bool output_given;
    bool pushes_given;
};

_Noreturn static void fail(const char *message)
{
    fprintf(stderr, "%s\n", message);
    exit(1);
}

_Noreturn static void fail_option(const char *word)
{
    fprintf(stderr, "Unrecognized option or bad number of args for: '%s'\n", word);
    exit(1);
}

static void set_text(char **field, struct slice value)
{
    mem_free(*field);
    *field = mem_copy(value.ptr, value.len);
}

static int64_t parse_number(const char *option, const char *text, int64_t min, int64_t max)
{
    int64_t value;
    if (!number_parse(slice_of(text), &value) || value < min || value > max) {
        fprintf(stderr, "Invalid value for %s: '%s' (a number from %lld to %lld)\n", option, text,
                (long long)min, (long long)max);
        exit(1);
    }
    return value;
}

static int64_t parse_seconds(const char *option, const char *text)
{
    double seconds;
    if (!number_parse_double(slice_of(text), &seconds) || !(seconds >= 0 && seconds < 1e9)) {
        fprintf(stderr, "Invalid value for %s: '%s' (seconds)\n", option, text);
        exit(1);
    }
    return (int64_t)(seconds * 1e6);
}

bool options_unquote(const char *text, struct slice *result)
{
    struct slice line = slice_of(text), word = line;
    char *storage = mem_copy(text, line.len);
    if (line.len && (text[0] == '"' || text[0] == '\'') &&
        request_split_words(line, storage, &word, 1) != 1) {
        mem_free(storage);
        return false;
    }
    *result = slice_make(mem_copy(word.ptr, word.len), word.len);
    mem_free(storage);
    return true;
}

/* Adds %HH-decoded text to nothing: a fresh string; a bad escape ends the program. */
static char *percent_decoded(struct slice s)
{
    char *text = mem_alloc(s.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned byte = (unsigned char)s.ptr[i];
        if (byte == '%') {
            char digits[3] = {0};
            if (s.len - i < 3) fail("Incomplete URI encoding");
            memcpy(digits, s.ptr + i + 1, 2);
            if (strspn(digits, "0123456789abcdefABCDEF") != 2) fail("Illegal character in URI encoding");
            byte = (unsigned)strtoul(digits, NULL, 16);
            i += 2;
        }
        text[len++] = (char)byte;
    }
    text[len] = '\0';
    return text;
}

static void replace(char **field, char *owned)
{
    mem_free(*field);
    *field = owned;
}

static void parse_user_info(struct parser *p, struct slice info)
{
    const char *colon = memchr(info.ptr, ':', info.len);
    struct slice password = info;
    if (colon) {
        struct slice user = slice_make(info.ptr, (size_t)(colon - info.ptr));
        if (user.len) replace(&p->options->user, percent_decoded(user));
        password = slice_make(colon + 1, info.len - user.len - 1);
    }
    replace(&p->options->password, percent_decoded(password));
    p->password_given = true;
}

static void parse_host_port(struct options *o, struct slice address)
{
    const char *end = address.ptr + address.len, *port = NULL;
    struct slice host = address;
    if (address.len && address.ptr[0] == '[') {
        const char *close = memchr(address.ptr, ']', address.len);
        if (close == NULL || (close + 1 < end && close[1] != ':')) fail("Invalid host in URI");
        host = slice_make(address.ptr + 1, (size_t)(close - address.ptr) - 1);
        if (close + 1 < end) port = close + 2;
    } else {
        const char *colon = memchr(address.ptr, ':', address.len);
        if (colon) {
            host.len = (size_t)(colon - address.ptr);
            port = colon + 1;
        }
    }
    if (host.len) replace(&o->host, percent_decoded(host));
    if (port) {
        char *text = mem_copy(port, (size_t)(end - port));
        o->port = (int)parse_number("the port of -u", text, 0, 65535);
        mem_free(text);
    }
}

/* redis://[[user]:password@][host][:port][/db]; rediss:// is the same in TLS */
static void parse_uri(struct parser *p, const char *uri)
{
    struct options *o = p->options;
    struct slice rest = slice_of(uri);
    size_t scheme = strncasecmp(uri, "rediss://", 9) == 0 ? 9 : strncasecmp(uri, "redis://", 8) == 0 ? 8 : 0;
    if (scheme == 0) fail("Invalid URI scheme");
    if (scheme == 9) o->tls = true;
    rest = slice_make(rest.ptr + scheme, rest.len - scheme);

    const char *slash = memchr(rest.ptr, '/', rest.len);
    struct slice authority = slice_make(rest.ptr, slash ? (size_t)(slash - rest.ptr) : rest.len);
    const char *at = memrchr(authority.ptr, '@', authority.len);
    if (at) {
        parse_user_info(p, slice_make(authority.ptr, (size_t)(at - authority.ptr)));
        authority = slice_make(at + 1, (size_t)(authority.ptr + authority.len - at) - 1);
    }
    parse_host_port(o, authority);
    if (slash && slash[1]) o->db = parse_number("the database of -u", slash + 1, 0, INT32_MAX);
}

static char *read_password(void)
{
    struct termios saved, hidden;
    bool tty = tcgetattr(STDIN_FILENO, &saved) == 0;
    fputs("Please input password: ", stderr);
    if (tty) {
        hidden = saved;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len = getline(&line, &capacity, stdin);
    if (tty) tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
    fputc('\n', stderr);
    if (len > 0 && line[len - 1] == '\n') len--;
    char *password = len > 0 ? mem_copy(line, (size_t)len) : mem_strdup("");
    free(line);
    return password;
}

static void set_output(struct parser *p, enum output output)
{
    p->options->output = output;
    p->output_given = true;
}

static void set_show_pushes(struct parser *p, const char *value)
{
    if (strchr("yYnN", value[0]) == NULL || value[0] == '\0') {
        fprintf(stderr, "Unknown --show-pushes value '%s' (valid: '[y]es', '[n]o')\n", value);
        return;
    }
    p->options->show_pushes = value[0] == 'y' || value[0] == 'Y';
    p->pushes_given = true;
}

static void set_pattern(struct options *o, const char *text, bool quoted)
{
    o->has_pattern = true;
    mem_free((char *)o->pattern.ptr);
    if (!quoted) o->pattern = slice_make(mem_strdup(text), strlen(text));
    else if (!options_unquote(text, &o->pattern))
        fail("Invalid quoted string specified for --quoted-pattern.");
}

/* Options without a value: false if word is none of them. */
static bool parse_flag(struct parser *p, const char *word)
{
    struct options *o = p->options;
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        {"-x", &o->stdin_is_last_argument},
        {"-c", &o->cluster},
        {"-e", &o->exit_on_error},
        {"--verbose", &o->verbose},
        {"--tls", &o->tls},
        {"--insecure", &p->insecure},
        {"--askpass", &p->ask_password},
        {"--quoted-input", &o->quoted_input},
        {"--no-auth-warning", &p->no_auth_warning},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(word, flags[i].name) != 0) continue;
        *flags[i].flag = true;
        return true;
    }
    static const struct {
        const char *name;
        enum mode mode;
    } modes[] = {
        {"--pipe", MODE_PIPE},
        {"--replica", MODE_REPLICA},
        {"--slave", MODE_REPLICA},
        {"--scan", MODE_SCAN},
        {"--bigkeys", MODE_BIG_KEYS},
        {"--memkeys", MODE_MEMORY_KEYS},
        {"--hotkeys", MODE_HOT_KEYS},
        {"--stat", MODE_STAT},
        {"--latency", MODE_LATENCY},
        {"--latency-history", MODE_LATENCY_HISTORY},
        {"--latency-dist", MODE_LATENCY_DISTRIBUTION},
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(word, modes[i].name) != 0) continue;
        o->mode = modes[i].mode;
        return true;
    }
    static const struct {
        const char *name;
        enum output output;
    } outputs[] = {
        {"--raw", OUTPUT_RAW},   {"--no-raw", OUTPUT_STANDARD},         {"--csv", OUTPUT_CSV},
        {"--json", OUTPUT_JSON}, {"--quoted-json", OUTPUT_QUOTED_JSON},
    };
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        if (strcmp(word, outputs[i].name) != 0) continue;
        set_output(p, outputs[i].output);
        return true;
    }
    if (strcmp(word, "-2") != 0 && strcmp(word, "-3") != 0) return false;
    if (o->protocol && o->protocol != word[1] - '0') fail("Options -2 and -3 are mutually exclusive.");
    o->protocol = word[1] - '0';
    return true;
}

static bool parse_connection_option(struct parser *p, const char *word, const char *value)
{
    struct options *o = p->options;
    if (strcmp(word, "-h") == 0) set_text(&o->host, slice_of(value));
    else if (strcmp(word, "-p") == 0) o->port = (int)parse_number(word, value, 0, 65535);
    else if (strcmp(word, "-s") == 0) set_text(&o->socket_path, slice_of(value));
    else if (strcmp(word, "-u") == 0) parse_uri(p, value);
    else if (strcmp(word, "-n") == 0) o->db = parse_number(word, value, 0, INT32_MAX);
    else if (strcmp(word, "--user") == 0) set_text(&o->user, slice_of(value));
    else if (strcmp(word, "-a") == 0 || strcmp(word, "--pass") == 0) {
        set_text(&o->password, slice_of(value));
        p->password_given = true;
    } else return false;
    return true;
}

static bool parse_tls_option(struct options *o, const char *word, const char *value)
{
    struct tls_profile *tls = &o->tls_profile;
    const struct {
        const char *name;
        const char **field;
    } texts[] = {
        {"--sni", &o->server_name},
        {"--cacert", &tls->ca_file},
        {"--cacertdir", &tls->ca_dir},
        {"--cert", &tls->cert_file},
        {"--key", &tls->key_file},
        {"--tls-ciphers", &tls->ciphers},
        {"--tls-ciphersuites", &tls->ciphersuites},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(word, texts[i].name) != 0) continue;
        *texts[i].field = value;
        return true;
    }
    return false;
}

static bool parse_mode_option(struct options *o, const char *word, const char *value)
{
    if (strcmp(word, "--eval") == 0) {
        o->mode = MODE_EVAL;
        o->file = value;
    } else if (strcmp(word, "--rdb") == 0 || strcmp(word, "--functions-rdb") == 0) {
        o->mode = MODE_RDB;
        o->functions_only = word[2] == 'f';
        o->file = value;
    } else if (strcmp(word, "--test_hint") == 0 || strcmp(word, "--test_hint_file") == 0) {
        o->mode = word[11] ? MODE_HINT_FILE : MODE_HINT;
        o->file = value;
    } else if (strcmp(word, "--memkeys-samples") == 0) {
        o->mode = MODE_MEMORY_KEYS;
        o->memory_samples = parse_number(word, value, 0, INT64_MAX);
    } else if (strcmp(word, "--lru-test") == 0) {
        o->mode = MODE_LRU_TEST;
        o->lru_keys = parse_number(word, value, 1, INT64_MAX);
    } else if (strcmp(word, "--intrinsic-latency") == 0) {
        o->mode = MODE_INTRINSIC_LATENCY;
        o->intrinsic_s = parse_number(word, value, 1, INT32_MAX);
    } else if (strcmp(word, "--pipe-timeout") == 0)
        o->pipe_timeout_s = parse_number(word, value, 0, INT32_MAX);
    else if (strcmp(word, "--pattern") == 0) set_pattern(o, value, false);
    else if (strcmp(word, "--quoted-pattern") == 0) set_pattern(o, value, true);
    else if (strcmp(word, "--count") == 0) o->scan_count = parse_number(word, value, 1, INT64_MAX);
    else return false;
    return true;
}

static bool parse_output_option(struct parser *p, const char *word, const char *value)
{
    struct options *o = p->options;
    if (strcmp(word, "-r") == 0) o->repeat = parse_number(word, value, -1, INT64_MAX);
    else if (strcmp(word, "-i") == 0) o->interval_us = parse_seconds(word, value);
    else if (strcmp(word, "-X") == 0) o->stdin_tag = value;
    else if (strcmp(word, "-d") == 0) o->bulk_delimiter = slice_of(value);
    else if (strcmp(word, "-D") == 0) o->reply_delimiter = slice_of(value);
    else if (strcmp(word, "--show-pushes") == 0) set_show_pushes(p, value);
    else return false;
    return true;
}

static void refuse_what_is_not_offered(const char *word)
{
    if (strcmp(word, "--ldb") == 0 || strcmp(word, "--ldb-sync-mode") == 0)
        fail("The Lua debugger (--ldb, --ldb-sync-mode) is not offered.");
    if (strcmp(word, "--cluster") == 0) fail("The cluster manager (--cluster) is not offered.");
}

/* Parses the options before the command, returns the index of the command. */
static int parse_words(struct parser *p, int argc, char **argv)
{
    int i = 1;
    for (; i < argc; i++) {
        const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        refuse_what_is_not_offered(word);
        if (strcmp(word, "--help") == 0) {
            usage_print(stdout);
            exit(0);
        } else if (strcmp(word, "--version") == 0 || strcmp(word, "-v") == 0) {
            printf("redis-cli %s\n", USAGE_VERSION);
            exit(0);
        } else if (strcmp(word, "-h") == 0 && value == NULL) {
            usage_print(stderr);
            exit(0);
        } else if (parse_flag(p, word)) continue;
        else if (value &&
                 (parse_connection_option(p, word, value) || parse_output_option(p, word, value) ||
                  parse_tls_option(p->options, word, value) || parse_mode_option(p->options, word, value)))
            i++;
        else if (word[0] == '-') fail_option(word);
        else break;
    }
    return i;
}

static void settle_password(struct parser *p)
{
    struct options *o = p->options;
    if (p->ask_password) {
        replace(&o->password, read_password());
        return;
    }
    if (p->password_given) {
        if (!p->no_auth_warning)
            fputs(
                "Warning: Using a password with '-a' or '-u' option on the command line interface may not be "
                "safe.\n",
                stderr);
        return;
    }
    const char *inherited = getenv("REDISCLI_AUTH");
    if (inherited && *inherited) set_text(&o->password, slice_of(inherited));
}

void options_parse(struct options *options, int argc, char **argv)
{
    *options = (struct options){
        .host = mem_strdup("127.0.0.1"),
        .port = DEFAULT_PORT,
        .repeat = 1,
        .reply_delimiter = SLICE("\n"),
        .bulk_delimiter = SLICE("\n"),
        .memory_samples = -1,
        .pipe_timeout_s = PIPE_TIMEOUT_S,
    };
    struct parser p = {.options = options};
    const char *fake = getenv("FAKETTY");
    options->output_is_tty = isatty(STDOUT_FILENO) || (fake && *fake);

    int first = parse_words(&p, argc, argv);
    options->argc = argc - first;
    options->argv = argv + first;
    if (options->stdin_is_last_argument && options->stdin_tag)
        fail("Options -x and -X are mutually exclusive.");
    if (!p.output_given) options->output = options->output_is_tty ? OUTPUT_STANDARD : OUTPUT_RAW;
    if (!p.pushes_given) options->show_pushes = options->output_is_tty;
    bool json = options->output == OUTPUT_JSON || options->output == OUTPUT_QUOTED_JSON;
    if (json && options->protocol == 0) {
        options->protocol = 3;
        options->protocol_is_preference = true;
    }
    options->tls_profile.peer_certificate = p.insecure ? TLS_AUTH_NO : TLS_AUTH_YES;
    settle_password(&p);
}

void options_fini(struct options *options)
{
    mem_free(options->host);
    mem_free(options->socket_path);
    mem_free(options->user);
    mem_free(options->password);
    mem_free((char *)options->pattern.ptr);
}
