#include "app/benchmark/counter.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

struct counter {
    size_t count;
    int *fds; /* one for each thread; those to come are inherited */
};

static int open_thread(pid_t thread)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attr,
        .config = PERF_COUNT_HW_INSTRUCTIONS,
        .exclude_kernel = 1,
        .exclude_hv = 1,
        .inherit = 1,
    };
    return (int)syscall(SYS_perf_event_open, &attr, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

struct counter *counter_open(pid_t pid)
{
    if (pid == 0) return NULL;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    if (!threads) return NULL;
    struct counter *c = mem_calloc(1, sizeof *c);
    for (struct dirent *entry; (entry = readdir(threads));) {
        int fd = entry->d_name[0] == '.' ? -1 : open_thread((pid_t)atoi(entry->d_name));
        if (fd < 0) continue;
        c->fds = mem_realloc(c->fds, (c->count + 1) * sizeof *c->fds);
        c->fds[c->count++] = fd;
    }
    closedir(threads);
    if (c->count > 0) return c;
    mem_free(c);
    return NULL;
}

uint64_t counter_close(struct counter *c)
{
    if (!c) return 0;
    uint64_t total = 0;
    for (size_t i = 0; i < c->count; i++) {
        uint64_t value;
        if (read(c->fds[i], &value, sizeof value) == (ssize_t)sizeof value) total += value;
        close(c->fds[i]);
    }
    mem_free(c->fds);
    mem_free(c);
    return total;
}
