#include "core/info.h"

#include "base/mem.h"

struct registered {
    const struct info_section *section;
    void *module;
};

struct info {
    struct registered *sections;
    int count;
};

struct info *info_new(void)
{
    return mem_calloc(1, sizeof(struct info));
}

void info_free(struct info *info)
{
    mem_free(info->sections);
    mem_free(info);
}

void info_add(struct info *info, const struct info_section *rows, void *module)
{
    for (const struct info_section *row = rows; row->name; row++) {
        info->sections = mem_realloc(info->sections, (size_t)(info->count + 1) * sizeof *info->sections);
        info->sections[info->count++] = (struct registered){row, module};
    }
}

static bool is_wanted(const struct info_section *section, int count, const struct slice *names)
{
    for (int i = 0; i < count; i++) {
        if (slice_is(names[i], section->name) || slice_is(names[i], "all") || slice_is(names[i], "everything"))
            return true;
        if (section->in_default && slice_is(names[i], "default")) return true;
    }
    return count == 0 && section->in_default;
}

void info_write(const struct info *info, int count, const struct slice *names, struct buffer *to)
{
    size_t start = to->len;
    for (int i = 0; i < info->count; i++) {
        const struct info_section *section = info->sections[i].section;
        if (!is_wanted(section, count, names)) continue;
        if (to->len > start) buffer_append_text(to, "\r\n");
        buffer_printf(to, "# %s\r\n", section->title);
        section->write(info->sections[i].module, to);
    }
}
