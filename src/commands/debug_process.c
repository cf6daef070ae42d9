/* DEBUG: the server and its process. */
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "base/assert.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/mem.h"
#include "commands/debug.h"
#include "commands/string.h"
#include "core/args.h"
#include "core/config.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/settings.h"
#include "db/keyspace.h"

/* ---- dying ---- */

void debug_assert(struct call *call)
{
    ASSERT(call == NULL);
}

void debug_panic(struct call *call)
{
    panic("DEBUG PANIC was called by client %llu", (unsigned long long)call->client->id);
}

void debug_segfault(struct call *call)
{
    volatile char *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *page = 'x';
    reply_error(call->client, "ERR the page could be written"); /* not reached */
}

/* ---- time ---- */

void debug_sleep(struct call *call)
{
    double seconds;
    if (!args_double(call->client, call->argv[2], &seconds, NULL)) return;
    if (seconds > 0) {
        struct timespec time = {.tv_sec = INT32_MAX};
        if (seconds < INT32_MAX) {
            time.tv_sec = (time_t)seconds;
            time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
        }
        while (nanosleep(&time, &time) != 0 && errno == EINTR) continue; /* signals wait, too */
    }
    reply_ok(call->client);
}

static void set_switch(struct call *call, bool *on)
{
    int64_t value;
    if (!args_int(call->client, call->argv[2], &value, NULL)) return;
    *on = value != 0;
    reply_ok(call->client);
}

void debug_set_active_expire(struct call *call)
{
    set_switch(call, &call->server->keyspace->active_expire);
}

void debug_pause_cron(struct call *call)
{
    set_switch(call, &call->server->cron_paused);
}

/* ---- the allocator ---- */

void debug_mallctl(struct call *call)
{
    struct client *c = call->client;
    int64_t given = 0;
    uint64_t old, set;
    if (call->argc == 4 && !args_int(c, call->argv[3], &given, NULL)) return;
    set = (uint64_t)given;
    char *name = mem_copy(call->argv[2].ptr, call->argv[2].len);
    if (mem_control(name, call->argc == 4 ? &set : NULL, &old)) reply_int(c, (int64_t)old);
    else reply_error(c, "ERR No such file or directory");
    mem_free(name);
}

void debug_mallctl_str(struct call *call)
{
    struct client *c = call->client;
    char *name = mem_copy(call->argv[2].ptr, call->argv[2].len);
    char *set = call->argc == 4 ? mem_copy(call->argv[3].ptr, call->argv[3].len) : NULL;
    const char *old = mem_control_text(name, set);
    if (old) reply_text(c, old);
    else reply_error(c, "ERR No such file or directory");
    mem_free(name);
    mem_free(set);
}

/* ---- what is left ---- */

void debug_log(struct call *call)
{
    struct slice message = call->argv[2];
    log_warning("DEBUG LOG: %.*s", (int)message.len, message.ptr);
    reply_ok(call->client);
}

void debug_config_rewrite_force_all(struct call *call)
{
    struct buffer error = {0};
    if (config_rewrite(call->server->config, true, &error)) reply_ok(call->client);
    else reply_errorf(call->client, "ERR CONFIG-REWRITE-FORCE-ALL failed: %s", error.data);
    buffer_fini(&error);
}

/* Reply buffers come from a pool and go back when they are empty: there is
 * nothing to set, only a call to be checked. */
void debug_replybuffer(struct call *call)
{
    struct slice what = call->argv[2], value = call->argv[3];
    int64_t number;
    bool time = slice_is(what, "peak-reset-time");
    if (!time && !slice_is(what, "resizing")) reply_subcommand_error(call);
    else if ((time && (slice_is(value, "never") || slice_is(value, "reset"))) ||
             args_int(call->client, value, &number, NULL))
        reply_ok(call->client);
}

void debug_stringmatch_len(struct call *call)
{
    int64_t len;
    int64_t max = (int64_t)call->server->settings->proto_max_bulk_len_bytes;
    if (!args_int_between(call->client, call->argv[2], 0, max, &len, NULL)) return;
    char *text = mem_alloc_try((size_t)len + 1);
    if (text == NULL) {
        string_refuse_memory(call->client);
        return;
    }
    memset(text, 'a', (size_t)len);
    reply_int(call->client, glob_match(call->argv[3], slice_make(text, (size_t)len), false));
    mem_free(text);
}
