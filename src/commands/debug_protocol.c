/* DEBUG PROTOCOL and ERROR: one reply of each type. */
#include "commands/debug.h"
#include "core/reply.h"

static void string_reply(struct client *c)
{
    reply_text(c, "Hello World");
}

static void integer_reply(struct client *c)
{
    reply_int(c, 12345);
}

static void double_reply(struct client *c)
{
    reply_double(c, 3.141);
}

static void bignum_reply(struct client *c)
{
    reply_bignum(c, "1234567999999999999999999999999999999");
}

static void numbers(struct client *c)
{
    for (int i = 0; i < 3; i++) reply_int(c, i);
}

static void array_reply(struct client *c)
{
    reply_array(c, 3);
    numbers(c);
}

static void set_reply(struct client *c)
{
    reply_set(c, 3);
    numbers(c);
}

static void map_reply(struct client *c)
{
    reply_map(c, 3);
    for (int i = 0; i < 3; i++) {
        reply_int(c, i);
        reply_bool(c, i == 1);
    }
}

static void attrib_reply(struct client *c)
{
    if (c->resp > 2) {
        reply_attribute(c, 1);
        reply_text(c, "key-popularity");
        reply_array(c, 2);
        reply_text(c, "key:123");
        reply_int(c, 90);
    }
    reply_text(c, "Some real reply following the attribute");
}

static void push_reply(struct client *c)
{
    if (c->resp == 2) {
        reply_error(c, "ERR RESP2 is not supported by this command");
        return;
    }
    client_open_push(c);
    reply_push(c, 2);
    reply_text(c, "server-cpu-usage");
    reply_int(c, 42);
    client_close_push(c);
    reply_text(c, "Some real reply following the push reply");
}

static void verbatim_reply(struct client *c)
{
    reply_verbatim(c, SLICE("This is a verbatim\nstring"), "txt");
}

static void true_reply(struct client *c)
{
    reply_bool(c, true);
}

static void false_reply(struct client *c)
{
    reply_bool(c, false);
}

void debug_protocol(struct call *call)
{
    static const struct {
        const char *name;
        void (*reply)(struct client *c);
    } types[] = {
        {"string", string_reply}, {"integer", integer_reply},   {"double", double_reply},
        {"bignum", bignum_reply}, {"null", reply_null},         {"array", array_reply},
        {"set", set_reply},       {"map", map_reply},           {"attrib", attrib_reply},
        {"push", push_reply},     {"verbatim", verbatim_reply}, {"true", true_reply},
        {"false", false_reply},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!slice_is(call->argv[2], types[i].name)) continue;
        types[i].reply(call->client);
        return;
    }
    reply_error(call->client,
                "ERR Wrong protocol type name. Please use one of the following: "
                "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

void debug_error(struct call *call)
{
    struct slice text = call->argv[2];
    reply_errorf(call->client, "%.*s", (int)text.len, text.ptr);
}
