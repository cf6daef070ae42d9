#include "notify/sections.h"

#include "base/glob.h"
#include "core/info.h"
#include "core/server.h"
#include "db/expire.h"
#include "notify/notify.h"
#include "notify/pubsub.h"

static void write_stats(void *module, struct buffer *to)
{
    const struct pubsub *pubsub = ((const struct server *)module)->pubsub;
    info_int(to, "pubsub_channels", (int64_t)pubsub_count(pubsub, AUDIENCE_CHANNEL));
    info_int(to, "pubsub_patterns", (int64_t)pubsub_count(pubsub, AUDIENCE_PATTERN));
    info_int(to, "pubsubshard_channels", (int64_t)pubsub_count(pubsub, AUDIENCE_SHARD));
}

const struct info_section notify_section_stats = {"stats", NULL, true, write_stats};

/* ---- notifications ---- */

/* A pattern counts when its literal beginning and a channel's agree as far as
 * both go. */
static void count_pattern(void *ctx, struct audience *audience)
{
    static const char *const channels[] = {"__keyspace@",    "__keyevent@",        "__subkeyspace@",
                                           "__subkeyevent@", "__subkeyspaceitem@", "__subkeyspaceevent@"};
    struct buffer prefix = {0};
    glob_literal_prefix(audience_name(audience), &prefix);
    bool counts = false;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        struct slice channel = slice_of(channels[i]), its = buffer_slice(&prefix);
        counts |= slice_starts_with(its, channel) || slice_starts_with(channel, its);
    }
    *(int64_t *)ctx += counts;
    buffer_fini(&prefix);
}

static void write_audience(const struct server *server, struct buffer *to)
{
    int64_t patterns = 0;
    buffer_append_text(to, "notify_keyspace_events:");
    notify_print_flags(notify_settings(server->notify)->flags, to);
    buffer_append_text(to, "\r\n");
    pubsub_each(server->pubsub, AUDIENCE_PATTERN, count_pattern, &patterns);
    info_int(to, "notification_channels", notify_channel_count(server->notify));
    info_int(to, "notification_patterns", patterns);
}

static void write_classes(struct buffer *to, const char *what, const uint64_t *counts)
{
    uint64_t sum = 0;
    for (int i = 0; i < EVENT_CLASS_COUNT; i++) sum += counts[i];
    info_int(to, what, (int64_t)sum);
    for (int i = 0; i < EVENT_CLASS_COUNT; i++)
        buffer_printf(to, "%s_%s:%llu\r\n", what, notify_class_name((enum event_class)i),
                      (unsigned long long)counts[i]);
}

static void write_punctuality(const struct server *server, struct buffer *to)
{
    const struct keyspace *ks = server->keyspace;
    int64_t deadline_ms = expire_next_deadline_ms(ks), left_ms = deadline_ms - ks->now_ms;
    bool has_deadline = deadline_ms != INT64_MAX;
    info_int(to, "expire_lag_p50_usec", (int64_t)histogram_percentile(ks->expire_lag_us, 50));
    info_int(to, "expire_lag_p99_usec", (int64_t)histogram_percentile(ks->expire_lag_us, 99));
    info_int(to, "expire_lag_max_usec", (int64_t)histogram_max(ks->expire_lag_us));
    info_int(to, "overdue_keys", (int64_t)expire_overdue(ks));
    info_int(to, "overdue_hashes", (int64_t)expire_overdue_fields(ks));
    info_int(to, "next_deadline_ms", has_deadline ? deadline_ms : -1);
    info_int(to, "next_deadline_in_ms", !has_deadline ? -1 : left_ms > 0 ? left_ms : 0);
}

static void write_notifications(void *module, struct buffer *to)
{
    const struct server *server = module;
    const struct pubsub_stats *stats = pubsub_stats(server->pubsub);
    write_audience(server, to);
    write_classes(to, "events_published", notify_published(server->notify));
    write_classes(to, "events_skipped", server->keyspace->stats.events_skipped);
    info_int(to, "messages_published", (int64_t)stats->messages);
    info_int(to, "messages_delivered", (int64_t)stats->deliveries);
    info_int(to, "message_bytes_delivered", (int64_t)stats->bytes);
    info_int(to, "pattern_nodes_visited", (int64_t)stats->nodes_visited);
    write_punctuality(server, to);
}

const struct info_section notify_section_notifications = {
    "notifications",
    "Notifications",
    true,
    write_notifications,
};
