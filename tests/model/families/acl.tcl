# Users, their rules and what these allow. Nobody logs in as one of them: what
# a user may do is asked by DRYRUN. The default user stays as it is.

generator user {
    return [random_of {u1 u2 u3}]
}

generator category {
    return [random_of {all read write set sortedset list hash string bitmap geo stream pubsub keyspace admin fast slow blocking
        dangerous connection transaction nosuch READ}]
}

generator command_rule {
    return [random_of [list {*}{get set GET hget client config|get config|set client|id debug select|0 select|1 object|encoding
        nosuch mget del publish subscribe memory config|nosuch get|x object} @[generate::category] @[generate::category]]]
}

generator pattern {
    return [random_of {* a* b ?:* key:* [a-c] {} k*y* \\a a\\*}]
}

generator rule {
    return [list [random_of [list {*}{on off nopass resetpass >p1 >p2 <p1 allkeys resetkeys allchannels resetchannels
        allcommands nocommands clearselectors ON bad () (on)} +[generate::command_rule] +[generate::command_rule] \
        -[generate::command_rule] +@[generate::category] -@[generate::category] ~[generate::pattern] ~[generate::pattern] \
        %R~[generate::pattern] %W~[generate::pattern] %RW~[generate::pattern] &[generate::pattern] &[generate::pattern] \
        "(+[generate::command_rule] ~[generate::pattern] &[generate::pattern])" "(%R~[generate::pattern]" \
        "+@[generate::category])"]]]
}

family acl {
    {= ACL SETUSER <user> reset <rule>+ ; = ACL GETUSER <user>}
    {= ACL SETUSER <user> <rule>+ ; = ACL GETUSER <user>}
    {= ACL SETUSER <user> reset +@all -<command_rule> ~<pattern> &<pattern>}
    {= ACL SETUSER <user> reset +@<category> +<command_rule> -<command_rule> %R~<pattern> %W~<pattern>}
    {= ACL GETUSER <user>}
    {= ACL DELUSER <user>}
    {= ACL USERS}
    {= ACL WHOAMI}
    {= ACL DRYRUN <user> GET|STRLEN|DEL|INCR|EXISTS|LPOP|DUMP <key>}
    {= ACL DRYRUN <user> SET <key> v GET}
    {= ACL DRYRUN <user> SET <key> v}
    {= ACL DRYRUN <user> MGET|DEL|SUNION|WATCH <key> <key> <key>}
    {= ACL DRYRUN <user> RENAME|COPY|LCS <key> <key>}
    {= ACL DRYRUN <user> LMOVE|SMOVE <key> <key> LEFT|RIGHT}
    {= ACL DRYRUN <user> ZUNIONSTORE <key> 2 <key> <key>}
    {= ACL DRYRUN <user> XREAD STREAMS <key> <key> 0 0}
    {= ACL DRYRUN <user> BITFIELD <key> GET|SET u8 0}
    {= ACL DRYRUN <user> SORT <key> STORE <key>}
    {= ACL DRYRUN <user> PUBLISH|SPUBLISH a|b|key:1 m}
    {= ACL DRYRUN <user> SUBSCRIBE|PSUBSCRIBE|SSUBSCRIBE|UNSUBSCRIBE a|b|a*|key:* b}
    {= ACL DRYRUN <user> CONFIG|CLIENT|OBJECT|MEMORY GET|ID|ENCODING|USAGE <key>}
    {= ACL DRYRUN <user> SELECT 0|1}
    {= ACL DRYRUN <user> PING|FLUSHALL|MULTI|INFO|RESET|nosuch}
    {= ACL GENPASS 0|4097|x}
    {= ACL CAT nosuch}
}
