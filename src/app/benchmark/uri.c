#include "app/benchmark/uri.h"

#include <string.h>

#include "app/benchmark/fail.h"
#include "base/number.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes from..to in place and ends it with a NUL, which may take the place of
 * the delimiter behind it. */
static char *decode(char *from, const char *to)
{
    char *end = from;
    for (const char *at = from; at < to; at++) {
        if (*at != '%') {
            *end++ = *at;
            continue;
        }
        int high = to - at > 2 ? hex_digit(at[1]) : -1;
        int low = high >= 0 ? hex_digit(at[2]) : -1;
        if (low < 0 || (high | low) == 0) fail("Invalid percent encoding in the URI");
        *end++ = (char)(high << 4 | low);
        at += 2;
    }
    *end = '\0';
    return from;
}

static void parse_user(char *from, const char *to, struct endpoint *e)
{
    char *colon = memchr(from, ':', (size_t)(to - from));
    if (colon && colon > from) e->user = decode(from, colon);
    e->password = decode(colon ? colon + 1 : from, to);
}

static void parse_port(const char *from, const char *to, struct endpoint *e)
{
    if (!number_parse(slice_make(from, (size_t)(to - from)), &e->port) || e->port < 1 || e->port > 65535)
        fail("Invalid port in the URI");
}

static void parse_host(char *from, const char *to, struct endpoint *e)
{
    bool is_ipv6 = from < to && *from == '[';
    char *end = is_ipv6 ? memchr(from, ']', (size_t)(to - from)) : NULL;
    if (is_ipv6 && !end) fail("Invalid URI: an address lacks its ']'");
    const char *colon = memchr(end ? end : from, ':', (size_t)(to - (end ? end : from)));
    if (colon) parse_port(colon + 1, to, e);
    if (is_ipv6) e->host = decode(from + 1, end);
    else if ((colon ? colon : to) > from) e->host = decode(from, colon ? colon : to);
}

static void parse_db(const char *from, const char *to, struct endpoint *e)
{
    if (from == to) return;
    if (!number_parse(slice_make(from, (size_t)(to - from)), &e->db) || e->db < 0 || e->db > INT32_MAX)
        fail("Invalid database number in the URI");
}

void uri_parse(char *text, struct endpoint *e)
{
    if (strncmp(text, "rediss://", 9) == 0) e->tls = true;
    const char *scheme = e->tls ? "rediss://" : "redis://";
    if (strncmp(text, scheme, strlen(scheme)) != 0)
        fail("Invalid URI scheme: it must begin with redis:// or rediss://");
    char *from = text + strlen(scheme), *end = from + strcspn(from, "?"), *at;
    char *path = memchr(from, '/', (size_t)(end - from));
    if (path) parse_db(path + 1, end, e);
    else path = end;
    if ((at = memchr(from, '@', (size_t)(path - from)))) {
        parse_user(from, at, e);
        from = at + 1;
    }
    parse_host(from, path, e);
}
