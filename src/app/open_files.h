/* The limit of open files: what maxclients clients and the server's own files
 * need. */
#ifndef APP_OPEN_FILES_H
#define APP_OPEN_FILES_H

#include <stdbool.h>

#include "base/buffer.h"

struct core_settings;

/* Raises the limit as far as it is needed and the system permits, and lowers
 * settings->maxclients to what it allows. False: it allows no client at all. */
bool open_files_fit_at_start(struct core_settings *settings, struct buffer *error);

/* The same at run time: false, and the reason, when the system does not
 * permit as many. */
bool open_files_allow(int64_t maxclients, struct buffer *reason);

#endif
