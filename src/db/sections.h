/* What INFO tells of the keyspace; the module is the struct keyspace. */
#ifndef DB_SECTIONS_H
#define DB_SECTIONS_H

#include "base/rows.h"

extern const struct info_section db_section_stats; /* goes on with core/sections.h's */
extern const struct info_section db_section_keyspace;

#endif
