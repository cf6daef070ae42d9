# Every command on sorted sets but those that combine them. Lexical ranges are
# asked of sets whose scores are all equal, kept under names of their own. Scores
# are sums of powers of 2: of others 7.0 prints 17 digits, 7.2 as few as will do.
# A command that waits is not damaged, lest it waits for ever.

foreach name {lex1 lex2} {
    lappend generate::more_keys $name
}

generator zscore {
    return [random_of [list 0 1 -1 [random_int 10] [random_int 10] [random_int 1000] 2.5 -0.125 1e3 0.0078125 3.0 inf -inf +inf -0 \
        9007199254740992 x nan]]
}

generator zgood {
    return [random_of [list 0 1 -1 [random_int 10] [random_int 10] 2.5 -0.125 1e3 0.75 inf -inf]]
}

generator zmember {
    return [list [random_of [list a b c d e f g h [random_int 12] [random_int 12] -5 3.75 {} {sp ace} [string repeat m 70]]]]
}

generator zpair {
    return [list {*}[generate::zgood] {*}[generate::zmember]]
}

generator zadd_option {
    return [random_of {NX XX GT LT CH INCR ch xx}]
}

generator zbound {
    if {rand() < 0.05} {
        return [list [random_of {( nan x {} 1e400 -1e400 (1e400 1e-400}]]
    }
    return [random_of {{} {} (}][generate::zgood]
}

generator zlex {
    return [list [random_of [list - + - + \[[lindex [generate::zmember] 0] ([lindex [generate::zmember] 0] \[ ( x {} --]]]
}

generator zrank {
    return [random_of {0 0 1 -1 -1 2 5 -3 100 -100}]
}

generator zlimit {
    return [expr {rand() < 0.5 ? {} : [list LIMIT [random_of {0 1 2 -1}] [random_of {1 2 -1 0 100}]]}]
}

generator withscores {
    return [expr {rand() < 0.5 ? {} : "WITHSCORES"}]
}

generator lexkey {
    return [random_of {lex1 lex2}]
}

generator lexpairs {
    set pairs {}
    for {set i [random_int 4]} {$i >= 0} {incr i -1} {
        lappend pairs 0 {*}[generate::zmember]
    }
    return $pairs
}

family zsets {
    {ZADD <key> <zpair>+}
    {ZADD <key> <zpair> <zpair> <zpair>}
    {ZADD <key> <zadd_option> <zpair>}
    {ZADD <key> <zadd_option> <zadd_option> <zpair>+}
    {ZADD <key> <zscore> <zmember>}
    {ZINCRBY <key> <zscore> <zmember>}
    {ZREM <key> <zmember>+}
    {ZCARD <key>}
    {ZSCORE <key> <zmember>}
    {ZMSCORE <key> <zmember>+}
    {= ZRANK <key> <zmember>}
    {= ZREVRANK <key> <zmember>}
    {ZCOUNT <key> <zbound> <zbound>}
    {ZRANGE <key> <zrank> <zrank> <withscores>}
    {ZRANGE <key> <zrank> <zrank> REV <withscores>}
    {ZRANGE <key> <zbound> <zbound> BYSCORE <zlimit> <withscores>}
    {ZRANGE <key> <zbound> <zbound> REV BYSCORE <withscores> <zlimit>}
    {ZRANGE <key> <zrank> <zrank> <zlimit>}
    {ZREVRANGE <key> <zrank> <zrank> <withscores>}
    {ZRANGEBYSCORE <key> <zbound> <zbound> <withscores> <zlimit>}
    {ZREVRANGEBYSCORE <key> <zbound> <zbound> <zlimit> <withscores>}
    {ZRANGESTORE <key> <key> <zrank> <zrank>}
    {ZRANGESTORE <key> <key> <zbound> <zbound> BYSCORE <zlimit>}
    {ZRANGESTORE <key> <key> <zbound> <zbound> BYSCORE REV <zlimit>}
    {ZREMRANGEBYRANK <key> <zrank> <zrank>}
    {ZREMRANGEBYSCORE <key> <zbound> <zbound>}
    {ZPOPMIN|ZPOPMAX <key>}
    {ZPOPMIN|ZPOPMAX <key> 0|1|2|100|-1|x}
    {ZMPOP 2 <key> <key> MIN|MAX}
    {ZMPOP 1 <key> MIN|MAX COUNT 0|1|3|x}
    {= BZPOPMIN <key> <key> 0.01}
    {= BZPOPMAX <key> 0.01}
    {= BZMPOP 0.01 2 <key> <key> MIN|MAX COUNT 2}
    {= BZPOPMIN <key> -1|x}
    {= ZADD <lexkey> <lexpairs>}
    {= ZADD <lexkey> <lexpairs>}
    {= ZREM <lexkey> <zmember>}
    {= ZRANGEBYLEX <lexkey> <zlex> <zlex> <zlimit>}
    {= ZREVRANGEBYLEX <lexkey> <zlex> <zlex> <zlimit>}
    {= ZRANGE <lexkey> <zlex> <zlex> BYLEX <zlimit> <withscores>}
    {= ZRANGE <lexkey> <zlex> <zlex> BYLEX REV <zlimit>}
    {= ZRANGESTORE <lexkey> <lexkey> <zlex> <zlex> BYLEX}
    {= ZLEXCOUNT <lexkey> <zlex> <zlex>}
    {= ZREMRANGEBYLEX <lexkey> <zlex> <zlex>}
    {ZSCAN <key> 0 COUNT 1000}
    {OBJECT ENCODING <key>}
    {COPY <key> <key> REPLACE}
    {DEL <key>}
}
