/* --pipe: standard input goes to the server as it is, replies are counted. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/modes.h"
#include "base/clock.h"
#include "base/random.h"

enum { CHUNK_BYTES = 64 * 1024, MARK_BYTES = 20, WAIT_MS = 1000 };

struct pipe_state {
    struct session *session;
    struct buffer out; /* read from standard input, not yet sent */
    char mark[MARK_BYTES + 1];
    bool input_ended;
    bool mark_queued; /* the ECHO whose reply is the last one */
    bool all_sent;
    bool done;
    int64_t replies, errors;
    int64_t last_reply_ns;
};

/* Refills out from standard input, then with the ECHO that ends it all. The
 * empty line before it completes an inline command that has no newline. */
static bool refill(struct pipe_state *p)
{
    if (!p->input_ended) {
        ssize_t got = read(STDIN_FILENO, buffer_reserve(&p->out, CHUNK_BYTES), CHUNK_BYTES);
        if (got > 0) buffer_added(&p->out, (size_t)got);
        else if (got == 0) p->input_ended = true;
        else if (errno != EAGAIN && errno != EINTR) {
            fprintf(stderr, "Error reading from standard input: %s\n", strerror(errno));
            return false;
        }
    }
    if (p->input_ended && !p->mark_queued && p->out.len == 0) {
        buffer_printf(&p->out, "\r\n*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n", MARK_BYTES, p->mark);
        p->mark_queued = true;
    }
    return true;
}

static bool send_some(struct pipe_state *p)
{
    struct byte_stream *stream = &p->session->connection.stream;
    struct iovec part = {p->out.data, p->out.len};
    ssize_t put = byte_stream_writev(stream, &part, 1);
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        fprintf(stderr, "Error writing to the server: %s\n", byte_stream_error(stream));
        return false;
    }
    if (put > 0) buffer_consume(&p->out, (size_t)put);
    if (p->mark_queued && p->out.len == 0 && !p->all_sent) {
        p->all_sent = true;
        p->last_reply_ns = clock_monotonic_ns();
        puts("All data transferred. Waiting for the last reply...");
        fflush(stdout);
    }
    return true;
}

static bool count_replies(struct pipe_state *p)
{
    struct reply reply;
    enum connection_result result;
    while (!p->done &&
           (result = connection_receive(&p->session->connection, &reply, 0, -1)) != CONNECTION_WAIT) {
        if (result != CONNECTION_REPLY) {
            modes_fail(p->session);
            return false;
        }
        p->last_reply_ns = clock_monotonic_ns();
        if (reply.kind == REPLY_ERROR) {
            fprintf(stderr, "%s\n", reply.text.ptr);
            p->errors++;
        }
        p->done = p->all_sent && reply.kind == REPLY_BLOB && slice_equal(reply.text, slice_of(p->mark));
        if (!p->done && reply.kind != REPLY_PUSH) p->replies++;
        reply_fini(&reply);
    }
    if (p->done) puts("Last reply received from server.");
    return true;
}

static bool gave_up(const struct pipe_state *p)
{
    int64_t limit_s = p->session->options->pipe_timeout_s;
    if (!p->all_sent || limit_s == 0 || clock_monotonic_ns() - p->last_reply_ns < limit_s * 1000000000)
        return false;
    fprintf(stderr, "No replies for %" PRId64 " seconds: exiting.\n", limit_s);
    return true;
}

static bool transfer(struct pipe_state *p)
{
    int fd = p->session->connection.stream.fd, flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, flags | O_NONBLOCK); /* as many bytes as fit */
    while (!p->done) {
        bool want_input = p->out.len == 0 && !p->input_ended;
        struct pollfd fds[] = {{.fd = fd, .events = (short)(POLLIN | (p->out.len ? POLLOUT : 0))},
                               {.fd = want_input ? STDIN_FILENO : -1, .events = POLLIN}};
        if (poll(fds, 2, WAIT_MS) < 0) continue;
        if (fds[0].revents & ~POLLOUT && !count_replies(p)) return false;
        if ((fds[1].revents || !want_input) && p->out.len == 0 && !refill(p)) return false;
        if (p->out.len && !send_some(p)) return false;
        if (gave_up(p)) {
            p->errors++;
            return true;
        }
    }
    return true;
}

int modes_pipe(struct session *s)
{
    struct pipe_state p = {.session = s, .last_reply_ns = clock_monotonic_ns()};
    random_hex(p.mark, MARK_BYTES);
    bool ok = transfer(&p);
    printf("errors: %" PRId64 ", replies: %" PRId64 "\n", p.errors, p.replies);
    buffer_fini(&p.out);
    return !ok || p.errors;
}
