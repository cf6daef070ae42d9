#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver.h"

#define ROW(name) {#name, fuzz_##name},
const struct driver_target driver_targets[] = {FUZZ_TARGETS(ROW){NULL, NULL}};

const struct driver_target *driver_find(const char *name)
{
    for (const struct driver_target *t = driver_targets; t->name; t++) {
        if (strcmp(t->name, name) == 0) return t;
    }
    return NULL;
}

struct driver_input *driver_input_new(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *memory = mmap(NULL, page + FUZZ_INPUT_MAX + page, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + page + FUZZ_INPUT_MAX, page, PROT_NONE) != 0) {
        perror("fuzz: the guard page");
        exit(1);
    }
    struct driver_input *input = (struct driver_input *)memory;
    input->end = memory + page + FUZZ_INPUT_MAX;
    return input;
}

void driver_run(const struct driver_target *target, struct driver_input *input, const uint8_t *data,
                size_t size)
{
    input->size = size;
    memcpy(input->end - size, data, size);
    target->run(input->end - size, size);
}

void fuzz_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: expected %s\n", file, line, condition);
    abort();
}

int fuzz_canary(const uint8_t *data, size_t size)
{
    return *(const volatile uint8_t *)(data + size) == 0 ? 0 : 1;
}
