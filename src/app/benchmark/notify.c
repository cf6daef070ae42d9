#include "app/benchmark/notify.h"
void notify_run(const struct options *o)
{
    (void)o;
}
