/* Whether a user may run a command with these arguments. */
#ifndef CORE_ACL_CHECK_H
#define CORE_ACL_CHECK_H

#include "core/acl.h"

enum acl_denied {
    ACL_ALLOWED,
    ACL_DENIED_COMMAND,
    ACL_DENIED_KEY,
    ACL_DENIED_CHANNEL,
    ACL_DENIED_AUTH, /* a login that failed: only for the log */
    ACL_DENIALS,
};

/* What is refused, and the argument that is (the name, for a command). When
 * several selectors refuse, the one that came furthest decides. The command's
 * arity fits. */
enum acl_denied acl_check_command(struct acl *acl, const struct acl_user *user,
                                  const struct command_state *command, int argc, const struct slice *argv,
                                  int *argument);

/* Whether a selector allows the command with its keys, and besides to read any
 * key there is: for SORT BY and GET, whose keys no rule tells. */
bool acl_check_reads_all(struct acl *acl, const struct acl_user *user, const struct command_state *command,
                         int argc, const struct slice *argv);

/* What was refused: "config|set", or the key or channel. */
struct slice acl_check_object(enum acl_denied denied, const struct command_state *command,
                              const struct slice *argv, int argument);

/* The refusal in words, the key or channel named (DRYRUN) or not (NOPERM). */
void acl_check_explain(enum acl_denied denied, const struct acl_user *user, struct slice object, bool named,
                       struct buffer *to);

#endif
