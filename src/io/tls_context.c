#include "io/tls_context.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <string.h>

#include "base/mem.h"
#include "base/option.h"
#include "io/tls.h"

/* What a session may be resumed for; any constant does. */
static const unsigned char session_context[] = "tocsin";

static bool given(const char *text)
{
    return text && text[0];
}

/* "<what>: <the library's own words>" */
static bool refuse(struct buffer *reason, const char *what, const char *file)
{
    char why[256];
    ERR_error_string_n(ERR_peek_error(), why, sizeof why); /* the first cause */
    ERR_clear_error();
    return option_refuse(reason, "%s: %s: %s", what, file, why);
}

/* ---- protocols and ciphers ---- */

static const struct {
    const char *name;
    uint64_t without; /* the option that forbids it */
} protocols[] = {
    {"TLSv1", SSL_OP_NO_TLSv1},
    {"TLSv1.1", SSL_OP_NO_TLSv1_1},
    {"TLSv1.2", SSL_OP_NO_TLSv1_2},
    {"TLSv1.3", SSL_OP_NO_TLSv1_3},
};
enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

/* The options that leave nothing but the protocols named. */
static bool parse_protocols(const char *text, uint64_t *options, struct buffer *reason)
{
    uint64_t wanted = 0, all = 0;
    bool known = true;
    for (int i = 0; i < PROTOCOLS; i++) all |= protocols[i].without;
    for (const char *at = text + strspn(text, " "); *at && known; at += strspn(at, " ")) {
        struct slice word = slice_make(at, strcspn(at, " "));
        known = false;
        for (int i = 0; i < PROTOCOLS; i++) {
            if (!slice_is(word, protocols[i].name)) continue;
            wanted |= protocols[i].without;
            known = true;
        }
        at += word.len;
    }
    *options = all & ~wanted;
    return (known && wanted) ||
           option_refuse(reason, "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', "
                                 "'TLSv1.2' and 'TLSv1.3'.");
}

static bool set_protocols(SSL_CTX *ssl, const struct tls_profile *p, struct buffer *reason)
{
    uint64_t options = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    if (given(p->protocols) && !parse_protocols(p->protocols, &options, reason)) return false;
    /* Renegotiation would let a client make us work at will; a peer that just
     * closes its socket has cut nothing off, as our protocol tells lengths. */
    options |= SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF;
    if (p->prefer_server_ciphers) options |= SSL_OP_CIPHER_SERVER_PREFERENCE;
    SSL_CTX_set_options(ssl, options);
    if (given(p->ciphers) && SSL_CTX_set_cipher_list(ssl, p->ciphers) != 1)
        return refuse(reason, "Failed to configure ciphers", p->ciphers);
    if (given(p->ciphersuites) && SSL_CTX_set_ciphersuites(ssl, p->ciphersuites) != 1)
        return refuse(reason, "Failed to configure ciphersuites", p->ciphersuites);
    return true;
}

/* ---- certificates ---- */

static int tell_password(char *to, int size, int writing, void *profile)
{
    struct slice pass = ((const struct tls_profile *)profile)->key_pass;
    (void)writing;
    if (pass.len > (size_t)size) return -1;
    if (pass.len) memcpy(to, pass.ptr, pass.len);
    return (int)pass.len;
}

static bool set_certificate(SSL_CTX *ssl, const struct tls_profile *p, struct buffer *reason)
{
    if (p->is_server && !given(p->cert_file)) return option_refuse(reason, "No tls-cert-file configured!");
    if (p->is_server && !given(p->key_file)) return option_refuse(reason, "No tls-key-file configured!");
    if (!given(p->cert_file)) return true;
    if (SSL_CTX_use_certificate_chain_file(ssl, p->cert_file) != 1)
        return refuse(reason, "Failed to load certificate", p->cert_file);
    SSL_CTX_set_default_passwd_cb(ssl, tell_password);
    SSL_CTX_set_default_passwd_cb_userdata(ssl, (void *)(uintptr_t)p);
    const char *key_file = given(p->key_file) ? p->key_file : p->cert_file;
    bool loaded = SSL_CTX_use_PrivateKey_file(ssl, key_file, SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(ssl, NULL);
    SSL_CTX_set_default_passwd_cb(ssl, NULL);
    return loaded || refuse(reason, "Failed to load private key", key_file);
}

static const int verify_modes[] = {
    [TLS_AUTH_NO] = SSL_VERIFY_NONE,
    [TLS_AUTH_YES] = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
    [TLS_AUTH_OPTIONAL] = SSL_VERIFY_PEER,
};

static bool set_trust(SSL_CTX *ssl, const struct tls_profile *p, struct buffer *reason)
{
    const char *file = given(p->ca_file) ? p->ca_file : NULL, *dir = given(p->ca_dir) ? p->ca_dir : NULL;
    SSL_CTX_set_verify(ssl, verify_modes[p->peer_certificate], NULL);
    if (file || dir) {
        if (SSL_CTX_load_verify_locations(ssl, file, dir) != 1)
            return refuse(reason, "Failed to configure CA certificate(s) file/directory", file ? file : dir);
        if (p->is_server && file) SSL_CTX_set_client_CA_list(ssl, SSL_load_client_CA_file(file));
        return true;
    }
    if (!p->is_server && SSL_CTX_set_default_verify_paths(ssl) != 1)
        return refuse(reason, "Failed to find the system's CA certificates", "");
    return !p->is_server || p->peer_certificate == TLS_AUTH_NO ||
           option_refuse(reason, "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when "
                                 "tls-cluster, tls-replication or tls-auth-clients are enabled!");
}

/* ---- of servers ---- */

static bool set_dh_params(SSL_CTX *ssl, const char *file, struct buffer *reason)
{
    if (!given(file)) {
        SSL_CTX_set_dh_auto(ssl, 1);
        return true;
    }
    EVP_PKEY *params = NULL;
    BIO *bio = BIO_new_file(file, "r");
    if (bio == NULL) return refuse(reason, "Failed to read DH params", file);
    OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(&params, "PEM", NULL, "DH",
                                                              OSSL_KEYMGMT_SELECT_ALL_PARAMETERS, NULL, NULL);
    bool read = decoder && OSSL_DECODER_from_bio(decoder, bio) == 1;
    OSSL_DECODER_CTX_free(decoder);
    BIO_free(bio);
    if (read && SSL_CTX_set0_tmp_dh_pkey(ssl, params) == 1) return true; /* params are the context's now */
    EVP_PKEY_free(params);
    return refuse(reason, "Failed to read DH params", file);
}

static void set_sessions(SSL_CTX *ssl, const struct tls_profile *p)
{
    if (!p->session_caching) {
        SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(ssl, 0);
        return;
    }
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(ssl, p->session_cache_size);
    SSL_CTX_set_timeout(ssl, p->session_cache_timeout_s);
    SSL_CTX_set_session_id_context(ssl, session_context, sizeof session_context - 1);
}

/* ---- life ---- */

struct tls_context *tls_context_new(const struct tls_profile *p, struct buffer *reason)
{
    struct tls_context *context = mem_calloc(1, sizeof *context);
    SSL_CTX *ssl = SSL_CTX_new(p->is_server ? TLS_server_method() : TLS_client_method());
    context->ssl = ssl;
    context->socket = tls_socket_method_new();
    atomic_store(&context->refs, 1);
    if (ssl && context->socket && set_protocols(ssl, p, reason) && set_certificate(ssl, p, reason) &&
        set_trust(ssl, p, reason) && (!p->is_server || set_dh_params(ssl, p->dh_params_file, reason))) {
        SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
        /* A server reads what the socket has in one call. A client may block:
         * it wants no more than the record, and does not wait for another
         * when it was of TLS's own. */
        SSL_CTX_set_read_ahead(ssl, p->is_server);
        if (!p->is_server) SSL_CTX_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
        if (p->is_server) set_sessions(ssl, p);
        return context;
    }
    if (reason->len == 0) refuse(reason, "Failed to make a TLS context", "OpenSSL");
    tls_context_drop(context);
    return NULL;
}

void tls_context_drop(struct tls_context *context)
{
    if (context == NULL || atomic_fetch_sub(&context->refs, 1) != 1) return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->socket);
    mem_free(context);
}

struct tls_context *tls_context_of_settings(const struct tls_settings *s, struct buffer *reason)
{
    struct tls_profile profile = {
        .is_server = true,
        .cert_file = s->cert_file,
        .key_file = s->key_file,
        .key_pass = buffer_slice(&s->key_file_pass),
        .ca_file = s->ca_cert_file,
        .ca_dir = s->ca_cert_dir,
        .protocols = s->protocols,
        .ciphers = s->ciphers,
        .ciphersuites = s->ciphersuites,
        .peer_certificate = s->auth_clients,
        .dh_params_file = s->dh_params_file,
        .prefer_server_ciphers = s->prefer_server_ciphers,
        .session_caching = s->session_caching,
        .session_cache_size = s->session_cache_size,
        .session_cache_timeout_s = s->session_cache_timeout_s,
    };
    struct tls_context *context = tls_context_new(&profile, reason);
    if (context == NULL || !given(s->client_cert_file)) return context;
    profile.is_server = false;
    profile.cert_file = s->client_cert_file;
    profile.key_file = s->client_key_file;
    profile.key_pass = buffer_slice(&s->client_key_file_pass);
    profile.peer_certificate = TLS_AUTH_YES;
    struct tls_context *client = tls_context_new(&profile, reason);
    if (client == NULL) tls_context_drop(context);
    else tls_context_drop(client);
    return client ? context : NULL;
}
