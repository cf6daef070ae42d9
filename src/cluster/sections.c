#include "cluster/sections.h"

#include "core/info.h"

static void write_cluster(void *module, struct buffer *to)
{
    (void)module;
    info_int(to, "cluster_enabled", 0);
}

const struct info_section cluster_section = {"cluster", "Cluster", true, write_cluster};
