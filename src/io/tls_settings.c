#include "io/tls_settings.h"

#define OPTION_SETTINGS struct tls_settings

static const struct option_word auth_clients[] = {
    {"no", TLS_AUTH_NO}, {"yes", TLS_AUTH_YES}, {"optional", TLS_AUTH_OPTIONAL}, {NULL, 0}};

static bool apply_listen(const struct option_context *ctx, struct buffer *reason)
{
    const struct tls_hooks *hooks = ctx->module;
    return hooks == NULL || hooks->listen == NULL || hooks->listen(hooks->ctx, reason);
}

static bool apply_context(const struct option_context *ctx, struct buffer *reason)
{
    const struct tls_hooks *hooks = ctx->module;
    return hooks == NULL || hooks->context == NULL || hooks->context(hooks->ctx, reason);
}

enum { SENSITIVE = OPTION_SENSITIVE, FILE_NAME = OPTION_REFERENCE };

/* name, alias, kind and field, default, min, max, flags */
const struct option tls_options[] = {
    {"tls-port", NULL, INT_AT(port), "0", 0, 65535, .apply = apply_listen},
    {"tls-replication", NULL, BOOL_AT(replication), "no", .apply = apply_context},
    {"tls-cluster", NULL, BOOL_AT(cluster), "no", .apply = apply_context},
    {"tls-auth-clients", NULL, ENUM_AT(auth_clients), "yes", .words = auth_clients, .apply = apply_context},
    {"tls-cert-file", NULL, TEXT_AT(cert_file), .flags = FILE_NAME, .apply = apply_context},
    {"tls-key-file", NULL, TEXT_AT(key_file), .flags = FILE_NAME, .apply = apply_context},
    {"tls-key-file-pass", NULL, BYTES_AT(key_file_pass), .flags = SENSITIVE, .apply = apply_context},
    {"tls-client-cert-file", NULL, TEXT_AT(client_cert_file), .flags = FILE_NAME, .apply = apply_context},
    {"tls-client-key-file", NULL, TEXT_AT(client_key_file), .flags = FILE_NAME, .apply = apply_context},
    {"tls-client-key-file-pass", NULL, BYTES_AT(client_key_file_pass), .flags = SENSITIVE,
     .apply = apply_context},
    {"tls-dh-params-file", NULL, TEXT_AT(dh_params_file), .flags = FILE_NAME, .apply = apply_context},
    {"tls-ca-cert-file", NULL, TEXT_AT(ca_cert_file), .flags = FILE_NAME, .apply = apply_context},
    {"tls-ca-cert-dir", NULL, TEXT_AT(ca_cert_dir), .flags = FILE_NAME, .apply = apply_context},
    {"tls-protocols", NULL, TEXT_AT(protocols), .apply = apply_context},
    {"tls-ciphers", NULL, TEXT_AT(ciphers), .apply = apply_context},
    {"tls-ciphersuites", NULL, TEXT_AT(ciphersuites), .apply = apply_context},
    {"tls-prefer-server-ciphers", NULL, BOOL_AT(prefer_server_ciphers), "no", .apply = apply_context},
    {"tls-session-caching", NULL, BOOL_AT(session_caching), "yes", .apply = apply_context},
    {"tls-session-cache-size", NULL, INT_AT(session_cache_size), "20480", 0, INT32_MAX,
     .apply = apply_context},
    {"tls-session-cache-timeout", NULL, INT_AT(session_cache_timeout_s), "300", 0, INT32_MAX,
     .apply = apply_context},
    {0},
};
