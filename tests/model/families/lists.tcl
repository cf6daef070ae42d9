# Every command on lists. Those that wait are not damaged, lest they wait for
# ever: nobody else is there to push anything.

generator element {
    switch [random_int 6] {
        0 {return [generate::value]}
        1 {return [list [string repeat l [random_of {61 62 63 64 65 127 128 300 4000}]]]}
        default {return [random_of {a b c d 1 2 3 100 -5 70000}]}
    }
}

generator many {
    set elements {}
    for {set i [random_int 40]} {$i >= 0} {incr i -1} {
        lappend elements {*}[generate::element]
    }
    return $elements
}

generator index {
    return [expr {rand() < 0.9 ? [random_int 40] - 20
        : [random_of {-9223372036854775808 9223372036854775807 1000000 -1000000 x}]}]
}

generator count {
    return [expr {rand() < 0.9 ? [random_int 9] : [random_of {0 -1 9223372036854775807 x 1.5}]}]
}

generator lpos_option {
    return [random_of [list [list RANK [random_of {1 2 3 -1 -2 -3 0 9223372036854775807}]] [list COUNT [generate::count]] \
        [list MAXLEN [generate::count]]]]
}

generator some_keys {
    set keys {}
    for {set i [random_int 3]} {$i >= 0} {incr i -1} {
        lappend keys {*}[generate::key]
    }
    return [list [llength $keys] {*}$keys]
}

generator pop_count {
    return [random_of [list {} {} [list COUNT [generate::count]] {COUNT 1000}]]
}

generator wait {
    return [random_of {0.001 0.001 0.002 0.001 -1 x 0x0.01}]
}

family lists {
    {LPUSH <key> <element>+}
    {RPUSH <key> <element>+}
    {LPUSH <key> <many>}
    {RPUSH <key> <many>}
    {LPUSHX <key> <element>+}
    {RPUSHX <key> <element>+}
    {LPOP <key>}
    {RPOP <key>}
    {LPOP <key> <count>}
    {RPOP <key> <count>}
    {LLEN <key>}
    {LRANGE <key> <index> <index>}
    {LRANGE <key> 0 -1}
    {LINDEX <key> <index>}
    {LSET <key> <index> <element>}
    {LREM <key> <index> <element>}
    {LREM <key> 0 <element>}
    {LTRIM <key> <index> <index>}
    {LINSERT <key> BEFORE|AFTER <element> <element>}
    {LINSERT <key> BEFORE|AFTER <element> <element>}
    {LPOS <key> <element>}
    {LPOS <key> <element> <lpos_option>*}
    {LMOVE <key> <key> LEFT|RIGHT LEFT|RIGHT}
    {RPOPLPUSH <key> <key>}
    {LMPOP <some_keys> LEFT|RIGHT <pop_count>}
    {= BLPOP <key>+ <wait>}
    {= BRPOP <key>+ <wait>}
    {= BLMOVE <key> <key> LEFT|RIGHT LEFT|RIGHT <wait>}
    {= BRPOPLPUSH <key> <key> <wait>}
    {= BLMPOP <wait> <some_keys> LEFT|RIGHT <pop_count>}
    {= MULTI ; LPUSH <key> <element> ; = BLPOP <key>+ 0 ; = BLMOVE <key> <key> LEFT RIGHT 0 ; = BRPOPLPUSH <key> <key> 0 ;
     = BLMPOP 0 <some_keys> LEFT ; RPOP <key> ; = EXEC}
    {OBJECT ENCODING <key>}
    {TYPE <key>}
    {COPY <key> <key> REPLACE}
    {RENAME <key> <key>}
    {EXPIRE <key> <seconds>}
    {DEL <key>}
    {SET <key> <value> ; GET <key> ; DEL <key>}
}
