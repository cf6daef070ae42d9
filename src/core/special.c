#include "core/special.h"

#include <ctype.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "core/directive.h"
#include "core/settings.h"

/* A single empty word stands for no words at all: bind "". */
static int count_words(int argc, const struct slice *argv)
{
    return argc == 1 && argv[0].len == 0 ? 0 : argc;
}

/* bind */

bool special_set_bind(const struct option_context *ctx, int argc, const struct slice *argv,
                      struct buffer *reason)
{
    struct core_settings *settings = ctx->settings;
    int count = count_words(argc, argv);
    if (count > BIND_ADDRESSES_MAX) return option_refuse(reason, "Too many bind addresses specified.");
    for (int i = 0; i < count; i++)
        for (size_t at = 0; at < argv[i].len; at++)
            if (!isgraph((unsigned char)argv[i].ptr[at]))
                return option_refuse(reason, "Invalid bind address");
    special_fini_bind(settings);
    for (int i = 0; i < count; i++) settings->bind[i] = mem_copy(argv[i].ptr, argv[i].len);
    settings->bind_count = count;
    return true;
}

void special_get_bind(const struct option_context *ctx, struct buffer *to)
{
    const struct core_settings *settings = ctx->settings;
    for (int i = 0; i < settings->bind_count; i++) buffer_printf(to, "%s%s", i ? " " : "", settings->bind[i]);
}

void special_fini_bind(void *module_settings)
{
    struct core_settings *settings = module_settings;
    while (settings->bind_count > 0) mem_free(settings->bind[--settings->bind_count]);
}

/* client-output-buffer-limit */

static const char *const class_names[OUTPUT_CLASSES] = {"normal", "slave", "pubsub"};

static int find_class(struct slice name)
{
    if (slice_is(name, "replica")) return OUTPUT_REPLICA;
    for (int i = 0; i < OUTPUT_CLASSES; i++)
        if (slice_is(name, class_names[i])) return i;
    return -1;
}

static bool parse_limit(const struct slice *words, struct output_limit *limit)
{
    return number_parse_memory(words[0], &limit->hard_bytes) &&
           number_parse_memory(words[1], &limit->soft_bytes) && number_parse(words[2], &limit->soft_s) &&
           limit->soft_s >= 0;
}

/* Groups of four words: class, hard, soft, seconds. Classes that are not
 * named keep their limits. */
bool special_set_output_limits(const struct option_context *ctx, int argc, const struct slice *argv,
                               struct buffer *reason)
{
    struct core_settings *settings = ctx->settings;
    struct output_limit limits[OUTPUT_CLASSES];
    int count = count_words(argc, argv);
    if (count % 4 != 0)
        return option_refuse(reason, "Wrong number of arguments in buffer limit configuration.");
    memcpy(limits, settings->output_limits, sizeof limits);
    for (int i = 0; i < count; i += 4) {
        int class = find_class(argv[i]);
        if (class < 0)
            return option_refuse(reason, "Invalid client class specified in buffer limit configuration.");
        if (!parse_limit(&argv[i + 1], &limits[class]))
            return option_refuse(
                reason, "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    memcpy(settings->output_limits, limits, sizeof limits);
    return true;
}

void special_get_output_limits(const struct option_context *ctx, struct buffer *to)
{
    const struct core_settings *settings = ctx->settings;
    for (int i = 0; i < OUTPUT_CLASSES; i++) {
        const struct output_limit *limit = &settings->output_limits[i];
        buffer_printf(to, "%s%s %" PRIu64 " %" PRIu64 " %" PRId64, i ? " " : "", class_names[i],
                      limit->hard_bytes, limit->soft_bytes, limit->soft_s);
    }
}

bool special_rewrite_output_limits(const struct option_context *ctx, struct buffer *to)
{
    const struct core_settings *settings = ctx->settings;
    for (int i = 0; i < OUTPUT_CLASSES; i++) {
        const struct output_limit *limit = &settings->output_limits[i];
        buffer_printf(to, "client-output-buffer-limit %s ", i == OUTPUT_REPLICA ? "replica" : class_names[i]);
        directive_print_memory(limit->hard_bytes, to);
        buffer_append_char(to, ' ');
        directive_print_memory(limit->soft_bytes, to);
        buffer_printf(to, " %" PRId64 "\n", limit->soft_s);
    }
    return true;
}

/* latency-tracking-info-percentiles */

bool special_set_percentiles(const struct option_context *ctx, int argc, const struct slice *argv,
                             struct buffer *reason)
{
    struct core_settings *settings = ctx->settings;
    int count = count_words(argc, argv);
    double *percentiles = mem_alloc(((size_t)count + 1) * sizeof *percentiles);
    const char *refusal = NULL;
    for (int i = 0; i < count && !refusal; i++) {
        if (!number_parse_double(argv[i], &percentiles[i]))
            refusal = "Invalid latency-tracking-info-percentiles parameters";
        else if (percentiles[i] < 0 || percentiles[i] > 100)
            refusal = "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
    }
    if (refusal) {
        mem_free(percentiles);
        return option_refuse(reason, "%s", refusal);
    }
    mem_free(settings->latency_percentiles);
    settings->latency_percentiles = percentiles;
    settings->latency_percentile_count = count;
    return true;
}

/* Six digits behind the point, without trailing zeros: as INFO names the fields. */
void special_get_percentiles(const struct option_context *ctx, struct buffer *to)
{
    const struct core_settings *settings = ctx->settings;
    for (int i = 0; i < settings->latency_percentile_count; i++) {
        char text[32];
        size_t len = (size_t)snprintf(text, sizeof text, "%f", settings->latency_percentiles[i]);
        while (text[len - 1] == '0') len--;
        if (text[len - 1] == '.') len--;
        buffer_append_text(to, i ? " " : "");
        buffer_append(to, text, len);
    }
}

void special_fini_percentiles(void *module_settings)
{
    struct core_settings *settings = module_settings;
    mem_free(settings->latency_percentiles);
    settings->latency_percentiles = NULL;
    settings->latency_percentile_count = 0;
}

/* oom-score-adj-values */

bool special_set_oom_values(const struct option_context *ctx, int argc, const struct slice *argv,
                            struct buffer *reason)
{
    struct core_settings *settings = ctx->settings;
    int64_t values[OOM_CLASSES];
    if (argc != OOM_CLASSES) return option_refuse(reason, "wrong number of arguments");
    for (int i = 0; i < OOM_CLASSES; i++)
        if (!number_parse(argv[i], &values[i]) || values[i] < -2000 || values[i] > 2000)
            return option_refuse(reason,
                                 "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    if (values[OOM_REPLICA] < values[OOM_MASTER] || values[OOM_CHILD] < values[OOM_REPLICA])
        log_warning("oom-score-adj-values that fall from one to the next need privileges to be set back");
    memcpy(settings->oom_score_adj_values, values, sizeof values);
    return true;
}

void special_get_oom_values(const struct option_context *ctx, struct buffer *to)
{
    const int64_t *values = ((const struct core_settings *)ctx->settings)->oom_score_adj_values;
    buffer_printf(to, "%" PRId64 " %" PRId64 " %" PRId64, values[OOM_MASTER], values[OOM_REPLICA],
                  values[OOM_CHILD]);
}

/* rename-command, user, loadmodule, sentinel */

bool special_set_rename(const struct option_context *ctx, int argc, const struct slice *argv,
                        struct buffer *reason)
{
    const struct core_hooks *hooks = ctx->module;
    if (argc != 2) return option_refuse(reason, "wrong number of arguments");
    return !hooks || !hooks->rename_command || hooks->rename_command(hooks->ctx, argv[0], argv[1], reason);
}

bool special_set_user(const struct option_context *ctx, int argc, const struct slice *argv,
                      struct buffer *reason)
{
    const struct core_hooks *hooks = ctx->module;
    return !hooks || !hooks->user || hooks->user(hooks->ctx, argc, argv, reason);
}

bool special_rewrite_users(const struct option_context *ctx, struct buffer *to)
{
    const struct core_hooks *hooks = ctx->module;
    return hooks && hooks->users_rewrite && hooks->users_rewrite(hooks->ctx, to);
}

bool special_refuse_module(const struct option_context *ctx, int argc, const struct slice *argv,
                           struct buffer *reason)
{
    (void)ctx, (void)argc;
    return option_refuse(reason, "this server loads no modules: cannot load '%.*s'", (int)argv[0].len,
                         argv[0].ptr);
}

bool special_refuse_sentinel(const struct option_context *ctx, int argc, const struct slice *argv,
                             struct buffer *reason)
{
    (void)ctx, (void)argc, (void)argv;
    return option_refuse(reason, "sentinel directive while not in sentinel mode");
}

/* Checks. */

/* Braces enclose one of the known names, and there is at least one character. */
bool special_check_title(const struct option_context *ctx, int argc, const struct slice *argv,
                         struct buffer *reason)
{
    static const char *const variables[] = {"{title}",    "{listen-addr}", "{server-mode}", "{port}",
                                            "{tls-port}", "{config-file}", "{unixsocket}"};
    struct slice rest = argv[0];
    bool valid = rest.len > 0;
    (void)ctx, (void)argc;
    while (valid && rest.len) {
        size_t taken = rest.ptr[0] == '{' ? 0 : 1;
        for (size_t i = 0; i < sizeof variables / sizeof *variables && taken == 0; i++)
            if (slice_starts_with(rest, slice_of(variables[i]))) taken = strlen(variables[i]);
        valid = taken > 0;
        rest = slice_make(rest.ptr + taken, rest.len - taken);
    }
    return valid || option_refuse(reason, "template format is invalid or contains unknown variables");
}

bool special_check_locale(const struct option_context *ctx, int argc, const struct slice *argv,
                          struct buffer *reason)
{
    (void)ctx, (void)argc;
    if (argv[0].len == 0) return true;
    char *name = mem_copy(argv[0].ptr, argv[0].len);
    locale_t locale = newlocale(LC_COLLATE_MASK, name, (locale_t)0);
    mem_free(name);
    if (locale == (locale_t)0) return option_refuse(reason, "Invalid locale name");
    freelocale(locale);
    return true;
}

bool special_check_shutdown(const struct option_context *ctx, int argc, const struct slice *argv,
                            struct buffer *reason)
{
    bool save = false, nosave = false;
    (void)ctx;
    for (int i = 0; i < argc; i++) {
        save |= slice_is(argv[i], "save");
        nosave |= slice_is(argv[i], "nosave");
    }
    return !(save && nosave) ||
           option_refuse(reason, "shutdown options SAVE and NOSAVE can't be used simultaneously");
}
