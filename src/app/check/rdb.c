#include "app/check/rdb.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/file.h"
#include "io/rdb.h"
#include "persist/rdb_load.h"
#include "persist/rdb_save.h"
#include "types/rdb_form.h"
#include "types/settings.h"

/* What was being done when something was found wrong. */
static const char *const doings[] = {
    [RDB_OP_FUNCTION - RDB_OP_SLOT_INFO] = "read-function",
    [RDB_OP_IDLE - RDB_OP_SLOT_INFO] = "read-lru",
    [RDB_OP_FREQUENCY - RDB_OP_SLOT_INFO] = "read-lfu",
    [RDB_OP_AUX - RDB_OP_SLOT_INFO] = "read-aux",
    [RDB_OP_SIZES - RDB_OP_SLOT_INFO] = "read-sizes",
    [RDB_OP_DEADLINE_MS - RDB_OP_SLOT_INFO] = "read-expire",
    [RDB_OP_DEADLINE_S - RDB_OP_SLOT_INFO] = "read-expire",
    [RDB_OP_SELECT_DB - RDB_OP_SLOT_INFO] = "read-db",
    [RDB_OP_END - RDB_OP_SLOT_INFO] = "check-sum",
};

struct check {
    struct rdb_reader r;
    const char *doing;
    struct buffer key;
    int64_t deadline_ms, now_ms;
    uint64_t keys, expires, expired;
};

/* Values are built as the server builds them, with tables from the first element on. */
static const struct types_settings settings = {.list_max_listpack_size = -2};

static ssize_t fill(void *ctx, void *to, size_t room)
{
    return file_read_some(*(const int *)ctx, to, room);
}

static void tell(const struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(const struct check *check, const char *format, ...)
{
    va_list args;
    printf("[offset %" PRIu64 "] ", rdb_reader_offset(&check->r));
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static void read_fact(struct check *check)
{
    struct rdb_reader *r = &check->r;
    if (rdb_get_string(r, &r->more) && rdb_get_string(r, &r->text))
        tell(check, "AUX FIELD %s = '%s'", buffer_slice(&r->more).ptr, buffer_slice(&r->text).ptr);
}

/* What is no key; false if the code is a key's form. */
static bool read_operation(struct check *check, uint8_t code)
{
    struct rdb_reader *r = &check->r;
    switch (code) {
    case RDB_OP_AUX: read_fact(check); return true;
    case RDB_OP_SELECT_DB: tell(check, "Selecting DB ID %" PRIu64, rdb_get_length(r)); return true;
    case RDB_OP_DEADLINE_MS: check->deadline_ms = (int64_t)rdb_get_u64(r); return true;
    case RDB_OP_DEADLINE_S: check->deadline_ms = (int64_t)(int32_t)rdb_get_u32(r) * 1000; return true;
    case RDB_OP_IDLE: rdb_get_length(r); return true;
    case RDB_OP_FREQUENCY: rdb_get_byte(r); return true;
    default: return rdb_load_skip(r, code);
    }
}

static void read_key(struct check *check, uint8_t form)
{
    struct rdb_reader *r = &check->r;
    struct value value;
    check->doing = "read-key";
    if (!rdb_get_string(r, &check->key)) return;
    check->doing = "read-object-value";
    if (!rdb_load_value(&settings, r, form, &value)) return;
    if (value.store == STORE_OBJECT && value.object) value_type(&value)->free(value.object, value.encoding);
    check->keys++;
    check->expires += check->deadline_ms >= 0;
    check->expired += check->deadline_ms >= 0 && check->deadline_ms < check->now_ms;
    check->deadline_ms = -1;
}

static void read_checksum(struct check *check)
{
    struct rdb_reader *r = &check->r;
    if (r->version < RDB_CHECKSUM_SINCE) return;
    uint64_t reckoned = rdb_reader_checksum(r), told = rdb_get_u64(r);
    if (r->failed) return;
    if (told == 0) tell(check, "RDB file was saved with checksum disabled: no check performed.");
    else if (told != reckoned) rdb_fail(r, "RDB CRC error");
    else tell(check, "Checksum OK");
}

static void read_all(struct check *check)
{
    struct rdb_reader *r = &check->r;
    check->doing = "start";
    r->deep = true;
    rdb_load_header(r);
    while (!r->failed) {
        check->doing = "read-type";
        uint8_t code = rdb_get_byte(r);
        if (r->failed) return;
        if (code >= RDB_OP_SLOT_INFO && doings[code - RDB_OP_SLOT_INFO])
            check->doing = doings[code - RDB_OP_SLOT_INFO];
        if (code == RDB_OP_END) {
            read_checksum(check);
            return;
        }
        if (!read_operation(check, code)) read_key(check, code);
    }
}

static void tell_result(const struct check *check)
{
    if (check->r.failed) {
        printf("--- RDB ERROR DETECTED ---\n");
        tell(check, "%s", check->r.reason);
        printf("[additional info] While doing: %s\n", check->doing);
        if (check->key.len) printf("[additional info] Reading key '%s'\n", check->key.data);
    } else {
        tell(check, "\\o/ RDB looks OK! \\o/");
    }
    printf("[info] %" PRIu64 " keys read\n[info] %" PRIu64 " expires\n[info] %" PRIu64 " already expired\n",
           check->keys, check->expires, check->expired);
}

bool rdb_check(const char *path, uint64_t *end)
{
    struct check check = {.deadline_ms = -1, .now_ms = clock_realtime_us() / 1000};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    printf("[offset 0] Checking RDB file %s\n", path);
    if (fd < 0) {
        fprintf(stderr, "Cannot open file %s: %s\n", path, strerror(errno));
        return false;
    }
    rdb_reader_init(&check.r, fill, &fd);
    read_all(&check);
    tell_result(&check);
    *end = rdb_reader_offset(&check.r);
    bool sound = !check.r.failed;
    rdb_reader_fini(&check.r);
    buffer_fini(&check.key);
    close(fd);
    return sound;
}
