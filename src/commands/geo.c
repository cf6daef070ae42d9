/* Points on the earth, in sorted sets. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "commands/tables.h"
#include "core/args.h"
#include "core/collection.h"
#include "core/reply.h"
#include "core/server.h"
#include "types/geo.h"
#include "types/zset.h"

/* ---- arguments and replies ---- */

static bool parse_point(struct client *c, const struct slice *argv, struct geo_point *point)
{
    if (!args_double(c, argv[0], &point->longitude, NULL)) return false;
    if (!args_double(c, argv[1], &point->latitude, NULL)) return false;
    if (geo_is_valid(*point)) return true;
    reply_errorf(c, "ERR invalid longitude,latitude pair %f,%f", point->longitude, point->latitude);
    return false;
}

/* How many metres a unit is. */
static bool parse_unit(struct client *c, struct slice arg, double *metres)
{
    static const struct {
        const char *name;
        double metres;
    } units[] = {{"m", 1}, {"km", 1000}, {"ft", 0.3048}, {"mi", 1609.34}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!slice_is(arg, units[i].name)) continue;
        *metres = units[i].metres;
        return true;
    }
    reply_error(c, "ERR unsupported unit provided. please use M, KM, FT, MI");
    return false;
}

static void reply_distance(struct client *c, double distance)
{
    char text[512]; /* no distance on earth is that long, in any unit */
    int len = snprintf(text, sizeof text, "%.4f", distance);
    reply_bulk(c, slice_make(text, (size_t)len));
}

static void reply_coordinate(struct client *c, double degrees)
{
    char text[DOUBLE_TEXT_MAX];
    size_t len = number_print_long_double(text, degrees);
    if (c->resp == 2) {
        reply_bulk(c, slice_make(text, len));
        return;
    }
    reply_encoded(c, SLICE(","));
    reply_encoded(c, slice_make(text, len));
    reply_encoded(c, SLICE("\r\n"));
}

static void reply_point(struct client *c, struct geo_point point)
{
    reply_array(c, 2);
    reply_coordinate(c, point.longitude);
    reply_coordinate(c, point.latitude);
}

/* ---- GEOADD ---- */

struct adding {
    unsigned conditions; /* of zset_put */
    bool count_changed;
    int first; /* of the longitudes */
};

static bool parse_adding(struct call *call, struct adding *adding)
{
    int at = 2;
    *adding = (struct adding){0};
    for (; at < call->argc; at++) {
        if (slice_is(call->argv[at], "nx")) adding->conditions |= ZSET_IF_NEW;
        else if (slice_is(call->argv[at], "xx")) adding->conditions |= ZSET_IF_THERE;
        else if (slice_is(call->argv[at], "ch")) adding->count_changed = true;
        else break;
    }
    adding->first = at;
    const unsigned both = ZSET_IF_NEW | ZSET_IF_THERE;
    if ((call->argc - at) % 3 == 0 && call->argc > at && (adding->conditions & both) != both) return true;
    reply_syntax_error(call->client);
    return false;
}

static void geoadd_run(struct call *call)
{
    struct client *c = call->client;
    struct collection zset;
    struct adding adding;
    struct geo_point point;
    size_t added = 0, updated = 0;
    if (!parse_adding(call, &adding)) return;
    for (int i = adding.first; i < call->argc; i += 3)
        if (!parse_point(c, &call->argv[i], &point)) return;
    if (!collection_open(&zset, call, call->argv[1], TYPE_ZSET)) return;
    for (int i = adding.first; i < call->argc; i += 3) {
        parse_point(c, &call->argv[i], &point);
        double score = geo_score(point);
        enum zset_result result = zset_put(&zset.value, call->argv[i + 2], adding.conditions, &score,
                                           call->server->types);
        added += result == ZSET_ADDED;
        updated += result == ZSET_UPDATED;
    }
    collection_close(&zset, added + updated ? EVENT_ZADD : EVENT_NONE, added + updated);
    reply_int(c, (int64_t)(adding.count_changed ? added + updated : added));
}

/* ---- GEOPOS, GEOHASH, GEODIST ---- */

static void geopos_run(struct call *call)
{
    struct client *c = call->client;
    struct value zset;
    double score;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    reply_array(c, call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        if (zset_score(&zset, call->argv[i], &score)) reply_point(c, geo_point_of(score));
        else reply_null_array(c);
    }
}

static void geohash_run(struct call *call)
{
    struct client *c = call->client;
    struct value zset;
    double score;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    reply_array(c, call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        char text[GEO_TEXT_LEN];
        if (!zset_score(&zset, call->argv[i], &score)) {
            reply_null(c);
            continue;
        }
        geo_print(score, text);
        reply_bulk(c, slice_make(text, GEO_TEXT_LEN));
    }
}

static void geodist_run(struct call *call)
{
    struct client *c = call->client;
    struct value zset;
    double metres = 1, a, b;
    if (call->argc > 5) {
        reply_syntax_error(c);
        return;
    }
    if (call->argc == 5 && !parse_unit(c, call->argv[4], &metres)) return;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    if (zset_score(&zset, call->argv[2], &a) && zset_score(&zset, call->argv[3], &b))
        reply_distance(c, geo_distance(geo_point_of(a), geo_point_of(b)) / metres);
    else reply_null(c);
}

/* ---- searching: the arguments ---- */

enum order { ORDER_FREE, ORDER_ASCENDING, ORDER_DESCENDING };

struct search {
    struct geo_area area;
    bool has_middle, has_area;
    double metres; /* of the unit */
    enum order order;
    int64_t count; /* 0: all */
    bool any;      /* the first ones found will do */
    bool with_distance, with_hash, with_point;
    const struct slice *destination; /* NULL: the answer goes to the client */
    bool store_distance;
};

/* What a command of this family accepts. */
enum {
    TAKES_FROM_AND_BY = 1 << 0, /* the GEOSEARCH form: FROM..., BY... */
    TAKES_STORE = 1 << 1,       /* STORE key, STOREDIST key */
    TAKES_STOREDIST = 1 << 2,   /* STOREDIST alone */
};

static bool take_middle(struct client *c, const struct value *zset, struct slice member,
                        struct search *search)
{
    double score;
    search->has_middle = true;
    if (zset->object == NULL) return true; /* nothing will be found anyway */
    if (!zset_score(zset, member, &score)) {
        reply_error(c, "ERR could not decode requested zset member");
        return false;
    }
    search->area.middle = geo_point_of(score);
    return true;
}

/* radius unit */
static bool take_circle(struct client *c, const struct slice *argv, struct search *search)
{
    if (!args_double(c, argv[0], &search->area.radius, "ERR need numeric radius")) return false;
    if (search->area.radius < 0) {
        reply_error(c, "ERR radius cannot be negative");
        return false;
    }
    if (!parse_unit(c, argv[1], &search->metres)) return false;
    search->area.radius *= search->metres;
    search->area.is_circle = search->has_area = true;
    return true;
}

/* width height unit */
static bool take_box(struct client *c, const struct slice *argv, struct search *search)
{
    if (!args_double(c, argv[0], &search->area.width, "ERR need numeric width")) return false;
    if (!args_double(c, argv[1], &search->area.height, "ERR need numeric height")) return false;
    if (search->area.width < 0 || search->area.height < 0) {
        reply_error(c, "ERR height or width cannot be negative");
        return false;
    }
    if (!parse_unit(c, argv[2], &search->metres)) return false;
    search->area.width *= search->metres;
    search->area.height *= search->metres;
    search->has_area = true;
    return true;
}

enum taken { TAKEN, NOT_TAKEN, REFUSED };

/* FROMMEMBER, FROMLONLAT, BYRADIUS, BYBOX, each once. */
static enum taken take_from_or_by(struct call *call, const struct value *zset, int *at, struct search *search)
{
    struct client *c = call->client;
    const struct slice *argv = &call->argv[*at];
    int more = call->argc - *at - 1, words;
    bool ok;
    if (more >= 1 && !search->has_middle && slice_is(argv[0], "frommember")) {
        ok = take_middle(c, zset, argv[1], search);
        words = 1;
    } else if (more >= 2 && !search->has_middle && slice_is(argv[0], "fromlonlat")) {
        ok = parse_point(c, argv + 1, &search->area.middle);
        search->has_middle = true;
        words = 2;
    } else if (more >= 2 && !search->has_area && slice_is(argv[0], "byradius")) {
        ok = take_circle(c, argv + 1, search);
        words = 2;
    } else if (more >= 3 && !search->has_area && slice_is(argv[0], "bybox")) {
        ok = take_box(c, argv + 1, search);
        words = 3;
    } else {
        return NOT_TAKEN;
    }
    *at += words;
    return ok ? TAKEN : REFUSED;
}

static enum taken take_option(struct call *call, unsigned takes, int *at, struct search *search)
{
    struct client *c = call->client;
    struct slice word = call->argv[*at];
    bool has_value = *at + 1 < call->argc;
    if (slice_is(word, "withdist")) {
        search->with_distance = true;
    } else if (slice_is(word, "withhash")) {
        search->with_hash = true;
    } else if (slice_is(word, "withcoord")) {
        search->with_point = true;
    } else if (slice_is(word, "any")) {
        search->any = true;
    } else if (slice_is(word, "asc")) {
        search->order = ORDER_ASCENDING;
    } else if (slice_is(word, "desc")) {
        search->order = ORDER_DESCENDING;
    } else if (has_value && slice_is(word, "count")) {
        if (!args_int(c, call->argv[++*at], &search->count, NULL)) return REFUSED;
        if (search->count > 0) return TAKEN;
        reply_error(c, "ERR COUNT must be > 0");
        return REFUSED;
    } else if (has_value && takes & TAKES_STORE && (slice_is(word, "store") || slice_is(word, "storedist"))) {
        search->store_distance = slice_is(word, "storedist");
        search->destination = &call->argv[++*at];
    } else if (takes & TAKES_STOREDIST && slice_is(word, "storedist")) {
        search->store_distance = true;
    } else {
        return NOT_TAKEN;
    }
    return TAKEN;
}

static bool is_consistent(struct call *call, unsigned takes, const struct search *search)
{
    struct client *c = call->client;
    bool with_any = search->with_distance || search->with_hash || search->with_point;
    if (search->destination && with_any)
        reply_errorf(c, "ERR %s is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
                     takes & TAKES_FROM_AND_BY ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS");
    else if (!search->has_middle)
        reply_errorf(c, "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for %.*s",
                     (int)call->argv[0].len, call->argv[0].ptr);
    else if (!search->has_area)
        reply_errorf(c, "ERR exactly one of BYRADIUS and BYBOX can be specified for %.*s",
                     (int)call->argv[0].len, call->argv[0].ptr);
    else if (search->any && search->count == 0)
        reply_error(c, "ERR the ANY argument requires COUNT argument");
    else return true;
    return false;
}

/* The options from `at` on. */
static bool parse_search(struct call *call, const struct value *zset, int at, unsigned takes,
                         struct search *search)
{
    for (; at < call->argc; at++) {
        enum taken taken = take_option(call, takes, &at, search);
        if (taken == NOT_TAKEN && takes & TAKES_FROM_AND_BY) taken = take_from_or_by(call, zset, &at, search);
        if (taken == NOT_TAKEN) reply_syntax_error(call->client);
        if (taken != TAKEN) return false;
    }
    if (!is_consistent(call, takes, search)) return false;
    /* The nearest ones, unless any will do. */
    if (search->count && !search->any && search->order == ORDER_FREE) search->order = ORDER_ASCENDING;
    return true;
}

/* ---- searching ---- */

struct found {
    double distance, score;
    size_t member_at, member_len; /* in the names */
};

struct finding {
    const struct search *search;
    struct found *points; /* owned */
    size_t count, capacity;
    struct buffer names;
};

static bool consider(void *ctx, struct slice member, double score)
{
    struct finding *finding = ctx;
    const struct search *search = finding->search;
    double distance;
    if (!geo_contains(&search->area, geo_point_of(score), &distance)) return true;
    if (finding->count == finding->capacity) {
        finding->capacity = finding->capacity ? finding->capacity * 2 : 16;
        finding->points = mem_realloc(finding->points, finding->capacity * sizeof *finding->points);
    }
    finding->points[finding->count++] = (struct found){distance, score, finding->names.len, member.len};
    buffer_append_slice(&finding->names, member);
    return !search->any || finding->count < (size_t)search->count;
}

static int compare_distances(const void *a, const void *b)
{
    double x = ((const struct found *)a)->distance, y = ((const struct found *)b)->distance;
    return x < y ? -1 : x > y;
}

static int compare_distances_backwards(const void *a, const void *b)
{
    return compare_distances(b, a);
}

static void find_points(const struct value *zset, struct finding *finding)
{
    const struct search *search = finding->search;
    struct geo_cell cells[GEO_CELLS_MAX];
    int count = zset->object ? geo_cover(&search->area, cells) : 0;
    bool more = true;
    for (int i = 0; i < count && more; i++) {
        size_t from, to;
        struct zset_scores range = {.min = cells[i].from, .max = cells[i].to, .max_excluded = true};
        zset_ranks_of_scores(zset, &range, &from, &to);
        more = zset_walk(zset, from, to, false, &(struct zset_visitor){consider, finding});
    }
    if (search->order != ORDER_FREE && finding->count)
        qsort(finding->points, finding->count, sizeof *finding->points,
              search->order == ORDER_ASCENDING ? compare_distances : compare_distances_backwards);
    if (search->count && finding->count > (size_t)search->count) finding->count = (size_t)search->count;
}

static struct slice name_of(const struct finding *finding, const struct found *found)
{
    return slice_make(finding->names.data + found->member_at, found->member_len);
}

static void reply_found(struct client *c, const struct finding *finding)
{
    const struct search *search = finding->search;
    int parts = 1 + search->with_distance + search->with_hash + search->with_point;
    reply_array(c, (int64_t)finding->count);
    for (size_t i = 0; i < finding->count; i++) {
        const struct found *found = &finding->points[i];
        if (parts > 1) reply_array(c, parts);
        reply_bulk(c, name_of(finding, found));
        if (search->with_distance) reply_distance(c, found->distance / search->metres);
        if (search->with_hash) reply_int(c, (int64_t)found->score);
        if (search->with_point) reply_point(c, geo_point_of(found->score));
    }
}

static void store_found(struct call *call, const struct finding *finding, enum event event)
{
    const struct search *search = finding->search;
    struct value result = value_empty(TYPE_ZSET);
    for (size_t i = 0; i < finding->count; i++) {
        const struct found *found = &finding->points[i];
        double score = search->store_distance ? found->distance / search->metres : found->score;
        zset_put(&result, name_of(finding, found), 0, &score, call->server->types);
    }
    reply_int(call->client, (int64_t)finding->count);
    collection_store(call, *search->destination, &result, event);
}

static void run_search(struct call *call, const struct value *zset, const struct search *search,
                       enum event event)
{
    struct finding finding = {.search = search};
    find_points(zset, &finding);
    if (search->destination) store_found(call, &finding, event);
    else reply_found(call->client, &finding);
    mem_free(finding.points);
    buffer_fini(&finding.names);
}

/* ---- GEOSEARCH, GEORADIUS and their kin ---- */

static void geosearch_run(struct call *call)
{
    struct search search = {0};
    struct value zset;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    if (parse_search(call, &zset, 2, TAKES_FROM_AND_BY, &search))
        run_search(call, &zset, &search, EVENT_NONE);
}

static void geosearchstore_run(struct call *call)
{
    struct search search = {.destination = &call->argv[1]};
    struct value zset;
    if (!collection_read(call, call->argv[2], TYPE_ZSET, &zset)) return;
    if (parse_search(call, &zset, 3, TAKES_FROM_AND_BY | TAKES_STOREDIST, &search))
        run_search(call, &zset, &search, EVENT_GEOSEARCHSTORE);
}

/* The old form: the middle, the radius and its unit stand in front. */
static void search_radius(struct call *call, bool from_member, unsigned takes)
{
    struct client *c = call->client;
    struct search search = {0};
    struct value zset;
    int radius_at = from_member ? 3 : 4;
    if (!collection_read(call, call->argv[1], TYPE_ZSET, &zset)) return;
    if (from_member) {
        if (!take_middle(c, &zset, call->argv[2], &search)) return;
    } else if (!parse_point(c, &call->argv[2], &search.area.middle)) {
        return;
    }
    search.has_middle = search.has_area = true;
    search.metres = 1;
    /* Around a member of nothing there is nothing, whatever the radius. */
    bool is_nowhere = from_member && zset.object == NULL;
    if (!is_nowhere && !take_circle(c, &call->argv[radius_at], &search)) return;
    if (parse_search(call, &zset, radius_at + 2, takes, &search))
        run_search(call, &zset, &search, EVENT_GEORADIUSSTORE);
}

static void georadius_run(struct call *call)
{
    search_radius(call, false, TAKES_STORE);
}

static void georadius_ro_run(struct call *call)
{
    search_radius(call, false, 0);
}

static void georadiusbymember_run(struct call *call)
{
    search_radius(call, true, TAKES_STORE);
}

static void georadiusbymember_ro_run(struct call *call)
{
    search_radius(call, true, 0);
}

/* ---- the rows ---- */

#define SOURCE(at)                                                                                           \
    {                                                                                                        \
        .flags = KEY_RO | KEY_ACCESS, .index = (at)                                                          \
    }
#define STORED_BEHIND(word, from)                                                                            \
    {                                                                                                        \
        .flags = KEY_OW | KEY_UPDATE, .keyword = (word), .keyword_from = (from)                              \
    }
#define STORING(event)                                                                                       \
    {                                                                                                        \
        (event), EVENT_DEL, EVENT_NEW, EVENT_OVERWRITTEN, EVENT_TYPE_CHANGED, EVENT_KEYMISS                  \
    }
#define UNIT    "<M | KM | FT | MI>"
#define WITH    "[WITHCOORD] [WITHDIST] [WITHHASH]"
#define LIMITED "[COUNT count [ANY]] [ASC | DESC]"
#define SHAPE                                                                                                \
    "<FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius " UNIT                             \
    " | BYBOX width height " UNIT "> [ASC | DESC] [COUNT count [ANY]]"
#define SEARCH_COST "O(N + log M), N being the points in the cells that cover the area and M those of the set"

static const char *const geoadd_history[] = {"6.2.0", "Takes `CH`, `NX` and `XX`.", NULL};
static const char *const geosearch_history[] = {"7.0.0", "Units may be written in upper case.", NULL};
static const char *const georadius_history[] = {"6.2.0", "Takes `ANY`.", "7.0.0",
                                                "Units may be written in upper case.", NULL};

#define OLD .deprecated_since = "6.2.0"

const struct command geo_commands[] = {
    {.name = "geoadd",
     .group = GROUP_GEO,
     .since = "3.2.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_RW | KEY_UPDATE, .index = 1}},
     .events = {EVENT_ZADD, EVENT_NEW},
     .summary = "Adds points by longitude and latitude, or moves them.",
     .complexity = "O(log N) for each point, N being the points of the set",
     .syntax = "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
     .history = geoadd_history,
     .run = geoadd_run},
    {.name = "geodist",
     .group = GROUP_GEO,
     .since = "3.2.0",
     .arity = -4,
     .flags = CMD_READONLY,
     .keys = {SOURCE(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Tells how far two points are apart.",
     .complexity = "O(1)",
     .syntax = "key member1 member2 [" UNIT "]",
     .run = geodist_run},
    {.name = "geohash",
     .group = GROUP_GEO,
     .since = "3.2.0",
     .arity = -2,
     .flags = CMD_READONLY,
     .keys = {SOURCE(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Returns points as geohash texts.",
     .complexity = "O(1) for each point",
     .syntax = "key [member [member ...]]",
     .run = geohash_run},
    {.name = "geopos",
     .group = GROUP_GEO,
     .since = "3.2.0",
     .arity = -2,
     .flags = CMD_READONLY,
     .keys = {SOURCE(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Returns the longitude and latitude of points.",
     .complexity = "O(1) for each point",
     .syntax = "key [member [member ...]]",
     .run = geopos_run},
    {.name = "georadius",
     .group = GROUP_GEO,
     .since = "3.2.0",
     .arity = -6,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {SOURCE(1), STORED_BEHIND("STORE", 6), STORED_BEHIND("STOREDIST", 6)},
     .events = STORING(EVENT_GEORADIUSSTORE),
     .summary = "Finds points within a radius around a point, or stores them.",
     .complexity = SEARCH_COST,
     .syntax = "key longitude latitude radius " UNIT " " WITH " " LIMITED " [STORE key | STOREDIST key]",
     .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
     OLD,
     .history = georadius_history,
     .run = georadius_run},
    {.name = "georadius_ro",
     .group = GROUP_GEO,
     .since = "3.2.10",
     .arity = -6,
     .flags = CMD_READONLY,
     .keys = {SOURCE(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Finds points within a radius around a point.",
     .complexity = SEARCH_COST,
     .syntax = "key longitude latitude radius " UNIT " " WITH " " LIMITED,
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` argument",
     OLD,
     .history = georadius_history,
     .run = georadius_ro_run},
    {.name = "georadiusbymember",
     .group = GROUP_GEO,
     .since = "3.2.0",
     .arity = -5,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {SOURCE(1), STORED_BEHIND("STORE", 5), STORED_BEHIND("STOREDIST", 5)},
     .events = STORING(EVENT_GEORADIUSSTORE),
     .summary = "Finds points within a radius around one of them, or stores them.",
     .complexity = SEARCH_COST,
     .syntax = "key member radius " UNIT " " WITH " " LIMITED " [STORE key | STOREDIST key]",
     .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
     OLD,
     .history = georadius_history,
     .run = georadiusbymember_run},
    {.name = "georadiusbymember_ro",
     .group = GROUP_GEO,
     .since = "3.2.10",
     .arity = -5,
     .flags = CMD_READONLY,
     .keys = {SOURCE(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Finds points within a radius around one of them.",
     .complexity = SEARCH_COST,
     .syntax = "key member radius " UNIT " " WITH " " LIMITED,
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
     OLD,
     .history = georadius_history,
     .run = georadiusbymember_ro_run},
    {.name = "geosearch",
     .group = GROUP_GEO,
     .since = "6.2.0",
     .arity = -7,
     .flags = CMD_READONLY,
     .keys = {SOURCE(1)},
     .events = {EVENT_KEYMISS},
     .summary = "Finds points in a circle or a box.",
     .complexity = SEARCH_COST,
     .syntax = "key " SHAPE " " WITH,
     .history = geosearch_history,
     .run = geosearch_run},
    {.name = "geosearchstore",
     .group = GROUP_GEO,
     .since = "6.2.0",
     .arity = -8,
     .flags = CMD_WRITE | CMD_DENYOOM,
     .keys = {{.flags = KEY_OW | KEY_UPDATE, .index = 1}, SOURCE(2)},
     .events = STORING(EVENT_GEOSEARCHSTORE),
     .summary = "Finds points in a circle or a box, and stores them.",
     .complexity = SEARCH_COST,
     .syntax = "destination source " SHAPE " [STOREDIST]",
     .history = geosearch_history,
     .run = geosearchstore_run},
    {0},
};
