/* Where users are written down: `user` lines of the configuration file, or an
 * aclfile of the same lines. */
#ifndef CORE_ACL_FILE_H
#define CORE_ACL_FILE_H

#include "core/acl.h"
#include "core/server.h"

/* Takes note of a `user` line of the configuration: words[0] is the name. */
bool acl_file_declare(struct acl *acl, int count, const struct slice *words, struct buffer *reason);

/* At the start, when all of the configuration is known: the users that it
 * declares, or those of the aclfile. False: error says what is wrong. */
bool acl_file_open(struct server *server, struct buffer *error);

/* Adds the users of a file's text to a set without any (commands and settings
 * are all it has); errors gets what is wrong, line by line, and stays empty
 * when nothing is. path: what errors call the file. */
void acl_file_parse(struct acl *fresh, const char *path, struct slice text, struct buffer *errors);

/* ACL LOAD: the users of the aclfile take the place of all there are, and
 * clients that were logged in as one of these are closed, but for the default
 * user. False: errors has one for each line that is wrong, nothing has changed. */
bool acl_file_load(struct server *server, struct buffer *errors);

/* ACL SAVE. False: errno says why. */
bool acl_file_save(const struct server *server);

/* The users as the configuration file has them: `user <name> <rules>\n` each. */
void acl_file_print(const struct acl *acl, struct buffer *to);

#endif
