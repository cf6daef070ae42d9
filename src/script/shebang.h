/* The first line of a script, "#!lua flags=no-writes,allow-oom", or of a library,
 * "#!lua name=mylib". */
#ifndef SCRIPT_SHEBANG_H
#define SCRIPT_SHEBANG_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

struct shebang {
    unsigned flags;    /* enum script_flag of script/run.h */
    struct slice code; /* from the end of the line on, so that lines keep their numbers */
};

/* Reads the line; on false, error says what is wrong. */
bool shebang_of_script(struct slice text, struct shebang *shebang, struct buffer *error);

/* The flag of this name; 0: there is none. */
unsigned shebang_flag(struct slice name);

#endif
