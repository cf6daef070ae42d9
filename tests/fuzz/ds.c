/* Targets of ds/: what RDB files hold as one run of bytes. */
#include "ds/intset.h"
#include "fuzz.h"

/* What is accepted can be read, found and copied. */
int fuzz_intset(const uint8_t *data, size_t size)
{
    size_t index;
    if (!intset_validate(data, size, true)) return 0;
    FUZZ_CHECK(intset_validate(data, size, false));
    FUZZ_CHECK(intset_bytes(data) == size);
    unsigned char *copy = intset_copy(data);
    size_t count = intset_count(copy);
    for (size_t i = 0; i < count; i++) {
        int64_t number = intset_at(data, i);
        FUZZ_CHECK(intset_find(copy, number, &index) && index == i);
        if (i > 0 && number > intset_at(data, i - 1) + 1)
            FUZZ_CHECK(!intset_find(copy, number - 1, &index) && index == i);
    }
    while (intset_count(copy)) copy = intset_delete(copy, intset_count(copy) / 2);
    FUZZ_CHECK(intset_validate(copy, intset_bytes(copy), true));
    intset_free(copy);
    return 0;
}
