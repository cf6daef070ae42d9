/* What INFO counts for the server as a whole, and rates sampled from it. */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include <stdint.h>

enum stats_rate { RATE_COMMANDS, RATE_INPUT, RATE_OUTPUT, RATE_LOOP_CYCLES, RATE_LOOP_US, RATE_COUNT };
enum { RATE_SAMPLES = 16 };

struct stats_rate_state {
    uint64_t last;
    uint64_t samples[RATE_SAMPLES]; /* per second; for RATE_LOOP_US us per loop cycle */
};

struct stats {
    uint64_t commands_processed;
    uint64_t loop_cycles, loop_us, loop_command_ns;
    uint64_t reads, writes; /* of clients' sockets */
    uint64_t memory_startup_bytes, memory_peak_bytes;

    int64_t sampled_ms; /* when the rates were sampled last */
    int next;
    struct stats_rate_state rates[RATE_COUNT];
};

struct server;

/* Samples the rates and the memory peak; a cron job. */
void stats_sample(struct server *server, int64_t now_ms);

/* Raises the memory peak to what is used now. */
void stats_note_memory(struct stats *stats);

/* Mean of the samples. */
uint64_t stats_rate(const struct stats *stats, enum stats_rate rate);

/* CONFIG RESETSTAT, for everything that counts. */
void stats_reset(struct server *server);

#endif
