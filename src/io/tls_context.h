/* What TLS connections are made from: certificates, whom to trust, which
 * protocols and ciphers. A context is built whole from a profile and never
 * changed; new settings make a new one, and connections that exist keep theirs.
 *
 * Contexts are counted: their maker and each stream hold a reference. Threads
 * may share one. */
#ifndef IO_TLS_CONTEXT_H
#define IO_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "io/tls_settings.h"

/* Texts are borrowed for the time of tls_context_new; NULL or "" is not set. */
struct tls_profile {
    bool is_server;
    const char *cert_file, *key_file; /* PEM, with the chain; a server must have both */
    struct slice key_pass;
    const char *ca_file, *ca_dir; /* whom to trust; without both a client trusts whom the system does */
    const char *protocols;        /* "TLSv1.2 TLSv1.3"; not set: both */
    const char *ciphers, *ciphersuites;
    int peer_certificate; /* TLS_AUTH_x: must the other side show a certificate that we trust */

    /* Of servers only. */
    const char *dh_params_file;
    bool prefer_server_ciphers;
    bool session_caching;
    int64_t session_cache_size, session_cache_timeout_s;
};

struct tls_context {
    SSL_CTX *ssl;
    BIO_METHOD *socket; /* reads and writes the descriptor: io/tls.c */
    atomic_uint refs;
};

/* NULL with a reason when a file cannot be used or a word is not known. */
struct tls_context *tls_context_new(const struct tls_profile *profile, struct buffer *reason);
void tls_context_drop(struct tls_context *context); /* NULL: nothing happens */

/* From the settings of a server: what it accepts clients with. What it would
 * connect to others with is checked, too. */
struct tls_context *tls_context_of_settings(const struct tls_settings *settings, struct buffer *reason);

#endif
