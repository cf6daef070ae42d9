#include "base/glob.h"

#include <ctype.h>

static unsigned char fold(char c, bool nocase)
{
    return nocase ? (unsigned char)tolower((unsigned char)c) : (unsigned char)c;
}

/* Matches c against the class that begins behind `[` at p; *next is set to
 * what follows it. A class that is never closed ends with the pattern. */
static bool class_match(const char *p, const char *end, char c, bool nocase, const char **next)
{
    bool negated = p < end && *p == '^', found = false;
    unsigned char wanted = fold(c, nocase);
    if (negated) p++;
    while (p < end && *p != ']') {
        if (*p == '\\' && end - p >= 2) {
            found |= fold(p[1], nocase) == wanted;
            p += 2;
        } else if (end - p >= 3 && p[1] == '-') {
            unsigned char low = fold(p[0], nocase), high = fold(p[2], nocase);
            if (low > high) {
                unsigned char swap = low;
                low = high;
                high = swap;
            }
            found |= wanted >= low && wanted <= high;
            p += 3;
        } else {
            found |= fold(*p, nocase) == wanted;
            p++;
        }
    }
    *next = p < end ? p + 1 : p;
    return found != negated;
}

/* One step: does the pattern's element at p match c? *next is behind it. */
static bool element_match(const char *p, const char *end, char c, bool nocase, const char **next)
{
    if (*p == '?') {
        *next = p + 1;
        return true;
    }
    if (*p == '[') return class_match(p + 1, end, c, nocase, next);
    if (*p == '\\' && end - p >= 2) p++;
    *next = p + 1;
    return fold(*p, nocase) == fold(c, nocase);
}

bool glob_match(struct slice pattern, struct slice text, bool nocase)
{
    const char *p = pattern.ptr, *p_end = p + pattern.len;
    const char *t = text.ptr, *t_end = t + text.len;
    const char *star = NULL, *star_text = NULL, *next;

    if (text.len == 0) return pattern.len == 0;
    while (t < t_end) {
        if (p < p_end && *p == '*') {
            star = ++p;
            star_text = t;
            if (p == p_end) return true;
        } else if (p < p_end && element_match(p, p_end, *t, nocase, &next)) {
            p = next;
            t++;
        } else if (star) {
            p = star;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < p_end && *p == '*') p++;
    return p == p_end;
}

void glob_literal_prefix(struct slice pattern, struct buffer *prefix)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        if (c == '*' || c == '?' || c == '[') return;
        if (c == '\\' && i + 1 < pattern.len) c = pattern.ptr[++i];
        buffer_append_char(prefix, c);
    }
}
