/* The ACL log: what was refused, newest first, and how often. What is refused
 * again within a minute counts on in the entry it has, which becomes the newest. */
#ifndef CORE_ACL_LOG_H
#define CORE_ACL_LOG_H

#include "core/acl_check.h"
#include "core/client.h"

struct acl_log_entry {
    struct acl_log_entry *next; /* the one before it */
    uint64_t id;
    int64_t count;
    enum acl_denied reason;
    const char *context;         /* "toplevel", "multi", "lua" */
    struct buffer object, user;  /* what was refused to whom */
    struct buffer client;        /* its line of CLIENT LIST */
    int64_t created_ms, seen_ms; /* wall clock: first, last */
};

struct acl_log {
    struct acl_log_entry *newest;
    int64_t count;
    uint64_t next_id;
    uint64_t denied[ACL_DENIALS]; /* since the start or CONFIG RESETSTAT, by reason */
};

struct acl_log *acl_log_new(void);
void acl_log_free(struct acl_log *log);
void acl_log_reset(struct acl_log *log);
void acl_log_reset_stats(struct acl_log *log);

/* How ACL LOG calls a reason. */
const char *acl_log_reason(enum acl_denied reason);

/* Where a command of this client comes from. */
const char *acl_log_context(const struct client *c);

/* To be kept: acllog-max-len entries. user: the name somebody gave who is not
 * that user; NULL: the client's. */
void acl_log_add(struct client *c, enum acl_denied reason, const char *context, struct slice object,
                 const struct slice *user);

#endif
