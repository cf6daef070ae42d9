#include "core/config.h"

#include "base/assert.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config_registry.h"

struct config *config_new(void)
{
    struct config *config = mem_calloc(1, sizeof *config);
    config->path = mem_strdup("");
    return config;
}

void config_free(struct config *config)
{
    for (int i = 0; i < config->directive_count; i++) directive_fini(&config->directives[i]);
    mem_free(config->directives);
    mem_free(config->path);
    mem_free(config);
}

void config_add(struct config *config, const struct option *rows, void *settings, void *module)
{
    int count = 0;
    while (rows[count].name) count++;
    size_t total = (size_t)(config->directive_count + count);
    config->directives = mem_realloc(config->directives, total * sizeof *config->directives);
    for (int i = 0; i < count; i++) {
        struct directive *d = &config->directives[config->directive_count++];
        *d = (struct directive){.row = &rows[i], .ctx = {settings, module}};
        directive_init(d);
    }
}

struct directive *config_find(const struct config *config, struct slice name, const char **matched)
{
    for (int i = 0; i < config->directive_count; i++) {
        struct directive *d = &config->directives[i];
        const char *alias = d->row->alias;
        const char *hit = slice_is(name, d->row->name) ? d->row->name : NULL;
        if (hit == NULL && alias && slice_is(name, alias)) hit = alias;
        if (hit == NULL) continue;
        if (matched) *matched = hit;
        return d;
    }
    return NULL;
}

const char *config_path(const struct config *config)
{
    return config->path;
}

/* CONFIG GET. */

static bool is_literal(struct slice pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] == '*' || pattern.ptr[i] == '?' || pattern.ptr[i] == '[') return false;
    return true;
}

struct match_list {
    struct config_match *items;
    int count;
};

static void add_match(struct match_list *list, struct slice name, const struct directive *d)
{
    for (int i = 0; i < list->count; i++) {
        struct slice seen = list->items[i].name;
        if (seen.len == name.len && strncasecmp(seen.ptr, name.ptr, name.len) == 0) return;
    }
    list->items[list->count++] = (struct config_match){name, d};
}

static void match_pattern(const struct config *config, struct slice pattern, struct match_list *list)
{
    if (is_literal(pattern)) {
        const struct directive *d = config_find(config, pattern, NULL);
        if (d && !(d->row->flags & OPTION_FILE_ONLY)) add_match(list, pattern, d);
        return;
    }
    for (int i = 0; i < config->directive_count; i++) {
        const struct directive *d = &config->directives[i];
        if (d->row->flags & (OPTION_FILE_ONLY | OPTION_HIDDEN)) continue;
        const char *names[] = {d->row->name, d->row->alias};
        for (int n = 0; n < 2 && names[n]; n++)
            if (glob_match(pattern, slice_of(names[n]), true)) add_match(list, slice_of(names[n]), d);
    }
}

int config_match(const struct config *config, const struct slice *patterns, int count,
                 struct config_match **matches)
{
    /* Each name can match once only, whatever the number of patterns. */
    struct match_list list = {mem_alloc(2 * (size_t)(config->directive_count + 1) * sizeof *list.items), 0};
    for (int i = 0; i < count; i++) match_pattern(config, patterns[i], &list);
    *matches = list.items;
    return list.count;
}

/* CONFIG SET. */

/* One pair on its way: what it changes and what was there before. */
struct change {
    struct directive *directive;
    const char *name; /* as the row spells it: of the row or its alias */
    struct buffer before;
    bool differs;
    bool applied;
};

static bool refuse_change(struct slice name, const struct buffer *reason, struct buffer *error)
{
    buffer_append_text(error, "CONFIG SET failed (possibly related to argument '");
    buffer_append_slice(error, name);
    buffer_append_text(error, "') - ");
    buffer_append_slice(error, buffer_slice(reason));
    return false;
}

/* May this pair be set at all? The pairs before it are in changes. */
static bool admit(const struct change *changes, int at, bool allow_protected, struct buffer *reason)
{
    unsigned flags = changes[at].directive->row->flags;
    if (flags & OPTION_IMMUTABLE) return option_refuse(reason, "can't set immutable config");
    if ((flags & OPTION_PROTECTED) && !allow_protected)
        return option_refuse(reason, "can't set protected config");
    for (int i = 0; i < at; i++)
        if (changes[i].name == changes[at].name) return option_refuse(reason, "duplicate parameter");
    return true;
}

static bool find_changes(struct config *config, const struct slice *pairs, int count, struct change *changes,
                         bool allow_protected, struct buffer *error)
{
    for (int i = 0; i < count; i++) {
        struct slice name = pairs[2 * i];
        struct change *c = &changes[i];
        c->directive = config_find(config, name, &c->name);
        if (c->directive && !(c->directive->row->flags & OPTION_FILE_ONLY)) continue;
        buffer_append_text(error, "Unknown option or number of arguments for CONFIG SET - '");
        buffer_append_slice(error, name);
        buffer_append_char(error, '\'');
        return false;
    }
    struct buffer reason = {0};
    bool admitted = true;
    for (int i = 0; i < count && admitted; i++) {
        admitted = admit(changes, i, allow_protected, &reason);
        if (!admitted) refuse_change(pairs[2 * i], &reason, error);
    }
    buffer_fini(&reason);
    return admitted;
}

static bool same_apply(const struct change *a, const struct change *b)
{
    return a->directive->row->apply == b->directive->row->apply &&
           a->directive->ctx.settings == b->directive->ctx.settings;
}

/* Calls each distinct apply of the changes up to count once. */
static bool apply_changes(struct change *changes, int count, int *failed, struct buffer *reason)
{
    for (int i = 0; i < count; i++) {
        struct change *c = &changes[i];
        if (!c->differs || c->directive->row->apply == NULL) continue;
        bool done = false;
        for (int j = 0; j < i && !done; j++) done = changes[j].applied && same_apply(&changes[j], c);
        if (done) continue;
        c->applied = true;
        if (c->directive->row->apply(&c->directive->ctx, reason)) continue;
        *failed = i;
        return false;
    }
    return true;
}

/* Takes the changes before `count` back, the last first, and lets those who
 * were told of the new values know the old ones. What the world no longer
 * allows (a folder that is gone) cannot be restored, and the log says so. */
static void roll_back(struct change *changes, int count)
{
    struct buffer reason = {0};
    for (int i = count - 1; i >= 0; i--) {
        struct change *c = &changes[i];
        if (directive_assign(c->directive, buffer_slice(&c->before), &reason)) continue;
        log_warning("Cannot restore '%s' after a failed CONFIG SET: %s", c->name, reason.data);
    }
    for (int i = 0; i < count; i++) {
        struct change *c = &changes[i];
        if (!c->applied || c->directive->row->apply(&c->directive->ctx, &reason)) continue;
        log_warning("Cannot apply '%s' again after a failed CONFIG SET: %s", c->name, reason.data);
    }
    buffer_fini(&reason);
}

static bool assign_changes(struct change *changes, const struct slice *pairs, int count, int *failed,
                           struct buffer *reason)
{
    for (int i = 0; i < count; i++) {
        struct change *c = &changes[i];
        struct buffer now = {0};
        directive_get(c->directive, &c->before);
        bool set = directive_assign(c->directive, pairs[2 * i + 1], reason);
        directive_get(c->directive, &now);
        c->differs = c->directive->row->flags & OPTION_REFERENCE ||
                     !slice_equal(buffer_slice(&c->before), buffer_slice(&now));
        buffer_fini(&now);
        if (set) continue;
        *failed = i;
        return false;
    }
    return true;
}

bool config_set(struct config *config, const struct slice *pairs, int count, bool allow_protected,
                struct buffer *error)
{
    ASSERT(count % 2 == 0);
    count /= 2;
    int failed;
    struct buffer reason = {0};
    struct change *changes = mem_calloc((size_t)count + 1, sizeof *changes);
    bool set = find_changes(config, pairs, count, changes, allow_protected, error);
    if (set) {
        bool assigned = assign_changes(changes, pairs, count, &failed, &reason);
        set = assigned && apply_changes(changes, count, &failed, &reason);
        if (!set) {
            roll_back(changes, assigned ? count : failed + 1);
            refuse_change(pairs[2 * failed], &reason, error);
        }
    }
    for (int i = 0; i < count; i++) buffer_fini(&changes[i].before);
    mem_free(changes);
    buffer_fini(&reason);
    return set;
}
