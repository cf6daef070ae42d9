# Commands on sets, and how sets are held.

set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set not_integer {(error) ERR value is not an integer or out of range}
set not_positive {(error) ERR value is out of range, must be positive}
set syntax {(error) ERR syntax error}

proc numbers {from to {prefix ""}} {
    set words {}
    for {set i $from} {$i <= $to} {incr i} {
        lappend words $prefix$i
    }
    return $words
}

# A set of each encoding: intset, listpack (a hash table before 7.2), hashtable.
proc fill_encodings {} {
    r SADD intset {*}[numbers 1 20]
    r SADD listpack {*}[numbers 1 10] {*}[numbers 1 10 m]
    r SADD table {*}[numbers 1 300 m]
    return {intset listpack table}
}

proc members {key} {
    return [lsort [r SMEMBERS $key]]
}

# The members that walk of SSCAN returns, each call followed by the script.
proc scan_all {key script args} {
    set found {}
    set cursor 0
    while 1 {
        lassign [r SSCAN $key $cursor {*}$args] cursor some
        lappend found {*}$some
        if {$cursor eq "0"} {
            return $found
        }
        uplevel 1 $script
    }
}

start_server {notify-keyspace-events KEAn} {
    # --- adding, removing, asking ---------------------------------------------

    test {SADD adds what is not there and counts it} {
        assert_replies {
            {SADD k a}              1
            {SADD k a}              0
            {SADD k a b c b}        2
            {SCARD k}               3
            {SISMEMBER k b}         1
            {SISMEMBER k d}         0
            {SMISMEMBER k a d c}    {1 0 1}
            {TYPE k}                set
        }
        assert_equal {a b c} [members k]
    }

    test {members are any bytes, and text that looks like a number is kept as it is} {
        set all [list "" " " "\x00" "\r\n" 007 +1 -0 1.0 1e3 " 1" 9223372036854775808 [random_bytes 300] [string repeat x 100000]]
        foreach first {1 a} {
            r DEL k
            r SADD k $first {*}$all
            foreach member $all {
                assert_equal 1 [r SISMEMBER k $member]
            }
            assert_equal {0 0 0} [r SMISMEMBER k 7 0 1000]
            assert_equal [lsort [list $first {*}$all]] [members k]
        }
    }

    test {integers of every size are members of an intset} {
        set all {0 1 -1 32767 -32768 32768 -32769 2147483647 -2147483648 2147483648 -2147483649
            9223372036854775807 -9223372036854775808}
        foreach number $all {
            assert_equal 1 [r SADD k $number]
            assert_equal 0 [r SADD k $number]
            assert_equal intset [r OBJECT ENCODING k]
        }
        assert_equal [lsort $all] [members k]
        assert_equal [lsort -integer $all] [r SMEMBERS k]
        foreach number $all {
            assert_equal 1 [r SREM k $number]
            assert_equal 0 [r SISMEMBER k $number]
        }
        assert_equal 0 [r EXISTS k]
    }

    test {SREM removes what is there, and the set with the last member} {
        foreach key [fill_encodings] {
            set all [r SMEMBERS $key]
            set last [lindex $all end]
            assert_equal 0 [r SREM $key none 1.5 ""]
            assert_equal 2 [r SREM $key $last none [lindex $all 0] $last]
            assert_equal [lsort [lrange $all 1 end-1]] [members $key]
            assert_equal [expr {[llength $all] - 2}] [r SREM $key {*}$all]
            assert_equal 0 [r EXISTS $key]
        }
    }

    test {a set that does not exist has no members} {
        assert_replies {
            {SMEMBERS k}            {}
            {SCARD k}               0
            {SISMEMBER k a}         0
            {SMISMEMBER k a b}      {0 0}
            {SREM k a b}            0
            {SPOP k}                (nil)
            {SPOP k 3}              {}
            {SRANDMEMBER k}         (nil)
            {SRANDMEMBER k 3}       {}
            {SRANDMEMBER k -3}      {}
            {SMOVE k l a}           0
            {SSCAN k 0}             {0 {}}
            {SINTER k l}            {}
            {SUNION k l}            {}
            {SDIFF k l}             {}
            {SINTERCARD 2 k l}      0
            {EXISTS k}              0
        }
    }

    test {SMOVE moves a member} {
        foreach key [fill_encodings] {
            set member [lindex [r SMEMBERS $key] end]
            assert_equal 0 [r SMOVE $key to nobody]
            assert_equal 0 [r EXISTS to]
            assert_equal 1 [r SMOVE $key to $member]
            assert_equal [list $member] [r SMEMBERS to]
            assert_equal 0 [r SISMEMBER $key $member]
            assert_equal 0 [r SMOVE $key to $member]
            assert_equal 1 [r SMOVE to to $member]
            assert_equal 1 [r SMOVE to $key $member]
            assert_equal 0 [r EXISTS to]
            assert_equal 1 [r SISMEMBER $key $member]
            r SADD other $member
            assert_equal 1 [r SMOVE other $key $member]
            assert_equal 0 [r EXISTS other]
        }
    }

    # --- chance ---------------------------------------------------------------

    test {SPOP takes a member out} {
        foreach key [fill_encodings] {
            set all [members $key]
            set popped {}
            while {[r EXISTS $key]} {
                lappend popped [r SPOP $key]
            }
            assert_equal $all [lsort $popped]
            assert_equal (nil) [r SPOP $key]
        }
    }

    test {SPOP with a count takes so many, whether that is few or nearly all} {
        foreach count {0 1 5 15 17 19 20 21 60 200 295 299 300 301 9223372036854775807} {
            foreach key [fill_encodings] {
                set all [members $key]
                set popped [r SPOP $key $count]
                assert_equal [expr {min($count, [llength $all])}] [llength $popped]
                assert_equal $all [lsort [concat $popped [r SMEMBERS $key]]]
                assert_equal [expr {$count < [llength $all]}] [r EXISTS $key]
                r DEL $key
            }
        }
    }

    test {SRANDMEMBER returns members and takes none} {
        foreach key [fill_encodings] {
            set all [members $key]
            for {set i 0} {$i < 20} {incr i} {
                assert {[r SRANDMEMBER $key] in $all}
            }
            assert_equal $all [members $key]
        }
    }

    test {SRANDMEMBER with a count returns different members, at most all} {
        foreach count {0 1 5 19 20 21 60 99 101 250 299 300 301 9223372036854775807} {
            foreach key [fill_encodings] {
                set all [members $key]
                set some [r SRANDMEMBER $key $count]
                assert_equal [expr {min($count, [llength $all])}] [llength $some]
                assert_equal [llength $some] [llength [lsort -unique $some]]
                assert_equal $all [lsort -unique [concat $all $some]]
            }
        }
    }

    test {SRANDMEMBER with a negative count repeats itself} {
        foreach key [fill_encodings] {
            set all [members $key]
            foreach count {-1 -7 -1000} {
                set some [r SRANDMEMBER $key $count]
                assert_equal [expr {-$count}] [llength $some]
                assert_equal $all [lsort -unique [concat $all $some]]
            }
        }
        assert_equal {x x x} [r SADD one x; r SRANDMEMBER one -3]
    }

    test {every member comes up, by each way of choosing} {
        foreach key [fill_encodings] {
            set all [members $key]
            foreach count {"" 1 3 19 -3} {
                set seen [dict create]
                for {set i 0} {[dict size $seen] < [llength $all]} {incr i} {
                    assert {$i < 20000}
                    foreach member [r SRANDMEMBER $key {*}$count] {
                        dict set seen $member 1
                    }
                }
            }
        }
    }

    test {hostile counts are errors} {
        r SADD k a b
        set range {(error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807}
        foreach count {x "" 1.5 9223372036854775808 -9223372036854775809 18446744073709551616} {
            assert_equal [list $count $not_integer] [list $count [client_value [r_typed SRANDMEMBER k $count]]]
            assert_equal [list $count $not_positive] [list $count [client_value [r_typed SPOP k $count]]]
        }
        assert_equal $range [client_value [r_typed SRANDMEMBER k -9223372036854775808]]
        foreach count {-1 -9223372036854775808} {
            assert_equal $not_positive [client_value [r_typed SPOP k $count]]
        }
        assert_equal $syntax [client_value [r_typed SPOP k 1 2]]
        assert_equal $syntax [client_value [r_typed SRANDMEMBER k 1 2]]
        assert_equal {a b} [members k]
    }

    test {SRANDMEMBER repeats only as often as the server can hold} tocsin {
        r SADD k a b
        foreach count {-9223372036854775807 -4294967296 -67108865} {
            assert_error {ERR value is out of range} {r SRANDMEMBER k $count}
        }
    }

    # --- several sets -----------------------------------------------------------

    test {SINTER, SUNION and SDIFF over sets of every encoding} {
        r SADD intset {*}[numbers 1 100]
        r SADD listpack {*}[numbers 50 80] a b c
        r SADD table {*}[numbers 70 400] a c d
        foreach {command keys expected} [list \
            SINTER {intset listpack table}       [numbers 70 80] \
            SINTER {table listpack}              [concat [numbers 70 80] a c] \
            SINTER {table}                       [concat [numbers 70 400] a c d] \
            SINTER {intset none table}           {} \
            SINTER {listpack listpack}           [concat [numbers 50 80] a b c] \
            SUNION {intset listpack}             [concat [numbers 1 100] a b c] \
            SUNION {listpack none intset table}  [concat [numbers 1 400] a b c d] \
            SUNION {table table}                 [concat [numbers 70 400] a c d] \
            SDIFF  {listpack intset}             {a b c} \
            SDIFF  {listpack intset table}       b \
            SDIFF  {table intset listpack}       [concat [numbers 101 400] d] \
            SDIFF  {intset none}                 [numbers 1 100] \
            SDIFF  {none intset}                 {} \
            SDIFF  {table none table}            {} \
        ] {
            assert_equal [list $command $keys [lsort $expected]] [list $command $keys [lsort [r $command {*}$keys]]]
            assert_equal [llength $expected] [r ${command}STORE to {*}$keys]
            assert_equal [lsort $expected] [members to]
            assert_equal [expr {$expected ne {}}] [r EXISTS to]
        }
    }

    test {random sets agree with what sorting tells} {
        for {set round 0} {$round < 60} {incr round} {
            set keys {}
            set count [expr {1 + [random_int 9]}]
            for {set i 0} {$i < $count} {incr i} {
                lappend keys s$i
                r DEL s$i
                set sets($i) {}
                for {set n [random_int [random_of {5 30 300}]]} {$n > 0} {incr n -1} {
                    dict set sets($i) [random_of {"" "" x}][random_int 200] 1
                }
                if {$sets($i) ne {}} {
                    r SADD s$i {*}[dict keys $sets($i)]
                }
            }
            set union [dict create]
            set inter $sets(0)
            set diff $sets(0)
            for {set i 0} {$i < $count} {incr i} {
                set union [dict merge $union $sets($i)]
                foreach member [dict keys $inter] {
                    if {![dict exists $sets($i) $member]} {
                        dict unset inter $member
                    }
                }
                if {$i > 0} {
                    set diff [dict remove $diff {*}[dict keys $sets($i)]]
                }
            }
            assert_equal [lsort [dict keys $union]] [lsort [r SUNION {*}$keys]]
            assert_equal [lsort [dict keys $inter]] [lsort [r SINTER {*}$keys]]
            assert_equal [lsort [dict keys $diff]] [lsort [r SDIFF {*}$keys]]
            assert_equal [dict size $inter] [r SINTERCARD $count {*}$keys]
        }
    }

    test {SINTERCARD counts up to its limit} {
        r SADD a 1 2 3 4 5
        r SADD b 3 4 5 6 x
        assert_replies {
            {SINTERCARD 1 a}                    5
            {SINTERCARD 2 a b}                  3
            {SINTERCARD 2 a b LIMIT 0}          3
            {SINTERCARD 2 a b limit 2}          2
            {SINTERCARD 2 a b LIMIT 3}          3
            {SINTERCARD 2 a b LIMIT 9223372036854775807} 3
            {SINTERCARD 2 a b LIMIT 1 LIMIT 2}  2
            {SINTERCARD 2 a none}               0
        }
    }

    test {SINTERCARD refuses wrong counts and options} {
        set numkeys {(error) ERR numkeys should be greater than 0}
        set too_many {(error) ERR Number of keys can't be greater than number of args}
        set limit {(error) ERR LIMIT can't be negative}
        foreach {arguments expected} [list \
            {0 k} $numkeys  {-1 k} $numkeys  {x k} $numkeys  {9223372036854775808 k} $numkeys \
            {2 k} $too_many  {9223372036854775807 k} $too_many  {4294967297 k} $too_many \
            {1 k l} $syntax  {1 k LIMIT} $syntax  {1 k FOO 1} $syntax  {1 k LIMIT 1 x} $syntax \
            {1 k LIMIT -1} $limit  {1 k LIMIT x} $limit  {1 k LIMIT 9223372036854775808} $limit \
        ] {
            assert_equal [list $arguments $expected] [list $arguments [client_value [r_typed SINTERCARD {*}$arguments]]]
        }
    }

    test {a result replaces what was there, its deadline too, and an empty one removes it} {
        r SADD a 1 2
        r SADD b 2 3
        foreach command {SINTERSTORE SUNIONSTORE SDIFFSTORE} {
            r SET to text EX 100
            assert {[r $command to a b] > 0}
            assert_equal {set -1} [list [r TYPE to] [r TTL to]]
        }
        foreach {command keys} {SINTERSTORE {a none} SUNIONSTORE {none nil} SDIFFSTORE {a a}} {
            r SET to text
            assert_equal 0 [r $command to {*}$keys]
            assert_equal 0 [r EXISTS to]
        }
    }

    test {a source may be the target} {
        r SADD a 1 2 3
        r SADD b 2 3 4
        assert_equal 2 [r SINTERSTORE a a b]
        assert_equal {2 3} [members a]
        assert_equal 3 [r SUNIONSTORE b a b]
        assert_equal {2 3 4} [members b]
        assert_equal 1 [r SDIFFSTORE b b a]
        assert_equal 4 [members b]
        assert_equal 0 [r SDIFFSTORE b b b]
        assert_equal 0 [r EXISTS b]
    }

    # --- errors -------------------------------------------------------------------

    test {a key of another type is refused, and stays} {
        r SET s text
        r SADD k a
        foreach command {
            {SADD s a} {SREM s a} {SCARD s} {SISMEMBER s a} {SMISMEMBER s a} {SMEMBERS s} {SPOP s} {SPOP s 0} {SPOP s 2}
            {SRANDMEMBER s} {SRANDMEMBER s 0} {SMOVE s k a} {SMOVE k s a} {SMOVE k s none} {SSCAN s 0}
            {SINTER s} {SINTER none s} {SINTER s none} {SINTER k s} {SINTERCARD 2 none s} {SINTERSTORE to none s}
            {SUNION k s} {SUNIONSTORE to k s} {SDIFF k s} {SDIFFSTORE to none s}
        } {
            assert_equal [list $command $wrong_type] [list $command [client_value [r_typed {*}$command]]]
        }
        assert_equal {text a 0} [list [r GET s] [r SMEMBERS k] [r EXISTS to]]
        assert_equal 0 [r SMOVE none s a]
    }

    test {arguments are missing} {
        foreach command {{SADD k} {SREM k} SCARD {SCARD k l} {SISMEMBER k} {SISMEMBER k a b} {SMISMEMBER k} SMEMBERS
            SPOP SRANDMEMBER {SMOVE k l} SINTER SUNION SDIFF {SINTERSTORE k} {SUNIONSTORE k} {SDIFFSTORE k} {SINTERCARD 1} {SSCAN k}} {
            assert_match "*ERR wrong number of arguments for '[string tolower [lindex $command 0]]' command" [client_value [r_typed {*}$command]]
        }
    }

    # --- SSCAN --------------------------------------------------------------------

    test {SSCAN passes all members, whatever the COUNT} {
        foreach key [fill_encodings] {
            foreach count {1 7 100 1000 9223372036854775807} {
                assert_equal [members $key] [lsort -unique [scan_all $key {} COUNT $count]]
            }
        }
    }

    test {SSCAN of a small set returns everything at once, in any call} {
        r SADD k 1 2 3
        assert_equal {0 {1 2 3}} [r SSCAN k 0 COUNT 1]
    }

    test {SSCAN with MATCH returns what matches} {
        foreach key [fill_encodings] {
            assert_equal [lsort [lsearch -all -inline -glob [r SMEMBERS $key] *1*]] \
                [lsort -unique [scan_all $key {} MATCH *1*]]
            assert_equal {} [scan_all $key {} MATCH none]
        }
    }

    test {SSCAN passes what stays while a set grows and shrinks} {
        foreach grows {1 0} {
            r DEL k
            r SADD k {*}[numbers 1 500 stays] {*}[numbers 1 500 goes]
            set i 0
            set found [scan_all k {
                incr i
                if {$grows} {
                    r SADD k {*}[numbers [expr {$i * 50}] [expr {$i * 50 + 49}] new]
                } else {
                    r SREM k {*}[numbers [expr {$i * 20}] [expr {$i * 20 + 19}] goes]
                }
            } COUNT 10]
            assert_equal [lsort [numbers 1 500 stays]] [lsort -unique [lsearch -all -inline -glob $found stays*]]
        }
    }

    test {SSCAN refuses wrong cursors and options} {
        r SADD k a
        assert_replies [list \
            {SSCAN k x}             {(error) ERR invalid cursor} \
            {SSCAN k 0 COUNT 0}     $syntax \
            {SSCAN k 0 COUNT -1}    $syntax \
            {SSCAN k 0 COUNT x}     $not_integer \
            {SSCAN k 0 COUNT}       $syntax \
            {SSCAN k 0 MATCH}       $syntax \
            {SSCAN k 0 TYPE set}    $syntax \
            {SSCAN k 0 FOO}         $syntax \
        ]
    }

    # --- encodings ------------------------------------------------------------------

    test {too many integers make a hash table} {
        r SADD k {*}[numbers 1 512]
        assert_equal intset [r OBJECT ENCODING k]
        r SADD k 512
        assert_equal intset [r OBJECT ENCODING k]
        r SADD k 513
        assert_equal hashtable [r OBJECT ENCODING k]
        assert_equal 513 [r SCARD k]
        r SREM k {*}[numbers 2 513]
        assert_equal {hashtable 1} [list [r OBJECT ENCODING k] [r SMEMBERS k]]
    }

    test {a member that is no integer makes a listpack if all fits} since-7.2 {
        r SADD k 1 2 a
        assert_equal listpack [r OBJECT ENCODING k]
        r SADD words a
        assert_equal listpack [r OBJECT ENCODING words]
        r SADD many {*}[numbers 1 127] a
        assert_equal listpack [r OBJECT ENCODING many]
        assert_equal [concat [numbers 1 127] a] [r SMEMBERS many]
        r SADD most {*}[numbers 1 128]
        r SADD most a
        assert_equal hashtable [r OBJECT ENCODING most]
        r SADD long 1 [string repeat x 65]
        assert_equal hashtable [r OBJECT ENCODING long]
        r SADD wide 1
        r SADD wide [string repeat x 64]
        assert_equal listpack [r OBJECT ENCODING wide]
    }

    test {a listpack becomes a hash table by a long member or by too many} since-7.2 {
        r SADD k {*}[numbers 1 128 m]
        assert_equal listpack [r OBJECT ENCODING k]
        r SADD k m1 m128
        assert_equal listpack [r OBJECT ENCODING k]
        r SADD k m129
        assert_equal hashtable [r OBJECT ENCODING k]
        r SADD l a [string repeat x 64]
        assert_equal listpack [r OBJECT ENCODING l]
        r SADD l [string repeat x 65]
        assert_equal hashtable [r OBJECT ENCODING l]
    }

    test {thresholds can be set} since-7.2 {
        with_config {set-max-intset-entries 3 set-max-listpack-entries 4 set-max-listpack-value 2} {
            foreach {members expected} {
                {1 2 3} intset  {1 2 3 4} hashtable  {1 2 a} listpack  {1 2 a b} listpack  {1 2 a b c} hashtable
                {1 a 222} hashtable  {111 a} hashtable  {1 aaa} hashtable  {a aa} listpack
            } {
                r DEL k
                foreach member $members {
                    r SADD k $member
                }
                assert_equal [list $members $expected] [list $members [r OBJECT ENCODING k]]
                assert_equal [lsort $members] [members k]
            }
        }
        with_config {set-max-intset-entries 0 set-max-listpack-entries 0} {
            r SADD t 1
            assert_equal hashtable [r OBJECT ENCODING t]
        }
    }

    test {many members at once make a set for many} since-7.2 {
        foreach {members expected} [list \
            [lrepeat 512 1] intset  [lrepeat 513 1] hashtable  [lrepeat 128 a] listpack  [lrepeat 129 a] hashtable \
            [concat 1 [lrepeat 511 a]] listpack \
        ] {
            r DEL k
            r SADD k {*}$members
            assert_equal $expected [r OBJECT ENCODING k]
        }
        r SADD old 1
        r SADD old {*}[lrepeat 513 1]
        assert_equal {hashtable 1} [list [r OBJECT ENCODING old] [r SMEMBERS old]]
    }

    test {results are held in the smallest way} since-7.2 {
        r SADD table {*}[numbers 1 600] a b
        r SADD table2 {*}[numbers 590 1600] a c
        r SADD numbers 1 2 3 600
        r SADD words 1 2 a
        foreach {command keys expected} {
            SINTERSTORE {table table2} listpack     SINTERSTORE {table numbers} intset   SINTERSTORE {words numbers} intset
            SUNIONSTORE {numbers numbers} intset    SUNIONSTORE {numbers words} listpack  SUNIONSTORE {table words} hashtable
            SDIFFSTORE {words numbers} listpack     SDIFFSTORE {numbers words} intset     SDIFFSTORE {table numbers} hashtable
        } {
            r $command to {*}$keys
            assert_equal [list $command $keys $expected] [list $command $keys [r OBJECT ENCODING to]]
        }
        r SREM table2 c
        r SINTERSTORE to table table2
        r SREM to a
        assert_equal listpack [r OBJECT ENCODING to]
    }

    test {COPY, RENAME and DEBUG DIGEST-VALUE work on every encoding} {
        foreach key [fill_encodings] {
            r COPY $key copy REPLACE
            assert_equal [members $key] [members copy]
            assert_equal [r OBJECT ENCODING $key] [r OBJECT ENCODING copy]
            assert_equal [r DEBUG DIGEST-VALUE $key] [r DEBUG DIGEST-VALUE copy]
            r SADD copy more
            assert_not_equal [r DEBUG DIGEST-VALUE $key] [r DEBUG DIGEST-VALUE copy]
            assert_equal 0 [r SISMEMBER $key more]
            r RENAME copy other
            assert_equal 1 [r SISMEMBER other more]
            assert {[r MEMORY USAGE $key] > 0 && [r MEMORY USAGE $key SAMPLES 0] > 0}
        }
        r SADD one 1 2 3
        r SADD two 3 2 x 1
        r SREM two x
        assert_equal [r DEBUG DIGEST-VALUE one] [r DEBUG DIGEST-VALUE two]
    }

    test {a large set is freed whole} {
        for {set i 0} {$i < 100} {incr i} {
            r SADD k {*}[numbers [expr {$i * 1000}] [expr {$i * 1000 + 999}] member:]
        }
        assert_equal 100000 [r SCARD k]
        assert_equal 100000 [llength [r SMEMBERS k]]
        r UNLINK k
        assert_equal 0 [r EXISTS k]
    }

    # --- protocol and events ----------------------------------------------------------

    test {RESP3 answers sets where the order means nothing} {
        r HELLO 3
        r SADD k a
        foreach {command type} {
            {SMEMBERS k} ~  {SMEMBERS none} ~  {SINTER k} ~  {SINTER none} ~  {SUNION k} ~  {SUNION none} ~  {SDIFF k} ~
            {SDIFF none} ~  {SPOP none 1} ~  {SPOP k 0} ~  {SRANDMEMBER k 1} *  {SRANDMEMBER k -2} *  {SRANDMEMBER none 1} *
            {SMISMEMBER k a} *  {SSCAN k 0} *  {SRANDMEMBER k} $  {SPOP k} $  {SPOP k} _  {SRANDMEMBER k} _
        } {
            assert_equal [list $command $type] [list $command [lindex [r_typed {*}$command] 0]]
        }
        r SADD k a b
        assert_equal ~ [lindex [r_typed SPOP k 1] 0]
        assert_equal ~ [lindex [r_typed SPOP k 1] 0]
    }

    test {changes are told, once a command} {
        r SADD full 1 2 3
        foreach {commands events} {
            {SADD k a b}                {new(k) sadd(k)}
            {SADD k a b}                {}
            {SADD k a c}                {sadd(k)}
            {SREM k none}               {}
            {SREM k a none b}           {srem(k)}
            {SREM k c}                  {srem(k) del(k)}
            {SPOP full 0}               {}
            {SPOP full}                 {spop(full)}
            {SPOP full 1}               {spop(full)}
            {SPOP full 9}               {spop(full) del(full)}
            {SPOP full}                 {}
            {SADD k a}                  {new(k) sadd(k)}
            {SPOP k}                    {spop(k) del(k)}
        } {
            assert_equal [list $commands $events] [list $commands [events_of {r {*}$commands}]]
        }
    }

    test {SMOVE tells what left and then what came} {
        r SADD a 1 2
        foreach {commands events} {
            {SMOVE a b 1}       {srem(a) new(b) sadd(b)}
            {SMOVE a b 1}       {}
            {SMOVE a a 2}       {}
            {SMOVE a b 2}       {srem(a) del(a) sadd(b)}
            {SADD a 1}          {new(a) sadd(a)}
            {SMOVE a b 1}       {srem(a) del(a)}
        } {
            assert_equal [list $commands $events] [list $commands [events_of {r {*}$commands}]]
        }
    }

    test {results that are stored are told, and empty ones over a key as del} {
        r SADD a 1 2
        foreach {commands events} {
            {SUNIONSTORE to a none}     {new(to) sunionstore(to)}
            {SINTERSTORE to a a}        {sinterstore(to)}
            {SDIFFSTORE to a none}      {sdiffstore(to)}
            {SINTERSTORE to a none}     {del(to)}
            {SINTERSTORE to a none}     {}
            {SDIFFSTORE to a a}         {}
        } {
            assert_equal [list $commands $events] [list $commands [events_of {r {*}$commands}]]
        }
    }

    test {a result over a value is told as overwritten} tocsin {
        with_config {notify-keyspace-events KEAnoc} {
            r SADD a 1 2
            r SADD to 1
            r SET text t
            assert_equal {overwritten(to) sunionstore(to)} [events_of {r SUNIONSTORE to a}]
            assert_equal {overwritten(text) type_changed(text) sinterstore(text)} [events_of {r SINTERSTORE text a}]
        }
    }

    test {reads of what is not there are told as misses} {
        with_config {notify-keyspace-events KEm} {
            foreach {command keys} {
                {SMEMBERS k} k  {SCARD k} k  {SISMEMBER k a} k  {SMISMEMBER k a b} k  {SRANDMEMBER k} k  {SRANDMEMBER k 0} k
                {SINTER k l k} {k l k}  {SUNION k l} {k l}  {SDIFF k l} {k l}  {SINTERCARD 2 k l} {k l}
                {SINTERSTORE to k l} {k l}  {SUNIONSTORE to k} k  {SDIFFSTORE to k} k  {SSCAN k 0} k
                {SREM k a} {}  {SPOP k} {}  {SPOP k 2} {}  {SMOVE k l a} {}
            } {
                assert_equal [list $command [lmap key $keys {subst keymiss($key)}]] \
                    [list $command [events_of {r {*}$command}]]
            }
        }
    }

    test {changes are counted as members} {
        r SADD full 1 2 3 4 5 6 7 8 9
        foreach {command count} {
            {SADD k a b c d} 4  {SADD k a b} 0  {SREM k a x} 1  {SREM k b c d} 3  {SMOVE full k 1} 2  {SMOVE full k 1} 0
            {SPOP full 0} 0  {SPOP full} 1  {SPOP full 3} 3  {SPOP full 9} 4  {SUNIONSTORE to k} 1  {SINTERSTORE to none} 1
            {SINTERSTORE to none} 0
        } {
            set before [server_info rdb_changes_since_last_save]
            r {*}$command
            assert_equal [list $command $count] [list $command [expr {[server_info rdb_changes_since_last_save] - $before}]]
        }
    }

    test {watched sets are watched} {
        r SADD k a b
        foreach {command executed} {{SADD k a} 1 {SADD k c} 0 {SREM k x} 1 {SREM k c} 0 {SPOP k 0} 1 {SPOP k} 0 {SPOP k 5} 0} {
            set other [client_new]
            r WATCH k
            $other {*}$command
            r MULTI
            r PING
            assert_equal [list $command [expr {$executed ? "PONG" : "(nil)"}]] [list $command [r EXEC]]
            client_close $other
        }
    }
}
