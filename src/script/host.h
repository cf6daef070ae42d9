/* The host of scripts: what server->script points to. It holds the Lua states, the
 * client in whose name scripts run commands, the cache of scripts and the run that
 * is going on. */
#ifndef SCRIPT_HOST_H
#define SCRIPT_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "ds/hashtable.h"
#include "ds/list.h"
#include "script/settings.h"
#include "script/vm.h"

struct client;
struct run;
struct server;

struct script_host {
    struct server *server;
    const struct script_settings *settings;
    struct client *client;    /* runs the commands of scripts; made with the first state */
    struct vm *vms[2];        /* by enum vm_kind; NULL until needed */
    struct run *run;          /* NULL: no script runs */
    struct hashtable scripts; /* script/eval.c: struct script */
    struct list evictable;    /* of them, those that EVAL brought: least recently used first */
    unsigned evictable_count;
    size_t scripts_bytes;
    struct slice *argv; /* of the command that a script calls */
    int argv_capacity;
    struct buffer reply; /* of that command, where it lies in pieces */
    struct buffer error; /* of the run */
    unsigned short random[3];
};

struct script_host *host_new(struct server *server, const struct script_settings *settings);
void host_free(struct script_host *h);

/* What it all holds. */
struct script_usage;
void host_measure(const struct server *server, struct script_usage *usage);

/* The state of a kind, made if need be; NULL when there is no memory. */
struct vm *host_vm(struct script_host *h, enum vm_kind kind);

/* Gives up a state, in the background if asked to. */
void host_drop_vm(struct script_host *h, enum vm_kind kind, bool in_background);

/* math.random: in [0, 1). One sequence, that of drand48 from its usual beginning. */
double host_random(struct script_host *h);
void host_seed(struct script_host *h, int seed);

#endif
