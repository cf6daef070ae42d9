/* The driver for libFuzzer. */
#ifdef FUZZ_LIBFUZZER

#include <stdio.h>
#include <stdlib.h>

#include "driver.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct driver_target *target;
static struct driver_input *input;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *name = getenv("FUZZ_TARGET");
    target = driver_find(name ? name : "");
    if (target == NULL) {
        fprintf(stderr, "FUZZ_TARGET names no target\n");
        exit(1);
    }
    input = driver_input_new();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= FUZZ_INPUT_MAX) driver_run(target, input, data, size);
    return 0;
}

#endif
