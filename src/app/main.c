/* redis-server: from the command line to the event loop. */
#include <stdio.h>
#include <string.h>

#include "app/wiring.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/network.h"
#include "core/server.h"
#include "core/settings.h"
#include "base/version.h"
#include "io/loop.h"

int main(int argc, char **argv)
{
    mem_thread_init();
    struct server *server = wiring_new();
    struct buffer error = {0};
    if (!config_load(server->config, argc - 1, argv + 1, &error)) {
        fputs(error.data, stderr);
        return 1;
    }
    wiring_open(server);
    if (!network_listen(server, &error)) {
        log_warning("Failed listening on port %d (tcp), aborting.", (int)server->settings->port);
        return 1;
    }
    log_notice("Ready to accept connections");
    loop_run(server->loop);
    wiring_free(server);
    return 0;
}
