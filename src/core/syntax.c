#include "core/syntax.h"

#include <ctype.h>

#include "base/buffer.h"
#include "base/mem.h"

struct parser {
    const char *start, *at;
    const struct command *row;
    int key_spec; /* that the next key belongs to */
    bool failed;
};

/* What a bracket holds. One that ends with "..." adds no argument, it repeats
 * what stands before it. */
struct group {
    struct argument argument;
    int repeats; /* as many arguments; 0: none */
    bool repeats_token;
};

/* ---- lists of arguments ---- */

static struct argument *push(struct arguments *list, struct argument argument)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 4;
        list->at = mem_realloc(list->at, (size_t)list->capacity * sizeof *list->at);
    }
    list->at[list->count] = argument;
    return &list->at[list->count++];
}

static void argument_free(struct argument *argument)
{
    mem_free(argument->name);
    syntax_free(&argument->members);
}

void syntax_free(struct arguments *arguments)
{
    for (int i = 0; i < arguments->count; i++) argument_free(&arguments->at[i]);
    mem_free(arguments->at);
    *arguments = (struct arguments){0};
}

/* Moves the arguments from index on out of the list. */
static struct arguments split(struct arguments *list, int index)
{
    struct arguments tail = {0};
    for (int i = index; i < list->count; i++) push(&tail, list->at[i]);
    list->count = index;
    return tail;
}

/* ---- names and types ---- */

const char *syntax_type_name(enum argument_type type)
{
    static const char *const names[] = {
        [ARGUMENT_STRING] = "string",         [ARGUMENT_INTEGER] = "integer",
        [ARGUMENT_DOUBLE] = "double",         [ARGUMENT_KEY] = "key",
        [ARGUMENT_PATTERN] = "pattern",       [ARGUMENT_UNIX_TIME] = "unix-time",
        [ARGUMENT_PURE_TOKEN] = "pure-token", [ARGUMENT_ONEOF] = "oneof",
        [ARGUMENT_BLOCK] = "block",
    };
    return names[type];
}

static bool is_listed(struct slice word, const char *const *words)
{
    while (*words && !slice_equal(word, slice_of(*words))) words++;
    return *words != NULL;
}

/* What a word's name says of its type, unless the row says it. */
static enum argument_type type_of_name(struct slice name)
{
    static const char *const keys[] = {
        "key", "key1", "key2", "newkey", "source", "destination", "destkey", "sourcekey", "src", "dst", NULL,
    };
    static const char *const integers[] = {
        "bit",
        "bits",
        "client-id",
        "config-epoch",
        "count",
        "cursor",
        "db",
        "decrement",
        "destination-db",
        "end",
        "end-slot",
        "entries_added",
        "entries_read",
        "frequency",
        "increment",
        "index",
        "index1",
        "index2",
        "len",
        "limit",
        "milliseconds",
        "min-match-len",
        "ms",
        "num-matches",
        "numfields",
        "numkeys",
        "numlocal",
        "numreplicas",
        "offset",
        "port",
        "protover",
        "rank",
        "seconds",
        "slot",
        "start",
        "start-slot",
        "stop",
        "timeout",
        "ttl",
        "version",
        "weight",
        "cluster_bus_port",
        NULL,
    };
    static const char *const doubles[] = {
        "height", "latitude", "longitude", "max", "min", "radius", "score", "width", NULL,
    };
    static const char *const patterns[] = {"pattern", NULL};
    if (is_listed(name, keys)) return ARGUMENT_KEY;
    if (is_listed(name, integers)) return ARGUMENT_INTEGER;
    if (is_listed(name, doubles)) return ARGUMENT_DOUBLE;
    if (is_listed(name, patterns)) return ARGUMENT_PATTERN;
    return slice_starts_with(name, SLICE("unix-time-")) ? ARGUMENT_UNIX_TIME : ARGUMENT_STRING;
}

/* Cuts ":type" off the name. */
static bool take_written_type(struct slice *name, enum argument_type *type)
{
    const char *colon = memchr(name->ptr, ':', name->len);
    if (colon == NULL) return false;
    struct slice written = slice_make(colon + 1, (size_t)(name->ptr + name->len - colon - 1));
    for (int i = ARGUMENT_STRING; i <= ARGUMENT_UNIX_TIME; i++) {
        if (!slice_equal(written, slice_of(syntax_type_name((enum argument_type)i)))) continue;
        *type = (enum argument_type)i;
        name->len = (size_t)(colon - name->ptr);
        return true;
    }
    return false; /* part of the name: "ip:port" */
}

/* A token's name is its word in lower case, with a few exceptions. */
static char *token_name(struct slice token)
{
    static const char *const irregular[][2] = {
        {"=", "equal"},       {"~", "approximately"}, {"*", "auto_id"},      {"$", "new_id"},
        {"", "empty_string"}, {"CH", "change"},       {"INCR", "increment"}, {"ALPHA", "sorting"},
    };
    for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++)
        if (slice_equal(token, slice_of(irregular[i][0]))) return mem_strdup(irregular[i][1]);
    char *name = mem_copy(token.ptr, token.len);
    for (char *c = name; *c; c++) *c = (char)tolower((unsigned char)*c);
    return name;
}

/* Choices that commands share, known by the token they begin with. */
static const char *known_choice(const struct argument *first)
{
    static const char *const known[][2] = {
        {"NX", "condition"}, {"GT", "comparison"},   {"EX", "expiration"}, {"ASC", "order"},
        {"LEFT", "where"},   {"MIN", "where"},       {"BEFORE", "where"},  {"M", "unit"},
        {"BYTE", "unit"},    {"BYSCORE", "sortby"},  {"BYLEX", "sortby"},  {"SUM", "aggregate"},
        {"ASYNC", "async"},  {"MAXLEN", "strategy"}, {"=", "operator"},    {"FROMMEMBER", "from"},
    };
    for (size_t i = 0; first->token.ptr && i < sizeof known / sizeof *known; i++)
        if (slice_equal(first->token, slice_of(known[i][0]))) return known[i][1];
    return NULL;
}

static char *joined_names(const struct arguments *members)
{
    struct buffer name = {0};
    for (int i = 0; i < members->count; i++) {
        if (i) buffer_append_char(&name, '_');
        buffer_append_text(&name, members->at[i].name);
    }
    return name.data;
}

/* ---- words ---- */

static bool is_sign(char c)
{
    return c == '[' || c == ']' || c == '<' || c == '>' || c == '|';
}

/* The next word or sign, not yet taken; empty at the end. */
static struct slice peek(struct parser *p)
{
    while (*p->at == ' ') p->at++;
    size_t len = 0;
    if (is_sign(*p->at)) return slice_make(p->at, 1);
    while (p->at[len] && p->at[len] != ' ' && !is_sign(p->at[len])) len++;
    return slice_make(p->at, len);
}

static struct slice take(struct parser *p)
{
    struct slice word = peek(p);
    p->at = word.ptr + word.len;
    return word;
}

static bool take_if(struct parser *p, const char *word)
{
    bool is_next = slice_equal(peek(p), slice_of(word));
    if (is_next) take(p);
    return is_next;
}

static bool is_plain(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (islower((unsigned char)word.ptr[i])) return true;
    return false;
}

/* ---- arguments ---- */

/* The spec that the next key stands for: the specs are in the order of the
 * keys, and the last is for all that follow. A pattern may stand for keys,
 * too: those that no rule tells. */
static void assign_key_spec(struct parser *p, struct argument *argument)
{
    int specs = command_key_spec_count(p->row);
    if (argument->type == ARGUMENT_KEY && specs == 0) argument->type = ARGUMENT_STRING;
    if (specs == 0) return;
    const struct key_spec *spec = &p->row->keys[p->key_spec];
    if (argument->type == ARGUMENT_PATTERN && spec->unknown) {
        argument->key_spec = p->key_spec;
    } else if (argument->type == ARGUMENT_KEY) {
        if (spec->unknown && p->key_spec + 1 < specs) p->key_spec++;
        argument->key_spec = p->key_spec;
        if (p->key_spec + 1 < specs) p->key_spec++;
    }
}

static struct argument make_word(struct parser *p, struct slice word)
{
    struct argument argument = {.key_spec = -1};
    if (!take_written_type(&word, &argument.type)) argument.type = type_of_name(word);
    argument.name = mem_copy(word.ptr, word.len);
    assign_key_spec(p, &argument);
    return argument;
}

/* Several arguments as one; a single one stays itself, unless the group has a
 * written name. */
static struct argument make_group(struct parser *p, struct arguments members, enum argument_type type,
                                  struct slice name)
{
    struct argument group = {.type = type, .key_spec = -1, .members = members};
    if (members.count == 0) {
        p->failed = true;
        group.name = mem_strdup("");
    } else if (name.len) {
        group.name = mem_copy(name.ptr, name.len);
    } else if (members.count == 1) {
        group = members.at[0];
        mem_free(members.at);
    } else {
        const char *known = type == ARGUMENT_ONEOF ? known_choice(&members.at[0]) : NULL;
        group.name = known ? mem_strdup(known) : joined_names(&members);
    }
    return group;
}

/* ---- the grammar ---- */

static struct group parse_group(struct parser *p, const char *close);

/* A token with what it announces: a group, or words, or only one word. */
static struct argument parse_token(struct parser *p, struct slice token, bool only_one)
{
    struct argument argument = {.type = ARGUMENT_PURE_TOKEN, .key_spec = -1};
    if (slice_equal(token, SLICE("\"\""))) token.len = 0;
    if (take_if(p, "<")) {
        argument = parse_group(p, ">").argument;
    } else if (is_plain(peek(p))) {
        struct arguments words = {0};
        do push(&words, make_word(p, take(p)));
        while (!only_one && is_plain(peek(p)));
        argument = make_group(p, words, ARGUMENT_BLOCK, SLICE(""));
    } else {
        argument.name = token_name(token);
    }
    argument.token = token;
    return argument;
}

/* "a b [a b ...]": makes the last arguments one that may be repeated. Behind
 * "TOKEN n a b", without the token again, they are the token's last ones. */
static void repeat_last(struct parser *p, struct arguments *list, const struct group *group)
{
    struct argument *last = list->count ? &list->at[list->count - 1] : NULL;
    if (last && last->type == ARGUMENT_BLOCK && last->members.count > group->repeats && !group->repeats_token)
        list = &last->members;
    if (group->repeats > list->count) {
        p->failed = true;
        return;
    }
    struct arguments repeated = split(list, list->count - group->repeats);
    struct argument argument = make_group(p, repeated, ARGUMENT_BLOCK, SLICE(""));
    if (strcmp(argument.name, group->argument.name) != 0) p->failed = true;
    argument.multiple = true;
    argument.repeats_token = group->repeats_token;
    push(list, argument);
}

static void parse_square(struct parser *p, struct arguments *list)
{
    int key_spec = p->key_spec;
    struct group group = parse_group(p, "]");
    if (group.repeats) {
        p->key_spec = key_spec;
        repeat_last(p, list, &group);
        argument_free(&group.argument);
    } else {
        group.argument.optional = true;
        push(list, group.argument);
    }
}

/* Up to the end of the text, of the bracket, or of the alternative. */
static struct arguments parse_sequence(struct parser *p, bool tokens_take_one)
{
    struct arguments list = {0};
    for (;;) {
        struct slice word = peek(p);
        if (word.len == 0 || strchr("]>|", *word.ptr)) return list;
        take(p);
        if (slice_equal(word, SLICE("["))) parse_square(p, &list);
        else if (slice_equal(word, SLICE("<"))) push(&list, parse_group(p, ">").argument);
        else if (is_plain(word)) push(&list, make_word(p, word));
        else if (!slice_equal(word, SLICE("..."))) push(&list, parse_token(p, word, tokens_take_one));
        else if (list.count) list.at[list.count - 1].multiple = true;
        else p->failed = true;
    }
}

/* Whether a '|' stands in the bracket that was opened last. */
static bool has_alternatives(const char *at)
{
    for (int depth = 0; *at && depth >= 0; at++) {
        if (*at == '|' && depth == 0) return true;
        depth += (*at == '[' || *at == '<') - (*at == ']' || *at == '>');
    }
    return false;
}

/* Behind an opening bracket. */
static struct group parse_group(struct parser *p, const char *close)
{
    struct group group = {0};
    struct slice name = peek(p);
    bool is_named = name.len > 1 && name.ptr[name.len - 1] == ':';
    if (is_named) take(p);
    name.len = is_named ? name.len - 1 : 0;
    if (has_alternatives(p->at)) {
        struct arguments alternatives = {0};
        do push(&alternatives, make_group(p, parse_sequence(p, false), ARGUMENT_BLOCK, SLICE("")));
        while (take_if(p, "|"));
        group.argument = make_group(p, alternatives, ARGUMENT_ONEOF, name);
    } else {
        struct arguments list = parse_sequence(p, is_named);
        bool ends_with_dots = p->at - p->start >= 3 && memcmp(p->at - 3, "...", 3) == 0;
        if (*close == ']' && !is_named && ends_with_dots) {
            group.repeats = list.count;
            group.repeats_token = list.count && list.at[0].token.ptr;
        }
        group.argument = make_group(p, list, ARGUMENT_BLOCK, name);
    }
    if (!take_if(p, close)) p->failed = true;
    return group;
}

bool syntax_parse(const struct command *row, struct arguments *arguments)
{
    const char *text = row->syntax ? row->syntax : "";
    struct parser p = {.start = text, .at = text, .row = row};
    *arguments = parse_sequence(&p, false);
    return !p.failed && peek(&p).len == 0;
}
