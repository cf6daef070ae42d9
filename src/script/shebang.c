#include "script/shebang.h"

#include "base/mem.h"
#include "io/request.h"
#include "script/run.h"

unsigned shebang_flag(struct slice name)
{
    static const struct {
        const char *name;
        unsigned flag;
    } flags[] = {{"no-writes", SCRIPT_NO_WRITES},
                 {"allow-oom", SCRIPT_ALLOW_OOM},
                 {"allow-stale", SCRIPT_ALLOW_STALE},
                 {"no-cluster", SCRIPT_NO_CLUSTER},
                 {"allow-cross-slot-keys", SCRIPT_ALLOW_CROSS_SLOT_KEYS}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (slice_equal(name, slice_of(flags[i].name))) return flags[i].flag;
    return 0;
}

enum { WORDS_MAX = 16 };

struct words {
    char *storage;
    struct slice at[WORDS_MAX];
    int count; /* -1: quotes do not match */
};

/* Cuts off the line and splits it. False: it has no end. */
static bool split(struct slice text, struct shebang *shebang, struct words *words)
{
    const char *newline = memchr(text.ptr, '\n', text.len);
    if (newline == NULL) return false;
    struct slice line = slice_make(text.ptr, (size_t)(newline - text.ptr));
    shebang->code = slice_make(newline, text.len - line.len);
    words->storage = mem_alloc(line.len + 1);
    words->count = request_split_words(line, words->storage, words->at, WORDS_MAX);
    return true;
}

static bool parse_flags(struct slice list, unsigned *flags, struct buffer *error)
{
    while (list.len) {
        const char *comma = memchr(list.ptr, ',', list.len);
        struct slice name = slice_make(list.ptr, comma ? (size_t)(comma - list.ptr) : list.len);
        unsigned flag = shebang_flag(name);
        if (flag == 0) {
            buffer_printf(error, "ERR Unexpected flag in script shebang: %.*s", (int)name.len, name.ptr);
            return false;
        }
        *flags |= flag;
        if (comma == NULL) break;
        list = slice_make(comma + 1, list.len - name.len - 1);
        if (list.len == 0) {
            buffer_append_text(error, "ERR Unexpected flag in script shebang: ");
            return false;
        }
    }
    return true;
}

static bool parse_script_words(const struct words *words, unsigned *flags, struct buffer *error)
{
    static const char flags_word[] = "flags=";
    const size_t prefix = sizeof flags_word - 1;
    if (words->count < 1) {
        buffer_append_text(error, "ERR Invalid engine in script shebang");
        return false;
    }
    if (!slice_equal(words->at[0], SLICE("#!lua"))) {
        buffer_printf(error, "ERR Unexpected engine in script shebang: %.*s", (int)words->at[0].len,
                      words->at[0].ptr);
        return false;
    }
    *flags = 0;
    for (int i = 1; i < words->count; i++) {
        struct slice word = words->at[i];
        if (!slice_starts_with(word, slice_make(flags_word, prefix))) {
            buffer_printf(error, "ERR Unknown lua shebang option: %.*s", (int)word.len, word.ptr);
            return false;
        }
        if (!parse_flags(slice_make(word.ptr + prefix, word.len - prefix), flags, error)) return false;
    }
    return true;
}

bool shebang_of_script(struct slice text, struct shebang *shebang, struct buffer *error)
{
    struct words words;
    if (!split(text, shebang, &words)) {
        buffer_append_text(error, "ERR Invalid script shebang");
        return false;
    }
    bool ok = parse_script_words(&words, &shebang->flags, error);
    mem_free(words.storage);
    return ok;
}
