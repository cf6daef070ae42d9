/* The settings of TLS. io/tls_settings.c has the rows (tls_options). */
#ifndef IO_TLS_SETTINGS_H
#define IO_TLS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"

enum { TLS_AUTH_NO, TLS_AUTH_YES, TLS_AUTH_OPTIONAL };

struct tls_settings {
    int64_t port; /* 0: not listening */
    bool replication;
    bool cluster;
    int auth_clients; /* TLS_AUTH_x: is a client certificate asked for */
    char *cert_file, *key_file;
    struct buffer key_file_pass;
    char *client_cert_file, *client_key_file; /* as a client of a master or node; empty: those above */
    struct buffer client_key_file_pass;
    char *dh_params_file;
    char *ca_cert_file, *ca_cert_dir;
    char *protocols; /* "TLSv1.2 TLSv1.3"; empty: the library's default */
    char *ciphers, *ciphersuites;
    bool prefer_server_ciphers;
    bool session_caching;
    int64_t session_cache_size;
    int64_t session_cache_timeout_s;
};

/* What acts on CONFIG SET, as core_hooks in core/settings.h: the module of
 * tls_options, NULL functions do nothing. */
struct tls_hooks {
    void *ctx;
    bool (*listen)(void *ctx, struct buffer *reason);  /* tls-port */
    bool (*context)(void *ctx, struct buffer *reason); /* everything a context is made from */
};

extern const struct option tls_options[];

#endif
