#include "base/hash.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/assert.h"

static uint64_t key[2];

void hash_set_seed(const uint8_t seed[16])
{
    memcpy(key, seed, sizeof key);
}

static inline uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static inline void sip_init(uint64_t v[4])
{
    v[0] = key[0] ^ 0x736f6d6570736575;
    v[1] = key[1] ^ 0x646f72616e646f6d;
    v[2] = key[0] ^ 0x6c7967656e657261;
    v[3] = key[1] ^ 0x7465646279746573;
}

static inline void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

static inline uint64_t sip_finish(uint64_t v[4])
{
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_bytes(const void *data, size_t len)
{
    const unsigned char *at = data, *end = at + (len & ~(size_t)7);
    uint64_t v[4], word;
    sip_init(v);
    for (; at != end; at += 8) {
        memcpy(&word, at, 8);
        sip_word(v, word);
    }
    word = 0;
    for (size_t i = 0; i < (len & 7); i++) word |= (uint64_t)at[i] << (8 * i);
    sip_word(v, word | (uint64_t)len << 56);
    return sip_finish(v);
}

uint64_t hash_bytes_nocase(const char *data, size_t len)
{
    uint64_t v[4], word = 0;
    sip_init(v);
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)tolower((unsigned char)data[i]) << (8 * (i & 7));
        if ((i & 7) == 7) {
            sip_word(v, word);
            word = 0;
        }
    }
    sip_word(v, word | (uint64_t)len << 56);
    return sip_finish(v);
}

uint16_t hash_crc16(const void *data, size_t len)
{
    const unsigned char *at = data;
    uint16_t crc = 0;
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint16_t)(at[i] << 8);
        for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0));
    }
    return crc;
}

void hash_sha1(const void *data, size_t len, uint8_t digest[20])
{
    unsigned size = 20;
    int ok = EVP_Digest(data, len, digest, &size, EVP_sha1(), NULL);
    ASSERT(ok == 1 && size == 20);
}

void hash_sha256(const void *data, size_t len, uint8_t digest[32])
{
    unsigned size = 32;
    int ok = EVP_Digest(data, len, digest, &size, EVP_sha256(), NULL);
    ASSERT(ok == 1 && size == 32);
}

void hash_to_hex(const uint8_t *digest, size_t len, char *to)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = digits[digest[i] >> 4];
        to[2 * i + 1] = digits[digest[i] & 15];
    }
}
