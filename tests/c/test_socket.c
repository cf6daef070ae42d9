#include "io/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/transport.h"
#include "test.h"

static char reason[SOCKET_REASON_MAX];
static bool unavailable;

static bool is_ready(int fd, short events)
{
    struct pollfd pfd = {fd, events, 0};
    return poll(&pfd, 1, 5000) == 1;
}

static int listen_on(const char *address)
{
    reason[0] = '\0';
    return socket_listen_tcp(address, 0, 10, reason, &unavailable);
}

static int port_of(int fd)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    CHECK(getsockname(fd, (struct sockaddr *)&storage, &len) == 0);
    return ntohs(((struct sockaddr_in *)&storage)->sin_port); /* at the same place for IPv6 */
}

static int connect_to(int listener)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof storage;
    CHECK(getsockname(listener, (struct sockaddr *)&storage, &len) == 0);
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&storage, len) == 0);
    return fd;
}

static int accept_from(int listener)
{
    CHECK(is_ready(listener, POLLIN));
    int fd = socket_accept(listener);
    CHECK(fd >= 0);
    return fd;
}

static void is_private(int fd)
{
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void tcp(void)
{
    char expected[SOCKET_ADDRESS_MAX], address[SOCKET_ADDRESS_MAX];
    int listener = listen_on("127.0.0.1");
    CHECK(listener >= 0);
    is_private(listener);
    CHECK_INT(socket_accept(listener), -1);
    CHECK_INT(errno, EAGAIN);
    int client = connect_to(listener), server = accept_from(listener);
    is_private(server);
    CHECK(socket_peer_is_local(server));
    snprintf(expected, sizeof expected, "127.0.0.1:%d", port_of(listener));
    socket_local_address(server, address);
    CHECK_TEXT(address, expected);
    socket_peer_address(client, address);
    CHECK_TEXT(address, expected);
    snprintf(expected, sizeof expected, "127.0.0.1:%d", port_of(client));
    socket_peer_address(server, address);
    CHECK_TEXT(address, expected);
    close(client);
    close(server);
    close(listener);
    socket_peer_address(listener, address);
    CHECK_TEXT(address, "?:0");
    CHECK(!socket_peer_is_local(listener));
}

static void tcp6(void)
{
    char expected[SOCKET_ADDRESS_MAX], address[SOCKET_ADDRESS_MAX];
    int listener = listen_on("::1");
    if (listener < 0) {
        CHECK(unavailable && reason[0]); /* a machine without IPv6 */
        return;
    }
    int client = connect_to(listener), server = accept_from(listener);
    CHECK(socket_peer_is_local(server));
    snprintf(expected, sizeof expected, "[::1]:%d", port_of(listener));
    socket_local_address(server, address);
    CHECK_TEXT(address, expected);
    close(client);
    close(server);
    close(listener);
    int any = listen_on("::*");
    CHECK(any >= 0);
    close(any);
}

static void all_addresses(void)
{
    int listener = listen_on("*");
    CHECK(listener >= 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port_of(listener))};
    to.sin_addr.s_addr = htonl(0x7f000002); /* 127.0.0.2 */
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(client, (struct sockaddr *)&to, sizeof to) == 0);
    int server = accept_from(listener);
    CHECK(socket_peer_is_local(server));
    close(client);
    close(server);
    close(listener);
}

static void what_cannot_be_listened_on(void)
{
    int listener = listen_on("127.0.0.1");
    CHECK_INT(socket_listen_tcp("127.0.0.1", port_of(listener), 10, reason, &unavailable), -1);
    CHECK_INT(errno, EADDRINUSE);
    CHECK_TEXT(reason, strerror(EADDRINUSE));
    CHECK(!unavailable);
    close(listener);
    CHECK_INT(listen_on("192.0.2.1"), -1); /* is no machine's: kept for documentation */
    CHECK(unavailable);
    CHECK_TEXT(reason, strerror(EADDRNOTAVAIL));
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    CHECK(getsockopt(fd, level, name, &value, &len) == 0);
    return value;
}

static void tuning(void)
{
    int listener = listen_on("127.0.0.1"), client = connect_to(listener), server = accept_from(listener);
    socket_tune(server, 0);
    CHECK(option_of(server, IPPROTO_TCP, TCP_NODELAY) != 0);
    CHECK_INT(option_of(server, SOL_SOCKET, SO_KEEPALIVE), 0);
    socket_tune(server, 300);
    CHECK(option_of(server, SOL_SOCKET, SO_KEEPALIVE) != 0);
    CHECK_INT(option_of(server, IPPROTO_TCP, TCP_KEEPIDLE), 300);
    CHECK_INT(option_of(server, IPPROTO_TCP, TCP_KEEPINTVL), 100);
    socket_tune(server, 1);
    CHECK_INT(option_of(server, IPPROTO_TCP, TCP_KEEPINTVL), 1);
    close(client);
    close(server);
    close(listener);
}

/* ---- streams ---- */

static void streams(void)
{
    int listener = listen_on("127.0.0.1"), client = connect_to(listener);
    struct byte_stream s = {&socket_transport, accept_from(listener), NULL};
    char text[16] = "";
    CHECK_INT(byte_stream_read(&s, text, sizeof text), -1);
    CHECK_INT(errno, EAGAIN);
    CHECK(write(client, "hello", 5) == 5 && is_ready(s.fd, POLLIN));
    CHECK_INT(byte_stream_read(&s, text, 3), 3);
    CHECK_INT(byte_stream_read(&s, text + 3, sizeof text - 3), 2);
    CHECK_TEXT(text, "hello");
    char one[] = "one", two[] = "two";
    const struct iovec parts[] = {{one, 3}, {one, 0}, {two, 3}};
    CHECK_INT(byte_stream_writev(&s, parts, 3), 6);
    CHECK(is_ready(client, POLLIN) && read(client, text, sizeof text) == 6);
    CHECK(memcmp(text, "onetwo", 6) == 0);
    static char much[1 << 16];
    const struct iovec more = {much, sizeof much};
    ssize_t sent;
    while ((sent = byte_stream_writev(&s, &more, 1)) > 0) continue; /* nobody reads */
    CHECK_INT(sent, -1);
    CHECK_INT(errno, EAGAIN);
    close(client);
    CHECK(is_ready(s.fd, POLLIN));
    for (int i = 0; i < 3; i++) sent = byte_stream_writev(&s, parts, 3); /* no SIGPIPE */
    CHECK_INT(sent, -1);
    byte_stream_close(&s);
    CHECK_INT(s.fd, -1);
    client = connect_to(listener);
    s.fd = accept_from(listener);
    close(client);
    CHECK(is_ready(s.fd, POLLIN));
    CHECK_INT(byte_stream_read(&s, text, sizeof text), 0);
    byte_stream_close(&s);
    close(listener);
}

/* ---- Unix sockets ---- */

static char folder[64], path[128];

static void make_folder(void)
{
    strcpy(folder, "/tmp/test_socket.XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/socket", folder);
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

static void unix_sockets(void)
{
    char address[SOCKET_ADDRESS_MAX], expected[SOCKET_ADDRESS_MAX];
    struct stat info;
    make_folder();
    int listener = socket_listen_unix(path, 0700, 10, reason);
    CHECK(listener >= 0);
    is_private(listener);
    CHECK(stat(path, &info) == 0 && (info.st_mode & 0777) == 0700);
    int client = connect_to(listener), server = accept_from(listener);
    CHECK(socket_peer_is_local(server));
    snprintf(expected, sizeof expected, "%.100s:0", path);
    socket_local_address(server, address);
    CHECK_TEXT(address, expected);
    socket_peer_address(server, address);
    CHECK_TEXT(address, expected);
    close(client);
    close(server);
    close(listener);
    remove_folder();
}

static void stale_and_other_files(void)
{
    make_folder();
    int listener = socket_listen_unix(path, 0, 10, reason);
    CHECK(listener >= 0);
    CHECK_INT(socket_listen_unix(path, 0, 10, reason), -1); /* somebody listens */
    CHECK_TEXT(reason, strerror(EADDRINUSE));
    close(connect_to(listener)); /* and still does */
    close(listener);
    listener = socket_listen_unix(path, 0, 10, reason); /* nobody any more */
    CHECK(listener >= 0);
    close(connect_to(listener));
    close(listener);
    CHECK(unlink(path) == 0);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    CHECK_INT(socket_listen_unix(path, 0, 10, reason), -1);
    CHECK_TEXT(reason, strerror(EADDRINUSE));
    CHECK(access(path, F_OK) == 0);
    remove_folder();
    CHECK_INT(socket_listen_unix(path, 0, 10, reason), -1); /* no such folder */
    CHECK_TEXT(reason, strerror(ENOENT));
}

static void long_paths(void)
{
    char longest[200];
    memset(longest, 'a', sizeof longest);
    longest[sizeof((struct sockaddr_un *)0)->sun_path] = '\0';
    CHECK_INT(socket_listen_unix(longest, 0, 10, reason), -1);
    CHECK_TEXT(reason, "the path is longer than 107 bytes");
}

int main(void)
{
    TEST("a connection over TCP has an address at each end", tcp);
    TEST("and one over IPv6, where there is such a thing", tcp6);
    TEST("all addresses can be listened on", all_addresses);
    TEST("what cannot be listened on has a reason", what_cannot_be_listened_on);
    TEST("a socket is told how often to probe", tuning);
    TEST("a stream reads and writes what there is, and says when it would block or has ended", streams);
    TEST("Unix sockets have a path and permissions", unix_sockets);
    TEST("a stale Unix socket is replaced, and nothing else", stale_and_other_files);
    TEST("a path that is too long is refused", long_paths);
    return TEST_END();
}
