#include "app/benchmark/uri.h"

#include <string.h>

#include "app/benchmark/fail.h"
#include "base/mem.h"
#include "base/number.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *decode(const char *from, const char *to)
{
    char *text = mem_alloc((size_t)(to - from) + 1), *end = text;
    for (; from < to; from++) {
        if (*from != '%') {
            *end++ = *from;
            continue;
        }
        int high = to - from > 2 ? hex_digit(from[1]) : -1;
        int low = high >= 0 ? hex_digit(from[2]) : -1;
        if (low < 0 || (high | low) == 0) fail("Invalid percent encoding in the URI");
        *end++ = (char)(high << 4 | low);
        from += 2;
    }
    *end = '\0';
    return text;
}

static void parse_user(const char *from, const char *to, struct endpoint *e)
{
    const char *colon = memchr(from, ':', (size_t)(to - from));
    if (colon && colon > from) e->user = decode(from, colon);
    e->password = decode(colon ? colon + 1 : from, to);
}

static void parse_host(const char *from, const char *to, struct endpoint *e)
{
    const char *end = to;
    if (from < to && *from == '[') { /* an IPv6 address */
        end = memchr(from, ']', (size_t)(to - from));
        if (!end) fail("Invalid URI: an address lacks its ']'");
        e->host = decode(from + 1, end++);
    } else {
        const char *colon = memchr(from, ':', (size_t)(to - from));
        if (colon) end = colon;
        if (end > from) e->host = decode(from, end);
    }
    if (end == to) return;
    if (*end != ':' || !number_parse(slice_make(end + 1, (size_t)(to - end - 1)), &e->port) || e->port < 1 ||
        e->port > 65535)
        fail("Invalid port in the URI");
}

void uri_parse(const char *text, struct endpoint *e)
{
    const char *scheme = "redis://";
    if (strncmp(text, "rediss://", 9) == 0) fail("rediss:// is not supported: built without TLS");
    if (strncmp(text, scheme, strlen(scheme)) != 0) fail("Invalid URI scheme: it must begin with redis://");
    const char *from = text + strlen(scheme), *end = from + strcspn(from, "?"), *at;
    const char *path = memchr(from, '/', (size_t)(end - from));
    const char *host_end = path ? path : end;
    if ((at = memchr(from, '@', (size_t)(host_end - from)))) {
        parse_user(from, at, e);
        from = at + 1;
    }
    parse_host(from, host_end, e);
    if (path && path + 1 < end &&
        (!number_parse(slice_make(path + 1, (size_t)(end - path - 1)), &e->db) || e->db < 0 || e->db > INT32_MAX))
        fail("Invalid database number in the URI");
}
