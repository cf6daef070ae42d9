#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FILE_MODE = 0644 };

bool file_write(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        at += written;
        len -= (size_t)written;
    }
    return true;
}

bool file_sync(int fd)
{
    while (fdatasync(fd) != 0)
        if (errno != EINTR) return false;
    return true;
}

bool file_sync_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? mem_copy(path, (size_t)(slash - path) + 1) : mem_strdup(".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mem_free(dir);
    if (fd < 0) return false;
    /* Not every file system can sync a directory; such a one needs no telling. */
    bool synced = fsync(fd) == 0 || errno == EINVAL || errno == EBADF;
    int failure = errno;
    close(fd);
    errno = failure;
    return synced;
}

bool file_replace(const char *temporary, const char *path)
{
    return rename(temporary, path) == 0 && file_sync_dir(path);
}

ssize_t file_read_some(int fd, void *to, size_t room)
{
    ssize_t len;
    while ((len = read(fd, to, room)) < 0 && errno == EINTR) continue;
    return len;
}

bool file_read_all(int fd, size_t max_bytes, struct buffer *to)
{
    size_t start = to->len;
    for (;;) {
        ssize_t got = file_read_some(fd, buffer_reserve(to, 16384), 16384);
        if (got <= 0) return got == 0;
        buffer_added(to, (size_t)got);
        if (to->len - start <= max_bytes) continue;
        errno = EFBIG;
        return false;
    }
}

bool file_read(const char *path, size_t max_bytes, struct buffer *to)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool read = file_read_all(fd, max_bytes, to);
    int failure = errno;
    close(fd);
    errno = failure;
    return read;
}

bool file_save(const char *path, struct slice text)
{
    struct buffer temporary = {0};
    struct stat old;
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 07777 : FILE_MODE;
    buffer_printf(&temporary, "%s-XXXXXX", path);
    int fd = mkostemp(temporary.data, O_CLOEXEC), failure = errno;
    bool saved = fd >= 0;
    if (fd >= 0) {
        saved = file_write(fd, text.ptr, text.len) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
        failure = errno;
        close(fd);
        if (saved && !file_replace(temporary.data, path)) {
            saved = false;
            failure = errno;
        }
        if (!saved) unlink(temporary.data);
    }
    buffer_fini(&temporary);
    errno = failure;
    return saved;
}

int64_t file_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

bool file_exists(const char *path)
{
    return file_size(path) >= 0;
}

/* ---- written from begin to end ---- */

bool file_writer_open(struct file_writer *w, const char *path, uint64_t step_bytes)
{
    *w = (struct file_writer){.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE),
                              .step_bytes = step_bytes};
    return w->fd >= 0;
}

bool file_writer_flush(void *ctx, const char *data, size_t len)
{
    struct file_writer *w = ctx;
    if (!file_write(w->fd, data, len)) return false;
    w->written_bytes += len;
    if (w->step_bytes == 0 || w->written_bytes - w->synced_bytes < w->step_bytes) return true;
    w->synced_bytes = w->written_bytes;
    return file_sync(w->fd);
}

bool file_writer_close(struct file_writer *w)
{
    bool synced = file_sync(w->fd);
    int failure = errno;
    bool closed = close(w->fd) == 0;
    if (!synced) errno = failure;
    return synced && closed;
}
