#include "app/bug_report.h"

#include "base/crash.h"
#include "base/log.h"
#include "core/client.h"
#include "core/config.h"
#include "core/info.h"
#include "core/server.h"

enum {
    ARGUMENTS_SHOWN = 32,
    ARGUMENT_BYTES_SHOWN = 128,
    CLIENTS_SHOWN = 1000,
};

static void write_section(const char *title, struct buffer *text)
{
    log_raw("\n------ ");
    log_raw(title);
    log_raw(" ------\n");
    if (text->len) log_raw(text->data);
    buffer_clear(text);
}

static void append_arguments(const struct client *c, struct buffer *to)
{
    /* Secrets stay out of the report as they stay out of the slow log. */
    const struct command_state *command = command_find(c->server->commands, c->request.argc, c->request.argv);
    bool secret = command && command->row->flags & CMD_SKIP_SLOWLOG && command->row->flags & CMD_NO_AUTH;
    int shown = c->request.argc < ARGUMENTS_SHOWN ? c->request.argc : ARGUMENTS_SHOWN;
    for (int i = 0; i < shown; i++) {
        bool hides = (i && secret) || config_hides(c->server->config, c->request.argv, i);
        struct slice argument = hides ? SLICE("(redacted)") : c->request.argv[i];
        size_t rest = argument.len > ARGUMENT_BYTES_SHOWN ? argument.len - ARGUMENT_BYTES_SHOWN : 0;
        buffer_printf(to, "argv[%d]: ", i);
        buffer_append_quoted(to, slice_make(argument.ptr, argument.len - rest));
        if (rest) buffer_printf(to, "... (%zu more bytes)", rest);
        buffer_append_char(to, '\n');
    }
    if (c->request.argc > shown) buffer_printf(to, "... (%d more arguments)\n", c->request.argc - shown);
}

static void append_clients(const struct server *server, struct buffer *to)
{
    int shown = 0;
    list_each(node, &server->clients->all)
    {
        if (shown++ == CLIENTS_SHOWN) break;
        client_describe(container_of(node, struct client, of_all), to);
        buffer_append_char(to, '\n');
    }
    if (shown > CLIENTS_SHOWN) buffer_printf(to, "... (%u clients in all)\n", server->clients->count);
}

static void describe(void *ctx)
{
    struct server *server = ctx;
    struct client *current = server->clients->current;
    struct buffer text = {0};
    /* The command first: it is asked for most, and needs least to be whole. */
    if (current) {
        client_describe(current, &text);
        buffer_append_char(&text, '\n');
        append_arguments(current, &text);
        write_section("CURRENT CLIENT INFO", &text);
    }
    info_write(server->info, 1, &SLICE("everything"), &text);
    write_section("INFO OUTPUT", &text);
    append_clients(server, &text);
    write_section("CLIENT LIST OUTPUT", &text);
    buffer_append_text(&text, "none: there are no modules\n");
    write_section("MODULES INFO OUTPUT", &text);
    buffer_fini(&text);
}

static bool exits_on_panic(void *ctx)
{
    const struct server *server = ctx;
    return server->settings->use_exit_on_panic;
}

void bug_report_init(struct crash_subject *subject, struct server *server)
{
    *subject = (struct crash_subject){server, describe, exits_on_panic};
}
