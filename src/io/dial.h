/* A connection that we open to another server and wait for: each call takes until
 * its deadline at most. For what a client's command has to wait for itself. */
#ifndef IO_DIAL_H
#define IO_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Times are of the monotonic clock (base/clock.h), in ms. */
struct dial {
    int fd;
    int64_t deadline_ms;
};

/* Connects to a name or an address; false, and errno, if that fails. */
bool dial_open(struct dial *d, const char *host, int port, int64_t deadline_ms);
void dial_close(struct dial *d);

/* Writes all; reads what there is, at least a byte. False, or -1, at the deadline
 * (ETIMEDOUT) or when the connection ends (ECONNRESET). */
bool dial_write(struct dial *d, const char *data, size_t len);
ssize_t dial_read(struct dial *d, void *to, size_t room);

#endif
