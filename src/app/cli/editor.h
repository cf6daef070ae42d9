/* Lines typed by the user: on a terminal with editing, history, completion
 * and hints (libedit), else as they come from standard input. While it waits,
 * messages of the server are printed as they arrive. */
#ifndef APP_CLI_EDITOR_H
#define APP_CLI_EDITOR_H

#include <histedit.h>
#include <termios.h>

#include "app/cli/docs.h"
#include "app/cli/session.h"

struct editor {
    struct session *session;
    const struct docs *docs;
    bool show_hints;
    bool is_terminal; /* standard input and output */
    EditLine *line;   /* NULL where there is no terminal, or a dumb one */
    History *history;
    char *history_path; /* NULL: kept in memory only */
    int interrupt_fd;   /* readable after SIGINT; -1: not a terminal */
    int resize_fd;      /* readable after SIGWINCH */
    struct buffer prompt;
    struct buffer pending; /* read from standard input, not yet a line */
    bool at_end;
};

/* Takes over SIGINT on a terminal: session->interrupt_fd is set. */
void editor_init(struct editor *e, struct session *session, const struct docs *docs);
void editor_fini(struct editor *e);

/* Reads a line, without its newline, into *line. False at the end of input
 * and when the user pressed Ctrl-C. */
bool editor_read(struct editor *e, const char *prompt, struct buffer *line);

/* Keeps a line for this and later sessions. */
void editor_remember(struct editor *e, struct slice line);

/* Prints messages until a key is pressed or a line has come. */
enum session_result editor_wait_for_messages(struct editor *e);

#endif
