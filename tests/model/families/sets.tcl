# Every command on sets. What SPOP takes is by chance, and the two sides would part:
# it takes all there is, or nothing, or the one member of a set.

generator member {
    switch [random_int 8] {
        0 {return [generate::integer]}
        1 {return [list [string repeat m [random_of {63 64 65 66}]]]}
        2 {return [lrange [generate::value] 0 0]}
        3 {return [list [random_of {"" "sp ace" "bin\x00\xff" 007 -0 +1 1.0}]]}
        4 - 5 {return [random_int 12]}
        default {return [random_of {a b c d e f g h}]}
    }
}

generator many_members {
    set words {}
    set first [random_int 100]
    set step [random_of {1 1 7 1000 100000}]
    set prefix [random_of {"" "" m:}]
    for {set i 0} {$i < 40} {incr i} {
        lappend words $prefix[expr {$first + $i * $step}]
    }
    return $words
}

generator keys_counted {
    set keys [generate::key]
    while {rand() < 0.6} {
        lappend keys {*}[generate::key]
    }
    return [list [llength $keys] {*}$keys]
}

generator some {
    return [expr {rand() < 0.8 ? [random_int 60] - 20 : [random_of {0 9223372036854775807 -9223372036854775808 x}]}]
}

generator bad_count {
    return [random_of {-1 x 1.5 9223372036854775808 -9223372036854775808}]
}

generator sscan_option {
    return [random_of [list [list MATCH {*}[generate::glob]] [list COUNT 1000] [list COUNT 1] [list COUNT 0] XX]]
}

family sets {
    {SADD <key> <member>+}
    {SADD <key> <member>+}
    {SADD <key> <integer>+}
    {SADD <key> <integer>}
    {SADD <key> <many_members>}
    {SREM <key> <member>}
    {SREM <key> <member>+}
    {SREM <key> <many_members>}
    {SISMEMBER <key> <member>}
    {SMISMEMBER <key> <member>+}
    {SCARD <key>}
    {SMEMBERS <key>}
    {SMEMBERS <key>}
    {SMOVE <key> <key> <member>}
    {SMOVE <key> <key> <member>}
    {= SPOP <key> 10000}
    {= SPOP <key> 0}
    {= SPOP <key> <bad_count>}
    {= SPOP <key> 1 2}
    {= DEL single ; = SADD single <member> ; = SPOP single ; = SPOP single ; = SPOP single 1}
    {= DEL single ; = SADD single <member> ; = SRANDMEMBER single ; = SRANDMEMBER single -3 ; = SPOP single 1}
    {SRANDMEMBER <key>}
    {= SRANDMEMBER <key> <some>}
    {SINTER <key>+}
    {SINTER <key> <key>}
    {SINTERCARD <keys_counted>}
    {= SINTERCARD <keys_counted> LIMIT <some>}
    {SINTERSTORE <key> <key>+}
    {SINTERSTORE <key> <key> <key>}
    {SUNION <key>+}
    {SUNION <key>+ <key>+ <key>+}
    {SUNIONSTORE <key> <key>+}
    {SDIFF <key>+}
    {SDIFF <key> <key>+ <key>+ <key>+}
    {SDIFFSTORE <key> <key>+}
    {SDIFFSTORE <key> <key> <key>}
    {SSCAN <key> 0}
    {SSCAN <key> 0 COUNT 1000}
    {= SSCAN <key> 0 MATCH <glob> COUNT 1000}
    {SSCAN <key> <integer> <sscan_option>*}
    {OBJECT ENCODING <key>}
    {OBJECT ENCODING <key>}
    {COPY <key> <key> REPLACE}
    {RENAME <key> <key>}
    {MOVE <key> <database>}
    {SET <key> <value>}
    {DEL <key>}
    {TYPE <key>}
    {EXPIRE <key> <seconds>}
    {DBSIZE}
}
