/* The server's log. One line is `pid:ROLE DD Mon YYYY HH:MM:SS.mmm LEVEL text`,
 * appended to a file (opened for each line, so that it may be rotated) or to
 * the standard output, and to syslog when that is on. Usable from any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_VERBOSE, LOG_LEVEL_NOTICE, LOG_LEVEL_WARNING, LOG_LEVEL_NOTHING };

/* Lines below level are dropped. The letter tells the role: M master,
 * S replica, C child, X sentinel. */
void log_set_level(enum log_level level);
void log_set_role(char letter);

/* In a forked child, before it closes descriptors: nothing is kept open. */
void log_enter_child(void);

/* An empty path is the standard output. Returns false, errno set, when the
 * file cannot be opened; the log stays where it was. */
bool log_set_file(const char *path);
void log_set_syslog(bool on, const char *ident, int facility);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_verbose(...) log_line(LOG_LEVEL_VERBOSE, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)

/* What signal handlers and the crash report may use: async-signal-safe calls
 * only, whatever the level. log_raw writes text as it is; log_from_handler
 * one line with a prefix of its own, `pid:signal-handler (unix time) text`. */
void log_raw(const char *text);
void log_from_handler(const char *text);

/* The descriptor that lines go to, -1 when the file cannot be opened; to be
 * given back. */
int log_open(void);
void log_close(int fd);

#endif
