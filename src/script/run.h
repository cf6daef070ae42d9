/* One run of a script or a function: its arguments, the time it takes, its error.
 *
 * A hook looks at the time every so many instructions. A run that lasts longer than
 * busy-reply-threshold is busy: from then on others are served in between, and
 * answered BUSY but for a few commands; one of them, SCRIPT or FUNCTION KILL, ends a
 * run that has written nothing. */
#ifndef SCRIPT_RUN_H
#define SCRIPT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/command.h"
#include "script/vm.h"

/* What the first line of a script, or a library, says of it. */
enum script_flag {
    SCRIPT_NO_WRITES = 1 << 0,
    SCRIPT_ALLOW_OOM = 1 << 1,
    SCRIPT_ALLOW_STALE = 1 << 2,
    SCRIPT_NO_CLUSTER = 1 << 3,
    SCRIPT_ALLOW_CROSS_SLOT_KEYS = 1 << 4,
    SCRIPT_SAYS_NOTHING = 1 << 5, /* no such line: each of its commands is looked at */
};

struct run {
    struct vm *vm;
    struct call *call; /* EVAL and its like: words 3.. are keys, then arguments */
    int key_count;
    const char *name; /* of the function, or the script's SHA1 */
    int function;     /* registry reference in vm */
    unsigned flags;   /* enum script_flag */
    bool is_readonly, is_short_of_memory, has_written, is_busy, is_killed, is_done;
    uint64_t start_ticks;
};

/* Prepares a new state. False: no memory. */
bool run_open(struct vm *vm);

/* Runs, and answers the client. readonly: by EVAL_RO or its like. */
void run_script(struct run *run, bool readonly);

/* SCRIPT KILL and FUNCTION KILL. */
void run_kill(struct call *call, enum vm_kind kind);

/* What others are answered while a run of this kind goes on. */
const char *run_busy_error(enum vm_kind kind);

/* Milliseconds that the current run has lasted. */
int64_t run_duration_ms(const struct run *run);

#endif
