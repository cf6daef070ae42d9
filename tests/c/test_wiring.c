/* Two servers in one process: nothing that one of them knows is the other's. */
#include "app/wiring.h"

#include <time.h>

#include "base/mem.h"
#include "db/keyspace.h"
#include "servers.h"

static void a_second_server_takes_nothing_away(void)
{
    enum { KEYS = 500 };
    char line[64];
    struct server *a = server_start();
    struct peer p = peer_connect(a);
    for (int i = 0; i < KEYS; i++) {
        snprintf(line, sizeof line, "SET k%d %d\n", i, i);
        peer_send(&p, line);
        CHECK_RECEIVED(&p, "+OK|");
    }
    struct server *b = server_start();
    struct peer q = peer_connect(b);
    for (int i = 0; i < KEYS; i++) {
        char expected[32];
        snprintf(line, sizeof line, "GET k%d\n", i);
        peer_send(&p, line);
        snprintf(expected, sizeof expected, "$%d|%d|", i < 10 ? 1 : i < 100 ? 2 : 3, i);
        CHECK_RECEIVED(&p, expected);
        peer_send(&q, line);
        CHECK_RECEIVED(&q, "$-1|");
    }
    peer_send(&q, "SET k1 other\nDBSIZE\n");
    CHECK_RECEIVED(&q, "+OK|:1|");
    peer_send(&p, "GET k1\nDBSIZE\n");
    CHECK_RECEIVED(&p, "$1|1|:500|");
    peer_close(&p);
    wiring_free(a);
    peer_send(&q, "GET k1\n"); /* when the first has gone */
    CHECK_RECEIVED(&q, "$5|other|");
    peer_close(&q);
    wiring_free(b);
}

static void settings_are_each_servers_own(void)
{
    struct server *a = server_start(), *b = server_start();
    struct peer p = peer_connect(a), q = peer_connect(b);
    peer_send(&p, "CONFIG SET notify-keyspace-events KEA maxmemory-policy allkeys-lru\n");
    CHECK_RECEIVED(&p, "+OK|");
    peer_send(&q, "CONFIG GET notify-keyspace-events\nCONFIG GET maxmemory-policy\n");
    CHECK_RECEIVED(&q, "*2|$22|notify-keyspace-events|$0||*2|$16|maxmemory-policy|$10|noeviction|");
    CHECK(strcmp(a->run_id, b->run_id) != 0);
    peer_close(&p);
    peer_close(&q);
    wiring_free(a);
    wiring_free(b);
}

static void messages_stay_where_they_are_published(void)
{
    struct server *a = server_start(), *b = server_start();
    struct peer p = peer_connect(a), q = peer_connect(b), sub_a = peer_connect(a), sub_b = peer_connect(b);
    peer_send(&sub_a, "SUBSCRIBE news\n");
    peer_send(&sub_b, "PSUBSCRIBE n*\n");
    CHECK_RECEIVED(&sub_a, "*3|$9|subscribe|$4|news|:1|");
    CHECK_RECEIVED(&sub_b, "*3|$10|psubscribe|$2|n*|:1|");
    peer_send(&p, "PUBLISH news from-a\nPUBLISH n x\n");
    CHECK_RECEIVED(&p, ":1|:0|");
    CHECK_RECEIVED(&sub_a, "*3|$7|message|$4|news|$6|from-a|");
    CHECK_RECEIVED(&sub_b, "");
    peer_send(&q, "PUBLISH news from-b\n");
    CHECK_RECEIVED(&q, ":1|");
    CHECK_RECEIVED(&sub_a, "");
    CHECK_RECEIVED(&sub_b, "*4|$8|pmessage|$2|n*|$4|news|$6|from-b|");
    peer_close(&sub_a);
    peer_send(&p, "PUBLISH news x\n");
    CHECK_RECEIVED(&p, ":0|");
    peer_close(&p);
    peer_close(&q);
    peer_close(&sub_b);
    wiring_free(a);
    wiring_free(b);
}

static void events_are_told_by_the_server_that_has_them(void)
{
    struct server *a = server_start(), *b = server_start();
    struct peer p = peer_connect(a), q = peer_connect(b), sub_a = peer_connect(a), sub_b = peer_connect(b);
    peer_send(&p, "CONFIG SET notify-keyspace-events KEA\n");
    peer_send(&q, "CONFIG SET notify-keyspace-events Ex\n");
    CHECK_RECEIVED(&p, "+OK|");
    CHECK_RECEIVED(&q, "+OK|");
    peer_send(&sub_a, "PSUBSCRIBE __key*\n");
    peer_send(&sub_b, "SUBSCRIBE __keyevent@0__:expired\n");
    CHECK_RECEIVED(&sub_a, "*3|$10|psubscribe|$6|__key*|:1|");
    CHECK_RECEIVED(&sub_b, "*3|$9|subscribe|$22|__keyevent@0__:expired|:1|");
    peer_send(&q, "SET k v PX 20\n");
    peer_send(&p, "SET k v\n");
    CHECK_RECEIVED(&sub_a, "*4|$8|pmessage|$6|__key*|$16|__keyspace@0__:k|$3|set|"
                           "*4|$8|pmessage|$6|__key*|$18|__keyevent@0__:set|$1|k|");
    CHECK_RECEIVED(&sub_b, "");
    while (b->keyspace->stats.expired == 0) loop_turn(b->loop);
    loop_turn(b->loop);
    CHECK_RECEIVED(&sub_b, "*3|$7|message|$22|__keyevent@0__:expired|$1|k|");
    CHECK_RECEIVED(&sub_a, "");
    peer_close(&p);
    peer_close(&q);
    peer_close(&sub_a);
    peer_close(&sub_b);
    wiring_free(a);
    wiring_free(b);
}

static void all_memory_comes_back(void)
{
    wiring_free(server_start()); /* what is made once for the process */
    size_t before = mem_used();
    for (int i = 0; i < 5; i++) {
        struct server *server = server_start();
        struct peer p = peer_connect(server);
        peer_send(&p, "SUBSCRIBE a b\nPSUBSCRIBE c*\n");
        wiring_free(server); /* closes what is connected */
        close(p.fd);
        wiring_free(wiring_new(0, NULL)); /* never opened */
    }
    CHECK_INT(mem_used(), before);
}

int main(void)
{
    mem_thread_init();
    TEST("a second server takes nothing away from the first", a_second_server_takes_nothing_away);
    TEST("settings are each server's own", settings_are_each_servers_own);
    TEST("messages stay in the server in which they are published", messages_stay_where_they_are_published);
    TEST("events are told by the server that has the key", events_are_told_by_the_server_that_has_them);
    TEST("a server that is freed leaves nothing behind", all_memory_comes_back);
    return TEST_END();
}
