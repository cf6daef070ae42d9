/* The manifest of a multi-part append only file: which files it consists of. A
 * line each:
 *
 *   file <name> seq <number> type <b|i|h>
 *
 * one base (what a rewrite made), increments in ascending order (what was appended
 * since), and history (what a rewrite made superfluous and is to be deleted). A
 * name that needs it is quoted. The manifest is replaced as a whole, never edited. */
#ifndef PERSIST_MANIFEST_H
#define PERSIST_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum manifest_kind { MANIFEST_BASE = 'b', MANIFEST_INCREMENT = 'i', MANIFEST_HISTORY = 'h' };

struct manifest_file {
    char *name; /* in the manifest's directory */
    int64_t sequence;
    enum manifest_kind kind;
};

/* All zero is the empty one. */
struct manifest {
    struct manifest_file *files; /* the base, if any; history; increments in order */
    int count;
};

void manifest_fini(struct manifest *m);
void manifest_copy(const struct manifest *from, struct manifest *to);

/* Reads a text of that form; false, the reason (with the line) in why, and m empty. */
bool manifest_parse(struct manifest *m, struct slice text, struct buffer *why);
void manifest_print(const struct manifest *m, struct buffer *to);

/* The same with a file. A manifest is written to a temporary file, synced and
 * given its name; false, and errno. Once it has its name it is what the next start
 * reads, even if the directory cannot be synced, which is only logged. */
bool manifest_load(struct manifest *m, const char *path, struct buffer *why);
bool manifest_save(const struct manifest *m, const char *path);

/* Adds a file. */
void manifest_add(struct manifest *m, const char *name, int64_t sequence, enum manifest_kind kind);

/* Makes history of the base and the first count increments. */
void manifest_retire(struct manifest *m, int count);

/* Takes history out. */
void manifest_forget_history(struct manifest *m);

/* The base, the last increment; NULL where there is none. */
const struct manifest_file *manifest_base(const struct manifest *m);
const struct manifest_file *manifest_last(const struct manifest *m);

/* The highest sequence number of a kind, 0 where there is none. */
int64_t manifest_sequence(const struct manifest *m, enum manifest_kind kind);
int manifest_count(const struct manifest *m, enum manifest_kind kind);

#endif
