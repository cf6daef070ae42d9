/* The driver without libFuzzer: seeds, then mutations of them, each target in
 * a child of its own, so that a crash costs one target and leaves its input.
 *
 *     fuzzer [--runs N] [--seed S] [TARGET...]
 *     fuzzer --input FILE TARGET
 */
#ifndef FUZZ_LIBFUZZER

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/random.h"
#include "driver.h"
#include "fuzz.h"

enum {
    SEEDS_MAX = 256,
    MUTATED_MAX = 4096, /* seeds may be longer, what grows from them is cut here */
    RUN_SECONDS_MAX = 20,
};

struct corpus {
    struct buffer seeds[SEEDS_MAX];
    size_t count;
};

static bool read_file(const char *path, struct buffer *to)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    size_t got;
    while ((got = fread(buffer_reserve(to, 4096), 1, 4096, file)) > 0) buffer_added(to, got);
    fclose(file);
    return to->len <= FUZZ_INPUT_MAX;
}

/* The files of the target's folder, and the empty input. */
static void corpus_load(struct corpus *corpus, const char *target)
{
    char path[512];
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", target);
    corpus->count = 1;
    DIR *folder = opendir(path);
    if (folder == NULL) return;
    for (struct dirent *entry; (entry = readdir(folder)) && corpus->count < SEEDS_MAX;) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", target, entry->d_name);
        if (read_file(path, &corpus->seeds[corpus->count])) corpus->count++;
    }
    closedir(folder);
}

static void corpus_fini(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) buffer_fini(&corpus->seeds[i]);
}

/* Words that parsers treat specially, more often than chance would write them. */
static const char *const words[] = {
    "\r\n",
    "\n",
    "*",
    "$",
    "-1",
    "0",
    "1",
    "+",
    "-",
    ":",
    "\"",
    "'",
    "\\",
    "\\x0",
    "[",
    "]",
    "^",
    "-]",
    "9223372036854775807",
    "18446744073709551616",
    "2147483648",
    "inf",
    "nan",
    "1e309",
    "kb",
    "gb",
    "%",
    "?",
    "*3\r\n$3\r\nSET\r\n",
    "$-1\r\n",
    "*-1\r\n",
    " ",
    "\t",
};

/* Replaces cut bytes at `at` by added. */
static void splice(struct buffer *b, size_t at, size_t cut, struct slice added)
{
    struct buffer result = {0};
    buffer_append(&result, b->data, at);
    buffer_append_slice(&result, added);
    buffer_append(&result, b->data + at + cut, b->len - at - cut);
    buffer_fini(b);
    *b = result;
}

static void mutate_once(struct buffer *b, struct random *r, const struct corpus *corpus)
{
    size_t at = random_below(r, b->len + 1);
    size_t run = random_below(r, b->len - at + 1);
    if (random_below(r, 4)) run = run < 8 ? run : 8;
    const struct buffer *other = &corpus->seeds[random_below(r, corpus->count)];
    char byte = (char)random_next(r);
    switch (random_below(r, 8)) {
    case 0: /* flip a bit */
        if (at < b->len) b->data[at] = (char)(b->data[at] ^ 1 << random_below(r, 8));
        break;
    case 1: splice(b, at, at < b->len, slice_make(&byte, 1)); break;
    case 2: splice(b, at, 0, slice_make(&byte, 1)); break;
    case 3: splice(b, at, run, SLICE("")); break;
    case 4: /* double a run */
        if (run) {
            char *copy = mem_copy(b->data + at, run);
            splice(b, at, 0, slice_make(copy, run));
            mem_free(copy);
        }
        break;
    case 5: splice(b, at, 0, slice_of(words[random_below(r, sizeof words / sizeof *words)])); break;
    case 6: splice(b, at, run, slice_of(words[random_below(r, sizeof words / sizeof *words)])); break;
    case 7: /* go on with another seed */
        if (other->len) splice(b, at, b->len - at, slice_make(other->data, random_below(r, other->len + 1)));
        break;
    }
    if (b->len > MUTATED_MAX) splice(b, MUTATED_MAX, b->len - MUTATED_MAX, SLICE(""));
}

/* The child's work; a run that takes too long ends it by SIGALRM. */
static void fuzz(const struct driver_target *target, struct driver_input *input, uint64_t seed, uint64_t runs)
{
    struct corpus corpus = {0};
    struct random random;
    corpus_load(&corpus, target->name);
    random_seed(&random, seed);
    for (uint64_t run = 0; run < corpus.count + runs; run++) {
        struct buffer b = {0};
        const struct buffer *from =
            &corpus.seeds[run < corpus.count ? run : random_below(&random, corpus.count)];
        buffer_append(&b, from->data, from->len);
        if (run >= corpus.count) {
            for (uint64_t i = random_below(&random, 5) + 1; i > 0; i--) mutate_once(&b, &random, &corpus);
        }
        alarm(RUN_SECONDS_MAX);
        driver_run(target, input, (const uint8_t *)b.data, b.len);
        buffer_fini(&b);
    }
    corpus_fini(&corpus);
}

/* Keeps the input of a run that failed; returns its path. */
static const char *save_input(const struct driver_target *target, const struct driver_input *input)
{
    static char path[256];
    snprintf(path, sizeof path, "build/fuzz-%s-input", target->name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) return "nowhere";
    fwrite(input->end - input->size, 1, input->size, file);
    fclose(file);
    return path;
}

/* True if the target did as it should: survive, or as a canary, die. */
static bool run_target(const struct driver_target *target, uint64_t seed, uint64_t runs)
{
    struct driver_input *input = driver_input_new();
    bool canary = strcmp(target->name, "canary") == 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (canary && freopen("/dev/null", "w", stderr) == NULL) _exit(0);
        fuzz(target, input, seed, runs);
        exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        perror("fuzz");
        exit(1);
    }
    if (canary) {
        printf("  %s reading one byte too far is noticed\n", status ? "ok   " : "FAIL ");
        return status != 0;
    }
    if (status == 0) {
        printf("  ok    %s survives %llu mutations\n", target->name, (unsigned long long)runs);
        return true;
    }
    printf("  FAIL  %s: %s, seed %llu, the input is in %s\n", target->name,
           WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it exited", (unsigned long long)seed,
           save_input(target, input));
    return false;
}

static int run_file(const struct driver_target *target, const char *path)
{
    struct buffer data = {0};
    if (!read_file(path, &data)) {
        fprintf(stderr, "fuzz: cannot read %s, or it is too long\n", path);
        return 1;
    }
    driver_run(target, driver_input_new(), (const uint8_t *)data.data, data.len);
    buffer_fini(&data);
    return 0;
}

static uint64_t number_argument(const char *text)
{
    uint64_t value;
    if (text == NULL || !number_parse_unsigned(slice_of(text), &value)) {
        fprintf(stderr, "fuzz: not a number: %s\n", text ? text : "(nothing)");
        exit(1);
    }
    return value;
}

int main(int argc, char **argv)
{
    uint64_t runs = 20000, seed;
    const char *file = NULL;
    random_bytes(&seed, sizeof seed);
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "--runs") == 0) runs = number_argument(argv[first + 1]);
        else if (strcmp(argv[first], "--seed") == 0) seed = number_argument(argv[first + 1]);
        else if (strcmp(argv[first], "--input") == 0) file = argv[first + 1];
        else number_argument(argv[first]);
    }
    mem_thread_init();
    for (int i = first; i < argc; i++) {
        if (driver_find(argv[i])) continue;
        fprintf(stderr, "fuzz: there is no target %s\n", argv[i]);
        return 1;
    }
    if (file && first + 1 == argc) return run_file(driver_find(argv[first]), file);
    printf("seed %llu\n", (unsigned long long)seed);
    int passed = 0, failed = 0;
    for (const struct driver_target *t = driver_targets; t->name; t++) {
        bool wanted = first == argc;
        for (int i = first; i < argc; i++) wanted |= strcmp(argv[i], t->name) == 0;
        if (!wanted) continue;
        if (run_target(t, seed, runs)) passed++;
        else failed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}

#endif
