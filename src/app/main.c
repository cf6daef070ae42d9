/* redis-server: from the command line to the event loop. */
#include <stdio.h>
#include <unistd.h>

#include "app/banner.h"
#include "app/command_line.h"
#include "app/process.h"
#include "app/system_check.h"
#include "app/wiring.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/signals.h"
#include "core/acl_file.h"
#include "core/config.h"
#include "core/network.h"
#include "core/server.h"
#include "core/settings.h"
#include "io/loop.h"
#include "persist/aof.h"
#include "persist/loading.h"
#include "persist/persist.h"

/* Of the process, whose tables all hash with it. */
static void seed_hashes(void)
{
    uint8_t seed[16];
    random_bytes(seed, sizeof seed);
    hash_set_seed(seed);
}

static void wake_loop(void *loop)
{
    loop_wake(loop);
}

/* Where this program lies, for INFO and for who starts it again. */
static void note_executable(struct server *server)
{
    ssize_t len = readlink("/proc/self/exe", server->executable, sizeof server->executable - 1);
    server->executable[len > 0 ? len : 0] = '\0';
}

/* From here on it is the log that is told what fails. */
static bool open_server(struct server *server, bool has_directives)
{
    struct buffer failure = {0};
    banner_starting(server, has_directives);
    log_set_role('M');
    if (!wiring_open(server)) return false;
    if (!acl_file_open(server, &failure)) {
        log_warning("%s", failure.data);
        buffer_fini(&failure);
        return false;
    }
    note_executable(server);
    server->supervisor = process_supervisor(server->process);
    signals_catch(wake_loop, server->loop);
    bool listens = network_listen(server, &failure);
    if (!listens) log_warning("%s, aborting.", failure.data);
    else if (!network_is_listening(server)) log_warning("Configured to not listen anywhere, exiting.");
    listens = listens && network_is_listening(server);
    buffer_fini(&failure);
    return listens;
}

/* What is on disk; false: it cannot be read, or not be gone on with, as the log says. */
static bool load_data(struct server *server)
{
    struct persist *persist = server->persist;
    if (!loading_run(persist) || !aof_open(persist->aof)) return false;
    loading_announce_expired(persist->loading);
    return true;
}

/* False: it could not start. */
static bool run_server(struct server *server)
{
    process_write_pidfile(server->process);
    banner_running(server);
    log_notice("Server initialized");
    if (!load_data(server)) return false;
    system_check_at_start(server->settings->tcp_backlog);
    log_notice("Ready to accept connections");
    process_notify(server->process, "STATUS=Ready to accept connections\nREADY=1\n");
    loop_run(server->loop);
    network_flush(server); /* the answers of the last turn */
    signals_catch(NULL, NULL);
    return true;
}

int main(int argc, char **argv)
{
    int status;
    struct buffer error = {0};
    if (command_line_answer(argc, argv, &status)) return status;
    log_set_role('C');
    mem_thread_init();
    seed_hashes();
    struct server *server = wiring_new(argc, argv);
    bool started = config_load(server->config, argc - 1, argv + 1, &error) &&
                   process_start(server->process, &error);
    if (!started) fputs(error.data, stderr);
    bool opened = started && open_server(server, argc > 1);
    opened = opened && run_server(server);
    buffer_fini(&error);
    wiring_free(server);
    return opened ? 0 : 1;
}
