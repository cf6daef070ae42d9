#include "app/banner.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/version.h"
#include "core/config.h"
#include "core/server.h"
#include "core/settings.h"
#include "io/tls_settings.h"

/* A tocsin is an alarm bell. */
static const char logo[] = "\n"
                           "              _\n"
                           "            _( )_\n"
                           "          .'     '.           Tocsin %s (Redis %s), %d bit\n"
                           "         /         \\\n"
                           "   ((   |           |   ))    mode: %s\n"
                           "  ((    |           |    ))   port: %" PRId64 "\n"
                           "   ((   /           \\   ))    PID: %d\n"
                           "       /_____________\\\n"
                           "             (_)\n"
                           "\n";

void banner_starting(const struct server *server, bool has_directives)
{
    const char *path = config_path(server->config);
    log_notice("Tocsin " VERSION_TOCSIN " is starting, compatible with Redis " VERSION_REDIS ", PID: %d",
               (int)getpid());
    if (path[0]) log_notice("Configuration loaded from %s", path);
    else if (has_directives) log_notice("Configuration loaded from the command line");
    else
        log_notice("No configuration file and no options: all directives have their defaults. To use a file: "
                   "redis-server /path/to/redis.conf");
}

void banner_running(const struct server *server)
{
    const char *mode = "standalone";
    const struct core_settings *settings = server->settings;
    int64_t port = settings->port ? settings->port : server->tls->port;
    bool on_terminal = settings->logfile[0] == '\0' && isatty(STDOUT_FILENO) && !settings->syslog_enabled;
    if (settings->always_show_logo || on_terminal) {
        char text[1024];
        snprintf(text, sizeof text, logo, VERSION_TOCSIN, VERSION_REDIS, (int)sizeof(void *) * 8, mode, port,
                 (int)getpid());
        log_raw(text);
    }
    log_notice("Running mode=%s, port=%" PRId64 ".", mode, port);
}
