/* CLIENT PAUSE: commands wait, all or those that write, until a moment. */
#ifndef CORE_PAUSE_H
#define CORE_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

struct server;

struct pause {
    int64_t until_ms; /* wall clock; 0: no pause */
    bool all;         /* else only what writes */
};

/* A pause under way is never shortened nor weakened by another. */
void pause_start(struct server *server, int64_t until_ms, bool all);

/* The clients that wait go on in the next loop turn. */
void pause_end(struct server *server);

static inline bool pause_is_on(const struct pause *pause, int64_t now_ms)
{
    return now_ms < pause->until_ms;
}

/* Whether a command with these flags must wait. */
bool pause_concerns(const struct pause *pause, int64_t now_ms, unsigned command_flags);

/* Lets postponed clients go on once the pause is over. Called each loop turn. */
void pause_check(struct server *server);

#endif
