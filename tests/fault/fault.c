/* Preloaded into a server: lets a call of the system fail. The file that the
 * environment's FAULT_FILE names holds four numbers, which a test may change while
 * the server runs: which call, in how many calls from now (0: none), the errno, and
 * whether all later ones fail as well (a full disk) or that one only. A fork shares
 * them. Of writes only those to files count, and not those to the log. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault_call { FAULT_WRITE = 1, FAULT_SYNC, FAULT_RENAME, FAULT_CREATE, FAULT_FORK };

struct fault {
    int32_t call;
    _Atomic int32_t left;
    int32_t failure;
    int32_t persists;
};

static struct fault *fault;

__attribute__((constructor)) static void fault_open(void)
{
    const char *path = getenv("FAULT_FILE");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) fault = map;
}

static bool fails(enum fault_call call)
{
    if (fault == NULL || fault->call != (int32_t)call || fault->left <= 0) return false;
    if (atomic_fetch_sub(&fault->left, 1) != 1) return false;
    if (fault->persists) fault->left = 1;
    errno = fault->failure;
    return true;
}

static bool is_file(int fd)
{
    struct stat st;
    return fd > STDERR_FILENO && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

ssize_t write(int fd, const void *data, size_t len)
{
    if (is_file(fd) && fails(FAULT_WRITE)) return -1;
    return syscall(SYS_write, fd, data, len);
}

int fsync(int fd)
{
    return fails(FAULT_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(FAULT_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
    return fails(FAULT_RENAME) ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (flags & O_CREAT && fails(FAULT_CREATE)) return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

pid_t fork(void)
{
    extern pid_t _Fork(void);
    return fails(FAULT_FORK) ? -1 : _Fork();
}
