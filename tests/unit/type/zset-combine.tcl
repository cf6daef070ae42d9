# Sorted sets made from others, and random members.

set syntax {(error) ERR syntax error}
set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}

proc fill_sources {} {
    r ZADD a 1 x 2 y 3 z
    r ZADD b 10 y 20 z 30 w
    r SADD s y q
}

# The body runs with small and large encodings.
proc both_encodings {body} {
    foreach entries {128 0} {
        r FLUSHALL
        with_config [list zset-max-listpack-entries $entries set-max-listpack-entries $entries] {uplevel 1 $body}
    }
}

start_server {} {
    test {union, intersection and difference, with scores and without} {
        both_encodings {
            fill_sources
            assert_replies {
                {ZUNION 2 a b}                          {x y z w}
                {ZUNION 2 a b WITHSCORES}               {x 1 y 12 z 23 w 30}
                {ZUNION 2 a s WITHSCORES}               {q 1 x 1 y 3 z 3}
                {ZUNION 2 a none WITHSCORES}            {x 1 y 2 z 3}
                {ZUNION 1 none}                         {}
                {ZINTER 2 a b WITHSCORES}               {y 12 z 23}
                {ZINTER 3 a b s WITHSCORES}             {y 13}
                {ZINTER 2 a none}                       {}
                {ZINTER 2 a a WITHSCORES}               {x 2 y 4 z 6}
                {ZDIFF 2 a b WITHSCORES}                {x 1}
                {ZDIFF 3 b a s}                         w
                {ZDIFF 2 a none}                        {x y z}
                {ZDIFF 2 none a}                        {}
                {ZDIFF 2 a a}                           {}
                {ZINTERCARD 2 a b}                      2
                {ZINTERCARD 2 a b LIMIT 1}              1
                {ZINTERCARD 2 a b LIMIT 0}              2
                {ZINTERCARD 2 a none}                   0
            }
        }
    }

    test {weights and aggregates} {
        both_encodings {
            fill_sources
            assert_replies {
                {ZUNION 2 a b WEIGHTS 2 -1 WITHSCORES}              {w -30 z -14 y -6 x 2}
                {ZUNION 2 a b AGGREGATE MIN WITHSCORES}             {x 1 y 2 z 3 w 30}
                {ZUNION 2 a b AGGREGATE max WITHSCORES}             {x 1 y 10 z 20 w 30}
                {ZINTER 2 a b WEIGHTS 100 1 AGGREGATE MAX WITHSCORES} {y 200 z 300}
                {ZUNION 2 a b WEIGHTS inf -inf WITHSCORES}          {w -inf y 0 z 0 x inf}
                {ZUNION 1 a WEIGHTS 0 WITHSCORES}                   {x 0 y 0 z 0}
            }
            r ZADD i inf m
            assert_equal {m 0} [r ZUNION 1 i WEIGHTS 0 WITHSCORES]
        }
    }

    test {results are stored, in place of what was there} {
        both_encodings {
            fill_sources
            r RPUSH d old
            assert_replies {
                {ZUNIONSTORE d 2 a b WEIGHTS 1 2}   4
                {ZRANGE d 0 -1 WITHSCORES}          {x 1 y 22 z 43 w 60}
                {ZINTERSTORE d 2 a d}               3
                {ZRANGE d 0 -1 WITHSCORES}          {x 2 y 24 z 46}
                {ZDIFFSTORE d 2 d b}                1
                {ZRANGE d 0 -1 WITHSCORES}          {x 2}
                {ZINTERSTORE d 2 d none}            0
                {EXISTS d}                          0
                {ZUNIONSTORE a 1 a}                 3
                {ZUNIONSTORE e 1 s}                 2
                {ZRANGE e 0 -1 WITHSCORES}          {q 1 y 1}
            }
        }
    }

    test {a result is held as its size asks for} {
        for {set i 0} {$i < 100} {incr i} {
            r ZADD a $i a$i
            r ZADD b $i b$i
        }
        r ZUNIONSTORE d 1 a
        assert_equal listpack [r OBJECT ENCODING d]
        r ZUNIONSTORE d 2 a b
        assert_equal skiplist [r OBJECT ENCODING d]
        r ZINTERSTORE d 2 a d
        assert_equal listpack [r OBJECT ENCODING d]
        r ZADD c 1 [string repeat x 65]
        r ZUNIONSTORE d 1 c
        assert_equal skiplist [r OBJECT ENCODING d]
    }

    test {what is wrong is refused, and nothing is stored} {
        fill_sources
        r SET k v
        assert_replies [subst {
            {ZUNION 0 a}                        {(error) ERR at least 1 input key is needed for 'zunion' command}
            {ZUNIONSTORE d -1 a}                {(error) ERR at least 1 input key is needed for 'zunionstore' command}
            {ZINTERCARD 0 a}                    {(error) ERR at least 1 input key is needed for 'zintercard' command}
            {ZUNION x a}                        {(error) ERR value is not an integer or out of range}
            {ZUNION 3 a b}                      {$syntax}
            {ZUNION 9223372036854775807 a}      {$syntax}
            {ZUNION 1 a b}                      {$syntax}
            {ZUNION 2 a b WEIGHTS 1}            {$syntax}
            {ZUNION 2 a b WEIGHTS 1 x}          {(error) ERR weight value is not a float}
            {ZUNION 2 a b WEIGHTS 1 nan}        {(error) ERR weight value is not a float}
            {ZUNION 2 a b AGGREGATE avg}        {$syntax}
            {ZUNION 2 a b AGGREGATE}            {$syntax}
            {ZUNIONSTORE d 2 a b WITHSCORES}    {$syntax}
            {ZDIFF 2 a b WEIGHTS 1 2}           {$syntax}
            {ZDIFFSTORE d 2 a b AGGREGATE MAX}  {$syntax}
            {ZINTER 2 a b LIMIT 1}              {$syntax}
            {ZINTERCARD 2 a b LIMIT -1}         {(error) ERR LIMIT can't be negative}
            {ZINTERCARD 2 a b LIMIT x}          {(error) ERR LIMIT can't be negative}
            {ZUNION 2 a k}                      {$wrong_type}
            {ZUNION 2 k a WEIGHTS x}            {$wrong_type}
            {ZUNIONSTORE d 2 a k}               {$wrong_type}
            {ZRANDMEMBER k}                     {$wrong_type}
            {EXISTS d}                          0
        }]
    }

    test {RESP3 answers scores as doubles, in pairs} {
        fill_sources
        r HELLO 3
        assert_equal {* {{* {{{$} y} {, 12}}} {* {{{$} z} {, 23}}}}} [r_typed ZINTER 2 a b WITHSCORES]
        assert_equal {* {{{$} x}}} [r_typed ZDIFF 2 a b]
        assert_equal {* {{* {{{$} x} {, 1}}}}} [r_typed ZRANDMEMBER [r ZDIFFSTORE d 2 a b; list d] 5 WITHSCORES]
        r HELLO 2
    }

    test {the events of stored results} {
        fill_sources
        r CONFIG SET notify-keyspace-events KEA
        foreach {command events} {
            {ZUNIONSTORE d 2 a b}       zunionstore(d)
            {ZINTERSTORE d 2 a b}       zinterstore(d)
            {ZDIFFSTORE d 2 a b}        zdiffstore(d)
            {ZDIFFSTORE d 2 a a}        del(d)
            {ZDIFFSTORE d 2 a a}        {}
            {ZINTER 2 a b}              {}
        } {
            assert_equal $events [events_of {r {*}$command}]
        }
        r CONFIG SET notify-keyspace-events ""
    }

    test {random members: any, or different ones, and as often as they should} {
        both_encodings {
            set all {}
            for {set i 0} {$i < 30} {incr i} {
                r ZADD k $i m$i
                lappend all m$i
            }
            assert {[r ZRANDMEMBER k] in $all}
            foreach count {1 5 9 10 11 29 30 31 1000} {
                set members [r ZRANDMEMBER k $count]
                assert_equal [expr {min($count, 30)}] [llength $members]
                assert_equal [llength $members] [llength [lsort -unique $members]]
                foreach member $members {
                    assert {$member in $all}
                }
            }
            assert_equal 100 [llength [r ZRANDMEMBER k -100]]
            foreach {member score} [concat [r ZRANDMEMBER k 7 WITHSCORES] [r ZRANDMEMBER k -40 WITHSCORES]] {
                assert_equal m$score $member
            }
            foreach count {3 20 -3000} {
                unset -nocomplain seen
                for {set i 0} {$i < ($count > 0 ? 3000 / $count : 1)} {incr i} {
                    foreach member [r ZRANDMEMBER k $count] {
                        incr seen($member)
                    }
                }
                foreach member $all {
                    assert_between 50 170 $seen($member)
                }
            }
        }
    }

    test {counts of random members that cannot be} {
        r ZADD k 1 a
        assert_replies [subst {
            {ZRANDMEMBER none}          (nil)
            {ZRANDMEMBER none 3}        {}
            {ZRANDMEMBER k 0}           {}
            {ZRANDMEMBER k 9223372036854775807} a
            {ZRANDMEMBER k x}           {(error) ERR value is not an integer or out of range}
            {ZRANDMEMBER k -9223372036854775808}
                {(error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807}
            {ZRANDMEMBER k -9223372036854775807 WITHSCORES} {(error) ERR value is out of range}
            {ZRANDMEMBER k 4611686018427387904 WITHSCORES}  {(error) ERR value is out of range}
            {ZRANDMEMBER k 1 FOO}       {$syntax}
            {ZRANDMEMBER k 1 WITHSCORES FOO} {$syntax}
        }]
    }

    test {a difference or union of many equals what Tcl reckons} {
        both_encodings {
            foreach key {a b c} {
                unset -nocomplain $key
                for {set i 0} {$i < 200} {incr i} {
                    set member m[random_int 300]
                    set ${key}($member) [random_int 100]
                    r ZADD $key [set ${key}($member)] $member
                }
            }
            set union {}
            set difference {}
            foreach key {a b c} {
                foreach {member score} [array get $key] {
                    dict incr union $member $score
                }
            }
            foreach {member score} [array get a] {
                if {![info exists b($member)] && ![info exists c($member)]} {
                    lappend difference $member
                }
            }
            assert_equal [lsort -stride 2 $union] [lsort -stride 2 [r ZUNION 3 a b c WITHSCORES]]
            assert_equal [lsort $difference] [lsort [r ZDIFF 3 a b c]]
            assert_equal [dict size $union] [r ZUNIONSTORE d 3 a b c]
            assert_equal [r ZUNION 3 a b c WITHSCORES] [r ZRANGE d 0 -1 WITHSCORES]
        }
    }
}
