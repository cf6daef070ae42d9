# Every command on hashes that the reference knows.

generator field {
    return [list [random_of {a b c d e f1 f2 "" "sp ace" "bin\x00\xff" 1 -7 12345678901 \
        fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff}]]
}

# Up to 64 bytes and beyond: where a hash stops being small.
generator hash_value {
    switch [random_int 6] {
        0 {return [list [string repeat x [random_of {63 64 65 66}]]]}
        1 {return [list [random_of {0 1 -1 9223372036854775807 -9223372036854775808 9223372036854775806}]]}
        default {return [generate::value]}
    }
}

generator field_and_value {
    return [list {*}[generate::field] {*}[generate::hash_value]]
}

generator many_fields {
    set words {}
    for {set i 0} {$i < 40} {incr i} {
        lappend words many:$i $i
    }
    return $words
}

generator draw_count {
    return [expr {rand() < 0.8 ? [random_int 40] - 20
        : [random_of {0 9223372036854775807 -9223372036854775808 4611686018427387904 x}]}]
}

generator hscan_option {
    return [random_of [list [list MATCH {*}[generate::glob]] [list COUNT 1000] [list COUNT 1] [list COUNT 0] XX]]
}

family hashes {
    {HSET <key> <field_and_value>+}
    {HSET <key> <field_and_value>+}
    {HSET <key> <field> <hash_value>}
    {HSET <key> <field> <integer>}
    {HSET <key> <many_fields>}
    {HMSET <key> <field_and_value>+}
    {HSETNX <key> <field> <hash_value>}
    {HGET <key> <field>}
    {HMGET <key> <field>+}
    {HGETALL <key>}
    {HKEYS <key>}
    {HVALS <key>}
    {HLEN <key>}
    {HSTRLEN <key> <field>}
    {HEXISTS <key> <field>}
    {HDEL <key> <field>}
    {HDEL <key> <field>+}
    {HINCRBY <key> <field> <integer>}
    {HINCRBYFLOAT <key> <field> <number>}
    {HRANDFIELD <key>}
    {HRANDFIELD <key> <draw_count>}
    {HRANDFIELD <key> <draw_count> WITHVALUES}
    {HSCAN <key> 0}
    {HSCAN <key> 0 COUNT 1000}
    {= HSCAN <key> 0 MATCH <glob> COUNT 1000}
    {HSCAN <key> <integer> <hscan_option>*}
    {OBJECT ENCODING <key>}
    {COPY <key> <key> REPLACE}
    {RENAME <key> <key>}
    {MOVE <key> <database>}
    {SET <key> <value>}
    {DEL <key>}
    {TYPE <key>}
    {EXPIRE <key> <seconds>}
}
