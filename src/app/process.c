#include "app/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/open_files.h"
#include "app/title.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/version.h"
#include "core/settings.h"

static const char standard_pidfile[] = "/var/run/redis.pid";

struct process {
    struct core_settings *settings;
    struct title title;
    int supervised; /* SUPERVISED_x but AUTO: who really does */
    char *pidfile;  /* written by us: absolute, owned; NULL: none */
    int64_t oom_base;
    bool oom_adjusted; /* oom_base is what the score was before */
};

struct process *process_new(struct core_settings *settings, int argc, char **argv)
{
    struct process *p = mem_calloc(1, sizeof *p);
    p->settings = settings;
    title_init(&p->title, argc, argv);
    return p;
}

void process_free(struct process *p)
{
    title_fini(&p->title);
    mem_free(p->pidfile);
    mem_free(p);
}

/* ---- start ---- */

static bool open_log(const struct core_settings *settings, struct buffer *error)
{
    log_set_level((enum log_level)settings->loglevel);
    if (!log_set_file(settings->logfile)) {
        buffer_printf(error,
                      "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\nCan't open the log file '%s': %s\n",
                      VERSION_REDIS, settings->logfile, strerror(errno));
        return false;
    }
    if (settings->syslog_enabled) log_set_syslog(true, settings->syslog_ident, settings->syslog_facility);
    return true;
}

static void find_supervisor(struct process *p)
{
    bool upstart = getenv("UPSTART_JOB") != NULL, systemd = getenv("NOTIFY_SOCKET") != NULL;
    p->supervised = p->settings->supervised;
    if (p->supervised == SUPERVISED_AUTO)
        p->supervised = upstart ? SUPERVISED_UPSTART : systemd ? SUPERVISED_SYSTEMD : SUPERVISED_NO;
    if (p->supervised == SUPERVISED_UPSTART && !upstart) {
        log_warning("supervised upstart: there is no UPSTART_JOB in the environment");
        p->supervised = SUPERVISED_NO;
    } else if (p->supervised == SUPERVISED_SYSTEMD && !systemd) {
        log_warning("supervised systemd: there is no NOTIFY_SOCKET in the environment");
        p->supervised = SUPERVISED_NO;
    }
}

/* Upstart (expect stop) waits for the process to stop itself. */
static void begin_supervision(struct process *p)
{
    find_supervisor(p);
    if (p->supervised == SUPERVISED_UPSTART) {
        log_notice("Supervised by upstart, stopping until it lets the server go on");
        raise(SIGSTOP);
        unsetenv("UPSTART_JOB");
    } else if (p->supervised == SUPERVISED_SYSTEMD) {
        log_notice("Supervised by systemd");
        process_notify(p, "STATUS=Starting");
    }
}

const char *process_supervisor(const struct process *p)
{
    return p->supervised == SUPERVISED_SYSTEMD   ? "systemd"
           : p->supervised == SUPERVISED_UPSTART ? "upstart"
                                                 : "no";
}

static bool go_to_background(struct buffer *error)
{
    pid_t pid = fork();
    if (pid < 0) {
        buffer_printf(error, "Can't go to the background: fork: %s\n", strerror(errno));
        return false;
    }
    if (pid > 0) _exit(0);
    setsid();
    int fd = open("/dev/null", O_RDWR);
    if (fd < 0) return true;
    for (int standard = 0; standard <= 2; standard++) dup2(fd, standard);
    if (fd > 2) close(fd);
    return true;
}

bool process_start(struct process *p, struct buffer *error)
{
    struct core_settings *settings = p->settings;
    uint64_t purges = settings->jemalloc_bg_thread;
    if (!open_log(settings, error)) return false;
    begin_supervision(p);
    if (settings->daemonize && p->supervised == SUPERVISED_NO && !go_to_background(error)) return false;
    if (!setlocale(LC_COLLATE, settings->locale_collate)) {
        buffer_printf(error, "locale-collate: there is no locale '%s'\n", settings->locale_collate);
        return false;
    }
    mem_control("background_thread", &purges, NULL);
    process_adjust_oom_score(p);
    return open_files_fit_at_start(settings, error);
}

/* ---- the pid file ---- */

void process_write_pidfile(struct process *p)
{
    const char *path = p->settings->pidfile;
    if (path[0] == '\0') path = p->settings->daemonize ? standard_pidfile : NULL;
    if (path == NULL) return;
    FILE *file = fopen(path, "we");
    bool written = file && fprintf(file, "%d\n", (int)getpid()) > 0;
    if (file && fclose(file) != 0) written = false;
    if (!written) log_warning("Can't write the pid file %s: %s", path, strerror(errno));
    char absolute[PATH_MAX]; /* dir may change later */
    if (written && realpath(path, absolute)) p->pidfile = mem_strdup(absolute);
}

void process_finish(struct process *p)
{
    process_notify(p, "STOPPING=1");
    if (p->pidfile == NULL) return;
    log_notice("Removing the pid file.");
    unlink(p->pidfile);
}

/* ---- systemd ---- */

/* The protocol of sd_notify(3): a datagram to the socket that the environment
 * names; a leading '@' stands for the abstract name space. */
void process_notify(const struct process *p, const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (p->supervised != SUPERVISED_SYSTEMD || path == NULL) return;
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path) {
        log_warning("NOTIFY_SOCKET is no path of a socket: '%s'", path);
        return;
    }
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (path[0] != '@'));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
        log_warning("Can't tell systemd '%s': %s", state, strerror(errno));
    if (fd >= 0) close(fd);
}

/* ---- what others see ---- */

void process_set_title(struct process *p, const struct title_facts *facts)
{
    if (p->settings->set_proc_title) title_set(&p->title, facts);
}

static const char oom_file[] = "/proc/self/oom_score_adj";

static bool read_oom_score(int64_t *score)
{
    long value;
    FILE *file = fopen(oom_file, "re");
    bool read = file && fscanf(file, "%ld", &value) == 1;
    if (file) fclose(file);
    if (read) *score = value;
    return read;
}

static bool write_oom_score(int64_t score)
{
    char text[NUMBER_TEXT_MAX];
    size_t len = number_print(text, score);
    int fd = open(oom_file, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, len) == (ssize_t)len;
    if (!written) log_warning("Can't set %s to %lld: %s", oom_file, (long long)score, strerror(errno));
    if (fd >= 0) close(fd);
    return written;
}

bool process_adjust_oom_score(struct process *p)
{
    const struct core_settings *settings = p->settings;
    if (settings->oom_score_adj == OOM_ADJUST_NO && !p->oom_adjusted) return true;
    if (!p->oom_adjusted && !read_oom_score(&p->oom_base)) {
        log_warning("Can't read %s: %s", oom_file, strerror(errno));
        return false;
    }
    int64_t score = p->oom_base, value = settings->oom_score_adj_values[OOM_MASTER];
    if (settings->oom_score_adj == OOM_ADJUST_RELATIVE) score += value;
    else if (settings->oom_score_adj == OOM_ADJUST_ABSOLUTE) score = value;
    if (score > 1000) score = 1000;
    if (score < -1000) score = -1000;
    if (!write_oom_score(score)) return false;
    p->oom_adjusted = settings->oom_score_adj != OOM_ADJUST_NO;
    return true;
}
