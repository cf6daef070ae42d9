#include "core/acl_clients.h"

#include "core/acl_log.h"
#include "core/reply.h"

/* Whether all its subscriptions are still allowed is answered by who knows
 * them. */
static bool assign(struct client *c, struct acl_user *user)
{
    bool reads_some = !acl_user_reads_every_key(user);
    c->user = user;
    if (acl_user_is_unrestricted(user)) c->flags &= ~(unsigned)CLIENT_RESTRICTED;
    else c->flags |= CLIENT_RESTRICTED;
    if (c->flags & CLIENT_SUBSCRIBED) return c->server->review_subscriber(c, reads_some);
    if (reads_some) c->flags |= CLIENT_READS_SOME;
    else c->flags &= ~(unsigned)CLIENT_READS_SOME;
    return true;
}

void acl_clients_begin(struct client *c)
{
    struct acl *acl = c->server->acl;
    assign(c, acl->standard);
    if (acl_requires_login(acl)) c->flags |= CLIENT_UNAUTHENTICATED;
    else c->flags &= ~(unsigned)CLIENT_UNAUTHENTICATED;
}

void acl_clients_login(struct client *c, struct acl_user *user)
{
    assign(c, user);
    c->flags &= ~(unsigned)CLIENT_UNAUTHENTICATED;
}

bool acl_clients_authenticate(struct client *c, struct slice name, struct slice password, const char *command)
{
    struct acl_user *user = acl_authenticate(c->server->acl, name, password);
    if (user == NULL) {
        acl_log_add(c, ACL_DENIED_AUTH, acl_log_context(c), slice_of(command), &name);
        reply_error(c, "WRONGPASS invalid username-password pair or user is disabled.");
        return false;
    }
    acl_clients_login(c, user);
    return true;
}

void acl_clients_review(struct server *server, const struct acl_user *user)
{
    list_each_safe (node, &server->clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (c->user != user || assign(c, c->user)) continue;
        if (c == server->clients->current) client_close_after_reply(c);
        else client_close(c, "a subscription is not permitted any more");
    }
}

void acl_clients_close(struct server *server, const struct acl_user *user)
{
    list_each_safe (node, &server->clients->all) {
        struct client *c = container_of(node, struct client, of_all);
        if (user ? c->user != user : c->user == server->acl->standard) continue;
        assign(c, server->acl->standard);
        c->flags |= CLIENT_UNAUTHENTICATED;
        if (c == server->clients->current) client_close_after_reply(c);
        else client_close(c, "its user is gone");
    }
}
