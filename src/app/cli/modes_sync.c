/* Acting as a replica: --rdb keeps the snapshot, --replica what follows it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/modes.h"
#include "base/number.h"

enum { MARK_BYTES = 40, CHUNK_BYTES = 64 * 1024, HEADER_MAX = 1024, ACKNOWLEDGE_MS = 1000 };

/* How a snapshot comes: so many bytes, or up to a mark. */
struct payload {
    bool marked;
    char mark[MARK_BYTES];
    int64_t size;
};

/* Tells the server what kind of replica we are. A refusal is only a warning
 * where the server merely does not know the option. */
static bool configure(struct session *s, const char *name, const char *value, bool required)
{
    struct reply reply;
    fprintf(stderr, "sending REPLCONF %s %s\n", name, value);
    if (!connection_ask(&s->connection, &reply, "REPLCONF", name, value, NULL)) {
        modes_fail(s);
        return false;
    }
    bool refused = reply.kind == REPLY_ERROR;
    if (refused) fprintf(stderr, "REPLCONF %s error: %s\n", name, reply.text.ptr);
    reply_fini(&reply);
    return !refused || !required;
}

static bool read_header(struct session *s, char *line)
{
    size_t len = 0;
    while (len < HEADER_MAX - 1) {
        if (connection_read_bytes(&s->connection, line + len, 1) == 0) {
            modes_fail(s);
            return false;
        }
        if (line[len] != '\n') len++;
        else if (len > 1) break; /* empty lines only say that the server still works on it */
        else len = 0;
    }
    if (len && line[len - 1] == '\r') len--;
    line[len] = '\0';
    return true;
}

/* Asks for a snapshot and reads how it will come. */
static bool start_sync(struct session *s, struct payload *payload)
{
    char line[HEADER_MAX];
    struct slice word = SLICE("SYNC");
    if (!connection_send(&s->connection, 1, &word)) {
        modes_fail(s);
        return false;
    }
    if (!read_header(s, line)) return false;
    *payload = (struct payload){.marked = strncmp(line, "$EOF:", 5) == 0};
    if (payload->marked && strlen(line) == 5 + MARK_BYTES) {
        memcpy(payload->mark, line + 5, MARK_BYTES);
        return true;
    }
    if (line[0] == '$' && number_parse(slice_of(line + 1), &payload->size) && payload->size >= 0) return true;
    fprintf(stderr, "SYNC with master failed: %s\n", line);
    return false;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (fd >= 0 && len) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            fprintf(stderr, "Error writing data to file: %s\n", strerror(errno));
            return false;
        }
        data += put;
        len -= (size_t)put;
    }
    return true;
}

static bool fetch_sized(struct session *s, const struct payload *payload, int fd)
{
    char chunk[CHUNK_BYTES];
    for (int64_t left = payload->size; left > 0;) {
        size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
        size_t got = connection_read_bytes(&s->connection, chunk, want);
        if (got == 0) {
            modes_fail(s);
            return false;
        }
        if (!write_all(fd, chunk, got)) return false;
        left -= (int64_t)got;
    }
    return true;
}

/* The mark may be cut by any two reads: its length is always held back. The
 * server sends nothing behind it before it hears from us. */
static bool fetch_marked(struct session *s, const struct payload *payload, int fd, int64_t *size)
{
    struct buffer held = {0};
    bool ok = true, found = false;
    *size = 0;
    while (ok && !found) {
        size_t got = connection_read_bytes(&s->connection, buffer_reserve(&held, CHUNK_BYTES), CHUNK_BYTES);
        if (got == 0) {
            modes_fail(s);
            ok = false;
            break;
        }
        buffer_added(&held, got);
        if (held.len < MARK_BYTES) continue;
        size_t ready = held.len - MARK_BYTES;
        found = memcmp(held.data + ready, payload->mark, MARK_BYTES) == 0;
        ok = write_all(fd, held.data, ready);
        buffer_consume(&held, ready);
        *size += (int64_t)ready;
    }
    buffer_fini(&held);
    return ok;
}

static bool fetch(struct session *s, struct payload *payload, int fd)
{
    return payload->marked ? fetch_marked(s, payload, fd, &payload->size) : fetch_sized(s, payload, fd);
}

static int open_target(const char *path)
{
    if (strcmp(path, "-") == 0) return STDOUT_FILENO;
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) fprintf(stderr, "Error opening '%s': %s\n", path, strerror(errno));
    return fd;
}

int modes_rdb(struct session *s)
{
    const struct options *o = s->options;
    struct payload payload;
    if (!configure(s, "capa", "eof", false) || !configure(s, "rdb-only", "1", false)) return 1;
    if (o->functions_only && !configure(s, "rdb-filter-only", "functions", true)) return 1;
    if (!start_sync(s, &payload)) return 1;
    if (payload.marked)
        fprintf(stderr, "SYNC sent to master, writing bytes of bulk transfer until EOF marker to '%s'\n",
                o->file);
    else fprintf(stderr, "SYNC sent to master, writing %" PRId64 " bytes to '%s'\n", payload.size, o->file);

    int fd = open_target(o->file);
    if (fd < 0) return 1;
    bool ok = fetch(s, &payload, fd);
    if (ok && fd != STDOUT_FILENO && fsync(fd) < 0) {
        fprintf(stderr, "Fail to fsync '%s': %s\n", o->file, strerror(errno));
        ok = false;
    }
    if (fd != STDOUT_FILENO) close(fd);
    if (!ok) return 1;
    if (payload.marked)
        fprintf(stderr, "Transfer finished with success after %" PRId64 " bytes\n", payload.size);
    else fprintf(stderr, "Transfer finished with success.\n");
    return 0;
}

/* Tells the server that we are alive and want what follows the snapshot. It
 * may not yet know that its transfer ended, so this is said once a second. */
static bool acknowledge(struct session *s)
{
    struct slice words[] = {SLICE("REPLCONF"), SLICE("ACK"), SLICE("0")};
    return connection_send(&s->connection, 3, words);
}

/* Prints the commands that the master sends, until the connection ends. */
static int log_commands(struct session *s)
{
    for (;;) {
        struct reply reply;
        enum connection_result result = connection_receive(&s->connection, &reply, ACKNOWLEDGE_MS, -1);
        if (result == CONNECTION_WAIT && acknowledge(s)) continue;
        if (result != CONNECTION_REPLY) return modes_fail(s);
        session_print(s, &reply, OUTPUT_CSV);
        reply_fini(&reply);
    }
}

int modes_replica(struct session *s)
{
    struct payload payload;
    if (!configure(s, "capa", "eof", false) || !configure(s, "rdb-filter-only", "", false)) return 1;
    if (!start_sync(s, &payload)) return 1;
    if (payload.marked)
        fprintf(stderr, "SYNC with master, discarding bytes of bulk transfer until EOF marker...\n");
    else
        fprintf(stderr, "SYNC with master, discarding %" PRId64 " bytes of bulk transfer...\n", payload.size);
    if (!fetch(s, &payload, -1)) return 1;
    if (!payload.marked) {
        fprintf(stderr, "SYNC done. Logging commands from master.\n");
        return log_commands(s);
    }
    fprintf(stderr, "SYNC done after %" PRId64 " bytes. Logging commands from master.\n", payload.size);
    fprintf(stderr, "sending REPLCONF ACK 0\n");
    return acknowledge(s) ? log_commands(s) : modes_fail(s);
}
