/* What INFO tells of the cluster; the module is the struct server. */
#ifndef CLUSTER_SECTIONS_H
#define CLUSTER_SECTIONS_H

#include "base/rows.h"

extern const struct info_section cluster_section;

#endif
