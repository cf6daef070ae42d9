/* The cache of scripts, by the SHA1 of their text. Those that SCRIPT LOAD brought
 * stay; of those that only EVAL brought, the EVICTABLE_MAX used last. */
#ifndef SCRIPT_EVAL_H
#define SCRIPT_EVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "core/command.h"

struct script_host;

void eval_init(struct script_host *h);
void eval_fini(struct script_host *h);

enum { EVAL_SHA_DIGITS = 40 };

/* EVAL and EVALSHA. */
void eval_run(struct call *call, bool by_sha, bool readonly);

/* Compiles and keeps a script. False: it is wrong, and the client has been told. */
bool eval_load(struct call *call, struct slice body, char sha[EVAL_SHA_DIGITS + 1]);
bool eval_exists(const struct script_host *h, struct slice sha);
void eval_flush(struct script_host *h, bool in_background);

#endif
