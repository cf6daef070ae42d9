#include "script/host.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/client.h"
#include "core/memory.h"
#include "core/server.h"
#include "io/worker.h"
#include "script/eval.h"

struct script_host *host_new(struct server *server, const struct script_settings *settings)
{
    struct script_host *h = mem_calloc(1, sizeof *h);
    h->server = server;
    h->settings = settings;
    h->random[0] = 0x330e;
    h->random[1] = 0xabcd;
    h->random[2] = 0x1234;
    eval_init(h);
    return h;
}

void host_free(struct script_host *h)
{
    eval_fini(h);
    vm_free(h->vms[VM_EVAL]);
    vm_free(h->vms[VM_FUNCTIONS]);
    if (h->client) client_free_detached(h->client);
    mem_free(h->argv);
    buffer_fini(&h->reply);
    buffer_fini(&h->error);
    mem_free(h);
}

struct vm *host_vm(struct script_host *h, enum vm_kind kind)
{
    if (h->client == NULL) h->client = client_new_detached(h->server);
    if (h->vms[kind] == NULL) h->vms[kind] = vm_new(h, kind);
    return h->vms[kind];
}

static void free_vm(void *vm)
{
    vm_free(vm);
}

void host_drop_vm(struct script_host *h, enum vm_kind kind, bool in_background)
{
    struct vm *vm = h->vms[kind];
    h->vms[kind] = NULL;
    if (vm && in_background) worker_submit(h->server->worker, free_vm, vm);
    else vm_free(vm);
}

double host_random(struct script_host *h)
{
    return (double)(nrand48(h->random) % INT32_MAX) / INT32_MAX;
}

void host_seed(struct script_host *h, int seed)
{
    h->random[0] = 0x330e;
    h->random[1] = (unsigned short)((unsigned)seed & 0xffff);
    h->random[2] = (unsigned short)((unsigned)seed >> 16);
}

void host_measure(const struct server *server, struct script_usage *usage)
{
    const struct script_host *h = server->script;
    *usage = (struct script_usage){.scripts_bytes = h->scripts_bytes,
                                   .scripts = hashtable_count(&h->scripts)};
    for (size_t i = 0; i < sizeof h->vms / sizeof *h->vms; i++)
        if (h->vms[i]) usage->vm_bytes += h->vms[i]->bytes;
}
