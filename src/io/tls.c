#include "io/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/tls_context.h"

enum { RECORD_BYTES = 16384, ERROR_MAX = 192 };

struct tls_stream {
    SSL *ssl;
    struct tls_context *context;
    int fd;
    bool broken;           /* nothing more may be read or written, not even a farewell */
    char error[ERROR_MAX]; /* of the last call that failed */
};

/* ---- the socket below ---- */

/* OpenSSL's own would raise SIGPIPE. */
static int bio_write(BIO *bio, const char *data, int len)
{
    const struct tls_stream *t = BIO_get_data(bio);
#ifdef TOCSIN_HARD
    if (len > 64) len = 64; /* short writes everywhere */
#endif
    ssize_t put = send(t->fd, data, (size_t)len, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return (int)put;
}

static int bio_read(BIO *bio, char *to, int len)
{
    const struct tls_stream *t = BIO_get_data(bio);
#ifdef TOCSIN_HARD
    if (len > 64) len = 64;
#endif
    ssize_t got = recv(t->fd, to, (size_t)len, 0);
    BIO_clear_retry_flags(bio);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)got;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_socket_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket without signals");
    if (method == NULL) return NULL;
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
}

/* ---- the transport ---- */

static void note_error(struct tls_stream *t, int saved_errno)
{
    unsigned long code = ERR_peek_last_error();
    long verify = SSL_get_verify_result(t->ssl);
    t->broken = true;
    if (code && verify != X509_V_OK && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        snprintf(t->error, sizeof t->error, "certificate verify failed: %s",
                 X509_verify_cert_error_string(verify));
    else if (code) ERR_error_string_n(code, t->error, sizeof t->error);
    else if (saved_errno) snprintf(t->error, sizeof t->error, "%s", strerror(saved_errno));
    else snprintf(t->error, sizeof t->error, "the peer closed the connection");
}

/* What a failed call of OpenSSL means to the caller: -1 and errno, or 0 at the
 * end of the stream. `crossed` is noted when it waits for the other direction. */
static ssize_t explain(struct byte_stream *stream, int result, int expected, unsigned crossed)
{
    struct tls_stream *t = stream->state;
    int saved_errno = errno, why = SSL_get_error(t->ssl, result);
    if (why == SSL_ERROR_ZERO_RETURN) return 0;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
        if (why != expected) stream->wants |= crossed;
        errno = EAGAIN;
        return -1;
    }
    note_error(t, saved_errno);
    ERR_clear_error();
    errno = EPROTO;
    return -1;
}

static ssize_t tls_read(struct byte_stream *stream, void *to, size_t len)
{
    struct tls_stream *t = stream->state;
    size_t sum = 0;
    stream->wants &= ~(unsigned)STREAM_READ_WANTS_WRITE;
    ERR_clear_error();
    do {
        size_t room = len - sum < INT32_MAX ? len - sum : INT32_MAX;
        int got = SSL_read(t->ssl, (char *)to + sum, (int)room);
        if (got <= 0) {
            if (sum) break; /* an error or the end comes again */
            return explain(stream, got, SSL_ERROR_WANT_READ, STREAM_READ_WANTS_WRITE);
        }
        sum += (size_t)got;
    } while (sum < len && SSL_has_pending(t->ssl));
    return (ssize_t)sum;
}

/* A record at most. Small parts go into one together; a write that had to wait
 * is repeated with the same bytes, of which there may be more by then. */
static ssize_t tls_writev(struct byte_stream *stream, const struct iovec *parts, int count)
{
    struct tls_stream *t = stream->state;
    char gathered[RECORD_BYTES];
    const char *data = count ? parts[0].iov_base : NULL;
    size_t len = count ? parts[0].iov_len : 0;
    if (count > 1 && len < RECORD_BYTES) {
        len = 0;
        for (int i = 0; i < count && len < RECORD_BYTES; i++) {
            size_t room = RECORD_BYTES - len, part = parts[i].iov_len < room ? parts[i].iov_len : room;
            memcpy(gathered + len, parts[i].iov_base, part);
            len += part;
        }
        data = gathered;
    }
    stream->wants &= ~(unsigned)STREAM_WRITE_WANTS_READ;
    if (len == 0) return 0;
    ERR_clear_error();
    int put = SSL_write(t->ssl, data, len < RECORD_BYTES ? (int)len : RECORD_BYTES);
    if (put > 0) return put;
    ssize_t result = explain(stream, put, SSL_ERROR_WANT_WRITE, STREAM_WRITE_WANTS_READ);
    if (result < 0) return result;
    errno = EPIPE; /* the peer has said farewell */
    return -1;
}

static bool tls_pending(const struct byte_stream *stream)
{
    const struct tls_stream *t = stream->state;
    return !t->broken && SSL_has_pending(t->ssl);
}

static const char *tls_error(const struct byte_stream *stream)
{
    const struct tls_stream *t = stream->state;
    return t->broken ? t->error : strerror(errno);
}

static void tls_free(struct tls_stream *t)
{
    SSL_free(t->ssl);
    tls_context_drop(t->context);
    mem_free(t);
}

static void tls_close(struct byte_stream *stream)
{
    struct tls_stream *t = stream->state;
    if (!t->broken && SSL_is_init_finished(t->ssl)) SSL_shutdown(t->ssl);
    ERR_clear_error();
    tls_free(t);
    close(stream->fd);
    *stream = (struct byte_stream){.transport = stream->transport, .fd = -1};
}

static const struct transport tls_transport = {
    .name = "tls",
    .read = tls_read,
    .writev = tls_writev,
    .close = tls_close,
    .pending = tls_pending,
    .error = tls_error,
};

/* ---- beginning ---- */

static struct tls_stream *stream_new(struct tls_context *context, int fd)
{
    struct tls_stream *t = mem_calloc(1, sizeof *t);
    BIO *bio = BIO_new(context->socket);
    t->fd = fd;
    t->context = context;
    atomic_fetch_add(&context->refs, 1);
    t->ssl = SSL_new(context->ssl);
    if (bio == NULL || t->ssl == NULL) {
        BIO_free(bio);
        tls_free(t);
        return NULL;
    }
    BIO_set_data(bio, t);
    BIO_set_init(bio, 1);
    SSL_set_bio(t->ssl, bio, bio);
    return t;
}

struct byte_stream tls_accept(struct tls_context *context, int fd)
{
    struct tls_stream *t = stream_new(context, fd);
    if (t == NULL) return (struct byte_stream){.fd = fd};
    SSL_set_accept_state(t->ssl);
    return (struct byte_stream){.transport = &tls_transport, .fd = fd, .state = t};
}

bool tls_connect(struct tls_context *context, int fd, const char *server_name, struct byte_stream *stream,
                 struct buffer *reason)
{
    struct tls_stream *t = stream_new(context, fd);
    if (t == NULL) {
        buffer_append_text(reason, "out of memory");
        return false;
    }
    ERR_clear_error();
    int done = server_name && SSL_set_tlsext_host_name(t->ssl, server_name) != 1 ? -1 : SSL_connect(t->ssl);
    if (done == 1) {
        *stream = (struct byte_stream){.transport = &tls_transport, .fd = fd, .state = t};
        return true;
    }
    note_error(t, errno);
    ERR_clear_error();
    buffer_append_text(reason, t->error);
    tls_free(t);
    return false;
}
