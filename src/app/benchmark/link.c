#include "app/benchmark/link.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "app/benchmark/fail.h"
#include "base/mem.h"

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

static redisContext *connect_to(const struct endpoint *e)
{
    redisContext *link = e->socket ? redisConnectUnix(e->socket) : redisConnect(e->host, (int)e->port);
    if (!link) fail("Out of memory");
    if (link->err && e->socket) fail("Could not connect to Redis at %s: %s", e->socket, link->errstr);
    if (link->err) fail("Could not connect to Redis at %s:%d: %s", e->host, (int)e->port, link->errstr);
    return link;
}

redisContext *link_start(const struct endpoint *e)
{
    redisContext *link = connect_to(e);
    int flags = fcntl(link->fd, F_GETFL);
    if (flags < 0 || fcntl(link->fd, F_SETFL, flags | O_NONBLOCK) < 0)
        fail("Cannot make a socket nonblocking");
    if (!e->socket) redisEnableKeepAlive(link);
    return link;
}

redisContext *link_open(const struct endpoint *e)
{
    struct endpoint plain = *e;
    plain.resp3 = false; /* hiredis 0.14 reads RESP2 only */
    plain.tracking = false;
    redisContext *link = connect_to(&plain);
    struct buffer setup = {0};
    unsigned count = link_append_setup(&plain, &setup);
    if (count) redisAppendFormattedCommand(link, setup.data, setup.len);
    for (; count > 0; count--) {
        redisReply *reply;
        if (redisGetReply(link, (void **)&reply) != REDIS_OK) fail("Connection lost: %s", link->errstr);
        if (reply->type == REDIS_REPLY_ERROR) fail("Error from server: %s", reply->str);
        freeReplyObject(reply);
    }
    buffer_fini(&setup);
    return link;
}

redisReply *link_command(redisContext *link, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = redisvCommand(link, format, args);
    va_end(args);
    if (!reply) fail("Connection lost: %s", link->errstr);
    if (reply->type != REDIS_REPLY_ERROR) return reply;
    freeReplyObject(reply);
    return NULL;
}

char *link_config_get(redisContext *link, const char *name)
{
    redisReply *reply = link_command(link, "CONFIG GET %s", name);
    char *value = NULL;
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
        reply->element[1]->type == REDIS_REPLY_STRING)
        value = mem_strdup(reply->element[1]->str);
    if (reply) freeReplyObject(reply);
    return value;
}

void link_config_set(redisContext *link, const char *name, const char *value)
{
    redisReply *reply = link_command(link, "CONFIG SET %s %s", name, value);
    if (!reply) fail("The server refuses CONFIG SET %s", name);
    freeReplyObject(reply);
}
