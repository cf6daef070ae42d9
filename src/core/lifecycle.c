#include "core/lifecycle.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/server.h"
#include "core/settings.h"
#include "io/loop.h"

struct lifecycle *lifecycle_new(void)
{
    return mem_calloc(1, sizeof(struct lifecycle));
}

void lifecycle_free(struct lifecycle *lifecycle)
{
    mem_free(lifecycle);
}

void lifecycle_join(struct lifecycle *lifecycle, struct lifecycle_participant participant)
{
    ASSERT(lifecycle->count < LIFECYCLE_PARTICIPANTS_MAX);
    lifecycle->participants[lifecycle->count++] = participant;
}

bool lifecycle_shutdown(struct server *server, unsigned modes)
{
    struct lifecycle *lifecycle = server->lifecycle;
    bool ready = true;
    log_warning("User requested shutdown...");
    for (int i = 0; i < lifecycle->count; i++) {
        const struct lifecycle_participant *p = &lifecycle->participants[i];
        if (p->may_exit && !p->may_exit(p->module, modes)) ready = false;
    }
    if (!ready && !(modes & SHUTDOWN_ON_FORCE)) {
        log_warning("Errors trying to shut down: the server goes on, the reasons are in the lines above.");
        return false;
    }
    for (int i = 0; i < lifecycle->count; i++)
        if (lifecycle->participants[i].finish)
            lifecycle->participants[i].finish(lifecycle->participants[i].module);
    log_warning("Redis is now ready to exit, bye bye...");
    loop_stop(server->loop);
    return true;
}
