/* What users mean for the clients that are connected. */
#ifndef CORE_ACL_CLIENTS_H
#define CORE_ACL_CLIENTS_H

#include "core/acl.h"
#include "core/client.h"

/* A client that has not said who it is: the default user, and a stranger when
 * that one cannot be had for nothing. */
void acl_clients_begin(struct client *c);

/* A client has proved to be user. */
void acl_clients_login(struct client *c, struct acl_user *user);

/* Logs the client in, or answers with an error and notes it in the log. command:
 * what the log calls the attempt. */
bool acl_clients_authenticate(struct client *c, struct slice name, struct slice password,
                              const char *command);

/* A user's rights have changed: its clients have the new ones from here on, and
 * those that listen to what they may not any more are closed. */
void acl_clients_review(struct server *server, const struct acl_user *user);

/* A user is about to go (NULL: all are, but the default user), and so are its
 * clients. One whose own command it is gets its reply, and is the default
 * user's until then. */
void acl_clients_close(struct server *server, const struct acl_user *user);

#endif
