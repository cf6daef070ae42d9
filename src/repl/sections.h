/* What INFO tells of replication; the module is the struct server. */
#ifndef REPL_SECTIONS_H
#define REPL_SECTIONS_H

#include "base/rows.h"

extern const struct info_section repl_section;
extern const struct info_section repl_section_stats; /* goes on with core/sections.h's */

#endif
