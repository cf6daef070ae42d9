/* Hashes. hash_bytes is keyed by a seed drawn at start, since clients choose
 * the keys and flooding one bucket is an attack: SipHash-1-3 (Aumasson,
 * Bernstein 2012). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Sets the process's seed: by main, before the first table is filled, and never
 * again, since every table would lose its elements. */
void hash_set_seed(const uint8_t seed[16]);

uint64_t hash_bytes(const void *data, size_t len);

/* As hash_bytes, ASCII letters regardless of case. */
uint64_t hash_bytes_nocase(const char *data, size_t len);

/* CRC16/XMODEM: the cluster's key slots. */
uint16_t hash_crc16(const void *data, size_t len);

/* SHA-1 of data, as DEBUG DIGEST and EVALSHA use it. */
void hash_sha1(const void *data, size_t len, uint8_t digest[20]);

/* SHA-256 of data: passwords are kept as it. */
void hash_sha256(const void *data, size_t len, uint8_t digest[32]);

/* A digest of len bytes as hexadecimal digits, two a byte, lower case; no NUL. */
void hash_to_hex(const uint8_t *digest, size_t len, char *to);

#endif
