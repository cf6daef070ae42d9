/* The functions of core_options' rows that their kind alone does not
 * describe; contracts as in base/option.h. */
#ifndef CORE_SPECIAL_H
#define CORE_SPECIAL_H

#include "base/option.h"

#define SPECIAL_SET(name)                                                                                    \
    bool name(const struct option_context *ctx, int argc, const struct slice *argv, struct buffer *reason)
#define SPECIAL_GET(name) void name(const struct option_context *ctx, struct buffer *to)

SPECIAL_SET(special_set_bind);
SPECIAL_GET(special_get_bind);
void special_fini_bind(void *settings);

SPECIAL_SET(special_set_output_limits);
SPECIAL_GET(special_get_output_limits);
bool special_rewrite_output_limits(const struct option_context *ctx, struct buffer *to);

SPECIAL_SET(special_set_percentiles);
SPECIAL_GET(special_get_percentiles);
void special_fini_percentiles(void *settings);

SPECIAL_SET(special_set_oom_values);
SPECIAL_GET(special_get_oom_values);

/* Lines of the file that are handed on, or refused. */
SPECIAL_SET(special_set_rename);
SPECIAL_SET(special_set_user);
bool special_rewrite_users(const struct option_context *ctx, struct buffer *to);
SPECIAL_SET(special_refuse_module);
SPECIAL_SET(special_refuse_sentinel);

SPECIAL_SET(special_check_title);
SPECIAL_SET(special_check_locale);
SPECIAL_SET(special_check_shutdown);

#undef SPECIAL_SET
#undef SPECIAL_GET

#endif
