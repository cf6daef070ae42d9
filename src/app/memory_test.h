/* --test-memory: writes patterns to memory and reads them back. It tests the
 * pages that the kernel happens to give, from within a program: a failure is
 * proof, a success is a hint. */
#ifndef APP_MEMORY_TEST_H
#define APP_MEMORY_TEST_H

#include <stdbool.h>
#include <stddef.h>

/* Tells its progress on the standard output. False: memory failed, or there
 * was none to test. */
bool memory_test_run(size_t megabytes, int passes);

#endif
