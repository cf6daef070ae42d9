# Commands for keys of any type, and the databases.

generator expire_option {
    return [random_of {NX XX GT LT nx gt}]
}

generator copy_option {
    return [random_of [list REPLACE [list DB [generate::database]]]]
}

generator scan_option {
    return [random_of [list [list MATCH {*}[generate::glob]] {COUNT 1000} {COUNT 2} {TYPE string} {TYPE list} {COUNT 0}]]
}

family keys {
    {DEL <key>+}
    {UNLINK <key>+}
    {EXISTS <key>+}
    {TOUCH <key>+}
    {TYPE <key>}
    {EXPIRE <key> <seconds> <expire_option>*}
    {PEXPIRE <key> <milliseconds> <expire_option>?}
    {EXPIREAT <key> <at_seconds> <expire_option>?}
    {PEXPIREAT <key> <at_ms> <expire_option>*}
    {TTL <key>}
    {PTTL <key>}
    {EXPIRETIME <key>}
    {PEXPIRETIME <key>}
    {PERSIST <key>}
    {RENAME <key> <key>}
    {RENAMENX <key> <key>}
    {COPY <key> <key> <copy_option>*}
    {MOVE <key> <database>}
    {OBJECT ENCODING|REFCOUNT|IDLETIME|FREQ <key>}
    {EXISTS <allkeys> ; KEYS <glob>}
    {EXISTS <allkeys> ; = SCAN 0 <scan_option>* COUNT 1000}
    {EXISTS <allkeys> ; SCAN <integer> <scan_option>*}
    {EXISTS <allkeys> ; RANDOMKEY}
    {EXISTS <allkeys> ; DBSIZE}
    {SELECT <database>}
    {SWAPDB <database> <database>}
    {= FLUSHDB}
    {FLUSHALL ASYNC|SYNC}
}
