#include "app/system_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { LINE_BYTES = 256 };

/* The first line of a file of the kernel's, false if there is none. */
static bool read_line(const char *path, char line[LINE_BYTES])
{
    FILE *file = fopen(path, "re");
    bool read = file && fgets(line, LINE_BYTES, file) != NULL;
    if (file) fclose(file);
    return read;
}

/* Each check returns what is wrong and what to do, or NULL. */

static const char *check_clock(void)
{
    enum { READS = 1000, SLOW_NS = 2000 };
    int64_t start_ns = clock_monotonic_ns();
    for (int i = 0; i < READS; i++) clock_realtime_us();
    if (clock_monotonic_ns() - start_ns < (int64_t)READS * SLOW_NS) return NULL;
    return "Reading the clock takes more than 2 us, so it is probably a system call here. The file "
           "/sys/devices/system/clocksource/clocksource0/current_clocksource names the source; tsc is fast.";
}

static const char *check_overcommit(void)
{
    char line[LINE_BYTES];
    if (!read_line("/proc/sys/vm/overcommit_memory", line) || atoi(line) == 1) return NULL;
    return "vm.overcommit_memory is not 1: with little memory left, the kernel may refuse the fork of "
           "a background save though it would need hardly any. 'sysctl vm.overcommit_memory=1' sets it until "
           "the next boot, the same in /etc/sysctl.conf for good.";
}

static const char *check_huge_pages(void)
{
    char line[LINE_BYTES];
    if (!read_line("/sys/kernel/mm/transparent_hugepage/enabled", line) || strstr(line, "[always]") == NULL)
        return NULL;
    return "Transparent huge pages are always on: while a child saves, each write copies a page of 2 MB. "
           "'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled', as root and at each boot, leaves "
           "them to programs that ask.";
}

static const struct {
    const char *name;
    const char *(*run)(void);
    bool at_start;
} checks[] = {
    {"clock", check_clock, false},
    {"overcommit", check_overcommit, true},
    {"huge-pages", check_huge_pages, true},
};
enum { CHECKS = sizeof checks / sizeof *checks };

void system_check_at_start(int64_t tcp_backlog)
{
    char line[LINE_BYTES];
    if (read_line("/proc/sys/net/core/somaxconn", line) && atoi(line) > 0 && atoi(line) < tcp_backlog)
        log_warning("tcp-backlog %" PRId64 " has no effect: the system's limit, net.core.somaxconn, is %d.",
                    tcp_backlog, atoi(line));
    for (int i = 0; i < CHECKS; i++) {
        const char *found = checks[i].at_start ? checks[i].run() : NULL;
        if (found) log_warning("WARNING: %s", found);
    }
}

int system_check_print(void)
{
    int count = 0;
    for (int i = 0; i < CHECKS; i++) {
        const char *found = checks[i].run();
        printf("[%s] %s%s\n", checks[i].name, found ? "WARNING: " : "OK", found ? found : "");
        count += found != NULL;
    }
    return count;
}
