/* What INFO tells of persistence; the module is the struct server. */
#ifndef PERSIST_SECTIONS_H
#define PERSIST_SECTIONS_H

#include "base/rows.h"

extern const struct info_section persist_section;
extern const struct info_section persist_section_stats; /* goes on with core/sections.h's */

#endif
