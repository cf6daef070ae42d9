#include "core/stats.h"

#include <string.h>

#include "base/mem.h"
#include "core/acl_log.h"
#include "core/client.h"
#include "core/errorstats.h"
#include "core/server.h"
#include "db/keyspace.h"

static uint64_t total(const struct server *server, enum stats_rate rate)
{
    switch (rate) {
    case RATE_COMMANDS: return server->stats->commands_processed;
    case RATE_INPUT: return server->clients->net_input_bytes;
    case RATE_OUTPUT: return server->clients->net_output_bytes;
    case RATE_LOOP_CYCLES: return server->stats->loop_cycles;
    default: return server->stats->loop_us;
    }
}

void stats_sample(struct server *server, int64_t now_ms)
{
    struct stats *stats = server->stats;
    int64_t elapsed_ms = now_ms - stats->sampled_ms;
    uint64_t cycles = 1;
    if (elapsed_ms <= 0) elapsed_ms = 1;
    for (int i = 0; i < RATE_COUNT; i++) {
        struct stats_rate_state *rate = &stats->rates[i];
        uint64_t now = total(server, (enum stats_rate)i), gained = now - rate->last;
        rate->last = now;
        rate->samples[stats->next] = gained * 1000 / (uint64_t)elapsed_ms;
        if (i == RATE_LOOP_CYCLES) cycles = gained ? gained : 1;
        if (i == RATE_LOOP_US) rate->samples[stats->next] = gained / cycles;
    }
    stats->next = (stats->next + 1) % RATE_SAMPLES;
    stats->sampled_ms = now_ms;
    stats_note_memory(stats);
}

void stats_note_memory(struct stats *stats)
{
    size_t used = mem_used();
    if (used > stats->memory_peak_bytes) stats->memory_peak_bytes = used;
}

uint64_t stats_rate(const struct stats *stats, enum stats_rate rate)
{
    uint64_t sum = 0;
    for (int i = 0; i < RATE_SAMPLES; i++) sum += stats->rates[rate].samples[i];
    return sum / RATE_SAMPLES;
}

void stats_reset(struct server *server)
{
    struct clients *clients = server->clients;
    struct stats *stats = server->stats, was = *stats;
    *stats = (struct stats){.memory_startup_bytes = was.memory_startup_bytes, .sampled_ms = was.sampled_ms};
    stats_note_memory(stats);
    clients->accepted = clients->rejected = clients->evicted = 0;
    clients->query_limit_disconnections = clients->output_limit_disconnections = 0;
    clients->net_input_bytes = clients->net_output_bytes = 0;
    memset(&server->keyspace->stats, 0, sizeof server->keyspace->stats);
    atomic_store(&server->keyspace->lazyfreed, 0);
    histogram_reset(server->keyspace->expire_lag_us);
    errorstats_reset(server->errorstats);
    acl_log_reset_stats(server->acl->log);
    command_stats_reset(server->commands);
}
