#include "script/eval.h"

#include <lauxlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core/args.h"
#include "core/reply.h"
#include "core/server.h"
#include "script/host.h"
#include "script/run.h"
#include "script/shebang.h"

enum { SHA_BYTES = 20, EVICTABLE_MAX = 500 };

struct script {
    uint8_t sha[SHA_BYTES];
    char hex[EVAL_SHA_DIGITS + 1];
    bool is_evictable;
    int function;
    unsigned flags;
    struct list of_evictable;
};

/* ---- the table ---- */

static uint64_t sha_hash(const uint8_t *sha)
{
    uint64_t hash;
    memcpy(&hash, sha, sizeof hash);
    return hash;
}

static uint64_t script_hash(const void *element)
{
    return sha_hash(((const struct script *)element)->sha);
}

static bool script_equal(const void *element, const void *sha, size_t len)
{
    return memcmp(((const struct script *)element)->sha, sha, len) == 0;
}

static const struct hashtable_type script_table = {.hash = script_hash, .equal = script_equal};

static struct script *find(const struct script_host *h, const uint8_t *sha)
{
    void **slot = hashtable_find(&h->scripts, sha_hash(sha), sha, SHA_BYTES);
    return slot ? *slot : NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct script *find_hex(const struct script_host *h, struct slice hex)
{
    uint8_t sha[SHA_BYTES];
    if (hex.len != EVAL_SHA_DIGITS) return NULL;
    for (int i = 0; i < SHA_BYTES; i++) {
        int high = hex_digit(hex.ptr[2 * i]), low = hex_digit(hex.ptr[2 * i + 1]);
        if (high < 0 || low < 0) return NULL;
        sha[i] = (uint8_t)(high << 4 | low);
    }
    return find(h, sha);
}

void eval_init(struct script_host *h)
{
    hashtable_init(&h->scripts, &script_table);
    list_init(&h->evictable);
}

void eval_fini(struct script_host *h)
{
    struct hashtable_iter it;
    hashtable_iter_init(&it, &h->scripts);
    for (void **slot; (slot = hashtable_iter_next(&it)) != NULL;) mem_free(*slot);
    hashtable_fini(&h->scripts);
}

/* ---- the cache ---- */

static void keep_for_good(struct script_host *h, struct script *script)
{
    if (!script->is_evictable) return;
    list_remove(&script->of_evictable);
    script->is_evictable = false;
    h->evictable_count--;
}

static void evict(struct script_host *h)
{
    struct script *script = container_of(list_pop_head(&h->evictable), struct script, of_evictable);
    h->evictable_count--;
    luaL_unref(h->vms[VM_EVAL]->L, LUA_REGISTRYINDEX, script->function);
    uint64_t hash = script_hash(script);
    hashtable_remove(&h->scripts, hash, hashtable_find(&h->scripts, hash, script->sha, SHA_BYTES));
    h->scripts_bytes -= sizeof *script;
    mem_free(script);
}

static void use_last(struct script_host *h, struct script *script)
{
    list_remove(&script->of_evictable);
    list_push_tail(&h->evictable, &script->of_evictable);
}

/* ---- compiling ---- */

struct compilation {
    struct script_host *host;
    struct slice code;
    int function; /* LUA_NOREF: it failed, and host->error says why */
};

static int compile(lua_State *L)
{
    struct compilation *wanted = lua_touserdata(L, 1);
    if (vm_compile(L, wanted->code.ptr, wanted->code.len, VM_SCRIPT_CHUNK)) {
        wanted->function = luaL_ref(L, LUA_REGISTRYINDEX);
        return 0;
    }
    buffer_clear(&wanted->host->error);
    buffer_printf(&wanted->host->error, "ERR Error compiling script (new function): %s", lua_tostring(L, -1));
    return 0;
}

static struct script *add(struct call *call, struct slice body, const uint8_t *sha)
{
    struct script_host *h = call->server->script;
    struct shebang shebang = {.flags = SCRIPT_SAYS_NOTHING};
    struct compilation wanted = {h, body, LUA_NOREF};
    buffer_clear(&h->error);
    if (slice_starts_with(body, SLICE("#!"))) {
        if (!shebang_of_script(body, &shebang, &h->error)) {
            reply_error(call->client, h->error.data);
            return NULL;
        }
        wanted.code = shebang.code;
    }
    struct vm *vm = host_vm(h, VM_EVAL);
    if (vm == NULL || !vm_protected(vm, compile, &wanted)) {
        buffer_append_text(&h->error, "ERR Error compiling script (new function): not enough memory");
        wanted.function = LUA_NOREF;
    }
    if (wanted.function == LUA_NOREF) {
        reply_error(call->client, h->error.data);
        return NULL;
    }
    struct script *script = mem_calloc(1, sizeof *script);
    memcpy(script->sha, sha, SHA_BYTES);
    hash_to_hex(sha, SHA_BYTES, script->hex);
    script->function = wanted.function;
    script->flags = shebang.flags;
    list_init(&script->of_evictable);
    hashtable_insert(&h->scripts, script_hash(script), script);
    h->scripts_bytes += sizeof *script;
    return script;
}

/* ---- commands ---- */

bool eval_load(struct call *call, struct slice body, char sha[EVAL_SHA_DIGITS + 1])
{
    struct script_host *h = call->server->script;
    uint8_t digest[SHA_BYTES];
    hash_sha1(body.ptr, body.len, digest);
    struct script *script = find(h, digest);
    if (script == NULL) script = add(call, body, digest);
    if (script == NULL) return false;
    keep_for_good(h, script);
    memcpy(sha, script->hex, sizeof script->hex);
    return true;
}

bool eval_exists(const struct script_host *h, struct slice sha)
{
    return find_hex(h, sha) != NULL;
}

void eval_flush(struct script_host *h, bool in_background)
{
    eval_fini(h);
    eval_init(h);
    h->evictable_count = 0;
    h->scripts_bytes = 0;
    host_drop_vm(h, VM_EVAL, in_background);
}

static struct script *find_or_add(struct call *call, bool by_sha)
{
    struct script_host *h = call->server->script;
    if (by_sha) {
        struct script *known = find_hex(h, call->argv[1]);
        if (known == NULL) reply_error(call->client, "NOSCRIPT No matching script. Please use EVAL.");
        return known;
    }
    uint8_t sha[SHA_BYTES];
    hash_sha1(call->argv[1].ptr, call->argv[1].len, sha);
    struct script *script = find(h, sha);
    if (script) return script;
    script = add(call, call->argv[1], sha);
    if (script == NULL) return NULL;
    if (h->evictable_count == EVICTABLE_MAX) evict(h);
    script->is_evictable = true;
    list_push_tail(&h->evictable, &script->of_evictable);
    h->evictable_count++;
    return script;
}

void eval_run(struct call *call, bool by_sha, bool readonly)
{
    int64_t key_count;
    struct client *c = call->client;
    struct script_host *h = call->server->script;
    if (!args_int(c, call->argv[2], &key_count, NULL)) return;
    if (key_count > call->argc - 3) {
        reply_error(c, "ERR Number of keys can't be greater than number of args");
        return;
    }
    if (key_count < 0) {
        reply_error(c, "ERR Number of keys can't be negative");
        return;
    }
    struct script *script = find_or_add(call, by_sha);
    if (script == NULL) return;
    if (script->is_evictable) use_last(h, script);
    struct run run = {.vm = h->vms[VM_EVAL],
                      .call = call,
                      .key_count = (int)key_count,
                      .name = script->hex,
                      .function = script->function,
                      .flags = script->flags};
    run_script(&run, readonly);
}
