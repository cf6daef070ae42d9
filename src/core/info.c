#include "core/info.h"

#include "base/mem.h"
#include "base/number.h"

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

void info_add(struct info *info, const struct info_section *section, void *module)
{
    info->sections = mem_realloc(info->sections, (size_t)(info->count + 1) * sizeof *info->sections);
    info->sections[info->count++] = (struct registered){section, module};
}

static bool is_wanted(const struct info_section *section, int count, const struct slice *names)
{
    for (int i = 0; i < count; i++) {
        if (slice_is(names[i], section->name) || slice_is(names[i], "all") ||
            slice_is(names[i], "everything"))
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
        if (section->title && to->len > start) buffer_append_text(to, "\r\n");
        if (section->title) buffer_printf(to, "# %s\r\n", section->title);
        section->write(info->sections[i].module, to);
    }
}

/* ---- lines ---- */

void info_int(struct buffer *to, const char *name, int64_t value)
{
    buffer_printf(to, "%s:%lld\r\n", name, (long long)value);
}

void info_text(struct buffer *to, const char *name, const char *value)
{
    buffer_printf(to, "%s:%s\r\n", name, value);
}

void info_bytes(struct buffer *to, const char *name, uint64_t bytes)
{
    char human[32];
    number_print_human(human, bytes);
    buffer_printf(to, "%s:%llu\r\n%s_human:%s\r\n", name, (unsigned long long)bytes, name, human);
}

void info_ratio(struct buffer *to, const char *name, double value)
{
    buffer_printf(to, "%s:%.2f\r\n", name, value);
}

void info_zeros(struct buffer *to, const char *const *names)
{
    for (; *names; names++) info_int(to, *names, 0);
}
