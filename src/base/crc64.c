#include "base/crc64.h"

#include <pthread.h>
#include <string.h>

#define POLYNOMIAL UINT64_C(0x95ac9329ac4bc9b5) /* 0xad93d23594c935a9 with its bits reversed */

/* table[i][b]: what byte b does to the checksum when i more bytes follow it. */
static uint64_t table[8][256];
static pthread_once_t table_made = PTHREAD_ONCE_INIT;

static void make_table(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        table[0][byte] = crc;
    }
    for (int i = 1; i < 8; i++)
        for (unsigned byte = 0; byte < 256; byte++)
            table[i][byte] = table[0][table[i - 1][byte] & 255] ^ table[i - 1][byte] >> 8;
}

uint64_t crc64(uint64_t crc, const void *data, size_t len)
{
    const unsigned char *at = data;
    pthread_once(&table_made, make_table);
    for (; len >= 8; len -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        crc ^= word;
        crc = table[7][crc & 255] ^ table[6][crc >> 8 & 255] ^ table[5][crc >> 16 & 255] ^
              table[4][crc >> 24 & 255] ^ table[3][crc >> 32 & 255] ^ table[2][crc >> 40 & 255] ^
              table[1][crc >> 48 & 255] ^ table[0][crc >> 56];
    }
    for (; len; len--, at++) crc = table[0][(crc ^ *at) & 255] ^ crc >> 8;
    return crc;
}
