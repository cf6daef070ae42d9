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

/* An empty path is the standard output. Returns false, errno set, when the
 * file cannot be opened; the log stays where it was. */
bool log_set_file(const char *path);
void log_set_syslog(bool on, const char *ident, int facility);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_verbose(...) log_line(LOG_LEVEL_VERBOSE, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)

/* Writes text as it is, without a prefix, with async-signal-safe calls only:
 * for the crash report. */
void log_raw(const char *text);

#endif
