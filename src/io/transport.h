/* Byte streams between us and a peer, whatever carries them. A transport is a
 * row of functions; sockets (TCP and Unix) are one, TLS is another. All
 * descriptors are close-on-exec, and non-blocking unless who made them says. */
#ifndef IO_TRANSPORT_H
#define IO_TRANSPORT_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

struct byte_stream;

struct transport {
    const char *name;
    /* As read(2) and writev(2): -1 and errno EAGAIN when it would block; 0
     * from read at the end of the stream. */
    ssize_t (*read)(struct byte_stream *stream, void *to, size_t len);
    ssize_t (*writev)(struct byte_stream *stream, const struct iovec *parts, int count);
    void (*close)(struct byte_stream *stream);
    /* Has it bytes for a read that the descriptor no longer tells of? NULL: never. */
    bool (*pending)(const struct byte_stream *stream);
    /* Why the last call failed, in words; errno is as the call left it. */
    const char *(*error)(const struct byte_stream *stream);
};

/* A call that would block waits for its own direction, unless this is set. */
enum { STREAM_READ_WANTS_WRITE = 1, STREAM_WRITE_WANTS_READ = 2 };

struct byte_stream {
    const struct transport *transport;
    int fd;         /* -1 when closed */
    void *state;    /* the transport's own; NULL for sockets */
    unsigned wants; /* STREAM_x: of a handshake, say; 0 nearly always */
};

extern const struct transport socket_transport;

static inline ssize_t byte_stream_read(struct byte_stream *s, void *to, size_t len)
{
    return s->transport->read(s, to, len);
}

static inline ssize_t byte_stream_writev(struct byte_stream *s, const struct iovec *parts, int count)
{
    return s->transport->writev(s, parts, count);
}

static inline bool byte_stream_pending(const struct byte_stream *s)
{
    return s->state && s->transport->pending(s);
}

static inline const char *byte_stream_error(const struct byte_stream *s)
{
    return s->transport->error(s);
}

static inline void byte_stream_close(struct byte_stream *s)
{
    s->transport->close(s);
}

#endif
