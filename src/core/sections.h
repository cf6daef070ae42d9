/* The sections of INFO about the server as a whole; their module is the
 * struct server. */
#ifndef CORE_SECTIONS_H
#define CORE_SECTIONS_H

#include "base/rows.h"

extern const struct info_section core_section_server;
extern const struct info_section core_section_clients;
extern const struct info_section core_section_memory;
extern const struct info_section core_section_stats;
extern const struct info_section
    core_section_stats_end; /* goes on with it, behind the other modules' lines */
extern const struct info_section core_section_cpu;
extern const struct info_section core_section_modules;
extern const struct info_section core_section_commandstats;
extern const struct info_section core_section_errorstats;
extern const struct info_section core_section_latencystats;

#endif
