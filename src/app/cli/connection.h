/* A connection to a server: hiredis connects and formats commands, the bytes
 * go through a stream of io/transport.h; replies of both protocols are read by
 * io/reply_reader. Blocking, but a wait for a
 * reply can end early: after a time, or when another descriptor is ready. */
#ifndef APP_CLI_CONNECTION_H
#define APP_CLI_CONNECTION_H

#include <stdbool.h>

#include "base/buffer.h"
#include "io/reply_reader.h"
#include "io/transport.h"

struct tls_context;

struct connection {
    struct byte_stream stream; /* without a transport while not connected */
    struct reply_reader reader;
    struct buffer input; /* received; the bytes before input_at are read */
    size_t input_at;
    char error[512]; /* why the last call failed */
};

enum connection_result {
    CONNECTION_REPLY,  /* *reply is filled and the caller's to free */
    CONNECTION_WAIT,   /* the time is over */
    CONNECTION_OTHER,  /* the other descriptor can be read */
    CONNECTION_FAILED, /* closed or broken: see error */
};

/* Connects to a Unix socket if path is not NULL, else to host and port. On
 * failure the error says why and the connection stays closed. */
bool connection_open(struct connection *c, const char *host, int port, const char *path);

/* Goes on in TLS, before anything is sent: false with the error, closed. */
bool connection_secure(struct connection *c, struct tls_context *context, const char *server_name);
void connection_close(struct connection *c);

static inline bool connection_is_open(const struct connection *c)
{
    return c->stream.transport != NULL;
}

/* Writes a command: false if the connection broke. */
bool connection_send(struct connection *c, int argc, const struct slice *argv);

/* Reads one reply. timeout_ms -1 waits for ever; other_fd -1 is none. Bytes
 * that have already come go before the other descriptor. */
enum connection_result connection_receive(struct connection *c, struct reply *reply, int timeout_ms,
                                          int other_fd);

/* Reads bytes as they come, past the reader: at least one, at most size.
 * Returns 0 when the connection ended or broke. */
size_t connection_read_bytes(struct connection *c, void *to, size_t size);

/* Sends a command of fixed words and reads its reply: false if the connection
 * broke. The words end with NULL. */
bool connection_ask(struct connection *c, struct reply *reply, ...) __attribute__((sentinel));

#endif
