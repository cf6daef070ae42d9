/* The access control list: the users, by name. There is always a user called
 * `default`, which a connection has that did not say who it is; requirepass is
 * its password. A user's struct stays where it is while its rights change, so
 * that clients may point to it; whoever removes one sees to its clients first
 * (core/acl_clients.h). One thread. */
#ifndef CORE_ACL_H
#define CORE_ACL_H

#include "core/acl_user.h"
#include "core/settings.h"

struct acl_log;

/* A `user` line of the configuration file, kept until all of it is read. */
struct acl_declared {
    int count;
    struct slice *words; /* the name, then rules; owned, their bytes behind them */
};

struct acl {
    const struct command_table *commands;
    const struct core_settings *settings;
    struct acl_user **users; /* by name */
    int count, capacity;
    struct acl_user *standard; /* `default` */
    struct key_positions keys; /* room for acl_check.c */
    struct acl_log *log;       /* core/acl_log.h */
    struct acl_declared *declared;
    int declared_count;
};

/* settings is borrowed: acl-pubsub-default and acllog-max-len are read at each use. */
struct acl *acl_new(const struct command_table *commands, const struct core_settings *settings);
void acl_free(struct acl *acl);

/* NULL: there is none. */
struct acl_user *acl_find(const struct acl *acl, struct slice name);

/* Names have neither blanks nor NULs. */
bool acl_is_valid_name(struct slice name);

/* Makes the user if there is none, and applies the rules, all or none of them.
 * NULL: error says which one was refused, and why. */
struct acl_user *acl_set(struct acl *acl, struct slice name, int count, const struct slice *rules,
                         struct buffer *error);

/* Any but the default user. */
void acl_remove(struct acl *acl, struct acl_user *user);

/* The same in parts, for a file, which is read as a whole before anything changes. */
struct acl_user *acl_user_named(const struct acl *acl, struct slice name); /* new, of no set */
void acl_add(struct acl *acl, struct acl_user *user);

/* Joins words from one that begins with ( to one that ends with ) to one rule.
 * text holds the joined ones; merged has room for count. Returns how many rules
 * there are, or -1: the one at *open is not closed. */
int acl_merge(int count, const struct slice *words, struct slice *merged, struct buffer *text, int *open);

/* Gives the default user the rights it has unless somebody says otherwise: all,
 * for everybody. */
void acl_make_standard(struct acl_user *user);

/* `user <name> <rules>`, as ACL LIST has it. */
void acl_describe(const struct acl_user *user, struct buffer *to);

/* requirepass: the default user's password; an empty one: it needs none. */
void acl_set_password(struct acl *acl, struct slice password);

/* Must a client say who it is before it may do anything? */
bool acl_requires_login(const struct acl *acl);

/* The user of that name if it is on and this is its password. */
struct acl_user *acl_authenticate(const struct acl *acl, struct slice name, struct slice password);

#endif
