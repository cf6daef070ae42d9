#include "script/convert.h"

#include <lauxlib.h>
#include <math.h>

#include "base/mem.h"
#include "base/number.h"
#include "core/reply.h"

/* ---- replies to Lua ---- */

struct reader {
    lua_State *L;
    const char *at, *end;
};

static bool push_value(struct reader *r);

/* The rest of a line, behind its first byte. */
static bool read_line(struct reader *r, struct slice *line)
{
    const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    if (newline == NULL || newline == r->at || newline[-1] != '\r') return false;
    *line = slice_make(r->at, (size_t)(newline - 1 - r->at));
    r->at = newline + 1;
    return true;
}

static bool read_int(struct reader *r, int64_t *value)
{
    struct slice line;
    return read_line(r, &line) && number_parse(line, value);
}

static void push_slice(lua_State *L, struct slice text)
{
    lua_pushlstring(L, text.ptr, text.len);
}

/* A table with the value at the top in one field. */
static void enclose(lua_State *L, const char *field)
{
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, field);
}

void convert_push_error(lua_State *L, struct slice text)
{
    lua_createtable(L, 0, 2);
    push_slice(L, text);
    lua_setfield(L, -2, "err");
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "ignore_error_stats_update");
}

static bool read_blob(struct reader *r, struct slice *blob, bool *is_null)
{
    int64_t len;
    if (!read_int(r, &len)) return false;
    *is_null = len == -1;
    if (*is_null) return true;
    if (len < 0 || r->end - r->at < 2 || len > r->end - r->at - 2) return false;
    *blob = slice_make(r->at, (size_t)len);
    r->at += len + 2;
    return true;
}

static bool push_blob(struct reader *r)
{
    struct slice blob;
    bool is_null;
    if (!read_blob(r, &blob, &is_null)) return false;
    if (is_null) lua_pushboolean(r->L, 0);
    else push_slice(r->L, blob);
    return true;
}

static bool push_verbatim(struct reader *r)
{
    enum { FORMAT = 3 };
    struct slice blob;
    bool is_null;
    if (!read_blob(r, &blob, &is_null) || is_null || blob.len <= FORMAT) return false;
    lua_createtable(r->L, 0, 2);
    lua_pushlstring(r->L, blob.ptr + FORMAT + 1, blob.len - FORMAT - 1);
    lua_setfield(r->L, -2, "string");
    lua_pushlstring(r->L, blob.ptr, FORMAT);
    lua_setfield(r->L, -2, "format");
    enclose(r->L, "verbatim_string");
    return true;
}

/* An item takes three bytes at least: what is announced beyond that is not there. */
static bool read_count(struct reader *r, int64_t *count)
{
    return read_int(r, count) && *count >= -1 && *count <= r->end - r->at;
}

static bool push_array(struct reader *r)
{
    int64_t count;
    if (!read_count(r, &count)) return false;
    if (count < 0) {
        lua_pushboolean(r->L, 0);
        return true;
    }
    lua_createtable(r->L, (int)(count < INT32_MAX ? count : INT32_MAX), 0);
    for (int64_t i = 1; i <= count; i++) {
        if (!push_value(r)) return false;
        lua_rawseti(r->L, -2, (int)i);
    }
    return true;
}

/* What cannot be a key of a table is left out. */
static bool push_pairs(struct reader *r, const char *field, bool is_set)
{
    int64_t count;
    if (!read_count(r, &count)) return false;
    lua_newtable(r->L);
    for (int64_t i = 0; i < count; i++) {
        if (!push_value(r)) return false;
        if (is_set) lua_pushboolean(r->L, 1);
        else if (!push_value(r)) return false;
        bool is_nan = lua_isnumber(r->L, -2) && lua_tonumber(r->L, -2) != lua_tonumber(r->L, -2);
        if (lua_isnil(r->L, -2) || is_nan) lua_pop(r->L, 2);
        else lua_rawset(r->L, -3);
    }
    enclose(r->L, field);
    return true;
}

static bool skip_attributes(struct reader *r)
{
    if (!push_pairs(r, "attributes", false)) return false;
    lua_pop(r->L, 1);
    return push_value(r);
}

static bool push_double(struct reader *r)
{
    struct slice line;
    double value;
    if (!read_line(r, &line)) return false;
    if (slice_is(line, "nan")) value = (double)NAN;
    else if (!number_parse_double(line, &value)) return false;
    lua_pushnumber(r->L, value);
    enclose(r->L, "double");
    return true;
}

static bool push_line(struct reader *r, char type)
{
    struct slice line;
    if (!read_line(r, &line)) return false;
    if (type == '_') {
        lua_pushnil(r->L);
    } else if (type == '#') {
        lua_pushboolean(r->L, slice_is(line, "t"));
    } else if (type == '-') {
        convert_push_error(r->L, line);
    } else {
        push_slice(r->L, line);
        enclose(r->L, type == '+' ? "ok" : "big_number");
    }
    return true;
}

static bool push_value(struct reader *r)
{
    int64_t number;
    if (r->at == r->end) return false;
    luaL_checkstack(r->L, 6, "reply is nested too deeply");
    char type = *r->at++;
    switch (type) {
    case '$': return push_blob(r);
    case ':':
        if (!read_int(r, &number)) return false;
        lua_pushnumber(r->L, (lua_Number)number);
        return true;
    case '+':
    case '-':
    case '_':
    case '#':
    case '(': return push_line(r, type);
    case '*':
    case '>': return push_array(r);
    case '%': return push_pairs(r, "map", false);
    case '~': return push_pairs(r, "set", true);
    case ',': return push_double(r);
    case '=': return push_verbatim(r);
    case '|': return skip_attributes(r);
    default: return false;
    }
}

bool convert_to_lua(lua_State *L, struct slice reply)
{
    struct reader r = {L, reply.ptr, reply.ptr + reply.len};
    int top = lua_gettop(L);
    if (push_value(&r) && r.at == r.end) return true;
    lua_settop(L, top);
    return false;
}

/* ---- Lua to replies ---- */

enum { REPLY_LIMIT_BYTES = 1 << 29 }; /* tables that hold each other would have no end */

struct writer {
    lua_State *L;
    struct client *c;
    int resp;
    size_t start_bytes;
};

static void write_value(struct writer *w);

/* Pushes a field of the table at the top. */
static int get_field(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    return lua_type(L, -1);
}

static struct slice top_text(lua_State *L)
{
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    return slice_make(text, len);
}

static void write_line(struct client *c, char type, struct slice text)
{
    char *to = output_reserve(&c->out, text.len + 3);
    *to++ = type;
    for (size_t i = 0; i < text.len; i++)
        *to++ = text.ptr[i] == '\r' || text.ptr[i] == '\n' ? ' ' : text.ptr[i];
    *to++ = '\r';
    *to++ = '\n';
    output_commit(&c->out, to);
    client_write_later(c);
}

/* The table below is an error; its text is at the top. */
static void write_error(struct writer *w)
{
    struct slice text = top_text(w->L);
    if (text.len && text.ptr[0] == '-') text = slice_make(text.ptr + 1, text.len - 1);
    lua_pushvalue(w->L, -2);
    bool is_counted = get_field(w->L, "ignore_error_stats_update") == LUA_TBOOLEAN;
    lua_pop(w->L, 2);
    if (is_counted) reply_error_again(w->c, text.ptr);
    else reply_error(w->c, text.ptr);
}

static void write_big_number(struct writer *w)
{
    struct slice digits = top_text(w->L);
    if (w->c->resp == 2) reply_bulk(w->c, digits);
    else write_line(w->c, '(', digits);
}

static void write_verbatim(struct writer *w) /* the inner table is at the top */
{
    struct slice format = SLICE("txt");
    char name[4] = "   ";
    if (get_field(w->L, "format") == LUA_TSTRING) format = top_text(w->L);
    memcpy(name, format.ptr, format.len < 3 ? format.len : 3);
    lua_pop(w->L, 1);
    if (get_field(w->L, "string") == LUA_TSTRING) reply_verbatim(w->c, top_text(w->L), name);
    else reply_null(w->c);
    lua_pop(w->L, 1);
}

static void write_pairs(struct writer *w, bool is_set) /* the inner table is at the top */
{
    struct output_mark mark = reply_open(w->c);
    int64_t count = 0;
    lua_pushnil(w->L);
    while (lua_next(w->L, -2)) {
        count++;
        lua_pushvalue(w->L, -2);
        write_value(w);
        if (is_set) lua_pop(w->L, 1);
        else write_value(w);
    }
    if (is_set) reply_close_set(w->c, mark, count);
    else reply_close_map(w->c, mark, count);
}

static void write_array(struct writer *w)
{
    int64_t count = 0;
    for (;; count++) {
        lua_rawgeti(w->L, -1, (int)count + 1);
        bool is_end = lua_isnil(w->L, -1);
        lua_pop(w->L, 1);
        if (is_end) break;
    }
    reply_array(w->c, count);
    for (int64_t i = 1; i <= count; i++) {
        lua_rawgeti(w->L, -1, (int)i);
        write_value(w);
    }
}

/* Whether a table has nothing but what is in its array. */
static bool is_plain(lua_State *L)
{
    size_t count = lua_objlen(L, -1);
    if (count == 0) lua_pushnil(L);
    else lua_pushnumber(L, (lua_Number)count);
    if (!lua_next(L, -2)) return true;
    lua_pop(L, 2);
    return false;
}

static void write_table(struct writer *w)
{
    lua_State *L = w->L;
    if (is_plain(L)) {
        write_array(w);
        return;
    }
    if (get_field(L, "err") == LUA_TSTRING) write_error(w);
    else if (lua_pop(L, 1), get_field(L, "ok") == LUA_TSTRING) write_line(w->c, '+', top_text(L));
    else if (lua_pop(L, 1), get_field(L, "double") == LUA_TNUMBER) reply_double(w->c, lua_tonumber(L, -1));
    else if (lua_pop(L, 1), get_field(L, "map") == LUA_TTABLE) write_pairs(w, false);
    else if (lua_pop(L, 1), get_field(L, "set") == LUA_TTABLE) write_pairs(w, true);
    else if (lua_pop(L, 1), get_field(L, "big_number") == LUA_TSTRING) write_big_number(w);
    else if (lua_pop(L, 1), get_field(L, "verbatim_string") == LUA_TTABLE) write_verbatim(w);
    else {
        lua_pop(L, 1);
        write_array(w);
        return;
    }
    lua_pop(L, 1);
}

static void write_number(struct client *c, lua_Number value)
{
    bool fits = value >= -9223372036854775808.0 && value < 9223372036854775808.0;
    reply_int(c, fits ? (int64_t)value : INT64_MIN);
}

/* Writes the value at the top, and pops it. */
static void write_value(struct writer *w)
{
    lua_State *L = w->L;
    if (output_bytes(&w->c->out) - w->start_bytes > REPLY_LIMIT_BYTES)
        luaL_error(L, "the reply is too large");
    if (!lua_checkstack(L, 6)) {
        reply_error(w->c, "ERR reached lua stack limit");
        lua_pop(L, 1);
        return;
    }
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: reply_bulk(w->c, top_text(L)); break;
    case LUA_TNUMBER: write_number(w->c, lua_tonumber(L, -1)); break;
    case LUA_TBOOLEAN:
        if (w->resp == 3) reply_bool(w->c, lua_toboolean(L, -1));
        else if (lua_toboolean(L, -1)) reply_int(w->c, 1);
        else reply_null(w->c);
        break;
    case LUA_TTABLE: write_table(w); break;
    default: reply_null(w->c); break;
    }
    lua_pop(L, 1);
}

void convert_to_reply(lua_State *L, struct client *c, int script_resp)
{
    struct writer w = {L, c, script_resp, output_bytes(&c->out)};
    write_value(&w);
}
