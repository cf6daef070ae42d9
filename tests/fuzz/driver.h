/* What the two drivers share: the targets as a table, and where inputs lie. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>
#include <stdint.h>

struct driver_target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
};
extern const struct driver_target driver_targets[]; /* ends with a row without a name */
const struct driver_target *driver_find(const char *name);

/* The current input, shared with children: size bytes before end, where a
 * page begins that cannot be read. */
struct driver_input {
    uint8_t *end;
    size_t size;
};
struct driver_input *driver_input_new(void);

/* Copies data to the guard page and runs the target there. */
void driver_run(const struct driver_target *target, struct driver_input *input, const uint8_t *data,
                size_t size);

#endif
