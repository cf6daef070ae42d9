/* CRC-64 with the polynomial of Jones (2002), reflected, no inversions: the
 * checksum of RDB files and DUMP payloads. Of "123456789" it is
 * 0xe9c6d914c4b8d9ca. Eight bytes a step (Kounavis & Berry, "A systematic
 * approach to building high performance, software-based, CRC generators",
 * 2005). */
#ifndef BASE_CRC64_H
#define BASE_CRC64_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from crc, which is 0 at the beginning. Any thread. */
uint64_t crc64(uint64_t crc, const void *data, size_t len);

#endif
