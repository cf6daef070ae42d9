#include "base/crash.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/number.h"
#include "base/version.h"

enum {
    FRAMES_MAX = 100,
    DESCRIBE_S = 5, /* time for what may hang: the allocator's lock may be held */
    STACK_BYTES = 256 * 1024,
};

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { CRASH_SIGNALS = sizeof crash_signals / sizeof *crash_signals };

static const struct crash_subject *subject;
static bool enabled;
static atomic_flag reporting = ATOMIC_FLAG_INIT;
static pthread_t reporter;
static volatile sig_atomic_t fatal_signal = SIGABRT; /* what the process dies of */

/* An overflown stack has no room for a handler. */
static char alternate_stack[STACK_BYTES];

/* ---- writing ---- */

static void put_number(int64_t value)
{
    char text[NUMBER_TEXT_MAX];
    text[number_print(text, value)] = '\0';
    log_raw(text);
}

static void put_hex(uint64_t value)
{
    char text[19] = "0x";
    for (int i = 0; i < 16; i++) text[2 + i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
    text[18] = '\0';
    log_raw(text);
}

static uint64_t program_counter(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

void crash_write_stack(const void *context)
{
    void *frames[FRAMES_MAX];
    void *at = context ? (void *)(uintptr_t)program_counter(context) : NULL;
    log_raw("\n------ STACK TRACE ------\n");
    int count = backtrace(frames, FRAMES_MAX), fd = log_open();
    if (fd < 0) return;
    if (at) backtrace_symbols_fd(&at, 1, fd);
    if (at) log_raw("called from, the signal's handler first:\n");
    backtrace_symbols_fd(frames, count, fd);
    log_close(fd);
}

static void put_register(const char *name, uint64_t value)
{
    log_raw(name);
    log_raw(":");
    put_hex(value);
    log_raw("\n");
}

static void write_registers(const ucontext_t *context)
{
    log_raw("\n------ REGISTERS ------\n");
#if defined(__x86_64__)
    static const char *const names[] = {"R8 ", "R9 ", "R10", "R11", "R12", "R13", "R14", "R15", "RDI",
                                        "RSI", "RBP", "RBX", "RDX", "RAX", "RCX", "RSP", "RIP", "EFL"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) /* the order of enum REG_x */
        put_register(names[i], (uint64_t)context->uc_mcontext.gregs[i]);
#elif defined(__aarch64__)
    for (int i = 0; i < 31; i++) {
        char name[4] = {'X', (char)('0' + i / 10), (char)('0' + i % 10), '\0'};
        put_register(name, context->uc_mcontext.regs[i]);
    }
    put_register("SP ", context->uc_mcontext.sp);
    put_register("PC ", context->uc_mcontext.pc);
    put_register("PST", context->uc_mcontext.pstate);
#else
    (void)context;
    log_raw("not known on this kind of machine\n");
#endif
}

/* ---- dying ---- */

static _Noreturn void die(void)
{
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, fatal_signal);
    signal(fatal_signal, SIG_DFL);
    raise(fatal_signal);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    _exit(128 + fatal_signal);
}

static void write_end(void)
{
    log_raw("\n=== REDIS BUG REPORT END. Please report it with everything from START on. ===\n"
            "A function shown as (+0x...) is named by: addr2line -f -e <program> 0x...\n"
            "To test the memory: redis-server --test-memory <megabytes>; the system: --check-system\n\n");
}

static void give_up(int signum)
{
    (void)signum;
    log_raw("\n(the rest does not come to an end)\n");
    write_end();
    die();
}

/* One report, by one thread. A second crash of the reporting thread ends the
 * report; another thread that crashes meanwhile waits for the end. */
static void begin(void)
{
    if (!atomic_flag_test_and_set(&reporting)) {
        reporter = pthread_self();
        log_raw("\n=== REDIS BUG REPORT START: Redis " VERSION_REDIS ", Tocsin " VERSION_TOCSIN " ===\n");
        return;
    }
    while (!pthread_equal(reporter, pthread_self())) pause();
    log_raw("\n(the report itself crashed here)\n");
    write_end();
    die();
}

static void describe(void)
{
    if (subject) {
        struct sigaction alarm_action = {.sa_handler = give_up, .sa_flags = SA_ONSTACK | SA_NODEFER};
        sigset_t only;
        sigemptyset(&alarm_action.sa_mask);
        sigemptyset(&only);
        sigaddset(&only, SIGALRM);
        sigaction(SIGALRM, &alarm_action, NULL);
        pthread_sigmask(SIG_UNBLOCK, &only, NULL);
        alarm(DESCRIBE_S);
        subject->describe(subject->ctx);
        alarm(0);
    }
    write_end();
}

static void on_crash(int signum, siginfo_t *info, void *context)
{
    begin();
    fatal_signal = signum;
    char line[64] = "crashed by signal: ";
    line[strlen(line) + number_print(line + strlen(line), signum)] = '\0';
    log_from_handler(line);
    if (info->si_code <= 0) {
        log_raw("It was sent by process ");
        put_number(info->si_pid);
        log_raw("\n");
    } else if (signum == SIGSEGV || signum == SIGBUS) {
        log_raw("The address accessed was ");
        put_hex((uint64_t)(uintptr_t)info->si_addr);
        log_raw("\n");
    }
    crash_write_stack(context);
    write_registers(context);
    describe();
    die();
}

/* Called by failed assertions, in any thread, before abort(). */
static void on_bug(const char *kind, const char *detail, const char *file, int line)
{
    if (enabled) begin();
    log_warning("%s: %s at %s:%d", kind, detail, file, line);
    if (enabled) {
        crash_write_stack(NULL);
        describe();
    }
    if (subject && subject->exits_on_panic(subject->ctx)) exit(1);
    signal(SIGABRT, SIG_DFL);
}

/* ---- installing ---- */

void crash_set_subject(const struct crash_subject *whom)
{
    subject = whom;
    assert_set_hook(on_bug);
}

void crash_enable(bool on)
{
    void *frame;
    backtrace(&frame, 1); /* the first call loads a library, which no handler may do */
    stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    if (on) action.sa_sigaction = on_crash;
    else action = (struct sigaction){.sa_handler = SIG_DFL};
    for (int i = 0; i < CRASH_SIGNALS; i++) sigaction(crash_signals[i], &action, NULL);
    enabled = on;
}
