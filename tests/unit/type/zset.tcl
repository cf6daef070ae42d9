# Commands on sorted sets. Those that combine them: unit/type/zset-combine.

set syntax {(error) ERR syntax error}
set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set not_float {(error) ERR value is not a valid float}
set not_integer {(error) ERR value is not an integer or out of range}
set bad_range {(error) ERR min or max is not a float}
set bad_lex {(error) ERR min or max not valid string range item}

# The body runs with small and large encodings.
proc both_encodings {body} {
    foreach entries {128 0} {
        r FLUSHALL
        with_config [list zset-max-listpack-entries $entries] {uplevel 1 $body}
    }
}

proc zset_waits {client args} {
    set id [$client CLIENT ID]
    client_send $client {*}$args
    wait_for {[string match *b* [client_field flags [r CLIENT LIST ID $id]]]}
}

start_server {} {
    test {ZADD adds and updates, and counts as asked for} {
        both_encodings {
            assert_replies {
                {ZADD z 1 a 2 b}                2
                {ZADD z 3 a 4 c}                1
                {ZADD z CH 5 a 4 c 6 d}         2
                {ZADD z NX 9 a 7 e}             1
                {ZADD z XX 9 x 8 e}             0
                {ZADD z XX CH 9 e}              1
                {ZADD z GT CH 4 a 6 a}          1
                {ZADD z LT CH 7 a 1 a}          1
                {ZADD z GT CH 1 new}            1
                {ZRANGE z 0 -1 WITHSCORES}      {a 1 new 1 b 2 c 4 d 6 e 9}
                {ZCARD z}                       6
            }
        }
    }

    test {ZADD INCR and ZINCRBY answer the new score, or null} {
        both_encodings {
            assert_replies {
                {ZINCRBY z 2.5 a}       2.5
                {ZINCRBY z -1 a}        1.5
                {ZADD z INCR 1 a}       2.5
                {ZADD z NX INCR 1 a}    (nil)
                {ZADD z XX INCR 1 b}    (nil)
                {ZADD z GT INCR -1 a}   (nil)
                {ZADD z LT INCR -1 a}   1.5
                {ZINCRBY z inf a}       inf
                {ZINCRBY z -inf a}      {(error) ERR resulting score is not a number (NaN)}
                {ZSCORE z a}            inf
                {ZINCRBY z nan a}       {(error) ERR value is not a valid float}
            }
        }
    }

    test {what ZADD cannot do is refused, and nothing is done} {
        assert_replies [subst {
            {ZADD z 1}                  {(error) ERR wrong number of arguments for 'zadd' command}
            {ZADD z 1 a 2}              {$syntax}
            {ZADD z NX XX 1 a}          {(error) ERR XX and NX options at the same time are not compatible}
            {ZADD z GT LT 1 a}          {(error) ERR GT, LT, and/or NX options at the same time are not compatible}
            {ZADD z NX GT 1 a}          {(error) ERR GT, LT, and/or NX options at the same time are not compatible}
            {ZADD z INCR 1 a 2 b}       {(error) ERR INCR option supports a single increment-element pair}
            {ZADD z 1 a x b}            {$not_float}
            {ZADD z 1 a nan b}          {$not_float}
            {ZADD z NX}                 {(error) ERR wrong number of arguments for 'zadd' command}
            {EXISTS z}                  0
            {ZADD z XX 1 a}             0
            {EXISTS z}                  0
        }]
    }

    test {scores, ranks and removal} {
        both_encodings {
            r ZADD z -1.5 a 0 b 0 c 1e20 d inf e -inf f
            assert_replies {
                {ZSCORE z a}            -1.5
                {ZSCORE z d}            1e+20
                {ZSCORE z none}         (nil)
                {ZSCORE none a}         (nil)
                {ZMSCORE z f none e}    {-inf (nil) inf}
                {ZMSCORE none a b}      {(nil) (nil)}
                {ZRANK z f}             0
                {ZRANK z c}             3
                {ZREVRANK z e}          0
                {ZREVRANK z c}          2
                {ZRANK z none}          (nil)
                {ZRANK none a}          (nil)
                {ZREM z a none c}       2
                {ZREM none a}           0
                {ZRANGE z 0 -1}         {f b d e}
                {ZREM z b d e f}        4
                {EXISTS z}              0
            }
        }
    }

    test {ZRANK and ZREVRANK answer the score, too} since-7.2 {
        r ZADD z 1 a 2 b
        assert_replies [subst {
            {ZRANK z b WITHSCORE}       {1 2}
            {ZREVRANK z b WITHSCORE}    {0 2}
            {ZRANK z c WITHSCORE}       (nil)
            {ZRANK z b FOO}             {$syntax}
        }]
    }

    test {ranges by rank} {
        both_encodings {
            r ZADD z 1 a 2 b 3 c 4 d
            assert_replies [subst {
                {ZRANGE z 0 1}              {a b}
                {ZRANGE z -2 -1}            {c d}
                {ZRANGE z 2 1}              {}
                {ZRANGE z 9 10}             {}
                {ZRANGE z -100 100}         {a b c d}
                {ZRANGE z 0 1 REV}          {d c}
                {ZREVRANGE z 1 2 WITHSCORES} {c 3 b 2}
                {ZRANGE none 0 -1}          {}
                {ZRANGE z x 1}              {$not_integer}
                {ZRANGE z 0 1 LIMIT 0 1}    {(error) ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX}
                {ZRANGE z 0 1 FOO}          {$syntax}
                {ZREVRANGE z 0 1 REV}       {$syntax}
                {ZREMRANGEBYRANK z 1 2}     2
                {ZREMRANGEBYRANK z 5 9}     0
                {ZRANGE z 0 -1}             {a d}
                {ZREMRANGEBYRANK z -9 9}    2
                {EXISTS z}                  0
            }]
        }
    }

    test {ranges by score} {
        both_encodings {
            r ZADD z 1 a 2 b 2 c 3 d 4 e
            assert_replies [subst {
                {ZRANGE z 2 3 BYSCORE}                      {b c d}
                {ZRANGE z (2 +inf BYSCORE WITHSCORES}       {d 3 e 4}
                {ZRANGE z 3 (1 BYSCORE REV}                 {d c b}
                {ZRANGE z -inf inf BYSCORE LIMIT 1 2}       {b c}
                {ZRANGE z -inf inf BYSCORE LIMIT 1 -1}      {b c d e}
                {ZRANGE z -inf inf BYSCORE LIMIT -1 5}      {}
                {ZRANGE z inf -inf BYSCORE REV LIMIT 1 2}   {d c}
                {ZRANGEBYSCORE z 2 2}                       {b c}
                {ZRANGEBYSCORE z 5 1}                       {}
                {ZRANGEBYSCORE z 1 5 WITHSCORES LIMIT 3 9}  {d 3 e 4}
                {ZREVRANGEBYSCORE z 3 2 LIMIT 0 1}          d
                {ZCOUNT z 2 3}                              3
                {ZCOUNT z (2 (3}                            0
                {ZCOUNT z -1e400 1e400}                     5
                {ZCOUNT z 1e-400 (1e400}                    5
                {ZCOUNT none 0 1}                           0
                {ZCOUNT z x 1}                              {$bad_range}
                {ZRANGE z 1 nan BYSCORE}                    {$bad_range}
                {ZRANGE z 1 2 BYSCORE BYLEX}                {$syntax}
                {ZRANGEBYSCORE z 1 2 LIMIT 1}               {$syntax}
                {ZRANGEBYSCORE z 1 2 LIMIT x 1}             {$not_integer}
                {ZREMRANGEBYSCORE z (1 2}                   2
                {ZREMRANGEBYSCORE z 9 10}                   0
                {ZRANGE z 0 -1}                             {a d e}
            }]
        }
    }

    test {ranges by member} {
        both_encodings {
            r ZADD z 0 a 0 b 0 bb 0 c 0 d
            assert_replies [subst {
                {ZRANGEBYLEX z - +}                     {a b bb c d}
                {ZRANGEBYLEX z \[b (c}                  {b bb}
                {ZRANGEBYLEX z (b \[zzz LIMIT 1 1}      c
                {ZREVRANGEBYLEX z + (bb}                {d c}
                {ZRANGE z (a \[c BYLEX}                 {b bb c}
                {ZRANGE z + - BYLEX REV LIMIT 0 2}      {d c}
                {ZRANGE z + - BYLEX}                    {}
                {ZLEXCOUNT z - +}                       5
                {ZLEXCOUNT z \[b \[b}                   1
                {ZLEXCOUNT z (b (b}                     0
                {ZLEXCOUNT none - +}                    0
                {ZLEXCOUNT z a +}                       {$bad_lex}
                {ZRANGEBYLEX z - x}                     {$bad_lex}
                {ZRANGE z - + BYLEX WITHSCORES} {(error) ERR syntax error, WITHSCORES not supported in combination with BYLEX}
                {ZREMRANGEBYLEX z \[bb (d}              2
                {ZRANGE z 0 -1}                         {a b d}
                {ZREMRANGEBYLEX z - +}                  3
                {EXISTS z}                              0
            }]
        }
    }

    test {ZRANGESTORE stores a range, or removes the destination} {
        both_encodings {
            r ZADD z 1 a 2 b 3 c
            r SET d v
            assert_replies [subst {
                {ZRANGESTORE d z 1 -1}                  2
                {ZRANGE d 0 -1 WITHSCORES}              {b 2 c 3}
                {ZRANGESTORE d z 3 1 BYSCORE REV LIMIT 0 1} 1
                {ZRANGE d 0 -1}                         c
                {ZRANGESTORE z z 0 0}                   1
                {ZRANGESTORE d none 0 -1}               0
                {EXISTS d}                              0
                {ZRANGESTORE d z 0 -1 WITHSCORES}       {$syntax}
            }]
        }
    }

    test {pops from both ends} {
        both_encodings {
            r ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
            assert_replies [subst {
                {ZPOPMIN z}                     {a 1}
                {ZPOPMAX z}                     {g 7}
                {ZPOPMIN z 2}                   {b 2 c 3}
                {ZPOPMAX z 0}                   {}
                {ZPOPMAX z -1}                  {(error) ERR value is out of range, must be positive}
                {ZPOPMAX z x}                   {(error) ERR value is out of range, must be positive}
                {ZPOPMAX z 1 2}                 {$syntax}
                {ZPOPMIN none}                  {}
                {ZPOPMIN none 3}                {}
                {ZMPOP 2 none z MIN}            {z {{d 4}}}
                {ZMPOP 1 z MAX COUNT 5}         {z {{f 6} {e 5}}}
                {EXISTS z}                      0
                {ZMPOP 1 z MAX}                 (nil)
                {ZMPOP 0 z MAX}                 {(error) ERR numkeys should be greater than 0}
                {ZMPOP 2 z MAX}                 {$syntax}
                {ZMPOP 1 z FOO}                 {$syntax}
                {ZMPOP 1 z MAX COUNT 0}         {(error) ERR count should be greater than 0}
                {ZMPOP 1 z MAX COUNT 1 COUNT 2} {$syntax}
            }]
        }
    }

    test {clients wait for a member} {
        both_encodings {
            foreach {command reply} {
                {BZPOPMIN other z 0}        {z a 1}
                {BZPOPMAX z 0}              {z c 3}
                {BZMPOP 0 1 z MIN COUNT 2}  {z {{a 1} {b 2}}}
            } {
                r DEL z
                set w [client_new]
                zset_waits $w {*}$command
                r ZADD z 1 a 2 b 3 c
                assert_equal $reply [client_read $w]
            }
            r DEL z
            r ZADD z 1 a
            assert_equal {z a 1} [r BZPOPMIN none z 0]
            assert_equal (nil) [r BZPOPMAX z 0.01]
            assert_equal (nil) [r BZMPOP 0.01 1 z MAX]
            assert_error {ERR timeout is negative} {r BZPOPMIN z -1}
            assert_error {ERR timeout is not a float or out of range} {r BZMPOP x 1 z MIN}
        }
    }

    test {each waiting client gets a member, in order; a set serves none} {
        set first [client_new]
        set second [client_new]
        zset_waits $first BZPOPMIN z 0
        zset_waits $second BZPOPMAX z 0
        r SADD z a
        r DEL z
        r ZUNIONSTORE z 1 none
        r ZADD z 5 x 6 y
        assert_equal {z x 5} [client_read $first]
        assert_equal {z y 6} [client_read $second]
    }

    test {RESP3 answers doubles, and pairs where there are scores} {
        r ZADD z 1 a 2.5 b
        r HELLO 3
        assert_equal {, 2.5} [r_typed ZSCORE z b]
        assert_equal {, 3.5} [r_typed ZINCRBY z 1 b]
        assert_equal {* {{* {{{$} a} {, 1}}} {* {{{$} b} {, 3.5}}}}} [r_typed ZRANGE z 0 -1 WITHSCORES]
        assert_equal {* {{{$} a} {{$} b}}} [r_typed ZRANGE z 0 -1]
        assert_equal {* {{, 1} {_ {}}}} [r_typed ZMSCORE z a none]
        assert_equal {* {{{$} a} {, 1}}} [r_typed ZPOPMIN z]
        assert_equal {* {{* {{{$} b} {, 3.5}}}}} [r_typed ZPOPMIN z 1]
        r ZADD z 1 a
        assert_equal {* {{{$} z} {{$} a} {, 1}}} [r_typed BZPOPMIN z 0]
        r ZADD z 1 a
        assert_equal {* {{{$} z} {* {{* {{{$} a} {, 1}}}}}}} [r_typed ZMPOP 1 z MIN]
        assert_equal {_ {}} [r_typed ZMPOP 1 z MIN]
        r HELLO 2
    }

    test {a set is small up to its thresholds, and large for good} {
        with_config {zset-max-listpack-entries 3 zset-max-listpack-value 5} {
            r ZADD z 1 a 2 b 3 c
            assert_equal listpack [r OBJECT ENCODING z]
            r ZADD z 4 d
            assert_equal skiplist [r OBJECT ENCODING z]
            r ZREM z a b c
            assert_equal skiplist [r OBJECT ENCODING z]
            r ZADD y 1 12345
            assert_equal listpack [r OBJECT ENCODING y]
            r ZADD y 1 123456
            assert_equal skiplist [r OBJECT ENCODING y]
            assert_equal {12345 123456} [r ZRANGE y 0 -1]
        }
    }

    test {ZSCAN passes all members while others come and go} {
        for {set i 0} {$i < 500} {incr i} {
            r ZADD z $i m$i
        }
        set cursor 0
        while 1 {
            lassign [r ZSCAN z $cursor COUNT 20] cursor elements
            foreach {member score} $elements {
                assert_equal m$score $member
                set seen($member) 1
            }
            r ZADD z [expr {1000 + [random_int 1000]}] x[random_int 1000]
            foreach member [r ZRANGE z 1000 inf BYSCORE LIMIT 0 1] {
                r ZREM z $member
            }
            if {$cursor == 0} {
                break
            }
        }
        assert_equal 500 [llength [array names seen m*]]
        r DEL z
        r ZADD z 1 one 2 two
        assert_replies [subst {
            {ZSCAN z 0}             {0 {one 1 two 2}}
            {ZSCAN z 0 MATCH t*}    {0 {two 2}}
            {ZSCAN none 0}          {0 {}}
            {ZSCAN z x}             {(error) ERR invalid cursor}
            {ZSCAN z 0 COUNT 0}     {$syntax}
        }]
    }

    test {other values are refused} {
        r SET k v
        foreach command {
            {ZADD k 1 a} {ZINCRBY k 1 a} {ZREM k a} {ZCARD k} {ZSCORE k a} {ZMSCORE k a} {ZRANK k a} {ZREVRANK k a} {ZCOUNT k 0 1}
            {ZLEXCOUNT k - +} {ZRANGE k 0 1} {ZREVRANGE k 0 1} {ZRANGEBYSCORE k 0 1} {ZREVRANGEBYSCORE k 0 1} {ZRANGEBYLEX k - +}
            {ZREVRANGEBYLEX k - +} {ZRANGESTORE d k 0 1} {ZREMRANGEBYRANK k 0 1} {ZREMRANGEBYSCORE k 0 1} {ZREMRANGEBYLEX k - +}
            {ZPOPMIN k} {ZPOPMAX k} {ZMPOP 1 k MIN} {BZPOPMIN k 0} {BZPOPMAX k 0} {BZMPOP 0 1 k MIN} {ZSCAN k 0}
        } {
            assert_error {WRONGTYPE *} {r {*}$command}
        }
    }

    test {the events of sorted sets} {
        r CONFIG SET notify-keyspace-events KEAn
        foreach {command events} {
            {ZADD z 1 a 2 b}            {new(z) zadd(z)}
            {ZADD z 1 a}                {}
            {ZADD z 3 a}                zadd(z)
            {ZINCRBY z 1 a}             zincr(z)
            {ZADD z INCR 1 a}           zincr(z)
            {ZADD z XX 1 none}          {}
            {ZRANGESTORE d z 0 -1}      {new(d) zrangestore(d)}
            {ZREM z a}                  zrem(z)
            {ZREM z b}                  {zrem(z) del(z)}
            {ZPOPMIN d}                 zpopmin(d)
            {ZPOPMAX d 9}               {zpopmax(d) del(d)}
            {ZADD z 1 a 2 b 3 c}        {new(z) zadd(z)}
            {ZREMRANGEBYRANK z 0 0}     zremrangebyrank(z)
            {ZREMRANGEBYRANK z 9 9}     {}
            {ZREMRANGEBYSCORE z 2 2}    zremrangebyscore(z)
            {ZREMRANGEBYLEX z - +}      {zremrangebylex(z) del(z)}
        } {
            assert_equal $events [events_of {r {*}$command}]
        }
        r CONFIG SET notify-keyspace-events ""
    }

    test {an increment of nothing is announced only if the score changes} tocsin {
        r ZADD z 1 a
        r CONFIG SET notify-keyspace-events KEA
        assert_equal {} [events_of {r ZINCRBY z 0 a}]
        r CONFIG SET notify-keyspace-events ""
    }

    test {random changes leave what Tcl holds} {
        both_encodings {
            set model {}
            for {set i 0} {$i < 1500} {incr i} {
                set member m[random_int 150]
                set score [random_int 40]
                switch [random_int 5] {
                    0 - 1 - 2 {
                        r ZADD z $score $member
                        dict set model $member $score
                    }
                    3 {
                        assert_equal [dict exists $model $member] [r ZREM z $member]
                        dict unset model $member
                    }
                    4 {
                        set expected {}
                        dict for {its value} $model {
                            if {$value >= $score && $value <= $score + 3} {
                                lappend expected [format %02d $value]$its
                            }
                        }
                        set members [lmap {its value} [r ZRANGE z $score [expr {$score + 3}] BYSCORE WITHSCORES] {
                            set text [format %02d $value]$its
                        }]
                        assert_equal [lsort $expected] $members
                        assert_equal [llength $expected] [r ZCOUNT z $score [expr {$score + 3}]]
                    }
                }
            }
            set sorted [lsort [lmap {its value} $model {set text [format %02d $value]$its}]]
            assert_equal $sorted [lmap {its value} [r ZRANGE z 0 -1 WITHSCORES] {set text [format %02d $value]$its}]
            foreach at {0 5 20} {
                set member [string range [lindex $sorted $at] 2 end]
                assert_equal $at [r ZRANK z $member]
                assert_equal [expr {[llength $sorted] - 1 - $at}] [r ZREVRANK z $member]
            }
        }
    }
}
