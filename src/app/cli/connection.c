#include "app/cli/connection.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/tls.h"

enum { READ_BYTES = 64 * 1024, WORDS_MAX = 16 };

bool connection_open(struct connection *c, const char *host, int port, const char *path)
{
    connection_close(c);
    redisContext *context = path ? redisConnectUnix(path) : redisConnect(host, port);
    if (context == NULL || context->err) {
        snprintf(c->error, sizeof c->error, "%s", context ? context->errstr : "out of memory");
        if (context) redisFree(context);
        return false;
    }
    if (path == NULL) redisEnableKeepAlive(context);
    c->stream = (struct byte_stream){.transport = &socket_transport, .fd = context->fd};
    context->fd = -1; /* the stream closes it */
    redisFree(context);
    return true;
}

bool connection_secure(struct connection *c, struct tls_context *context, const char *server_name)
{
    struct buffer reason = {0};
    bool done = tls_connect(context, c->stream.fd, server_name, &c->stream, &reason);
    if (!done) snprintf(c->error, sizeof c->error, "SSL_connect failed: %s", reason.data);
    if (!done) connection_close(c);
    buffer_fini(&reason);
    return done;
}

void connection_close(struct connection *c)
{
    if (connection_is_open(c)) byte_stream_close(&c->stream);
    c->stream = (struct byte_stream){.fd = -1};
    reply_reader_fini(&c->reader);
    buffer_fini(&c->input);
    c->input_at = 0;
}

/* A stream raises no SIGPIPE, which is for standard output alone. */
static bool send_all(struct connection *c, const char *data, size_t len)
{
    while (len) {
        struct iovec part = {(char *)(uintptr_t)data, len};
        ssize_t put = byte_stream_writev(&c->stream, &part, 1);
        if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (put < 0) {
            snprintf(c->error, sizeof c->error, "%s", byte_stream_error(&c->stream));
            return false;
        }
        data += put;
        len -= (size_t)put;
    }
    return true;
}

bool connection_send(struct connection *c, int argc, const struct slice *argv)
{
    const char **words = mem_alloc(sizeof *words * (size_t)argc);
    size_t *lengths = mem_alloc(sizeof *lengths * (size_t)argc);
    for (int i = 0; i < argc; i++) {
        words[i] = argv[i].ptr;
        lengths[i] = argv[i].len;
    }
    char *command = NULL;
    int len = redisFormatCommandArgv(&command, argc, words, lengths);
    bool sent = len >= 0 && send_all(c, command, (size_t)len);
    if (len < 0) snprintf(c->error, sizeof c->error, "the command is too long");
    redisFreeCommand(command);
    mem_free(words);
    mem_free(lengths);
    return sent;
}

static enum reply_status parse(struct connection *c, struct reply *reply)
{
    if (c->input_at == c->input.len) return REPLY_MORE;
    struct slice rest = slice_make(c->input.data + c->input_at, c->input.len - c->input_at);
    enum reply_status status = reply_reader_feed(&c->reader, &rest, reply);
    c->input_at = c->input.len - rest.len;
    if (c->input_at == c->input.len) {
        buffer_clear(&c->input);
        c->input_at = 0;
    }
    if (status == REPLY_BAD) snprintf(c->error, sizeof c->error, "%s", reply_reader_error(&c->reader));
    return status;
}

/* Reads what the stream has, -1 and errno EAGAIN when that is nothing (TLS had
 * a word of its own with the peer); 0 at the end, with the error set. */
static ssize_t read_stream(struct connection *c, void *to, size_t size)
{
    ssize_t got = byte_stream_read(&c->stream, to, size);
    if (got > 0) return got;
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return -1;
    if (got == 0) snprintf(c->error, sizeof c->error, "Server closed the connection");
    else snprintf(c->error, sizeof c->error, "%s", byte_stream_error(&c->stream));
    return 0;
}

static int remaining_ms(int timeout_ms, int64_t start_ns)
{
    if (timeout_ms < 0) return -1;
    int64_t elapsed = (clock_monotonic_ns() - start_ns) / 1000000;
    return elapsed >= timeout_ms ? 0 : timeout_ms - (int)elapsed;
}

enum connection_result connection_receive(struct connection *c, struct reply *reply, int timeout_ms,
                                          int other_fd)
{
    int64_t start_ns = clock_monotonic_ns();
    for (;;) {
        enum reply_status status = parse(c, reply);
        if (status == REPLY_READY) return CONNECTION_REPLY;
        if (status == REPLY_BAD) return CONNECTION_FAILED;

        struct pollfd fds[] = {{.fd = c->stream.fd, .events = POLLIN}, {.fd = other_fd, .events = POLLIN}};
        bool pending = byte_stream_pending(&c->stream);
        int ready = poll(fds, 2, pending ? 0 : remaining_ms(timeout_ms, start_ns));
        if (ready == 0 && !pending) return CONNECTION_WAIT;
        if (ready < 0) continue; /* a signal */
        if (fds[0].revents || pending) {
            char *to = buffer_reserve(&c->input, READ_BYTES);
            ssize_t got = read_stream(c, to, READ_BYTES);
            if (got == 0) return CONNECTION_FAILED;
            if (got > 0) buffer_added(&c->input, (size_t)got);
        } else if (fds[1].revents) return CONNECTION_OTHER;
    }
}

size_t connection_read_bytes(struct connection *c, void *to, size_t size)
{
    size_t have = c->input.len - c->input_at;
    ssize_t got = -1;
    while (have == 0 && got < 0) got = read_stream(c, to, size);
    if (have == 0) return (size_t)got;
    size_t len = have < size ? have : size;
    memcpy(to, c->input.data + c->input_at, len);
    c->input_at += len;
    return len;
}

bool connection_ask(struct connection *c, struct reply *reply, ...)
{
    struct slice words[WORDS_MAX];
    int count = 0;
    va_list args;
    va_start(args, reply);
    for (const char *word; count < WORDS_MAX && (word = va_arg(args, const char *)) != NULL;)
        words[count++] = slice_of(word);
    va_end(args);
    return connection_send(c, count, words) && connection_receive(c, reply, -1, -1) == CONNECTION_REPLY;
}
