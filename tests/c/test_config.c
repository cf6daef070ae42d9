/* Reading, CONFIG GET and SET, rewriting: over rows of every kind made for
 * the test, and over the server's own rows. */
#include "core/config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cluster/settings.h"
#include "core/settings.h"
#include "db/settings.h"
#include "io/tls_settings.h"
#include "notify/notify.h"
#include "persist/settings.h"
#include "repl/settings.h"
#include "script/settings.h"
#include "test.h"
#include "types/settings.h"

struct settings {
    bool flag;
    int64_t number, mode, share;
    uint64_t size;
    int color, bits;
    char *text;
    struct buffer secret;
    int64_t list[8];
    int count;
};

static struct fixture {
    struct config *config;
    struct settings settings;
    struct buffer error;
    int applied_a, applied_b;
    int64_t seen; /* number, when apply_a was called last */
    bool refuse_b;
    char folder[64], path[128];
} f;

static bool set_list(const struct option_context *ctx, int argc, const struct slice *argv,
                     struct buffer *reason)
{
    struct settings *s = ctx->settings;
    if (argc == 0 || (argc == 1 && argv[0].len == 0)) {
        s->count = 0;
        return true;
    }
    for (int i = 0; i < argc; i++)
        if (argv[i].len != 1 || s->count + argc > 8) return option_refuse(reason, "not a digit");
    for (int i = 0; i < argc; i++) s->list[s->count++] = argv[i].ptr[0] - '0';
    return true;
}

static void get_list(const struct option_context *ctx, struct buffer *to)
{
    const struct settings *s = ctx->settings;
    for (int i = 0; i < s->count; i++) buffer_printf(to, "%s%" PRId64, i ? " " : "", s->list[i]);
}

static bool rewrite_list(const struct option_context *ctx, struct buffer *to)
{
    const struct settings *s = ctx->settings;
    if (s->count == 0) buffer_append_text(to, "list \"\"\n");
    for (int i = 0; i < s->count; i++) buffer_printf(to, "list %" PRId64 "\n", s->list[i]);
    return true;
}

static bool apply_a(const struct option_context *ctx, struct buffer *reason)
{
    (void)reason;
    f.applied_a++;
    f.seen = ((const struct settings *)ctx->settings)->number;
    return true;
}

static bool apply_b(const struct option_context *ctx, struct buffer *reason)
{
    const struct settings *s = ctx->settings;
    f.applied_b++;
    return s->flag || !f.refuse_b || option_refuse(reason, "the world said no");
}

static bool refuse_bad(const struct option_context *ctx, int argc, const struct slice *argv,
                       struct buffer *reason)
{
    (void)ctx, (void)argc;
    return !slice_is(argv[0], "bad") || option_refuse(reason, "bad is not good");
}

static void clip_number(void *settings)
{
    struct settings *s = settings;
    if (s->number > 500) s->number = 500;
}

static const struct option_word colors[] = {{"red", 1}, {"green", 2}, {NULL, 0}};
static const struct option_word bits[] = {{"none", 0}, {"one", 1}, {"two", 2}, {NULL, 0}};

#define OPTION_SETTINGS struct settings
static const struct option rows[] = {
    {"flag", "banner", BOOL_AT(flag), "yes", .apply = apply_b},
    {"number", NULL, INT_AT(number), "10", 0, 1000, .adjust = clip_number, .apply = apply_a},
    {"mode", NULL, OCTAL_AT(mode), "0", 0, 0777},
    {"size", NULL, MEMORY_AT(size), "1mb", 1024, INT64_MAX, .apply = apply_a},
    {"share", NULL, PERCENT_AT(share), "0"},
    {"color", NULL, ENUM_AT(color), "red", .words = colors},
    {"bits", NULL, BITS_AT(bits), "none", 0, 0, OPTION_WORDS, bits},
    {"text", NULL, TEXT_AT(text), "plain", .check = refuse_bad},
    {"secret", NULL, BYTES_AT(secret), .flags = OPTION_SENSITIVE | OPTION_HIDDEN},
    {"list", NULL, SPECIAL, "1 2", 0, 0, OPTION_WORDS | OPTION_ADDS, .set = set_list, .get = get_list,
     .rewrite = rewrite_list},
    {"fixed", NULL, INT_AT(list[7]), "0", 0, 9, OPTION_IMMUTABLE},
    {"guarded", NULL, INT_AT(list[6]), "0", 0, 9, OPTION_PROTECTED},
    {0},
};

static void setup(void)
{
    f = (struct fixture){.config = config_new()};
    config_add(f.config, rows, &f.settings, NULL);
    strcpy(f.folder, "/tmp/test_config.XXXXXX");
    CHECK(mkdtemp(f.folder));
    snprintf(f.path, sizeof f.path, "%s/server.conf", f.folder);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void teardown(void)
{
    unlink(f.path);
    rmdir(f.folder);
    config_free(f.config);
    buffer_fini(&f.error);
}

/* Loads the words of a command line. */
static bool load(int argc, ...)
{
    char *argv[16];
    va_list words;
    va_start(words, argc);
    for (int i = 0; i < argc; i++) argv[i] = va_arg(words, char *);
    va_end(words);
    buffer_clear(&f.error);
    return config_load(f.config, argc, argv, &f.error);
}

static bool set(int count, ...)
{
    struct slice pairs[16];
    va_list words;
    va_start(words, count);
    for (int i = 0; i < count; i++) pairs[i] = slice_of(va_arg(words, char *));
    va_end(words);
    buffer_clear(&f.error);
    return config_set(f.config, pairs, count, false, &f.error);
}

static const char *get(const char *name)
{
    static char text[256];
    struct buffer value = {0};
    directive_get(config_find(f.config, slice_of(name), NULL), &value);
    snprintf(text, sizeof text, "%s", value.data ? value.data : "");
    buffer_fini(&value);
    return text;
}

static void defaults_fill_the_settings(void)
{
    setup();
    CHECK(f.settings.flag);
    CHECK_INT(f.settings.number, 10);
    CHECK_INT(f.settings.size, 1024 * 1024);
    CHECK_INT(f.settings.color, 1);
    CHECK_TEXT(f.settings.text, "plain");
    CHECK_TEXT(get("list"), "1 2");
    CHECK_TEXT(get("bits"), "none");
    CHECK_TEXT(get("BANNER"), "yes");
    teardown();
}

static void a_file_sets_every_kind(void)
{
    setup();
    write_file(f.path, "# comment\r\n\n  FLAG No\r\nnumber 7\nmode 0644\nsize 2k\nshare 20%\ncolor GREEN\n"
                       "bits two one\ntext \"a b\\x41\"\nsecret '\\'x'\nlist 3\nlist 4 5\nfixed 3");
    CHECK(load(1, f.path));
    CHECK(!f.settings.flag);
    CHECK_INT(f.settings.number, 7);
    CHECK_TEXT(get("mode"), "644");
    CHECK_INT(f.settings.size, 2000);
    CHECK_INT(f.settings.share, -20);
    CHECK_TEXT(get("share"), "20%");
    CHECK_TEXT(get("color"), "green");
    CHECK_TEXT(get("bits"), "one two");
    CHECK_TEXT(f.settings.text, "a bA");
    CHECK_TEXT(get("secret"), "'x");
    CHECK_TEXT(get("list"), "3 4 5");
    CHECK_INT(f.applied_a + f.applied_b, 0);
    CHECK_TEXT(config_path(f.config), f.path);
    teardown();
}

static void a_bad_line_is_shown_with_its_number_and_reason(void)
{
    setup();
    write_file(f.path, "flag no\n\n   number  1 2  \n");
    CHECK(!load(1, f.path));
    CHECK_TEXT(f.error.data, "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.4) ***\n"
                             "Reading the configuration file, at line 3\n"
                             ">>> 'number  1 2'\nwrong number of arguments\n");
    write_file(f.path, "text \"open\n");
    CHECK(!load(1, f.path));
    CHECK(strstr(f.error.data, ">>> 'text \"open'\nUnbalanced quotes in configuration line\n"));
    write_file(f.path, "nonsense 1\n");
    CHECK(!load(1, f.path));
    CHECK(strstr(f.error.data, "\nBad directive or wrong number of arguments\n"));
    unlink(f.path);
    CHECK(!load(1, f.path));
    CHECK(strstr(f.error.data, "No such file or directory"));
    teardown();
}

static void each_kind_refuses_what_it_does_not_mean(void)
{
    static const struct {
        const char *name, *value, *reason;
    } cases[] = {
        {"flag", "maybe", "argument must be 'yes' or 'no'"},
        {"number", "", "argument couldn't be parsed into an integer"},
        {"number", "010", "argument couldn't be parsed into an integer"},
        {"number", "+1", "argument couldn't be parsed into an integer"},
        {"number", "1001", "argument must be between 0 and 1000 inclusive"},
        {"mode", "8", "argument couldn't be parsed as an octal number"},
        {"mode", "7777777777777777777777777777", "argument must be between 0 and 777 inclusive"},
        {"size", "1t", "argument must be a memory value"},
        {"size", "1", "argument must be between 1024 and 9223372036854775807 inclusive"},
        {"share", "101%", "percentage argument must be less or equal to 100"},
        {"share", "%", "argument must be a memory or percent value"},
        {"share", "", "argument must be a memory or percent value"},
        {"color", "blue", "argument(s) must be one of the following: red, green"},
        {"bits", "one blue", "argument(s) must be one of the following: none, one, two"},
        {"text", "bad", "bad is not good"},
        {"list", "1  2", "not a digit"},
        {"fixed", "1", "can't set immutable config"},
        {"guarded", "1", "can't set protected config"},
    };
    setup();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char before[256], expected[512];
        snprintf(before, sizeof before, "%s", get(cases[i].name));
        snprintf(expected, sizeof expected, "CONFIG SET failed (possibly related to argument '%s') - %s",
                 cases[i].name, cases[i].reason);
        CHECK(!set(2, cases[i].name, cases[i].value));
        CHECK_TEXT(f.error.data, expected);
        CHECK_TEXT(get(cases[i].name), before);
    }
    teardown();
}

static void the_command_line_comes_after_the_file(void)
{
    setup();
    write_file(f.path, "number 7\ntext file");
    CHECK(load(8, f.path, "--number", "8", "--list", "3", "4", "--text", "--dashes"));
    CHECK_INT(f.settings.number, 8);
    CHECK_TEXT(get("list"), "3 4");
    CHECK_TEXT(f.settings.text, "--dashes");
    CHECK(load(3, "--number 9", "--text", ""));
    CHECK_INT(f.settings.number, 9);
    CHECK_TEXT(f.settings.text, "");
    CHECK(!load(5, "--number", "1", "--bogus", "a b", "c"));
    CHECK(strstr(f.error.data, "at line 3\n>>> 'bogus \"a b\" \"c\"'\n"));
    CHECK(!load(1, "-x"));
    CHECK(strstr(f.error.data, "at line 2\n>>> '\"-x\"'\n"));
    teardown();
}

static void includes_nest_but_do_not_circle(void)
{
    setup();
    char inner[160], text[512];
    snprintf(inner, sizeof inner, "%s/inner.conf", f.folder);
    snprintf(text, sizeof text, "include %s/inn*.conf\ninclude %s/none*.conf\nnumber 3\n", f.folder,
             f.folder);
    write_file(f.path, text);
    write_file(inner, "number 2\ntext inner\n");
    CHECK(load(1, f.path));
    CHECK_INT(f.settings.number, 3);
    CHECK_TEXT(f.settings.text, "inner");
    snprintf(text, sizeof text, "\ninclude %s\n", f.path);
    write_file(inner, text);
    CHECK(!load(1, f.path));
    CHECK(strstr(f.error.data, "files include one another"));
    CHECK(strstr(f.error.data, "FATAL") == strstr(f.error.data, "FATAL CONFIG"));
    unlink(inner);
    snprintf(text, sizeof text, "include %s/none.conf\n", f.folder);
    write_file(f.path, text);
    CHECK(!load(1, f.path));
    CHECK(strstr(f.error.data, "none.conf': No such file"));
    teardown();
}

static void patterns_find_names_and_aliases_once(void)
{
    setup();
    struct config_match *found;
    struct slice all[] = {SLICE("*")},
                 some[] = {SLICE("FLAG"), SLICE("fl*"), SLICE("ban?er"), SLICE("secret")};
    CHECK_INT(config_match(f.config, all, 1, &found), 12);
    mem_free(found);
    CHECK_INT(config_match(f.config, some, 4, &found), 3);
    CHECK(slice_equal(found[0].name, SLICE("FLAG")));
    CHECK(slice_equal(found[1].name, SLICE("banner")));
    CHECK(slice_equal(found[2].name, SLICE("secret")));
    mem_free(found);
    teardown();
}

static void a_set_tells_each_module_once(void)
{
    setup();
    CHECK(set(6, "number", "600", "size", "3mb", "BANNER", "yes"));
    CHECK_INT(f.settings.number, 500);
    CHECK_INT(f.settings.size, 3 * 1024 * 1024);
    CHECK_INT(f.applied_a, 1);
    CHECK_INT(f.applied_b, 0);
    CHECK(set(4, "list", "7 8", "bits", "one two"));
    CHECK_TEXT(get("list"), "7 8");
    CHECK(set(2, "list", ""));
    CHECK_TEXT(get("list"), "");
    teardown();
}

static void a_set_that_fails_changes_nothing(void)
{
    setup();
    CHECK(!set(6, "number", "5", "text", "new", "size", "x"));
    CHECK(!set(6, "number", "5", "list", "4 x4", "flag", "no"));
    CHECK_INT(f.settings.number, 10);
    CHECK_TEXT(f.settings.text, "plain");
    CHECK_TEXT(get("list"), "1 2");
    CHECK_INT(f.applied_a, 0);
    CHECK(!set(4, "number", "5", "NUMBER", "6"));
    CHECK_TEXT(f.error.data,
               "CONFIG SET failed (possibly related to argument 'NUMBER') - duplicate parameter");
    CHECK(set(4, "flag", "no", "banner", "yes"));
    CHECK(!set(4, "number", "5", "Nonsense", "6"));
    CHECK_TEXT(f.error.data, "Unknown option or number of arguments for CONFIG SET - 'Nonsense'");
    teardown();
}

static void a_failed_apply_takes_all_back(void)
{
    setup();
    f.refuse_b = true;
    CHECK(!set(6, "number", "5", "text", "new", "flag", "no"));
    CHECK_TEXT(f.error.data, "CONFIG SET failed (possibly related to argument 'flag') - the world said no");
    CHECK_INT(f.settings.number, 10);
    CHECK(f.settings.flag);
    CHECK_TEXT(f.settings.text, "plain");
    CHECK_INT(f.applied_a, 2);
    CHECK_INT(f.seen, 10);
    teardown();
}

static void check_rewritten(const char *expected)
{
    static char text[4096];
    buffer_clear(&f.error);
    CHECK(config_rewrite(f.config, false, &f.error));
    FILE *file = fopen(f.path, "r");
    CHECK(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    CHECK_TEXT(text, expected);
}

static void a_rewrite_keeps_comments_and_order(void)
{
    setup();
    write_file(f.path,
               "# head\n\nnumber 7\n  # inner\nbanner yes\nsize 2048\nlist 3\nnumber 8\nlist 4\nlist 5");
    CHECK(chmod(f.path, 0600) == 0);
    CHECK(load(1, f.path));
    CHECK(set(6, "list", "6", "text", "a \"b\"", "share", "5%"));
    const char *expected = "# head\n\nnumber 8\n  # inner\nflag yes\nsize 2kb\nlist 6\n\n\n\n"
                           "# Written by CONFIG REWRITE\nshare 5%\ntext \"a \\\"b\\\"\"\n";
    check_rewritten(expected);
    check_rewritten(expected);
    struct stat stat_of;
    CHECK(stat(f.path, &stat_of) == 0);
    CHECK_INT(stat_of.st_mode & 0777, 0600);
    CHECK(set(4, "text", "plain", "color", "green"));
    check_rewritten("# head\n\nnumber 8\n  # inner\nflag yes\nsize 2kb\nlist 6\n\n\n\n"
                    "# Written by CONFIG REWRITE\nshare 5%\ntext \"plain\"\ncolor green\n");
    teardown();
}

static void what_was_rewritten_reads_back(void)
{
    setup();
    write_file(f.path, "");
    CHECK(load(1, f.path));
    CHECK(set(8, "text", "\x01 'q' \\ \xff", "list", "", "bits", "two", "mode", "17"));
    buffer_clear(&f.error);
    CHECK(config_rewrite(f.config, true, &f.error));
    struct config *other = config_new();
    struct settings again = {0};
    char *argv[] = {f.path};
    config_add(other, rows, &again, NULL);
    CHECK(config_load(other, 1, argv, &f.error));
    CHECK_TEXT(again.text, f.settings.text);
    CHECK_INT(again.count, 0);
    CHECK_INT(again.bits, 2);
    CHECK_INT(again.mode, 15);
    CHECK_INT(again.size, f.settings.size);
    config_free(other);
    teardown();
}

static void a_rewrite_without_a_file_is_refused(void)
{
    setup();
    CHECK(!config_rewrite(f.config, false, &f.error));
    CHECK_TEXT(f.error.data, "The server is running without a config file");
    write_file(f.path, "");
    CHECK(load(1, f.path));
    unlink(f.path);
    rmdir(f.folder);
    CHECK(!config_rewrite(f.config, false, &f.error));
    CHECK_TEXT(f.error.data, "Rewriting config file: No such file or directory");
    teardown();
}

static struct {
    struct core_settings core;
    struct tls_settings tls;
    struct db_settings db;
    struct types_settings types;
    struct persist_settings persist;
    struct repl_settings repl;
    struct notify_settings notify;
    struct cluster_settings cluster;
    struct script_settings script;
} real;

static void add_real_rows(struct config *config)
{
    config_add(config, core_options, &real.core, NULL);
    config_add(config, tls_options, &real.tls, NULL);
    config_add(config, db_options, &real.db, NULL);
    config_add(config, types_options, &real.types, NULL);
    config_add(config, persist_options, &real.persist, NULL);
    config_add(config, repl_options, &real.repl, NULL);
    config_add(config, notify_options, &real.notify, NULL);
    config_add(config, cluster_options, &real.cluster, NULL);
    config_add(config, script_options, &real.script, NULL);
}

static void every_real_directive_reads_back_what_it_prints(void)
{
    struct config *config = config_new();
    struct config_match *found;
    struct slice all[] = {SLICE("*")};
    memset(&real, 0, sizeof real);
    add_real_rows(config);
    int count = config_match(config, all, 1, &found);
    CHECK(count > 180);
    for (int i = 0; i < count; i++) {
        struct directive *d = config_find(config, found[i].name, NULL);
        struct buffer before = {0}, after = {0}, reason = {0};
        directive_get(d, &before);
        if (strcmp(d->row->name, "replicaof") != 0)
            CHECK(directive_assign(d, buffer_slice(&before), &reason));
        directive_get(d, &after);
        CHECK(slice_equal(buffer_slice(&before), buffer_slice(&after)));
        CHECK(strcmp(d->row->name, "dir") == 0 || directive_is_standard(d));
        CHECK(config_find(config, slice_of(d->row->name), NULL) == d);
        buffer_fini(&before);
        buffer_fini(&after);
        buffer_fini(&reason);
    }
    mem_free(found);
    config_free(config);
}

static void the_special_directives_keep_their_rules(void)
{
    struct config *config = config_new();
    struct buffer error = {0};
    struct slice wrong[] = {SLICE("client-output-buffer-limit"), SLICE("normal 1 2 3 pubsub x 2 3"),
                            SLICE("bind"), SLICE("")};
    struct slice right[] = {SLICE("client-output-buffer-limit"),
                            SLICE("replica 1kb 2k 3"),
                            SLICE("bind"),
                            SLICE(""),
                            SLICE("latency-tracking-info-percentiles"),
                            SLICE("99.999 0 50.5"),
                            SLICE("save"),
                            SLICE("9 1 8 2"),
                            SLICE("shutdown-on-sigterm"),
                            SLICE("force save")};
    memset(&real, 0, sizeof real);
    add_real_rows(config);
    CHECK(!config_set(config, wrong, 4, false, &error));
    CHECK_INT(real.core.output_limits[OUTPUT_NORMAL].hard_bytes, 0);
    CHECK_INT(real.core.bind_count, 2);
    CHECK(config_set(config, right, 10, false, &error));
    CHECK_INT(real.core.output_limits[OUTPUT_REPLICA].hard_bytes, 1024);
    CHECK_INT(real.core.output_limits[OUTPUT_PUBSUB].hard_bytes, 32 * 1024 * 1024);
    CHECK_INT(real.core.bind_count, 0);
    CHECK_INT(real.core.latency_percentile_count, 3);
    CHECK_INT(real.persist.save_point_count, 2);
    CHECK_INT(real.core.shutdown_on_sigterm, SHUTDOWN_ON_SAVE | SHUTDOWN_ON_FORCE);
    struct buffer text = {0};
    directive_get(config_find(config, SLICE("latency-tracking-info-percentiles"), NULL), &text);
    CHECK_TEXT(text.data, "99.999 0 50.5");
    buffer_fini(&text);
    buffer_fini(&error);
    config_free(config);
}

int main(void)
{
    TEST("defaults fill the settings", defaults_fill_the_settings);
    TEST("a file sets every kind", a_file_sets_every_kind);
    TEST("a bad line is shown with its number and the reason",
         a_bad_line_is_shown_with_its_number_and_reason);
    TEST("each kind refuses what it does not mean", each_kind_refuses_what_it_does_not_mean);
    TEST("the command line comes after the file", the_command_line_comes_after_the_file);
    TEST("includes nest but do not circle", includes_nest_but_do_not_circle);
    TEST("patterns find names and aliases once", patterns_find_names_and_aliases_once);
    TEST("a set tells each module once", a_set_tells_each_module_once);
    TEST("a set that fails changes nothing", a_set_that_fails_changes_nothing);
    TEST("a failed apply takes all back", a_failed_apply_takes_all_back);
    TEST("a rewrite keeps comments and order", a_rewrite_keeps_comments_and_order);
    TEST("what was rewritten reads back", what_was_rewritten_reads_back);
    TEST("a rewrite without a file is refused", a_rewrite_without_a_file_is_refused);
    TEST("every real directive reads back what it prints", every_real_directive_reads_back_what_it_prints);
    TEST("the special directives keep their rules", the_special_directives_keep_their_rules);
    return TEST_END();
}
