#include "app/benchmark/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "app/benchmark/fail.h"
#include "base/mem.h"
#include "io/tls.h"

static void append_command(struct buffer *to, const char *format, ...)
{
    char *command;
    va_list args;
    va_start(args, format);
    int len = redisvFormatCommand(&command, format, args);
    va_end(args);
    if (len < 0) fail("Out of memory");
    buffer_append(to, command, (size_t)len);
    redisFreeCommand(command);
}

unsigned link_append_setup(const struct endpoint *e, struct buffer *to)
{
    unsigned count = 0;
    const char *user = e->user ? e->user : "default";
    if (e->resp3) {
        if (e->password) append_command(to, "HELLO 3 AUTH %s %s", user, e->password);
        else append_command(to, "HELLO 3");
        count++;
    } else if (e->password) {
        if (e->user) append_command(to, "AUTH %s %s", e->user, e->password);
        else append_command(to, "AUTH %s", e->password);
        count++;
    }
    if (e->db > 0) {
        append_command(to, "SELECT %lld", (long long)e->db);
        count++;
    }
    if (e->tracking) {
        append_command(to, "CLIENT TRACKING on");
        count++;
    }
    return count;
}

static _Noreturn void fail_to_connect(const struct endpoint *e, const char *why)
{
    if (e->socket) fail("Could not connect to Redis at %s: %s", e->socket, why);
    fail("Could not connect to Redis at %s:%d: %s", e->host, (int)e->port, why);
}

static struct link *connect_to(const struct endpoint *e)
{
    redisContext *context = e->socket ? redisConnectUnix(e->socket) : redisConnect(e->host, (int)e->port);
    if (!context) fail("Out of memory");
    if (context->err) fail_to_connect(e, context->errstr);
    if (!e->socket) redisEnableKeepAlive(context);
    struct link *link = mem_calloc(1, sizeof *link);
    link->stream = (struct byte_stream){.transport = &socket_transport, .fd = context->fd};
    link->reader = redisReaderCreate();
    context->fd = -1; /* the stream closes it */
    redisFree(context);
    struct buffer reason = {0};
    if (e->tls_context &&
        !tls_connect(e->tls_context, link->stream.fd, e->server_name, &link->stream, &reason)) {
        buffer_append_char(&reason, '\0');
        fail_to_connect(e, reason.data);
    }
    return link;
}

void link_close(struct link *link)
{
    byte_stream_close(&link->stream);
    redisReaderFree(link->reader);
    mem_free(link);
}

struct link *link_start(const struct endpoint *e)
{
    struct link *link = connect_to(e);
    int flags = fcntl(link->stream.fd, F_GETFL);
    if (flags < 0 || fcntl(link->stream.fd, F_SETFL, flags | O_NONBLOCK) < 0)
        fail("Cannot make a socket nonblocking");
    return link;
}

ssize_t link_write(struct link *link, const char *data, size_t len)
{
    struct iovec part = {(char *)(uintptr_t)data, len};
    return byte_stream_writev(&link->stream, &part, 1);
}

/* The link blocks: false when it is lost. */
static bool send_all(struct link *link, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t put = link_write(link, data, len);
        if (put < 0 && errno != EINTR && errno != EAGAIN) return false;
        if (put < 0) continue;
        data += put;
        len -= (size_t)put;
    }
    return true;
}

/* NULL when the link is lost. */
static redisReply *receive(struct link *link)
{
    for (;;) {
        void *reply = NULL;
        char bytes[16384];
        if (redisReaderGetReply(link->reader, &reply) != REDIS_OK) return NULL;
        if (reply) return reply;
        ssize_t got = byte_stream_read(&link->stream, bytes, sizeof bytes);
        if (got == 0) errno = ECONNRESET;
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return NULL;
        if (got > 0) redisReaderFeed(link->reader, bytes, (size_t)got);
    }
}

static redisReply *ask(struct link *link, const char *format, va_list args)
{
    char *command;
    int len = redisvFormatCommand(&command, format, args);
    if (len < 0) fail("Out of memory");
    bool sent = send_all(link, command, (size_t)len);
    redisFreeCommand(command);
    return sent ? receive(link) : NULL;
}

static _Noreturn void fail_lost(const struct link *link)
{
    const char *broken = link->reader->err ? link->reader->errstr : byte_stream_error(&link->stream);
    fail("Connection lost: %s", broken);
}

struct link *link_open(const struct endpoint *e)
{
    struct endpoint plain = *e;
    plain.resp3 = false; /* hiredis 0.14 reads RESP2 only */
    plain.tracking = false;
    struct link *link = connect_to(&plain);
    struct buffer setup = {0};
    unsigned count = link_append_setup(&plain, &setup);
    if (count && !send_all(link, setup.data, setup.len)) fail_lost(link);
    for (; count > 0; count--) {
        redisReply *reply = receive(link);
        if (!reply) fail_lost(link);
        if (reply->type == REDIS_REPLY_ERROR) fail("Error from server: %s", reply->str);
        freeReplyObject(reply);
    }
    buffer_fini(&setup);
    return link;
}

redisReply *link_command(struct link *link, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = ask(link, format, args);
    va_end(args);
    if (!reply) fail_lost(link);
    if (reply->type != REDIS_REPLY_ERROR) return reply;
    freeReplyObject(reply);
    return NULL;
}

void link_try(struct link *link, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = ask(link, format, args);
    va_end(args);
    if (reply) freeReplyObject(reply);
}

char *link_config_get(struct link *link, const char *name)
{
    redisReply *reply = link_command(link, "CONFIG GET %s", name);
    char *value = NULL;
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
        reply->element[1]->type == REDIS_REPLY_STRING)
        value = mem_strdup(reply->element[1]->str);
    if (reply) freeReplyObject(reply);
    return value;
}

void link_config_set(struct link *link, const char *name, const char *value)
{
    redisReply *reply = link_command(link, "CONFIG SET %s %s", name, value);
    if (!reply) fail("The server refuses CONFIG SET %s", name);
    freeReplyObject(reply);
}
