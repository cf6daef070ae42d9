#include "base/glob.h"

#include <ctype.h>

#include "base/mem.h"
#include "seed.h"
#include "test.h"

/* ---- the oracle: the rules one by one, trying everything ---- */

static unsigned char fold(char c, bool nocase)
{
    return nocase ? (unsigned char)tolower((unsigned char)c) : (unsigned char)c;
}

/* The bytes that the class behind `[` allows; what follows it is returned. */
static struct slice read_class(struct slice p, bool nocase, bool allowed[256])
{
    bool negated = p.len && p.ptr[0] == '^';
    size_t at = negated;
    memset(allowed, 0, 256);
    while (at < p.len && p.ptr[at] != ']') {
        size_t left = p.len - at;
        int from = fold(p.ptr[at], nocase), to = from;
        if (p.ptr[at] == '\\' && left > 1) {
            from = to = fold(p.ptr[at + 1], nocase);
            at += 2;
        } else if (left > 2 && p.ptr[at + 1] == '-') {
            to = fold(p.ptr[at + 2], nocase);
            at += 3;
        } else {
            at++;
        }
        for (int c = from < to ? from : to; c <= (from < to ? to : from); c++) allowed[c] = true;
    }
    for (int c = 0; negated && c < 256; c++) allowed[c] = !allowed[c];
    if (at < p.len) at++;
    return slice_make(p.ptr + at, p.len - at);
}

static struct slice rest(struct slice s, size_t taken)
{
    return slice_make(s.ptr + taken, s.len - taken);
}

static bool slow_match(struct slice p, struct slice t, bool nocase)
{
    if (p.len == 0) return t.len == 0;
    if (p.ptr[0] == '*') {
        for (size_t taken = 0; taken <= t.len; taken++)
            if (slow_match(rest(p, 1), rest(t, taken), nocase)) return true;
        return false;
    }
    if (t.len == 0) return false;
    if (p.ptr[0] == '?') return slow_match(rest(p, 1), rest(t, 1), nocase);
    if (p.ptr[0] == '[') {
        bool allowed[256];
        struct slice behind = read_class(rest(p, 1), nocase, allowed);
        return allowed[fold(t.ptr[0], nocase)] && slow_match(behind, rest(t, 1), nocase);
    }
    size_t escape = p.ptr[0] == '\\' && p.len > 1;
    return fold(p.ptr[escape], nocase) == fold(t.ptr[0], nocase) &&
           slow_match(rest(p, 1 + escape), rest(t, 1), nocase);
}

static bool oracle(struct slice pattern, struct slice text, bool nocase)
{
    return text.len == 0 ? pattern.len == 0 : slow_match(pattern, text, nocase);
}

/* ---- random patterns ---- */

static struct slice random_text(struct random *r, char *to, const char *alphabet, size_t max)
{
    size_t len = random_below(r, max + 1);
    for (size_t i = 0; i < len; i++) to[i] = alphabet[random_below(r, strlen(alphabet))];
    return slice_make(to, len);
}

static void against_the_oracle(const char *letters, const char *texts, size_t pattern_max)
{
    struct random r;
    size_t matched = 0;
    seed_init(&r);
    for (int i = 0; i < 300000; i++) {
        char p[16], t[16];
        struct slice pattern = random_text(&r, p, letters, pattern_max), text = random_text(&r, t, texts, 9);
        bool nocase = random_below(&r, 4) == 0, matches = glob_match(pattern, text, nocase);
        if (matches != oracle(pattern, text, nocase)) {
            printf("    pattern \"%.*s\", text \"%.*s\", %s\n", (int)pattern.len, pattern.ptr, (int)text.len,
                   text.ptr, nocase ? "any case" : "exact case");
            CHECK(matches == oracle(pattern, text, nocase));
        }
        matched += matches;
        struct buffer prefix = {0};
        glob_literal_prefix(pattern, &prefix);
        if (matches && !nocase) CHECK(slice_starts_with(text, buffer_slice(&prefix)));
        buffer_fini(&prefix);
    }
    CHECK(matched > 1000);
}

static void stars_and_letters(void)
{
    against_the_oracle("ab**?", "ab", 12);
}

static void classes_and_escapes(void)
{
    against_the_oracle("aBc[[]]^-\\*", "abC]-^\\", 12);
}

/* ---- by hand ---- */

static bool matches(const char *pattern, const char *text)
{
    return glob_match(slice_of(pattern), slice_of(text), false);
}

static void examples(void)
{
    CHECK(matches("h?llo", "hello") && !matches("h?llo", "hllo"));
    CHECK(matches("h*llo", "heeeello") && matches("h*llo", "hllo"));
    CHECK(matches("h[ae]llo", "hallo") && !matches("h[ae]llo", "hillo"));
    CHECK(matches("h[^e]llo", "hallo") && !matches("h[^e]llo", "hello"));
    CHECK(matches("h[a-b]llo", "hbllo") && matches("h[b-a]llo", "hbllo") && !matches("h[a-b]llo", "hcllo"));
    CHECK(matches("\\*", "*") && !matches("\\*", "a"));
    CHECK(matches("[\\]]", "]") && matches("[^\\]]", "a"));
    CHECK(matches("*", "a") && matches("**", "a") && matches("", ""));
    CHECK(!matches("*", ""));
    CHECK(!matches("a", "") && !matches("", "a"));
    CHECK(glob_match(SLICE("a\0*"), SLICE("a\0b"), false) &&
          !glob_match(SLICE("a\0c"), SLICE("a\0b"), false));
    CHECK(glob_match(SLICE("\xff[\x80-\xfe]"), SLICE("\xff\x90"), false));
    CHECK(glob_match(SLICE("HeLLo[A-Z]"), SLICE("hEllOq"), true));
    CHECK(!glob_match(SLICE("HeLLo"), SLICE("hello"), false));
}

static void prefix(const char *pattern, const char *expected)
{
    struct buffer text = {0};
    buffer_append_text(&text, "<");
    glob_literal_prefix(slice_of(pattern), &text);
    CHECK_TEXT(text.data + 1, expected);
    buffer_fini(&text);
}

static void literal_prefixes(void)
{
    prefix("", "");
    prefix("user:*", "user:");
    prefix("*", "");
    prefix("user:?x", "user:");
    prefix("user[ab]", "user");
    prefix("a\\*b*", "a*b");
    prefix("plain", "plain");
    prefix("end\\", "end\\");
}

/* A matcher that tried every way for each star would still be at it when the
 * machine is scrap. */
static void no_pattern_is_expensive(void)
{
    enum { STARS = 500, LENGTH = 20000 };
    char *pattern = mem_alloc(2 * STARS + 1), *text = mem_alloc(LENGTH);
    for (int i = 0; i < STARS; i++) memcpy(pattern + 2 * i, "a*", 2);
    pattern[2 * STARS] = 'b';
    memset(text, 'a', LENGTH);
    CHECK(!glob_match(slice_make(pattern, 2 * STARS + 1), slice_make(text, LENGTH), false));
    CHECK(glob_match(slice_make(pattern, 2 * STARS), slice_make(text, LENGTH), false));
    text[LENGTH - 1] = 'b';
    CHECK(glob_match(slice_make(pattern, 2 * STARS + 1), slice_make(text, LENGTH), false));
    mem_free(pattern);
    mem_free(text);
}

int main(void)
{
    TEST("patterns mean what they should", examples);
    TEST("random stars and letters agree with a matcher that tries everything", stars_and_letters);
    TEST("random classes and escapes agree with it", classes_and_escapes);
    TEST("the literal prefix ends where a pattern begins to vary", literal_prefixes);
    TEST("no pattern is expensive", no_pattern_is_expensive);
    return TEST_END();
}
