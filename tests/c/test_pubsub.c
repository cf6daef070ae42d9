#include "notify/pubsub.h"

#include "base/glob.h"
#include "base/mem.h"
#include "seed.h"
#include "servers.h"

/* ---- by example ---- */

static void runs_of_messages(void)
{
    struct server *server = server_start();
    struct peer one = peer_connect(server), two = peer_connect(server), p = peer_connect(server);
    peer_send(&one, "HELLO 3\n");
    peer_receive(&one);
    buffer_clear(&one.received);
    peer_send(&one, "SUBSCRIBE a\n");
    peer_send(&two, "SUBSCRIBE a b\n");
    CHECK_RECEIVED(&one, ">3|$9|subscribe|$1|a|:1|");
    CHECK_RECEIVED(&two, "*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|");
    peer_send(&p, "PUBLISH a 1\nPUBLISH a 2\nPUBLISH b 3\nPUBLISH a 4\nPUBLISH none 5\n");
    CHECK_RECEIVED(&p, ":2|:2|:1|:2|:0|");
    CHECK_RECEIVED(&one, ">3|$7|message|$1|a|$1|1|>3|$7|message|$1|a|$1|2|>3|$7|message|$1|a|$1|4|");
    CHECK_RECEIVED(&two, "*3|$7|message|$1|a|$1|1|*3|$7|message|$1|a|$1|2|*3|$7|message|$1|b|$1|3|"
                         "*3|$7|message|$1|a|$1|4|");
    const struct pubsub_stats *stats = pubsub_stats(server->pubsub);
    CHECK_INT(stats->messages, 4);
    CHECK_INT(stats->deliveries, 7);
    peer_close(&one);
    peer_close(&two);
    peer_close(&p);
    wiring_free(server);
}

/* RESP3: a client that causes a message of its own gets the reply first. */
static void ones_own_messages(void)
{
    struct server *server = server_start();
    struct peer p = peer_connect(server);
    peer_send(&p, "HELLO 3\n");
    peer_receive(&p);
    buffer_clear(&p.received);
    peer_send(&p, "SUBSCRIBE a\nPSUBSCRIBE a*\nPSUBSCRIBE *\n");
    peer_receive(&p);
    buffer_clear(&p.received);
    peer_send(&p, "PUBLISH a 1\nPUBLISH ab 2\nPING\n");
    CHECK_RECEIVED(&p, ":3|>3|$7|message|$1|a|$1|1|>4|$8|pmessage|$1|*|$1|a|$1|1|"
                       ">4|$8|pmessage|$2|a*|$1|a|$1|1|"
                       ":2|>4|$8|pmessage|$1|*|$2|ab|$1|2|>4|$8|pmessage|$2|a*|$2|ab|$1|2|+PONG|");
    peer_send(&p, "UNSUBSCRIBE\nPUNSUBSCRIBE\nCONFIG SET notify-keyspace-events KEA\n");
    peer_send(&p, "SUBSCRIBE __keyspace@0__:k __keyevent@0__:set __keyevent@0__:expire\n");
    peer_receive(&p);
    buffer_clear(&p.received);
    peer_send(&p, "SET k v EX 100\n");
    CHECK_RECEIVED(&p, "+OK|>3|$7|message|$16|__keyspace@0__:k|$3|set|"
                       ">3|$7|message|$18|__keyevent@0__:set|$1|k|"
                       ">3|$7|message|$16|__keyspace@0__:k|$6|expire|"
                       ">3|$7|message|$21|__keyevent@0__:expire|$1|k|");
    peer_close(&p);
    wiring_free(server);
}

static void the_index_of_patterns(void)
{
    struct server *server = server_start();
    struct pubsub *ps = server->pubsub;
    struct peer p = peer_connect(server);
    CHECK(!pubsub_patterns_overlap(ps, SLICE("")));
    CHECK(pubsub_subscribe(ps, p.client, AUDIENCE_PATTERN, SLICE("user:*")));
    CHECK(!pubsub_subscribe(ps, p.client, AUDIENCE_PATTERN, SLICE("user:*")));
    CHECK(pubsub_patterns_overlap(ps, SLICE("us")) && pubsub_patterns_overlap(ps, SLICE("user:77")));
    CHECK(!pubsub_patterns_overlap(ps, SLICE("uses")) && !pubsub_patterns_overlap(ps, SLICE("x")));
    uint64_t generation = pubsub_generation(ps);
    CHECK(pubsub_subscribe(ps, p.client, AUDIENCE_CHANNEL, SLICE("user:*")));
    CHECK(pubsub_generation(ps) != generation);
    CHECK(pubsub_find(ps, AUDIENCE_CHANNEL, SLICE("user:*")) != NULL);
    CHECK(pubsub_find(ps, AUDIENCE_SHARD, SLICE("user:*")) == NULL);
    CHECK_INT(pubsub_publish(ps, AUDIENCE_CHANNEL, SLICE("user:*"), SLICE("x")), 2);
    CHECK_INT(pubsub_publish(ps, AUDIENCE_SHARD, SLICE("user:*"), SLICE("x")), 0);
    CHECK(pubsub_unsubscribe(ps, p.client, AUDIENCE_PATTERN, SLICE("user:*")));
    CHECK(!pubsub_unsubscribe(ps, p.client, AUDIENCE_PATTERN, SLICE("user:*")));
    CHECK(!pubsub_patterns_overlap(ps, SLICE("")));
    CHECK_INT(pubsub_subscription_count(p.client, AUDIENCE_CHANNEL), 1);
    peer_close(&p);
    CHECK_INT(pubsub_count(ps, AUDIENCE_CHANNEL), 0);
    wiring_free(server);
}

/* ---- at random, against a table of who subscribed to what ---- */

enum { PEERS = 6, NAMES = 24 };

struct model {
    struct random random;
    struct server *server;
    struct peer peers[PEERS];
    char names[AUDIENCE_KINDS][NAMES][8];
    bool subscribed[AUDIENCE_KINDS][NAMES][PEERS];
    int existing; /* what the listener has counted */
};

static struct model m;

static void count_existing(void *ctx, const struct audience *audience, bool exists)
{
    (void)audience;
    *(int *)ctx += exists ? 1 : -1;
}

static void model_init(void)
{
    m = (struct model){.server = server_start()};
    seed_init(&m.random);
    pubsub_listen(m.server->pubsub, (struct pubsub_listener){&m.existing, count_existing});
    for (int i = 0; i < PEERS; i++) m.peers[i] = peer_connect(m.server);
    for (int kind = 0; kind < AUDIENCE_KINDS; kind++) {
        for (int i = 0; i < NAMES; i++) {
            static const char letters[] = "abc*?";
            char *name = m.names[kind][i];
            size_t len = 1 + random_below(&m.random, 5), used = kind == AUDIENCE_PATTERN ? 5 : 3;
            for (size_t at = 0; at < len; at++) name[at] = letters[random_below(&m.random, used)];
            for (int other = 0; other < i; other++)
                if (strcmp(m.names[kind][other], name) == 0) sprintf(name, "x%d", i);
        }
    }
}

static int64_t expected_receivers(enum audience_kind kind, const char *channel)
{
    int64_t count = 0;
    for (int k = 0; k < AUDIENCE_KINDS; k++) {
        for (int i = 0; i < NAMES; i++) {
            bool matches = k == (int)kind && strcmp(m.names[k][i], channel) == 0;
            if (k == AUDIENCE_PATTERN && kind == AUDIENCE_CHANNEL)
                matches = glob_match(slice_of(m.names[k][i]), slice_of(channel), false);
            for (int p = 0; matches && p < PEERS; p++) count += m.subscribed[k][i][p];
        }
    }
    return count;
}

static void check_counts(void)
{
    int existing = 0;
    for (int k = 0; k < AUDIENCE_KINDS; k++) {
        size_t names = 0;
        for (int i = 0; i < NAMES; i++) {
            unsigned count = 0;
            for (int p = 0; p < PEERS; p++) count += m.subscribed[k][i][p];
            struct audience *audience = pubsub_find(m.server->pubsub, (enum audience_kind)k,
                                                    slice_of(m.names[k][i]));
            CHECK_INT(audience ? audience->count : 0, count);
            names += count > 0;
        }
        CHECK_INT(pubsub_count(m.server->pubsub, (enum audience_kind)k), names);
        existing += (int)names;
    }
    CHECK_INT(m.existing, existing);
}

static void reconnect(int which)
{
    peer_close(&m.peers[which]);
    for (int k = 0; k < AUDIENCE_KINDS; k++)
        for (int i = 0; i < NAMES; i++) m.subscribed[k][i][which] = false;
    m.peers[which] = peer_connect(m.server);
}

static void any_subscriptions(void)
{
    model_init();
    struct pubsub *ps = m.server->pubsub;
    for (int i = 0; i < 20000; i++) {
        enum audience_kind kind = (enum audience_kind)random_below(&m.random, AUDIENCE_KINDS);
        int name = (int)random_below(&m.random, NAMES), p = (int)random_below(&m.random, PEERS);
        bool *has = &m.subscribed[kind][name][p];
        struct slice text = slice_of(m.names[kind][name]);
        uint64_t what = random_below(&m.random, 200);
        if (what == 0) {
            reconnect(p);
        } else if (what < 70) {
            CHECK_INT(pubsub_subscribe(ps, m.peers[p].client, kind, text), !*has);
            *has = true;
        } else if (what < 140) {
            CHECK_INT(pubsub_unsubscribe(ps, m.peers[p].client, kind, text), *has);
            *has = false;
        } else if (kind != AUDIENCE_PATTERN) {
            CHECK_INT(pubsub_publish(ps, kind, text, SLICE("x")), expected_receivers(kind, text.ptr));
            if (what > 190) network_flush(m.server);
        }
        if (i % 20 == 0) check_counts();
        for (int each = 0; i % 500 == 0 && each < PEERS; each++) {
            peer_receive(&m.peers[each]); /* or their queues would grow */
            buffer_clear(&m.peers[each].received);
        }
    }
    for (int i = 0; i < PEERS; i++) peer_close(&m.peers[i]);
    CHECK_INT(m.existing, 0);
    wiring_free(m.server);
}

int main(void)
{
    mem_thread_init();
    TEST("messages come in the order they were published in, in the protocol of each", runs_of_messages);
    TEST("who publishes to itself gets the reply first, and then the messages in order", ones_own_messages);
    TEST("patterns are known by their beginnings, and are no channels", the_index_of_patterns);
    TEST("any subscriptions agree with a table of them", any_subscriptions);
    return TEST_END();
}
