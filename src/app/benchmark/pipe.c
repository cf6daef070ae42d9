#include "app/benchmark/pipe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "app/benchmark/fail.h"
#include "app/benchmark/link.h"

enum { GATHERED_BYTES = 32768, READ_BYTES = 65536, AWAITED_MAX = 2000 };

void pipe_init(struct pipe *p, const struct endpoint *e)
{
    *p = (struct pipe){.link = link_start(e)};
    p->fd = p->link->stream.fd;
    replies_init(&p->in, READ_BYTES);
    p->awaited = link_append_setup(e, &p->out);
    pipe_flush(p);
}

void pipe_fini(struct pipe *p)
{
    link_close(p->link);
    buffer_fini(&p->out);
    replies_fini(&p->in);
}

void pipe_send(struct pipe *p)
{
    ssize_t wrote = link_write(p->link, p->out.data + p->sent, p->out.len - p->sent);
    if (wrote < 0 && errno != EAGAIN && errno != EINTR)
        fail("Error writing to the server: %s", byte_stream_error(&p->link->stream));
    if (wrote > 0) p->sent += (size_t)wrote;
    if (p->sent < p->out.len) return;
    p->sent = 0;
    buffer_clear(&p->out);
}

uint64_t pipe_receive(struct pipe *p)
{
    ssize_t got = replies_read(&p->in, &p->link->stream);
    if (got == 0) fail("Error: Server closed the connection");
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        fail("Error reading from the server: %s", byte_stream_error(&p->link->stream));
    uint64_t seen = 0;
    for (char type; (type = replies_next(&p->in)); seen++) {
        if (type == '-' || type == '!') fail("Error from server: %.*s", (int)p->in.last.len, p->in.last.ptr);
        if ((type != '>' || p->subscribing) && p->awaited > 0) p->awaited--;
    }
    return seen;
}

/* Until everything is sent and no more than awaited_max replies are missing. */
static void drain(struct pipe *p, uint64_t awaited_max)
{
    while (p->out.len > 0 || p->awaited > awaited_max) {
        struct pollfd polled = {.fd = p->fd, .events = POLLIN | (p->out.len > 0 ? POLLOUT : 0)};
        if (poll(&polled, 1, -1) < 0 && errno != EINTR) fail("poll: %s", strerror(errno));
        if (polled.revents & POLLOUT) pipe_send(p);
        if (polled.revents & ~POLLOUT) pipe_receive(p);
    }
}

static void append_words(struct pipe *p, const struct slice *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&p->out, "$%zu\r\n", words[i].len);
        buffer_append_slice(&p->out, words[i]);
        buffer_append(&p->out, "\r\n", 2);
    }
}

void pipe_command(struct pipe *p, const struct slice *words, size_t count)
{
    buffer_printf(&p->out, "*%zu\r\n", count);
    append_words(p, words, count);
    p->awaited++;
    if (p->out.len >= GATHERED_BYTES) drain(p, AWAITED_MAX);
}

void pipe_flush(struct pipe *p)
{
    drain(p, 0);
}

void pipe_subscribe(struct pipe *p, const char *command, const struct slice *channels, size_t count)
{
    pipe_flush(p);
    buffer_printf(&p->out, "*%zu\r\n", count + 1);
    append_words(p, &(struct slice){command, strlen(command)}, 1);
    append_words(p, channels, count);
    p->subscribing = true;
    p->awaited = count;
    pipe_flush(p);
}
