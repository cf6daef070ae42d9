#include "types/sample.h"

#include "base/hash.h"

static uint64_t drawn_hash(const void *element)
{
    return hash_bytes(&element, sizeof element);
}

static bool drawn_equal(const void *element, const void *key, size_t key_len)
{
    (void)key_len;
    return element == key;
}

static const struct hashtable_type drawn_table = {.hash = drawn_hash, .equal = drawn_equal};

void sample_drawn_init(struct hashtable *drawn)
{
    hashtable_init(drawn, &drawn_table);
}

bool sample_drawn_add(struct hashtable *drawn, void *element)
{
    uint64_t hash = drawn_hash(element);
    if (hashtable_find_as(drawn, &drawn_table, hash, element, 0)) return false;
    hashtable_insert(drawn, hash, element);
    return true;
}

uint64_t sample_draw(void *random)
{
    return random_next(random);
}
