/* What the crash report tells of the server: INFO, the clients, and the
 * command that was being executed. */
#ifndef APP_BUG_REPORT_H
#define APP_BUG_REPORT_H

struct server;
struct crash_subject;

/* Fills subject with the functions that describe the server. */
void bug_report_init(struct crash_subject *subject, struct server *server);

#endif
