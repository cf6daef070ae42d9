/* redis-benchmark: how fast does a server answer, and how punctually and
 * cheaply does it announce what happens to its keys. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "app/benchmark/notify.h"
#include "app/benchmark/options.h"
#include "app/benchmark/suite.h"
#include "base/mem.h"

/* Many connections need many descriptors: as many as the system permits. A
 * refusal shows when the connections do not fit. */
static void raise_open_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct options options;
    mem_thread_init();
    options_parse(&options, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    raise_open_files();
    if (options.help) options_print_help();
    else if (options.version) printf("redis-benchmark 7.2.4\n");
    else if (options.notify) notify_run(&options);
    else if (options.idle) suite_idle(&options);
    else suite_run(&options);
    options_fini(&options);
    return 0;
}
