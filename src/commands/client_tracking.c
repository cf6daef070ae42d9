#include "commands/client_tracking.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "core/tracking.h"

/* ---- TRACKING ---- */

static bool parse_redirect(struct call *call, struct slice text, struct client **redirect)
{
    struct client *c = call->client;
    int64_t id;
    if (*redirect) {
        reply_error(c, "ERR A client can only redirect to a single other client");
        return false;
    }
    if (!number_parse(text, &id)) {
        reply_error(c, "ERR value is not an integer or out of range");
        return false;
    }
    *redirect = id > 0 ? client_find(call->server->clients, (uint64_t)id) : NULL;
    if (*redirect) return true;
    reply_error(c, "ERR The client ID you want redirect to does not exist");
    return false;
}

/* The words behind ON or OFF; prefixes has room for as many as there are words. */
static bool parse_request(struct call *call, struct tracking_request *request, struct slice *prefixes)
{
    static const struct {
        const char *word;
        unsigned flag;
    } flags[] = {{"bcast", TRACKING_BROADCAST},
                 {"optin", TRACKING_OPT_IN},
                 {"optout", TRACKING_OPT_OUT},
                 {"noloop", TRACKING_NO_LOOP}};
    request->prefixes = prefixes;
    for (int i = 3; i < call->argc; i++) {
        struct slice word = call->argv[i];
        unsigned flag = 0;
        for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
            if (slice_is(word, flags[f].word)) flag = flags[f].flag;
        request->flags |= flag;
        if (flag) continue;
        bool more = i + 1 < call->argc;
        if (more && slice_is(word, "redirect")) {
            if (!parse_redirect(call, call->argv[++i], &request->redirect)) return false;
        } else if (more && slice_is(word, "prefix")) {
            prefixes[request->prefix_count++] = call->argv[++i];
        } else {
            reply_syntax_error(call->client);
            return false;
        }
    }
    return true;
}

/* A prefix among all that a client has or asks for. */
struct ranked_prefix {
    struct slice prefix;
    size_t place; /* among those asked for */
    bool is_new;
};

static int compare_prefixes(const void *a, const void *b)
{
    return slice_compare(((const struct ranked_prefix *)a)->prefix,
                         ((const struct ranked_prefix *)b)->prefix);
}

static bool refuse_overlap(struct client *c, const struct ranked_prefix *a, const struct ranked_prefix *b)
{
    bool both_new = a->is_new && b->is_new;
    if (both_new ? a->place > b->place : b->is_new) {
        const struct ranked_prefix *swapped = a;
        a = b;
        b = swapped;
    }
    reply_errorf(c,
                 "ERR Prefix '%.*s' overlaps with %s prefix '%.*s'. Prefixes for a single client must not "
                 "overlap.",
                 (int)a->prefix.len, a->prefix.ptr, both_new ? "another provided" : "an existing",
                 (int)b->prefix.len, b->prefix.ptr);
    return false;
}

/* A key must not be told to a client twice. In order, a prefix of others stands in
 * front of the first of them. */
static bool prefixes_fit(struct client *c, const struct tracking_request *request)
{
    size_t had = tracking_prefix_count(c), count = had + request->prefix_count;
    bool fit = true;
    struct ranked_prefix *all = mem_alloc((count + 1) * sizeof *all);
    for (size_t i = 0; i < had; i++) all[i] = (struct ranked_prefix){tracking_prefix(c, i), 0, false};
    for (size_t i = had; i < count; i++) all[i] = (struct ranked_prefix){request->prefixes[i - had], i, true};
    qsort(all, count, sizeof *all, compare_prefixes);
    for (size_t i = 1; i < count && fit; i++)
        if (slice_starts_with(all[i].prefix, all[i - 1].prefix))
            fit = refuse_overlap(c, &all[i - 1], &all[i]);
    mem_free(all);
    return fit;
}

/* Do the words agree with each other, and with the mode the client is in? */
static bool request_fits(struct client *c, const struct tracking_request *request)
{
    unsigned now = tracking_flags(c), wanted = request->flags;
    const unsigned choice = TRACKING_OPT_IN | TRACKING_OPT_OUT;
    const char *error = NULL;
    if (!(wanted & TRACKING_BROADCAST) && request->prefix_count)
        error = "ERR PREFIX option requires BCAST mode to be enabled";
    else if (now & TRACKING_ON && (now ^ wanted) & TRACKING_BROADCAST)
        error = "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then "
                "re-enabling it with a different mode.";
    else if (wanted & TRACKING_BROADCAST && wanted & choice)
        error = "ERR OPTIN and OPTOUT are not compatible with BCAST";
    else if ((wanted & choice) == choice) error = "ERR You can't specify both OPTIN mode and OPTOUT mode";
    else if (now & choice && wanted & choice && (now & choice) != (wanted & choice))
        error = "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then "
                "re-enabling it with a different mode.";
    if (error == NULL) return !(wanted & TRACKING_BROADCAST) || prefixes_fit(c, request);
    reply_error(c, error);
    return false;
}

void client_tracking(struct call *call)
{
    struct client *c = call->client;
    struct tracking_request request = {0};
    struct slice *prefixes = mem_alloc((size_t)call->argc * sizeof *prefixes);
    bool on = slice_is(call->argv[2], "on"), parsed = parse_request(call, &request, prefixes);
    if (parsed && !on && !slice_is(call->argv[2], "off")) {
        reply_syntax_error(c);
    } else if (parsed && (!on || request_fits(c, &request))) {
        if (on) tracking_start(c, &request);
        else tracking_stop(c);
        reply_ok(c);
    }
    mem_free(prefixes);
}

/* ---- CACHING, GETREDIR, TRACKINGINFO ---- */

void client_tracking_caching(struct call *call)
{
    struct client *c = call->client;
    unsigned flags = tracking_flags(c);
    bool yes = slice_is(call->argv[2], "yes");
    if (!(flags & TRACKING_ON)) {
        reply_error(c, "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN "
                       "or OPTOUT mode enabled");
    } else if (!yes && !slice_is(call->argv[2], "no")) {
        reply_syntax_error(c);
    } else if (yes && !(flags & TRACKING_OPT_IN)) {
        reply_error(c, "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    } else if (!yes && !(flags & TRACKING_OPT_OUT)) {
        reply_error(c, "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    } else {
        tracking_set_caching(c);
        reply_ok(c);
    }
}

static int64_t redirect_of(const struct client *c)
{
    return tracking_flags(c) & TRACKING_ON ? (int64_t)tracking_redirect(c) : -1;
}

void client_tracking_getredir(struct call *call)
{
    reply_int(call->client, redirect_of(call->client));
}

static int64_t reply_flags(struct client *c, unsigned flags)
{
    const struct {
        bool is_set;
        const char *name;
    } names[] = {
        {!(flags & TRACKING_ON), "off"},
        {flags & TRACKING_ON, "on"},
        {flags & TRACKING_BROADCAST, "bcast"},
        {flags & TRACKING_OPT_IN, "optin"},
        {flags & TRACKING_OPT_IN && flags & TRACKING_CACHING, "caching-yes"},
        {flags & TRACKING_OPT_OUT, "optout"},
        {flags & TRACKING_OPT_OUT && flags & TRACKING_CACHING, "caching-no"},
        {flags & TRACKING_NO_LOOP, "noloop"},
        {flags & TRACKING_BROKEN, "broken_redirect"},
    };
    int64_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!names[i].is_set) continue;
        reply_text(c, names[i].name);
        count++;
    }
    return count;
}

void client_tracking_info(struct call *call)
{
    struct client *c = call->client;
    size_t count = tracking_prefix_count(c);
    reply_map(c, 3);
    reply_text(c, "flags");
    struct output_mark mark = reply_open(c);
    reply_close_set(c, mark, reply_flags(c, tracking_flags(c)));
    reply_text(c, "redirect");
    reply_int(c, redirect_of(c));
    reply_text(c, "prefixes");
    reply_array(c, (int64_t)count);
    for (size_t i = 0; i < count; i++) reply_bulk(c, tracking_prefix(c, i));
}
