#include "app/open_files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/option.h"
#include "core/settings.h"

enum {
    RESERVED = 32, /* listeners, files, the log */
    STEP = 16,     /* of the search for the highest limit that the system permits */
};

static bool set_limit(int64_t files, const struct rlimit *now)
{
    struct rlimit wanted = {.rlim_cur = (rlim_t)files, .rlim_max = now->rlim_max};
    if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_max = wanted.rlim_cur;
    return setrlimit(RLIMIT_NOFILE, &wanted) == 0;
}

/* Raises the limit to `needed` or as near as possible; returns what it is
 * then. *why is the errno of the refusal, 0 if there was none. */
static int64_t raise_limit(int64_t needed, int *why)
{
    struct rlimit now;
    *why = 0;
    if (getrlimit(RLIMIT_NOFILE, &now) != 0) {
        *why = errno;
        return 1024; /* the usual limit: a guess, for a system that does not tell */
    }
    if (now.rlim_cur == RLIM_INFINITY || (int64_t)now.rlim_cur >= needed) return needed;
    if (set_limit(needed, &now)) return needed;
    *why = errno;
    int64_t low = (int64_t)now.rlim_cur, high = needed; /* low is permitted, high is not */
    while (high - low > STEP) {
        int64_t middle = low + (high - low) / 2;
        if (set_limit(middle, &now)) low = middle;
        else high = middle;
    }
    return low;
}

bool open_files_fit_at_start(struct core_settings *settings, struct buffer *error)
{
    int why;
    int64_t needed = settings->maxclients + RESERVED, limit = raise_limit(needed, &why);
    if (limit >= needed) return true;
    if (limit <= RESERVED) {
        buffer_printf(error,
                      "The limit of open files ('ulimit -n') is %" PRId64 ", too low for a single client; "
                      "maxclients %" PRId64 " needs %" PRId64 ". Exiting.\n",
                      limit, settings->maxclients, needed);
        return false;
    }
    log_warning("maxclients %" PRId64 " needs %" PRId64
                " open files, and the system does not permit as many: %s",
                settings->maxclients, needed, strerror(why));
    settings->maxclients = limit - RESERVED;
    log_warning("The limit of open files is %" PRId64 ": maxclients has been reduced to %" PRId64
                ". For more, raise 'ulimit -n'.",
                limit, settings->maxclients);
    return true;
}

bool open_files_allow(int64_t maxclients, struct buffer *reason)
{
    int why;
    int64_t limit = raise_limit(maxclients + RESERVED, &why);
    if (limit >= maxclients + RESERVED) return true;
    return option_refuse(
        reason,
        "The operating system is not able to handle the specified number of clients, try with "
        "%" PRId64,
        limit - RESERVED);
}
