/* Sockets: listening, accepting, addresses. Errors are returned as false or
 * -1 with errno; reason, where given, gets a text of at most 256 bytes. */
#ifndef IO_SOCKET_H
#define IO_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

enum { SOCKET_ADDRESS_MAX = 128, SOCKET_REASON_MAX = 256 };

/* Listens on address:port (numeric or a name; "*" and "::*" are all of IPv4
 * and of IPv6). Returns the descriptor or -1 with the reason; *unavailable is
 * set when the machine merely has no such protocol or address. */
int socket_listen_tcp(const char *address, int port, int backlog, char *reason, bool *unavailable);

/* Listens on a Unix socket at path, replacing a stale one; perm 0 leaves the
 * permissions to the umask. */
int socket_listen_unix(const char *path, unsigned perm, int backlog, char *reason);

/* Accepts a connection, non-blocking and close-on-exec; -1 and errno. */
int socket_accept(int listener);

/* TCP_NODELAY, and keep-alive probes after idle_s seconds (0: none). */
void socket_tune(int fd, int keepalive_s);

/* "ip:port", "[ip6]:port" or "path:0"; of our side or the peer's. */
void socket_local_address(int fd, char *to);
void socket_peer_address(int fd, char *to);

/* Whether the peer is on this machine: a loopback address or a Unix socket. */
bool socket_peer_is_local(int fd);

#endif
