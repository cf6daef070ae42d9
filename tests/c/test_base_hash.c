/* The expected values of SipHash-1-3 come from a program that also yields the
 * vector that the paper gives for SipHash-2-4, with the rounds as a parameter;
 * those of SHA-1 from FIPS 180, that of the CRC from the catalogue of CRCs. */
#include "base/hash.h"

#include <ctype.h>

#include "base/mem.h"
#include "seed.h"
#include "test.h"

static void set_ascending_seed(void)
{
    uint8_t seed[16];
    for (uint8_t i = 0; i < 16; i++) seed[i] = i;
    hash_set_seed(seed);
}

static void siphash(void)
{
    static const struct {
        size_t len;
        uint64_t hash;
    } vectors[] = {{0, 0xabac0158050fc4dc},  {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
                   {8, 0x369095118d299a8e},  {9, 0x25a48eb36c063de4},  {15, 0xd320d86d2a519956},
                   {16, 0xcc4fdd1a7d908b66}, {63, 0x9d199062b7bbb3a8}, {512, 0x252237b75dc3d6e6}};
    uint8_t data[512];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
    set_ascending_seed();
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        CHECK(hash_bytes(data, vectors[i].len) == vectors[i].hash);
    uint8_t other[16] = {1};
    hash_set_seed(other);
    CHECK(hash_bytes(data, 15) != vectors[5].hash);
    set_ascending_seed();
}

static void any_case(void)
{
    struct random r;
    seed_init(&r);
    set_ascending_seed();
    for (int i = 0; i < 10000; i++) {
        char text[70], lower[70], other[70];
        size_t len = random_below(&r, sizeof text);
        for (size_t at = 0; at < len; at++) {
            text[at] = (char)random_next(&r);
            lower[at] = (char)tolower((unsigned char)text[at]);
            other[at] = random_below(&r, 2) ? (char)toupper((unsigned char)text[at]) : lower[at];
        }
        CHECK(hash_bytes_nocase(text, len) == hash_bytes(lower, len));
        CHECK(hash_bytes_nocase(other, len) == hash_bytes(lower, len));
    }
}

/* As a hash table needs it: each bit of the hash changes half of the time when
 * any bit of the data does. */
static void every_bit_counts(void)
{
    enum { ROUNDS = 4000 };
    struct random r;
    int flips[64] = {0};
    seed_init(&r);
    for (int i = 0; i < ROUNDS; i++) {
        char data[24];
        for (size_t at = 0; at < sizeof data; at++) data[at] = (char)random_next(&r);
        uint64_t before = hash_bytes(data, sizeof data), bit = random_below(&r, sizeof data * 8);
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
        uint64_t changed = before ^ hash_bytes(data, sizeof data);
        for (int b = 0; b < 64; b++) flips[b] += changed >> b & 1;
    }
    for (int b = 0; b < 64; b++) CHECK(flips[b] > ROUNDS * 2 / 5 && flips[b] < ROUNDS * 3 / 5);
}

static void crc16(void)
{
    CHECK_INT(hash_crc16("123456789", 9), 0x31c3);
    CHECK_INT(hash_crc16("", 0), 0);
    CHECK_INT(hash_crc16("foo", 3) & 16383, 12182);
}

static void sha1_is(const char *text, size_t len, const char *expected)
{
    uint8_t digest[20];
    char hex[41];
    hash_sha1(text, len, digest);
    for (int i = 0; i < 20; i++) sprintf(hex + 2 * i, "%02x", digest[i]);
    CHECK_TEXT(hex, expected);
}

static void sha1(void)
{
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    sha1_is("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    sha1_is("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1_is(two_blocks, strlen(two_blocks), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    enum { MILLION = 1000000 };
    char *many = mem_alloc(MILLION);
    memset(many, 'a', MILLION);
    sha1_is(many, MILLION, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    mem_free(many);
}

int main(void)
{
    TEST("SipHash-1-3 agrees with its vectors, and depends on the seed", siphash);
    TEST("the hash without case is that of the small letters", any_case);
    TEST("each bit of the data changes half of the hash's bits", every_bit_counts);
    TEST("CRC16 agrees with its check value", crc16);
    TEST("SHA-1 agrees with its vectors", sha1);
    return TEST_END();
}
