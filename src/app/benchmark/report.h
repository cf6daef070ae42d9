/* What is printed about a run of load: in full, one line (-q), or a row of
 * comma-separated values; and while it runs, a line that rewrites itself. */
#ifndef APP_BENCHMARK_REPORT_H
#define APP_BENCHMARK_REPORT_H

#include "app/benchmark/load.h"
#include "app/benchmark/options.h"

/* What the server's configuration says, for the reader of a full report; NULL
 * where it does not tell. */
struct report_host {
    char *save;
    char *appendonly;
};

/* Runs the load under a title and prints what came of it. */
void report_run(const struct options *o, const struct report_host *host, const char *title,
                const struct template *t, uint64_t requests);

/* The head of the table that --csv prints. */
void report_csv_header(void);

/* A text as a field of such a table: quoted, quotes inside doubled. */
void report_csv_text(const char *text);

/* The progress line: shown on a terminal only, gone before anything else is printed. */
void report_progress(const struct options *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_progress_end(const struct options *o);

#endif
