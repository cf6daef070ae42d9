#include "app/cli/editor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "app/cli/editor_hints.h"
#include "base/mem.h"

enum { HISTORY_LINES = 1000, READ_BYTES = 4096 };

static struct editor *editor_of(EditLine *line)
{
    void *data = NULL;
    el_get(line, EL_CLIENTDATA, &data);
    return data;
}

/* A signal that becomes readable instead of interrupting: each wait says what
 * it means to it. */
static int take_signal(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void read_signal(int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == sizeof info) continue;
}

/* History: one line an entry; those with passwords are never kept. */

static bool is_secret(struct slice line)
{
    static const char *const words[] = {"auth", "requirepass", "masterauth", "masteruser", "setuser"};
    for (size_t at = 0; at < line.len; at++) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            size_t len = strlen(words[i]);
            if (line.len - at >= len && strncasecmp(line.ptr + at, words[i], len) == 0) return true;
        }
    }
    return false;
}

static void add_to_history(struct editor *e, const char *line)
{
    HistEvent event;
    if (e->history) history(e->history, &event, H_ENTER, line);
}

static void write_history(const struct editor *e, const char *mode, struct slice text)
{
    mode_t before = umask(S_IXUSR | S_IRWXG | S_IRWXO);
    FILE *file = fopen(e->history_path, mode);
    umask(before);
    if (file == NULL) return; /* a read-only home must not spoil the session */
    fwrite(text.ptr, 1, text.len, file);
    fclose(file);
}

static void load_history(struct editor *e)
{
    FILE *file = fopen(e->history_path, "r");
    if (file == NULL) return;
    char *line = NULL;
    size_t capacity = 0;
    int64_t lines = 0;
    for (ssize_t len; (len = getline(&line, &capacity, file)) > 0; lines++) {
        if (line[len - 1] == '\n') line[len - 1] = '\0';
        add_to_history(e, line);
    }
    free(line);
    fclose(file);
    if (lines <= 2 * HISTORY_LINES) return;

    struct buffer kept = {0};
    HistEvent event;
    for (int ok = history(e->history, &event, H_LAST); ok >= 0; ok = history(e->history, &event, H_PREV))
        buffer_printf(&kept, "%s\n", event.str);
    write_history(e, "w", buffer_slice(&kept));
    buffer_fini(&kept);
}

static char *history_path(void)
{
    const char *path = getenv("REDISCLI_HISTFILE"), *home = getenv("HOME");
    if (path && *path) return strcmp(path, "/dev/null") == 0 ? NULL : mem_strdup(path);
    if (home == NULL || *home == '\0') return NULL;
    struct buffer full = {0};
    buffer_printf(&full, "%s/.rediscli_history", home);
    return full.data;
}

void editor_remember(struct editor *e, struct slice line)
{
    HistEvent event;
    if (e->line == NULL || is_secret(line)) return;
    struct buffer text = {0};
    buffer_append_slice(&text, line);
    bool repeated = history(e->history, &event, H_FIRST) >= 0 && strcmp(event.str, text.data) == 0;
    if (!repeated) {
        add_to_history(e, text.data);
        buffer_append_char(&text, '\n');
        if (e->history_path) write_history(e, "a", buffer_slice(&text));
    }
    buffer_fini(&text);
}

/* Hints stand behind the cursor while the editor waits for a key, and are
 * gone before it handles one: it never learns of them. */

static int columns_of(struct slice text)
{
    int columns = 0;
    for (size_t i = 0; i < text.len; i++) columns += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return columns;
}

static void show_hint(struct editor *e)
{
    const LineInfo *info = el_line(e->line);
    struct slice line = slice_make(info->buffer, (size_t)(info->lastchar - info->buffer));
    struct winsize size = {.ws_col = 80};
    if (!e->show_hints || info->cursor != info->lastchar || line.len == 0) return;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0) size.ws_col = 80;

    struct buffer hint = {0};
    editor_hints_append(&hint, e->docs, line);
    int room = size.ws_col - 1 - (columns_of(buffer_slice(&e->prompt)) + columns_of(line)) % size.ws_col;
    if (hint.len && room > 0) printf("\0337\033[90m%.*s\033[0m\0338", room, hint.data);
    fflush(stdout);
    buffer_fini(&hint);
}

static void hide_hint(void)
{
    fputs("\033[K", stdout);
    fflush(stdout);
}

/* Messages that come while a line is being typed go above it. */
static void print_messages(struct editor *e)
{
    fputs("\r\033[K", stdout);
    if (!session_drain(e->session)) connection_close(&e->session->connection);
    el_set(e->line, EL_REFRESH);
}

static int server_fd(const struct editor *e)
{
    return connection_is_open(&e->session->connection) ? e->session->connection.stream.fd : -1;
}

/* One byte of the terminal; 0 at its end and after Ctrl-C. */
static int read_byte(struct editor *e, char *byte)
{
    show_hint(e);
    for (;;) {
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = e->interrupt_fd, .events = POLLIN},
                               {.fd = server_fd(e), .events = POLLIN},
                               {.fd = e->resize_fd, .events = POLLIN}};
        if (poll(fds, 4, -1) < 0) continue;
        hide_hint();
        if (fds[1].revents) {
            read_signal(e->interrupt_fd);
            return 0;
        }
        if (fds[3].revents) {
            read_signal(e->resize_fd);
            el_resize(e->line);
        }
        if (fds[0].revents) {
            ssize_t got = read(STDIN_FILENO, byte, 1);
            return got > 0;
        }
        if (fds[2].revents) print_messages(e);
        show_hint(e);
    }
}

/* Called by libedit for each character: 1, or 0 at the end. */
static int read_character(EditLine *line, wchar_t *character)
{
    struct editor *e = editor_of(line);
    mbstate_t state = {0};
    for (;;) {
        char byte;
        if (read_byte(e, &byte) == 0) {
            e->at_end = true;
            return 0;
        }
        size_t len = mbrtowc(character, &byte, 1, &state);
        if (len == (size_t)-2) continue;
        if (len == (size_t)-1) *character = (unsigned char)byte;
        return 1;
    }
}

static char *prompt_of(EditLine *line)
{
    return editor_of(line)->prompt.data;
}

static size_t common_prefix(const struct words *found)
{
    size_t len = found->list[0].len;
    for (int i = 1; i < found->count; i++) {
        size_t same = 0;
        while (same < len && same < found->list[i].len &&
               found->list[i].ptr[same] == found->list[0].ptr[same])
            same++;
        len = same;
    }
    return len;
}

static void list_completions(const struct words *found)
{
    size_t width = 0;
    for (int i = 0; i < found->count; i++)
        if (found->list[i].len > width) width = found->list[i].len;
    size_t per_line = 78 / (width + 2) ? 78 / (width + 2) : 1;
    for (int i = 0; i < found->count; i++) {
        if ((size_t)i % per_line == 0) putchar('\n');
        printf("%-*s", (int)width + 2, found->list[i].ptr);
    }
    putchar('\n');
    fflush(stdout);
}

static unsigned char complete(EditLine *line, int character)
{
    (void)character;
    struct editor *e = editor_of(line);
    const LineInfo *info = el_line(line);
    struct words found = {0};
    size_t typed;
    editor_hints_complete(&found, e->docs, slice_make(info->buffer, (size_t)(info->cursor - info->buffer)),
                          &typed);
    unsigned char result = CC_ERROR;
    size_t common = found.count ? common_prefix(&found) : 0;
    if (common > typed || found.count == 1) {
        struct buffer text = {0};
        buffer_append(&text, found.list[0].ptr, common);
        if (found.count == 1) buffer_append_char(&text, ' ');
        el_deletestr(line, (int)typed);
        el_insertstr(line, text.data);
        buffer_fini(&text);
        result = CC_REFRESH;
    } else if (found.count > 1) {
        list_completions(&found);
        result = CC_REDISPLAY;
    }
    words_fini(&found);
    return result;
}

static void open_terminal(struct editor *e)
{
    HistEvent event;
    e->line = el_init("redis-cli", stdin, stdout, stderr);
    if (e->line == NULL) return;
    e->resize_fd = take_signal(SIGWINCH);
    e->history = history_init();
    history(e->history, &event, H_SETSIZE, HISTORY_LINES);
    history(e->history, &event, H_SETUNIQUE, 1);
    e->history_path = history_path();
    if (e->history_path) load_history(e);
    el_set(e->line, EL_CLIENTDATA, e);
    el_set(e->line, EL_PROMPT, prompt_of);
    el_set(e->line, EL_EDITOR, "emacs");
    el_set(e->line, EL_HIST, history, e->history);
    el_set(e->line, EL_GETCFN, read_character);
    el_wset(e->line, EL_ADDFN, L"complete-command", L"complete a command's name", complete);
    el_set(e->line, EL_BIND, "^I", "complete-command", NULL);
    el_set(e->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(e->line, NULL);
}

void editor_init(struct editor *e, struct session *session, const struct docs *docs)
{
    *e = (struct editor){
        .session = session, .docs = docs, .show_hints = true, .interrupt_fd = -1, .resize_fd = -1};
    const char *terminal = getenv("TERM");
    e->is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (!e->is_terminal) return;
    session->interrupt_fd = e->interrupt_fd = take_signal(SIGINT);
    if (terminal && strcmp(terminal, "dumb") != 0) open_terminal(e);
}

void editor_fini(struct editor *e)
{
    if (e->line) el_end(e->line);
    if (e->history) history_end(e->history);
    if (e->interrupt_fd >= 0) close(e->interrupt_fd);
    if (e->resize_fd >= 0) close(e->resize_fd);
    e->session->interrupt_fd = -1;
    mem_free(e->history_path);
    buffer_fini(&e->prompt);
    buffer_fini(&e->pending);
}

/* Without editing: the next line of standard input. */

static bool take_line(struct editor *e, struct buffer *line)
{
    char *newline = e->pending.len ? memchr(e->pending.data, '\n', e->pending.len) : NULL;
    if (newline == NULL && (!e->at_end || e->pending.len == 0)) return false;
    size_t len = newline ? (size_t)(newline - e->pending.data) : e->pending.len;
    buffer_append(line, e->pending.data, len);
    buffer_consume(&e->pending, newline ? len + 1 : len);
    return true;
}

static bool read_plain(struct editor *e, struct buffer *line)
{
    for (;;) {
        if (take_line(e, line)) return true;
        if (e->at_end) return false;
        struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = e->interrupt_fd, .events = POLLIN},
                               {.fd = server_fd(e), .events = POLLIN}};
        if (poll(fds, 3, -1) < 0) continue;
        if (fds[1].revents) {
            read_signal(e->interrupt_fd);
            return false;
        }
        if (fds[2].revents && !session_drain(e->session)) connection_close(&e->session->connection);
        if (!fds[0].revents) continue;
        ssize_t got = read(STDIN_FILENO, buffer_reserve(&e->pending, READ_BYTES), READ_BYTES);
        if (got > 0) buffer_added(&e->pending, (size_t)got);
        else e->at_end = got == 0 || errno != EINTR;
    }
}

bool editor_read(struct editor *e, const char *prompt, struct buffer *line)
{
    buffer_clear(line);
    buffer_clear(&e->prompt);
    buffer_append_text(&e->prompt, prompt);
    if (e->line == NULL) {
        if (e->is_terminal) fputs(prompt, stdout);
        fflush(stdout);
        return read_plain(e, line);
    }
    int len = 0;
    const char *text = el_gets(e->line, &len);
    if (text == NULL || len <= 0 || e->at_end) {
        putchar('\n');
        return false;
    }
    buffer_append(line, text, (size_t)len);
    if (line->data[line->len - 1] == '\n') line->data[--line->len] = '\0';
    return true;
}

enum session_result editor_wait_for_messages(struct editor *e)
{
    struct termios saved;
    if (e->pending.len || e->at_end) return SESSION_OK;
    bool terminal = e->is_terminal && tcgetattr(STDIN_FILENO, &saved) == 0;
    if (terminal) { /* any key, not only a whole line */
        struct termios keys = saved;
        keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    }
    enum session_result result = session_wait_for_messages(e->session, STDIN_FILENO);
    if (terminal) tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    return result;
}
