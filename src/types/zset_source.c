#include "types/zset_source.h"

#include "types/set.h"

bool zset_source_fits(enum type type)
{
    return type == TYPE_ZSET || type == TYPE_SET;
}

bool zset_source_score(const struct value *source, struct slice member, double *score)
{
    if (source->object == NULL) return false;
    if (source->type == TYPE_ZSET) return zset_score(source, member, score);
    struct set_member its;
    set_member_init(&its, member);
    *score = 1;
    return set_has(source, &its);
}

static bool visit_set_member(void *ctx, struct set_member *member)
{
    const struct zset_visitor *visitor = ctx;
    return visitor->visit(visitor->ctx, set_member_text(member), 1);
}

bool zset_source_walk(const struct value *source, const struct zset_visitor *visitor)
{
    if (source->object == NULL) return true;
    if (source->type == TYPE_ZSET) return zset_walk(source, 0, zset_length(source), false, visitor);
    return set_walk(source, &(struct set_visitor){visit_set_member, (void *)(uintptr_t)visitor});
}
