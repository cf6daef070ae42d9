#include "app/cli/words.h"

#include "base/mem.h"
#include "io/request.h"

void words_take(struct words *w, struct slice word)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity ? w->capacity * 2 : 8;
        w->list = mem_realloc(w->list, sizeof *w->list * (size_t)w->capacity);
    }
    w->list[w->count++] = word;
}

void words_add(struct words *w, struct slice word)
{
    words_take(w, slice_make(mem_copy(word.ptr, word.len), word.len));
}

void words_fini(struct words *w)
{
    for (int i = 0; i < w->count; i++) mem_free((char *)w->list[i].ptr);
    mem_free(w->list);
    *w = (struct words){0};
}

bool words_split(struct words *w, struct slice line)
{
    size_t max = line.len / 2 + 1; /* a word and a blank at least */
    char *storage = mem_alloc(line.len + 1);
    struct slice *found = mem_alloc(sizeof *found * max);
    int count = request_split_words(line, storage, found, (int)max);
    for (int i = 0; i < count; i++) words_add(w, found[i]);
    mem_free(found);
    mem_free(storage);
    return count >= 0;
}
