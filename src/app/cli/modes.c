#include "app/cli/modes.h"

int modes_run(struct session *s)
{
    return s->options->mode;
}
