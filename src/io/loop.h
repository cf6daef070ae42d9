/* The event loop: epoll, level-triggered. It sleeps until a descriptor is
 * ready or until the moment that before_sleep names, to the nanosecond where
 * the kernel can (epoll_pwait2); there is no tick.
 *
 * A watch is embedded in its owner (a client, a listener). It may be removed
 * at any time, also from within a callback, also another's: a removed watch is
 * never called again. One thread runs the loop; loop_wake may be called from
 * any thread and from signal handlers. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop_watch {
    int fd; /* -1 while not watched */
    unsigned events;
    void (*ready)(struct loop_watch *watch, unsigned events);
};

struct loop_hooks {
    void *ctx;
    int64_t (*before_sleep)(void *ctx); /* returns ns to sleep at most; -1: as long as nothing happens */
    void (*after_sleep)(void *ctx);
};

struct loop *loop_new(struct loop_hooks hooks);
void loop_free(struct loop *loop);

/* Starts or changes what is watched; events 0 keeps the fd but waits for
 * nothing. Returns false, errno set, when the kernel refuses. */
bool loop_watch(struct loop *loop, struct loop_watch *watch, int fd, unsigned events);
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/* One turn: sleep, then call what is ready. Returns the number of watches called. */
int loop_turn(struct loop *loop);

/* Calls what is ready now, without sleeping and without the hooks: from within a
 * callback that goes on for long. */
void loop_poll(struct loop *loop);

void loop_run(struct loop *loop);  /* turns until loop_stop, which may have come before */
void loop_stop(struct loop *loop); /* at once: of what is ready nothing more is called */

bool loop_is_stopping(const struct loop *loop);

/* Ends the current or the next sleep. */
void loop_wake(struct loop *loop);

#endif
