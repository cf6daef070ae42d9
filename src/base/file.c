#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

bool file_read_all(int fd, size_t max_bytes, struct buffer *to)
{
    size_t start = to->len;
    for (;;) {
        char *room = buffer_reserve(to, 16384);
        ssize_t got = read(fd, room, 16384);
        if (got < 0 && errno == EINTR) continue;
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
    int error = errno;
    close(fd);
    errno = error;
    return read;
}

static bool write_all(int fd, struct slice text)
{
    while (text.len) {
        ssize_t wrote = write(fd, text.ptr, text.len);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        text = slice_make(text.ptr + wrote, text.len - (size_t)wrote);
    }
    return true;
}

/* A rename lasts once its folder is on disk. */
static bool sync_folder(const char *path)
{
    char *copy = mem_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mem_free(copy);
    if (fd < 0) return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

bool file_replace(const char *path, struct slice text)
{
    struct buffer temporary = {0};
    struct stat old;
    mode_t mode = stat(path, &old) == 0 ? old.st_mode & 07777 : 0644;
    buffer_printf(&temporary, "%s-XXXXXX", path);
    int fd = mkostemp(temporary.data, O_CLOEXEC), error = errno;
    bool replaced = fd >= 0;
    if (fd >= 0) {
        replaced = write_all(fd, text) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
        error = errno;
        close(fd);
        if (replaced && rename(temporary.data, path) != 0) {
            replaced = false;
            error = errno;
        }
        if (!replaced) unlink(temporary.data);
    }
    buffer_fini(&temporary);
    errno = error;
    return replaced && sync_folder(path);
}
