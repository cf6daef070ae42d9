#include "app/benchmark/suite.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "app/benchmark/fail.h"
#include "app/benchmark/link.h"
#include "app/benchmark/report.h"
#include "app/benchmark/template.h"
#include "base/buffer.h"
#include "base/mem.h"
#include "base/random.h"

enum { WORDS_MAX = 21 };
#define DATA  "<data>"  /* stands for the payload */
#define SCORE "<score>" /* stands for a number: 0 without -r */

/* A test: the names -t selects it by, its title, its command (words parted by
 * blanks), and what has to run before it. */
struct test {
    const char *names;
    const char *title;
    const char *command;
};

static const struct test tests[] = {
    {"ping ping_inline", "PING_INLINE", NULL},
    {"ping ping_mbulk", "PING_MBULK", "PING"},
    {"set", "SET", "SET key:__rand_int__ " DATA},
    {"get", "GET", "GET key:__rand_int__"},
    {"incr", "INCR", "INCR counter:__rand_int__"},
    {"lpush", "LPUSH", "LPUSH mylist " DATA},
    {"rpush", "RPUSH", "RPUSH mylist " DATA},
    {"lpop", "LPOP", "LPOP mylist"},
    {"rpop", "RPOP", "RPOP mylist"},
    {"sadd", "SADD", "SADD myset element:__rand_int__"},
    {"hset", "HSET", "HSET myhash element:__rand_int__ " DATA},
    {"spop", "SPOP", "SPOP myset"},
    {"zadd", "ZADD", "ZADD myzset " SCORE " element:__rand_int__"},
    {"zpopmin", "ZPOPMIN", "ZPOPMIN myzset"},
    {"lrange lrange_100 lrange_300 lrange_500 lrange_600", "LPUSH (needed to benchmark LRANGE)",
     "LPUSH mylist " DATA},
    {"lrange lrange_100", "LRANGE_100 (first 100 elements)", "LRANGE mylist 0 99"},
    {"lrange lrange_300", "LRANGE_300 (first 300 elements)", "LRANGE mylist 0 299"},
    {"lrange lrange_500", "LRANGE_500 (first 500 elements)", "LRANGE mylist 0 499"},
    {"lrange lrange_600", "LRANGE_600 (first 600 elements)", "LRANGE mylist 0 599"},
    {"mset", "MSET (10 keys)",
     "MSET key:__rand_int__ " DATA " key:__rand_int__ " DATA " key:__rand_int__ " DATA
     " key:__rand_int__ " DATA " key:__rand_int__ " DATA " key:__rand_int__ " DATA " key:__rand_int__ " DATA
     " key:__rand_int__ " DATA " key:__rand_int__ " DATA " key:__rand_int__ " DATA},
    {"xadd", "XADD", "XADD mystream * myfield " DATA},
};

char *suite_payload(size_t len)
{
    struct random random;
    random_seed(&random, 1234);
    char *payload = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++) payload[i] = (char)('0' + random_below(&random, 64));
    payload[len] = '\0';
    return payload;
}

/* Whether a list (words parted by separator) has this word, in any case. */
static bool list_has(const char *list, char separator, struct slice word)
{
    for (const char *end = list; *end; list = end + 1) {
        end = strchrnul(list, separator);
        if ((size_t)(end - list) == word.len && strncasecmp(list, word.ptr, word.len) == 0) return true;
    }
    return false;
}

static bool is_selected(const struct options *o, const struct test *test)
{
    if (!o->tests) return true;
    const char *name = test->names;
    for (const char *end = name; *end; name = end + 1) {
        end = strchrnul(name, ' ');
        if (list_has(o->tests, ',', slice_make(name, (size_t)(end - name)))) return true;
    }
    return false;
}

/* A name in -t that no test answers to is a mistake worth telling. */
static void check_names(const char *list)
{
    for (const char *end = list; *end; list = end + 1) {
        end = strchrnul(list, ',');
        struct slice name = slice_make(list, (size_t)(end - list));
        bool known = false;
        for (size_t i = 0; i < sizeof tests / sizeof tests[0] && !known; i++)
            known = list_has(tests[i].names, ' ', name);
        if (!known) fail("There is no test \"%.*s\"", (int)name.len, name.ptr);
    }
}

static struct template *test_template(const struct options *o, const struct test *test, const char *payload)
{
    if (!test->command) return template_new_raw("PING\r\n");
    struct slice words[WORDS_MAX];
    size_t count = 0;
    const char *word = test->command;
    for (const char *end = word; *end; word = end + 1) {
        end = strchrnul(word, ' ');
        words[count] = slice_make(word, (size_t)(end - word));
        if (slice_equal(words[count], SLICE(DATA))) words[count] = slice_of(payload);
        if (slice_equal(words[count], SLICE(SCORE)))
            words[count] = o->keyspace ? SLICE("__rand_int__") : SLICE("0");
        count++;
    }
    return template_new(words, count, (uint64_t)o->keyspace, o->sequential);
}

static void run_tests(const struct options *o, const struct report_host *host, uint64_t requests)
{
    char *payload = suite_payload((size_t)o->data_size_bytes);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (!is_selected(o, &tests[i])) continue;
        struct template *t = test_template(o, &tests[i], payload);
        report_run(o, host, tests[i].title, t, requests);
        template_free(t);
    }
    if (o->quiet && !o->csv) printf("\n");
    mem_free(payload);
}

static void run_command(const struct options *o, const struct report_host *host, uint64_t requests)
{
    struct buffer title = {0};
    for (size_t i = 0; i < o->command_words - o->last_from_stdin; i++) {
        if (i > 0) buffer_append_char(&title, ' ');
        buffer_append_slice(&title, o->command[i]);
    }
    struct template *t = template_new(o->command, o->command_words, (uint64_t)o->keyspace, o->sequential);
    report_run(o, host, title.data, t, requests);
    template_free(t);
    buffer_fini(&title);
}

void suite_run(const struct options *o)
{
    if (o->tests) check_names(o->tests);
    uint64_t requests = o->requests ? (uint64_t)o->requests : 100000;
    struct link *link = link_open(&o->server);
    struct report_host host = {link_config_get(link, "save"), link_config_get(link, "appendonly")};
    link_close(link);
    if (!o->keep_alive)
        fprintf(stderr,
                "WARNING: every batch opens a connection; closed ones keep their ports for a while, so\n"
                "that many requests need net.ipv4.tcp_tw_reuse=1.\n");
    if (o->csv) report_csv_header();
    do {
        if (o->command_words) run_command(o, &host, requests);
        else run_tests(o, &host, requests);
    } while (o->loop);
    mem_free(host.save);
    mem_free(host.appendonly);
}

void suite_idle(const struct options *o)
{
    size_t count = (size_t)o->clients;
    struct pollfd *polled = mem_calloc(count, sizeof *polled);
    for (size_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){.fd = link_open(&o->server)->stream.fd, .events = POLLIN};
    printf("%zu idle connections are open (Ctrl+C ends them)\n", count);
    fflush(stdout);
    if (poll(polled, count, -1) > 0) fail("Error: Server closed the connection");
    mem_free(polled);
}
