/* Signals that ask the process to end. A handler may do next to nothing: it
 * notes what came and wakes whoever sleeps; the event loop acts.
 *
 * Signals belong to the process, and so does this state. The handlers run on
 * the main thread, since others block them. */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

/* Catches SIGTERM and SIGINT, ignores SIGHUP and SIGPIPE. wake(ctx), which
 * must be async-signal-safe, is called when one has been noted; NULL: nobody
 * sleeps any more. A SIGINT while another request is still noted means that
 * somebody will not wait: the process ends at once, with status 1. */
void signals_catch(void (*wake)(void *ctx), void *ctx);

/* SIGTERM or SIGINT when one is noted, else 0. It stays noted. */
int signals_noted(void);

/* The request was refused: the next one is a new one. */
void signals_forget(void);

#endif
