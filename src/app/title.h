/* The title of the process, as ps shows it: written over the memory of the
 * arguments and the environment, which the kernel reads it from. */
#ifndef APP_TITLE_H
#define APP_TITLE_H

#include <stddef.h>
#include <stdint.h>

struct core_settings;

struct title {
    char *program;       /* argv[0] as it was; owned */
    char *area;          /* the arguments' memory; NULL: there is none to write to */
    size_t area_len;     /* of it and of the environment, where that lies behind it */
    size_t argument_len; /* of the arguments alone */
    char **environment;  /* our copy, once it had to move; owned */
};

/* What the variables of proc-title-template stand for. */
struct title_facts {
    const struct core_settings *settings;
    const char *config_file; /* empty: none */
    const char *mode;        /* "[cluster]" or empty */
    int64_t tls_port;
};

void title_init(struct title *title, int argc, char **argv);

/* The environment's copy stays in use, and therefore stays. */
void title_fini(struct title *title);

/* Writes proc-title-template with its variables replaced. The environment
 * moves away the first time. */
void title_set(struct title *title, const struct title_facts *facts);

#endif
