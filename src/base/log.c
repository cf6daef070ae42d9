#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"

enum { LINE_MAX_BYTES = 1024, PATH_MAX_BYTES = 4096 };

static enum log_level threshold = LOG_LEVEL_NOTICE;
static char role = 'M';
static char file_path[PATH_MAX_BYTES];
static bool to_syslog;
static char syslog_ident[64];

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_set_role(char letter)
{
    role = letter;
}

void log_enter_child(void)
{
    role = 'C';
    if (to_syslog) closelog();
}

bool log_set_file(const char *path)
{
    if (path[0]) {
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0) return false;
        close(fd);
    }
    snprintf(file_path, sizeof file_path, "%s", path);
    return true;
}

void log_set_syslog(bool on, const char *ident, int facility)
{
    if (to_syslog) closelog();
    to_syslog = on;
    if (!on) return;
    snprintf(syslog_ident, sizeof syslog_ident, "%s", ident);
    openlog(syslog_ident, LOG_PID | LOG_NDELAY | LOG_NOWAIT, facility);
}

int log_open(void)
{
    return file_path[0] ? open(file_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : STDOUT_FILENO;
}

void log_close(int fd)
{
    if (fd != STDOUT_FILENO) close(fd);
}

static void emit(const char *text, size_t len)
{
    int fd = log_open();
    if (fd < 0) return;
    while (len > 0) {
        ssize_t written = write(fd, text, len);
        if (written <= 0) break; /* nowhere left to report it */
        text += written;
        len -= (size_t)written;
    }
    log_close(fd);
}

void log_raw(const char *text)
{
    emit(text, strlen(text));
}

void log_from_handler(const char *text)
{
    char line[LINE_MAX_BYTES];
    size_t len = number_print(line, getpid());
    len += (size_t)(stpcpy(line + len, ":signal-handler (") - (line + len));
    len += number_print(line + len, time(NULL));
    len += (size_t)(stpcpy(line + len, ") ") - (line + len));
    size_t text_len = strlen(text), room = sizeof line - len - 1;
    if (text_len > room) text_len = room;
    memcpy(line + len, text, text_len);
    line[len + text_len] = '\n';
    emit(line, len + text_len + 1);
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char marks[] = ".-*#";
    static const int priorities[] = {LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING};
    if (level < threshold) return;

    char line[LINE_MAX_BYTES + 96], stamp[32], text[LINE_MAX_BYTES];
    struct timeval now;
    struct tm local;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    gettimeofday(&now, NULL);
    localtime_r(&now.tv_sec, &local);
    strftime(stamp, sizeof stamp, "%d %b %Y %H:%M:%S", &local);
    int len = snprintf(line, sizeof line, "%d:%c %s.%03d %c %s\n", (int)getpid(), role, stamp,
                       (int)(now.tv_usec / 1000), marks[level], text);
    emit(line, (size_t)len);
    if (to_syslog) syslog(priorities[level], "%s", text);
}
