#include "app/title.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/number.h"
#include "core/settings.h"

void title_init(struct title *title, int argc, char **argv)
{
    *title = (struct title){0};
    if (argc < 1) return;
    title->program = mem_strdup(argv[0]);
    title->area = argv[0];
    char *end = argv[0];
    for (int i = 0; i < argc && argv[i] == end; i++) end += strlen(argv[i]) + 1;
    title->argument_len = (size_t)(end - argv[0]);
    for (char **variable = environ; variable && *variable == end; variable++) end += strlen(*variable) + 1;
    title->area_len = (size_t)(end - argv[0]);
}

void title_fini(struct title *title)
{
    mem_free(title->program);
}

/* What getenv finds must not be written over. */
static void move_environment(struct title *title)
{
    size_t count = 0;
    if (title->environment || title->area_len == title->argument_len) return;
    while (environ[count]) count++;
    title->environment = mem_calloc(count + 1, sizeof *title->environment);
    for (size_t i = 0; i < count; i++) title->environment[i] = mem_strdup(environ[i]);
    environ = title->environment;
}

/* ---- the template ---- */

/* "*:6379": the first address that is listened on. */
static void append_address(const struct core_settings *settings, int64_t tls_port, struct buffer *to)
{
    int64_t listening_port = settings->port ? settings->port : tls_port;
    if (listening_port == 0 || settings->bind_count == 0) {
        buffer_printf(to, "unixsocket:%s", settings->unixsocket);
        return;
    }
    const char *address = settings->bind[0] + (settings->bind[0][0] == '-');
    bool any = strcmp(address, "::*") == 0 || strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
    buffer_printf(to, "%s:%" PRId64, any ? "*" : address, listening_port);
}

struct variable {
    const char *name;
    const char *value;
};

/* Appends the template with the values in place of the names. */
static void expand(struct slice template, const struct variable *variables, size_t count, struct buffer *to)
{
    while (template.len) {
        size_t taken = 0;
        for (size_t i = 0; i < count && taken == 0; i++) {
            if (!slice_starts_with(template, slice_of(variables[i].name))) continue;
            buffer_append_text(to, variables[i].value);
            taken = strlen(variables[i].name);
        }
        if (taken == 0) {
            buffer_append_char(to, template.ptr[0]);
            taken = 1;
        }
        template = slice_make(template.ptr + taken, template.len - taken);
    }
}

/* Fills the area; what is behind the text is zero, so that no rest shows. */
static void show(struct title *title, struct slice text)
{
    while (text.len && text.ptr[text.len - 1] == ' ') text.len--;
    if (text.len > title->area_len - 1) text.len = title->area_len - 1;
    memset(title->area, 0, title->area_len);
    memcpy(title->area, text.ptr, text.len);
}

void title_set(struct title *title, const struct title_facts *facts)
{
    const struct core_settings *settings = facts->settings;
    char port[NUMBER_TEXT_MAX], tls_port[NUMBER_TEXT_MAX];
    struct buffer address = {0}, text = {0};
    if (title->area == NULL) return;
    move_environment(title);
    port[number_print(port, settings->port)] = '\0';
    tls_port[number_print(tls_port, facts->tls_port)] = '\0';
    append_address(settings, facts->tls_port, &address);
    const struct variable variables[] = {
        {"{title}", title->program},
        {"{listen-addr}", address.data},
        {"{server-mode}", facts->mode},
        {"{port}", port},
        {"{tls-port}", tls_port},
        {"{config-file}", facts->config_file},
        {"{unixsocket}", settings->unixsocket},
    };
    expand(slice_of(settings->proc_title_template), variables, sizeof variables / sizeof *variables, &text);
    show(title, buffer_slice(&text));
    buffer_fini(&address);
    buffer_fini(&text);
}
