/* The functions of core_options' rows that their kind alone does not
 * describe; contracts as in base/option.h. */
#ifndef CORE_SETTINGS_SPECIAL_H
#define CORE_SETTINGS_SPECIAL_H

#include "base/option.h"

#define SETTINGS_SET(name) \
    bool name(const struct option_context *ctx, int argc, const struct slice *argv, struct buffer *reason)
#define SETTINGS_GET(name) void name(const struct option_context *ctx, struct buffer *to)

SETTINGS_SET(settings_set_bind);
SETTINGS_GET(settings_get_bind);
void settings_fini_bind(void *settings);

SETTINGS_SET(settings_set_output_limits);
SETTINGS_GET(settings_get_output_limits);
bool settings_rewrite_output_limits(const struct option_context *ctx, struct buffer *to);

SETTINGS_SET(settings_set_percentiles);
SETTINGS_GET(settings_get_percentiles);
void settings_fini_percentiles(void *settings);

SETTINGS_SET(settings_set_oom_values);
SETTINGS_GET(settings_get_oom_values);

/* Lines of the file that are handed on, or refused. */
SETTINGS_SET(settings_set_rename);
SETTINGS_SET(settings_set_user);
bool settings_rewrite_users(const struct option_context *ctx, struct buffer *to);
SETTINGS_SET(settings_refuse_module);
SETTINGS_SET(settings_refuse_sentinel);

SETTINGS_SET(settings_check_title);
SETTINGS_SET(settings_check_locale);
SETTINGS_SET(settings_check_shutdown);

#undef SETTINGS_SET
#undef SETTINGS_GET

#endif
