/* The server as a process: where its log goes, whether it runs in the
 * background, who supervises it, its pid file, title and limits. */
#ifndef APP_PROCESS_H
#define APP_PROCESS_H

#include <stdbool.h>

#include "base/buffer.h"

struct core_settings;
struct process;
struct title_facts;

/* settings, argv and the bytes behind argv are borrowed until the end. */
struct process *process_new(struct core_settings *settings, int argc, char **argv);
void process_free(struct process *p);

/* Once the settings are read, before there are threads: opens the log, goes
 * to the background, fits maxclients to the limit of open files. False: the
 * error is for the standard error. */
bool process_start(struct process *p, struct buffer *error);

/* Writes the pid file, where one is wanted; a failure is logged. */
void process_write_pidfile(struct process *p);

/* The end: the supervisor is told and the pid file goes. */
void process_finish(struct process *p);

/* Who supervises the process, as INFO says it: "no", "systemd", "upstart". */
const char *process_supervisor(const struct process *p);

/* Tells systemd, if it supervises: "READY=1" and its like. */
void process_notify(const struct process *p, const char *state);

/* Makes the title say what proc-title-template says; does nothing with
 * set-proc-title no. */
void process_set_title(struct process *p, const struct title_facts *facts);

/* Writes the score that the settings ask for; false: the kernel refuses, the
 * reason is in the log. */
bool process_adjust_oom_score(struct process *p);

#endif
