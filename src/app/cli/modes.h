/* The modes beside running commands: transfers, surveys, measurements. Each
 * has a connected session (but for the intrinsic latency), reports failures on
 * standard error and returns the exit status. */
#ifndef APP_CLI_MODES_H
#define APP_CLI_MODES_H

#include "app/cli/session.h"

/* Connects and runs the mode that the options chose. */
int modes_run(struct session *s);

/* Reports why the connection broke; returns 1, the exit status. */
int modes_fail(const struct session *s);

/* Sleeps for the interval of -i, or for standard_us if none was given. */
void modes_pause(const struct options *options, int64_t standard_us);

int modes_eval(struct session *s);
int modes_pipe(struct session *s);
int modes_rdb(struct session *s);
int modes_replica(struct session *s);
int modes_scan(struct session *s);
int modes_sizes(struct session *s); /* --bigkeys, --memkeys */
int modes_hot_keys(struct session *s);
int modes_stat(struct session *s);
int modes_latency(struct session *s); /* --latency, --latency-history */
int modes_latency_distribution(struct session *s);
int modes_intrinsic_latency(struct session *s);
int modes_lru_test(struct session *s);
int modes_hint(struct session *s); /* --test_hint, --test_hint_file */

/* SCAN over the database, page by page. */
struct modes_scan {
    struct session *session;
    char cursor[24];
    bool done;
    int64_t pages;
    struct reply page; /* the last reply; keys points into it */
    const struct reply *keys;
};
void modes_scan_init(struct modes_scan *scan, struct session *s);
void modes_scan_fini(struct modes_scan *scan);

/* Fetches the next page into scan->keys. False at the end; *failed says
 * whether it came too early, which has been reported. */
bool modes_scan_next(struct modes_scan *scan, bool *failed);

#endif
