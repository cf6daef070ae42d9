# Sorted sets made from others; sets are sources, too.

generator source_score {
    return [random_of [list 0 1 -1 2.5 [random_int 20] [random_int 20] 1e10 inf -inf -0]]
}

generator source_member {
    return [list [random_of {a b c d e f g {} 1 2 -3 {sp ace}}]]
}

generator score_and_member {
    return [list {*}[generate::source_score] {*}[generate::source_member]]
}

generator combine_keys {
    set count [expr {1 + [random_int 3]}]
    set keys {}
    for {set i 0} {$i < $count} {incr i} {
        lappend keys {*}[generate::key]
    }
    set options {}
    if {rand() < 0.3} {
        set options WEIGHTS
        foreach key $keys {
            lappend options [random_of {1 2 -1 0 0.5 inf -inf}]
        }
    }
    if {rand() < 0.3} {
        lappend options AGGREGATE [random_of {SUM MIN MAX min}]
    }
    return [concat $count $keys $options]
}

generator plain_keys {
    set count [expr {1 + [random_int 3]}]
    set keys {}
    for {set i 0} {$i < $count} {incr i} {
        lappend keys {*}[generate::key]
    }
    return [concat $count $keys]
}

family zset_combine {
    {ZADD <key> <score_and_member>+}
    {ZADD <key> <score_and_member>+}
    {ZADD <key> <score_and_member> <score_and_member> <score_and_member> <score_and_member>}
    {SADD <key> <source_member>+}
    {SADD <key> <source_member> <source_member> <source_member>}
    {DEL <key>}
    {ZUNION <combine_keys>}
    {ZUNION <combine_keys> WITHSCORES}
    {ZUNIONSTORE <key> <combine_keys>}
    {ZINTER <combine_keys>}
    {ZINTER <combine_keys> WITHSCORES}
    {ZINTERSTORE <key> <combine_keys>}
    {ZDIFF <plain_keys>}
    {ZDIFF <plain_keys> WITHSCORES}
    {ZDIFFSTORE <key> <plain_keys>}
    {ZINTERCARD <plain_keys>}
    {ZINTERCARD <plain_keys> LIMIT 0|1|2|-1}
    {= ZRANDMEMBER <key> 0}
    {= ZRANDMEMBER none <integer>}
    {ZRANGE <key> 0 -1 WITHSCORES}
    {OBJECT ENCODING <key>}
}
