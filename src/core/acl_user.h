/* A user of the ACL: whether it may log in and how, and its selectors, the
 * first of which is changed by the rules outside of parentheses. Passwords are
 * kept as SHA-256, in hexadecimal. */
#ifndef CORE_ACL_USER_H
#define CORE_ACL_USER_H

#include "core/acl_selector.h"

enum { ACL_HASH_LEN = 64 };

struct acl_user {
    struct slice name; /* owned */
    const struct command_table *commands;
    bool is_on, needs_no_password, skips_sanitizing;
    char (*passwords)[ACL_HASH_LEN];
    int password_count;
    struct acl_selector **selectors;
    int selector_count;
};

/* Is off, and may do nothing; all_channels: but use any channel, here and
 * wherever a rule starts anew. */
struct acl_user *acl_user_new(const struct command_table *commands, struct slice name, bool all_channels);
void acl_user_free(struct acl_user *user);

/* Gives user the rights and passwords of another. */
void acl_user_assign(struct acl_user *user, const struct acl_user *from);

/* Applies one rule. NULL, or why it was refused: nothing has changed then. */
const char *acl_user_apply(struct acl_user *user, struct slice rule, bool all_channels);

/* Its rules as ACL LIST has them, behind `user <name> `. */
void acl_user_describe(const struct acl_user *user, struct buffer *to);

/* Appends words, with a blank between them, so that request_split_words reads
 * the same: those that need it in quotes; in_parentheses: so that none closes
 * the selector. */
void acl_user_quote(struct slice words, bool in_parentheses, struct buffer *to);

/* Is this one of its passwords? Takes as long whatever is wrong with it. */
bool acl_user_accepts(const struct acl_user *user, struct slice password);

/* May do everything: nothing about it is ever to be checked. */
bool acl_user_is_unrestricted(const struct acl_user *user);

/* By any of its selectors. */
bool acl_user_reads(const struct acl_user *user, struct slice key);
bool acl_user_reads_every_key(const struct acl_user *user);
bool acl_user_may_use_channel(const struct acl_user *user, struct slice channel, bool is_pattern);

#endif
