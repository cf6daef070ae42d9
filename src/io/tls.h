/* TLS as a transport, by OpenSSL: a byte_stream over a socket, made from a
 * context. The handshake happens within the first reads and writes, so that a
 * non-blocking stream needs no state of its own for it: until it is over they
 * answer EAGAIN, and byte_stream.wants tells what they wait for.
 *
 * A read decrypts what has come, and may leave some of it when it does not fit:
 * byte_stream_pending. */
#ifndef IO_TLS_H
#define IO_TLS_H

#include <openssl/bio.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "io/transport.h"

struct tls_context;

/* A stream on the accepted socket fd, which is its own from here on: the
 * handshake is still to come. A transport of NULL: out of memory. */
struct byte_stream tls_accept(struct tls_context *context, int fd);

/* A stream on the connected, blocking socket fd, handshake done, with the name
 * of the server to ask for (NULL: none). False with a reason; fd is then
 * still the caller's. */
bool tls_connect(struct tls_context *context, int fd, const char *server_name, struct byte_stream *stream,
                 struct buffer *reason);

/* How OpenSSL reads and writes our sockets. For io/tls_context.c. */
BIO_METHOD *tls_socket_method_new(void);

#endif
