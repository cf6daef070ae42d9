/* The other rows a module may own, collected in app/wiring.c: INFO sections
 * and periodic jobs. Both receive the module they belong to. */
#ifndef BASE_ROWS_H
#define BASE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* One section of INFO: `# Title` is printed by the caller, then write. A row
 * without a title goes on with the section before it, where several modules
 * have something to say. */
struct info_section {
    const char *name;  /* as a client asks for it, lower case */
    const char *title; /* as it is printed, or NULL */
    bool in_default;   /* part of INFO without arguments */
    void (*write)(void *module, struct buffer *to);
};

/* Work done every period_ms (first after one period). */
struct cron_job {
    const char *name;
    int64_t period_ms;
    void (*run)(void *module, int64_t now_ms);
};

#endif
