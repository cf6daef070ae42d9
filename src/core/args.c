#include "core/args.h"

#include <math.h>

#include "base/number.h"
#include "core/reply.h"
#include "core/server.h"
#include "db/keyspace.h"

bool args_int(struct client *c, struct slice arg, int64_t *value, const char *error)
{
    if (number_parse(arg, value)) return true;
    reply_error(c, error ? error : "ERR value is not an integer or out of range");
    return false;
}

bool args_int_between(struct client *c, struct slice arg, int64_t min, int64_t max, int64_t *value,
                      const char *error)
{
    if (!args_int(c, arg, value, error)) return false;
    if (*value >= min && *value <= max) return true;
    if (error) reply_error(c, error);
    else
        reply_errorf(c, "ERR value is out of range, value must between %lld and %lld", (long long)min,
                     (long long)max);
    return false;
}

bool args_double(struct client *c, struct slice arg, double *value, const char *error)
{
    if (number_parse_double(arg, value)) return true;
    reply_error(c, error ? error : "ERR value is not a valid float");
    return false;
}

bool args_long_double(struct client *c, struct slice arg, long double *value, const char *error)
{
    if (number_parse_long_double(arg, value)) return true;
    reply_error(c, error ? error : "ERR value is not a valid float");
    return false;
}

bool args_pop_keys(struct call *call, int at, int *key_count)
{
    int64_t count;
    if (!args_int_between(call->client, call->argv[at], 1, INT64_MAX, &count,
                          "ERR numkeys should be greater than 0"))
        return false;
    if (count > call->argc - at - 2) {
        reply_syntax_error(call->client);
        return false;
    }
    *key_count = (int)count;
    return true;
}

bool args_pop_count(struct call *call, int at, int64_t *count)
{
    for (int i = at; i < call->argc; i += 2) {
        if (i > at || i + 1 == call->argc || !slice_is(call->argv[i], "count")) {
            reply_syntax_error(call->client);
            return false;
        }
        if (!args_int_between(call->client, call->argv[i + 1], 1, INT64_MAX, count,
                              "ERR count should be greater than 0"))
            return false;
    }
    return true;
}

bool args_timeout(struct client *c, struct slice arg, int64_t *timeout_ms)
{
    long double timeout_s;
    if (!args_long_double(c, arg, &timeout_s, "ERR timeout is not a float or out of range")) return false;
    long double exact_ms = ceill(timeout_s * 1000);
    if (timeout_s < 0) {
        reply_error(c, "ERR timeout is negative");
        return false;
    }
    if (exact_ms > (long double)(INT64_MAX - server_now_ms(c->server))) {
        reply_error(c, "ERR timeout is out of range");
        return false;
    }
    *timeout_ms = (int64_t)exact_ms;
    return true;
}

bool args_db(struct client *c, struct slice arg, struct db **db, const char *error)
{
    int64_t index;
    if (!args_int_between(c, arg, INT32_MIN, INT32_MAX, &index, error)) return false;
    struct keyspace *ks = c->server->keyspace;
    if (index >= 0 && index < ks->db_count) {
        *db = &ks->dbs[index];
        return true;
    }
    reply_error(c, "ERR DB index is out of range");
    return false;
}

static bool deadline_at_least(struct call *call, struct slice arg, bool in_seconds, bool relative,
                              int64_t min, int64_t *deadline_ms)
{
    int64_t amount;
    if (!args_int(call->client, arg, &amount, NULL)) return false;
    bool fits = amount >= min && !(in_seconds && __builtin_mul_overflow(amount, 1000, &amount));
    if (fits && relative) fits = !__builtin_add_overflow(amount, call->server->keyspace->now_ms, &amount);
    *deadline_ms = amount;
    if (!fits) reply_errorf(call->client, "ERR invalid expire time in '%s' command", call->command->name);
    return fits;
}

bool args_deadline(struct call *call, struct slice arg, bool in_seconds, bool relative, int64_t *deadline_ms)
{
    return deadline_at_least(call, arg, in_seconds, relative, INT64_MIN, deadline_ms);
}

bool args_deadline_positive(struct call *call, struct slice arg, bool in_seconds, bool relative,
                            int64_t *deadline_ms)
{
    return deadline_at_least(call, arg, in_seconds, relative, 1, deadline_ms);
}
