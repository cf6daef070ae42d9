# Commands on lists. Those that wait: unit/blocking.

set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set not_integer {(error) ERR value is not an integer or out of range}
set not_positive {(error) ERR value is out of range, must be positive}
set syntax {(error) ERR syntax error}

# Elements that are held in different ways.
proc assorted {} {
    return [list "" 0 1 127 128 -1 4095 -4096 4096 32767 -32769 8388608 2147483648 9223372036854775807 \
        -9223372036854775808 9223372036854775808 01 +1 1.0 " 1" a "\x00" "\r\n" [string repeat x 63] [string repeat y 64] \
        [string repeat z 4095] [string repeat w 4096] [random_bytes 5000]]
}

proc numbers {from to} {
    set numbers {}
    for {set i $from} {$i <= $to} {incr i} {
        lappend numbers $i
    }
    return $numbers
}

# The body runs with several kinds of nodes.
proc with_nodes {body} {
    foreach {size depth} {-2 0 -2 1 1 0 3 0 3 1 2 2 -1 3} {
        r FLUSHALL
        with_config [list list-max-listpack-size $size list-compress-depth $depth] {uplevel 1 $body}
    }
}

start_server {} {
    test {RPUSH adds behind, LPUSH in front, one after another} {
        assert_replies {
            {RPUSH k a}         1
            {RPUSH k b c}       3
            {LPUSH k 1 2 3}     6
            {LRANGE k 0 -1}     {3 2 1 a b c}
            {LLEN k}            6
            {TYPE k}            list
        }
    }

    test {LPUSHX and RPUSHX add only to a list that exists} {
        assert_replies {
            {LPUSHX k a}        0
            {RPUSHX k a b}      0
            {EXISTS k}          0
            {RPUSH k m}         1
            {LPUSHX k a b}      3
            {RPUSHX k y z}      5
            {LRANGE k 0 -1}     {b a m y z}
        }
    }

    test {elements are any bytes, and numbers come back as they were written} {
        with_nodes {
            set elements [assorted]
            assert_equal [llength $elements] [r RPUSH k {*}$elements]
            assert_equal $elements [r LRANGE k 0 -1]
            assert_equal [llength $elements] [r LPUSH l {*}$elements]
            assert_equal [lreverse $elements] [r LRANGE l 0 -1]
            for {set i 0} {$i < [llength $elements]} {incr i} {
                assert_equal [lindex $elements $i] [r LINDEX k $i]
                assert_equal $i [r LPOS k [lindex $elements $i]]
            }
            foreach element $elements {
                assert_equal $element [r LPOP k]
                assert_equal $element [r RPOP l]
            }
            assert_equal 0 [r EXISTS k l]
        }
    }

    test {LPOP and RPOP take one element, or several as an array} {
        r RPUSH k a b c d e f g
        assert_replies {
            {LPOP k}        a
            {RPOP k}        g
            {LPOP k 2}      {b c}
            {RPOP k 2}      {f e}
            {LPOP k 0}      {}
            {RPOP k 0}      {}
            {RPOP k 99}     d
            {EXISTS k}      0
            {LPOP k}        (nil)
            {LPOP k 1}      (nil)
            {RPOP k 0}      (nil)
        }
    }

    test {the nulls of LPOP and RPOP} {
        foreach {protocol nulls} {2 "$-1\r\n*-1\r\n*-1\r\n" 3 "_\r\n_\r\n_\r\n"} {
            foreach command {LPOP RPOP} {
                r HELLO $protocol
                client_send r $command none
                client_send r $command none 1
                client_send r $command none 0
                client_expect r $nulls
            }
        }
    }

    test {LPOP and RPOP refuse counts that are none} {
        r RPUSH k a
        foreach command {LPOP RPOP} {
            foreach count {-1 x "" 1.5 9223372036854775808 -9223372036854775808} {
                assert_equal $not_positive [client_value [r_typed $command k $count]]
            }
            assert_error "ERR wrong number of arguments for '[string tolower $command]' command" {r $command k 1 2}
            assert_error "ERR wrong number of arguments for '[string tolower $command]' command" {r $command}
        }
        assert_equal a [r LPOP k 9223372036854775807]
    }

    test {LLEN, LINDEX and LRANGE} {
        with_nodes {
            r RPUSH k {*}[numbers 0 99]
            assert_replies {
                {LLEN k}                100
                {LLEN none}             0
                {LINDEX k 0}            0
                {LINDEX k 99}           99
                {LINDEX k 100}          (nil)
                {LINDEX k -1}           99
                {LINDEX k -100}         0
                {LINDEX k -101}         (nil)
                {LINDEX k 9223372036854775807}  (nil)
                {LINDEX k -9223372036854775808} (nil)
                {LINDEX k x}            {$not_integer}
                {LINDEX none 0}         (nil)
                {LINDEX none x}         (nil)
                {LRANGE k 0 2}          {0 1 2}
                {LRANGE k -3 -1}        {97 98 99}
                {LRANGE k 50 50}        50
                {LRANGE k 99 200}       99
                {LRANGE k 100 200}      {}
                {LRANGE k 5 4}          {}
                {LRANGE k -200 1}       {0 1}
                {LRANGE k -200 -150}    {}
                {LRANGE k -1 0}         {}
                {LRANGE k -9223372036854775808 0}   0
                {LRANGE none 0 -1}      {}
                {LRANGE none x 0}       {$not_integer}
                {LRANGE k 0 x}          {$not_integer}
                {LRANGE k 0 9223372036854775808}    {$not_integer}
            }
            assert_equal [numbers 0 99] [r LRANGE k -9223372036854775808 9223372036854775807]
            foreach from {0 1 17 60 98} {
                assert_equal [numbers $from 90] [r LRANGE k $from 90]
            }
        }
    }

    test {LSET replaces} {
        with_nodes {
            r RPUSH k {*}[numbers 0 29]
            set expected [numbers 0 29]
            foreach {index element} [list 0 first -1 last 7 "" 13 12345678901 -30 again 20 [string repeat x 5000] 21 [string repeat y 9000] \
                    20 small 21 -5] {
                assert_equal OK [r LSET k $index $element]
                lset expected [expr {$index < 0 ? 30 + $index : $index}] $element
                assert_equal $expected [r LRANGE k 0 -1]
            }
        }
        assert_replies {
            {LSET k 30 x}       {(error) ERR index out of range}
            {LSET k -31 x}      {(error) ERR index out of range}
            {LSET k 9223372036854775807 x}  {(error) ERR index out of range}
            {LSET k x x}        {$not_integer}
            {LSET none 0 x}     {(error) ERR no such key}
            {LSET none x x}     {(error) ERR no such key}
        }
    }

    test {LINSERT puts an element beside the first that is equal to the pivot} {
        with_nodes {
            r RPUSH k {*}[numbers 0 29] 7
            assert_replies {
                {LINSERT k BEFORE 7 a}      32
                {LINSERT k AFTER 7 b}       33
                {LRANGE k 5 10}             {5 6 a 7 b 8}
                {LINSERT k before 0 c}      34
                {LINSERT k after 29 d}      35
                {LRANGE k 0 1}              {c 0}
                {LRANGE k -3 -1}            {29 d 7}
                {LINSERT k BEFORE none x}   -1
                {LINSERT none AFTER 7 x}    0
                {LINSERT k BESIDE 7 x}      {$syntax}
                {LINSERT none BESIDE 7 x}   {$syntax}
                {LLEN k}                    35
            }
            set expected [r LRANGE k 0 -1]
            foreach element [assorted] {
                r LINSERT k AFTER 15 $element
                set expected [linsert $expected [lsearch -exact $expected 15]+1 $element]
            }
            assert_equal $expected [r LRANGE k 0 -1]
        }
    }

    test {LREM removes equal elements from either side} {
        with_nodes {
            r RPUSH k a b a c a d a b
            assert_replies {
                {LREM k 0 x}        0
                {LREM k 2 a}        2
                {LRANGE k 0 -1}     {b c a d a b}
                {LREM k -1 b}       1
                {LRANGE k 0 -1}     {b c a d a}
                {LREM k -1 a}       1
                {LREM k 0 a}        1
                {LRANGE k 0 -1}     {b c d}
                {LREM none 0 a}     0
                {LREM none x a}     {$not_integer}
                {LREM k 9223372036854775807 c}  1
                {LREM k -9223372036854775808 d} 1
                {LREM k 0 b}        1
                {EXISTS k}          0
            }
            foreach count {0 300 -300 7 -7} {
                r DEL k
                set elements {}
                for {set i 0} {$i < 300} {incr i} {
                    lappend elements [random_int 3]
                }
                r RPUSH k {*}$elements
                set where [lsearch -all -exact $elements 1]
                if {abs($count) == 7} {
                    set where [expr {$count < 0 ? [lrange $where end-6 end] : [lrange $where 0 6]}]
                }
                assert_equal [llength $where] [r LREM k $count 1]
                foreach index [lreverse $where] {
                    set elements [lreplace $elements $index $index]
                }
                assert_equal $elements [r LRANGE k 0 -1]
            }
        }
    }

    test {LTRIM keeps a range} {
        with_nodes {
            foreach {start end} {0 -1 3 90 -1000 1000 10 10 -5 -1 0 0 99 99 50 49 100 200 -200 -150 5 1} {
                r DEL k
                r RPUSH k {*}[numbers 0 99]
                set expected [r LRANGE k $start $end]
                assert_equal OK [r LTRIM k $start $end]
                assert_equal $expected [r LRANGE k 0 -1]
                assert_equal [expr {[llength $expected] > 0}] [r EXISTS k]
            }
        }
        assert_replies {
            {LTRIM none 0 1}    OK
            {LTRIM k x 1}       {$not_integer}
            {LTRIM none 1 x}    {$not_integer}
        }
    }

    test {LPOS finds one index, or several} {
        with_nodes {
            r RPUSH k a b c 1 2 3 c c
            assert_replies {
                {LPOS k c}                      2
                {LPOS k 2}                      4
                {LPOS k x}                      (nil)
                {LPOS k c RANK 1}               2
                {LPOS k c RANK 2}               6
                {LPOS k c RANK 4}               (nil)
                {LPOS k c RANK -1}              7
                {LPOS k c RANK -2}              6
                {LPOS k c COUNT 0}              {2 6 7}
                {LPOS k c COUNT 1}              2
                {LPOS k c COUNT 2}              {2 6}
                {LPOS k c COUNT 100}            {2 6 7}
                {LPOS k c COUNT 2 RANK 2}       {6 7}
                {LPOS k c COUNT 0 RANK -1}      {7 6 2}
                {LPOS k c COUNT 0 RANK -2}      {6 2}
                {LPOS k c COUNT 2 RANK 5}       {}
                {LPOS k x COUNT 2}              {}
                {LPOS k c COUNT 0 MAXLEN 0}     {2 6 7}
                {LPOS k c COUNT 0 MAXLEN 1}     {}
                {LPOS k c COUNT 0 MAXLEN 3}     2
                {LPOS k c COUNT 0 MAXLEN 7}     {2 6}
                {LPOS k c RANK -1 MAXLEN 1}     7
                {LPOS k a RANK -1 MAXLEN 7}     (nil)
                {LPOS k c RANK -1 COUNT 9 MAXLEN 2}     {7 6}
                {LPOS k c rank 1 count 1 maxlen 9}      2
                {LPOS k c COUNT 1 COUNT 0}      {2 6 7}
                {LPOS k c RANK 9223372036854775807}     (nil)
                {LPOS k c RANK -9223372036854775807}    (nil)
                {LPOS none c}                   (nil)
                {LPOS none c COUNT 0}           {}
            }
        }
    }

    test {LPOS refuses options that are wrong} {
        r RPUSH k a
        set zero {(error) ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list}
        assert_replies {
            {LPOS k a RANK 0}       {$zero}
            {LPOS k a RANK x}       {$not_integer}
            {LPOS k a RANK}         {$syntax}
            {LPOS k a COUNT}        {$syntax}
            {LPOS k a FOO 1}        {$syntax}
            {LPOS k a COUNT -1}     {(error) ERR COUNT can't be negative}
            {LPOS k a COUNT x}      {(error) ERR COUNT can't be negative}
            {LPOS k a MAXLEN -1}    {(error) ERR MAXLEN can't be negative}
            {LPOS k a MAXLEN x}     {(error) ERR MAXLEN can't be negative}
        }
    }

    test {the least integer is no RANK} since-7.2 {
        assert_error {ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807} {
            r LPOS k a RANK -9223372036854775808
        }
    }

    test {LMOVE and RPOPLPUSH move an element} {
        with_nodes {
            foreach {from to left moved} {
                LEFT  LEFT  {2 3 4 5}   {1 x y}
                LEFT  RIGHT {2 3 4 5}   {x y 1}
                RIGHT LEFT  {1 2 3 4}   {5 x y}
                RIGHT RIGHT {1 2 3 4}   {x y 5}
            } {
                r DEL k d n
                r RPUSH k 1 2 3 4 5
                r RPUSH d x y
                set element [expr {$from eq "LEFT" ? 1 : 5}]
                assert_equal $element [r LMOVE k d $from $to]
                assert_equal $left [r LRANGE k 0 -1]
                assert_equal $moved [r LRANGE d 0 -1]
                r LMOVE k n [string tolower $from] [string tolower $to]
                assert_equal 1 [r LLEN n]
            }
            r DEL k d
            r RPUSH k 1 2
            assert_replies {
                {RPOPLPUSH k d}             2
                {RPOPLPUSH k d}             1
                {EXISTS k}                  0
                {LRANGE d 0 -1}             {1 2}
                {RPOPLPUSH k d}             (nil)
                {LMOVE k d LEFT RIGHT}      (nil)
                {LMOVE k d UP RIGHT}        {$syntax}
                {LMOVE k d LEFT DOWN}       {$syntax}
            }
        }
    }

    test {LMOVE within one list turns it} {
        with_nodes {
            r RPUSH k {*}[numbers 1 20]
            assert_replies {
                {LMOVE k k LEFT RIGHT}  1
                {LMOVE k k LEFT RIGHT}  2
                {LRANGE k 0 0}          3
                {LRANGE k -2 -1}        {1 2}
                {RPOPLPUSH k k}         2
                {LMOVE k k LEFT LEFT}   2
                {LMOVE k k RIGHT RIGHT} 1
                {LRANGE k 0 1}          {2 3}
                {LLEN k}                20
            }
            r DEL k
            r RPUSH k [string repeat x 20000]
            r LMOVE k k LEFT RIGHT
            assert_equal [string repeat x 20000] [r LPOP k]
        }
    }

    test {LMPOP pops from the first list that there is} {
        r RPUSH a 1 2 3 4 5
        r RPUSH b x y z
        assert_replies {
            {LMPOP 2 a b LEFT}              {a 1}
            {LMPOP 2 none a RIGHT COUNT 2}  {a {5 4}}
            {LMPOP 3 none a b left count 9} {a {2 3}}
            {LMPOP 3 none a b LEFT}         {b x}
            {LMPOP 2 none a LEFT}           (nil)
            {LMPOP 1 b LEFT COUNT 9223372036854775807}  {b {y z}}
            {LMPOP 0 a LEFT}                {(error) ERR numkeys should be greater than 0}
            {LMPOP -1 a LEFT}               {(error) ERR numkeys should be greater than 0}
            {LMPOP x a LEFT}                {(error) ERR numkeys should be greater than 0}
            {LMPOP 1 a UP}                  {$syntax}
            {LMPOP 2 a LEFT}                {$syntax}
            {LMPOP 9223372036854775807 a LEFT}  {$syntax}
            {LMPOP 1 a LEFT COUNT}          {$syntax}
            {LMPOP 1 a LEFT COUNT 1 COUNT 1}    {$syntax}
            {LMPOP 1 a LEFT FOO 1}          {$syntax}
            {LMPOP 1 a LEFT COUNT 0}        {(error) ERR count should be greater than 0}
            {LMPOP 1 a LEFT COUNT -1}       {(error) ERR count should be greater than 0}
            {LMPOP 1 a LEFT COUNT x}        {(error) ERR count should be greater than 0}
        }
        foreach {protocol null} {2 "*-1\r\n" 3 "_\r\n"} {
            r HELLO $protocol
            client_send r LMPOP 1 none LEFT
            client_expect r $null
        }
    }

    test {every command refuses a key of another type, and other commands a list} {
        r SET s x
        r RPUSH k x
        foreach command {
            {LPUSH s a} {RPUSH s a} {LPUSHX s a} {RPUSHX s a} {LPOP s} {RPOP s} {LPOP s 0} {LLEN s} {LRANGE s 0 -1} {LINDEX s 0}
            {LINDEX s x} {LSET s 0 a} {LSET s x a} {LREM s 0 a} {LTRIM s 0 1} {LINSERT s BEFORE a b} {LPOS s a} {LMOVE s k LEFT LEFT}
            {LMOVE k s LEFT LEFT} {LMOVE s s LEFT LEFT} {RPOPLPUSH s k} {RPOPLPUSH k s} {LMPOP 1 s LEFT} {LMPOP 2 none s LEFT}
            {BLPOP s 0} {BRPOP none s 0} {BLMOVE s k LEFT LEFT 0} {BRPOPLPUSH k s 0} {BLMPOP 0 1 s LEFT}
            {GET k} {INCR k} {APPEND k a} {GETRANGE k 0 1} {SETRANGE k 0 a}
        } {
            assert_equal [list $command $wrong_type] [list $command [client_value [r_typed {*}$command]]]
        }
        assert_equal (nil) [r LMOVE none s LEFT LEFT]
        assert_equal {x x} [list [r GET s] [r LRANGE k 0 -1]]
    }

    test {a list that is emptied is gone, with its deadline} {
        foreach emptying {
            {LPOP k} {RPOP k} {LPOP k 5} {LREM k 0 a} {LTRIM k 1 0} {LMOVE k d LEFT LEFT} {RPOPLPUSH k d} {LMPOP 1 k LEFT}
            {BLPOP k 0} {BRPOP k 0} {BLMOVE k d LEFT LEFT 0} {BRPOPLPUSH k d 0} {BLMPOP 0 1 k RIGHT}
        } {
            r DEL k
            r RPUSH k a
            r EXPIRE k 1000
            r {*}$emptying
            assert_equal 0 [r EXISTS k]
            r RPUSH k a
            assert_equal -1 [r TTL k]
        }
    }

    test {changing a list keeps its deadline} {
        r RPUSH k a b c d e f
        r EXPIRE k 1000
        foreach change {{RPUSH k x} {LPUSH k y} {LPOP k} {RPOP k} {LSET k 0 z} {LINSERT k BEFORE z y} {LREM k 1 y} {LTRIM k 0 2} {LMOVE k k LEFT RIGHT}} {
            r {*}$change
            assert_between 1 1000 [r TTL k]
        }
        r LMOVE k other LEFT RIGHT
        assert_equal -1 [r TTL other]
    }

    test {changes are counted as the reference counts them} {
        r RPUSH l a b c d e f g
        foreach {command changes} {
            {LPUSH l x} 1           {RPUSH l 1 2 3} 3       {LPUSHX l 1 2} 2        {LPUSHX none 1} 0
            {LTRIM l 0 -1} 0        {LTRIM l 1 -2} 2        {LSET l 0 q} 1          {LSET l 99 q} 0
            {LINSERT l BEFORE a 1} 1    {LINSERT l BEFORE none 1} 0     {LREM l 0 none} 0   {LREM l 0 1} 2
            {LPOP l} 1              {LPOP l 0} 0            {LPOP l 2} 2            {LMOVE l m LEFT RIGHT} 1
            {LMOVE m m LEFT RIGHT} 1    {RPOPLPUSH l m} 1   {LMPOP 1 m LEFT COUNT 5} 2  {LPOP l 99} 5
            {RPUSH l a} 1           {LREM l 0 a} 1          {RPUSH l a b} 2         {BLPOP l 0} 1       {LTRIM l 5 1} 1
        } {
            set before [server_info rdb_changes_since_last_save]
            client_value [r_typed {*}$command]
            assert_equal [list $command $changes] [list $command [expr {[server_info rdb_changes_since_last_save] - $before}]]
        }
    }

    # --- encodings ------------------------------------------------------------------

    test {a small list is a listpack, a large one a quicklist, until it is one node of half the size} since-7.2 {
        with_config {list-max-listpack-size 10} {
            r RPUSH k {*}[numbers 1 10]
            assert_equal listpack [r OBJECT ENCODING k]
            r RPUSH k 11
            assert_equal quicklist [r OBJECT ENCODING k]
            foreach shrinking {{LPOP k 5} {LREM k 0 6} {LTRIM k 0 3}} encoding {quicklist quicklist listpack} {
                r {*}$shrinking
                assert_equal $encoding [r OBJECT ENCODING k]
            }
            r LPUSH k {*}[numbers 1 10]
            assert_equal quicklist [r OBJECT ENCODING k]
            for {set left 13} {$left > 4} {incr left -1} {
                r RPOP k
                assert_equal [list $left quicklist] [list [r LLEN k] [r OBJECT ENCODING k]]
            }
            r RPOP k
            assert_equal listpack [r OBJECT ENCODING k]
        }
    }

    test {the sum of an insertion's bytes decides, for sizes of -1 to -5} since-7.2 {
        foreach {size bytes} {-1 4096 -2 8192 -3 16384 -4 32768 -5 65536 100 8192} {
            with_config [list list-max-listpack-size $size] {
                r DEL k l m
                r RPUSH k [string repeat x [expr {$bytes - 7}]]
                assert_equal listpack [r OBJECT ENCODING k]
                r RPUSH l [string repeat x [expr {$bytes - 6}]]
                assert_equal quicklist [r OBJECT ENCODING l]
                r RPUSH m a [string repeat x [expr {$bytes - 7}]]
                assert_equal quicklist [r OBJECT ENCODING m]
                r RPOP m
                assert_equal listpack [r OBJECT ENCODING m]
                r LSET m 0 [string repeat x $bytes]
                assert_equal quicklist [r OBJECT ENCODING m]
                r LSET m 0 [string repeat x [expr {$bytes / 2}]]
                assert_equal quicklist [r OBJECT ENCODING m]
                r LSET m 0 [string repeat x [expr {$bytes / 2 - 30}]]
                assert_equal listpack [r OBJECT ENCODING m]
            }
        }
    }

    test {LINSERT may make a quicklist, though it finds no pivot} since-7.2 {
        with_config {list-max-listpack-size 3} {
            r RPUSH k a b c
            assert_equal -1 [r LINSERT k BEFORE none x]
            assert_equal quicklist [r OBJECT ENCODING k]
            r RPUSH l a b c
            r LINSERT l BEFORE b x
            assert_equal {a x b c} [r LRANGE l 0 -1]
            assert_equal quicklist [r OBJECT ENCODING l]
        }
    }

    test {COPY, RENAME and MOVE keep the encoding} since-7.2 {
        with_config {list-max-listpack-size 5} {
            r RPUSH small 1 2 3
            r RPUSH large {*}[numbers 1 30]
        }
        foreach {key encoding} {small listpack large quicklist} {
            r COPY $key copy REPLACE
            assert_equal $encoding [r OBJECT ENCODING copy]
            assert_equal [r LRANGE $key 0 -1] [r LRANGE copy 0 -1]
            r LPOP copy
            assert_equal 1 [r LINDEX $key 0]
            r RENAME $key renamed
            assert_equal $encoding [r OBJECT ENCODING renamed]
        }
    }

    test {the digest of a list is that of its elements, however they are held} own-server {
        set digests {}
        with_nodes {
            r RPUSH k {*}[assorted] {*}[string repeat "abc " 400]
            r SET x [r LPOP k]
            set elements [r LRANGE k 0 -1]
            r DEL l
            foreach element $elements {
                r RPUSH l $element
            }
            r COPY l m
            assert_equal 1 [llength [lsort -unique [r DEBUG DIGEST-VALUE k l m]]]
            r LMOVE m m LEFT RIGHT
            assert_not_equal [lindex [r DEBUG DIGEST-VALUE l] 0] [lindex [r DEBUG DIGEST-VALUE m] 0]
        }
    }

    test {list-max-listpack-size and list-compress-depth are limited to what they can mean} {
        foreach size {-5 -1 1 100000 2147483647} {
            with_config [list list-max-listpack-size $size] {
                r DEL k
                r RPUSH k {*}[numbers 1 3000]
                assert_equal 3000 [r LLEN k]
                assert_equal {1 3000} [list [r LINDEX k 0] [r LINDEX k -1]]
            }
        }
        with_config {list-compress-depth 2147483647} {
            r DEL k
            r RPUSH k {*}[numbers 1 3000]
            r LTRIM k 1000 1010
            assert_equal [numbers 1001 1011] [r LRANGE k 0 -1]
        }
    }

    # --- size -----------------------------------------------------------------------

    test {elements of a megabyte} {
        with_config {list-compress-depth 1} {
            set large [string repeat "0123456789abcdef" 65536]
            r RPUSH k a $large b
            r LPUSH k $large
            assert_equal $large [r LINDEX k 0]
            assert_equal $large [r LINDEX k 2]
            r LINSERT k AFTER a ${large}2
            assert_equal ${large}2 [r LINDEX k 2]
            r LSET k 1 ${large}3
            assert_equal 1 [r LREM k 0 ${large}3]
            assert_equal [list $large ${large}2 $large b] [r LRANGE k 0 -1]
            r LMOVE k k LEFT RIGHT
            assert_equal [list ${large}2 $large b $large] [r LPOP k 9]
        }
    }

    test {elements beyond the packed threshold are held one by one} own-server {
        r DEBUG QUICKLIST-PACKED-THRESHOLD 100b
        with_nodes {
            set large [string repeat x 100]
            set model {}
            for {set i 0} {$i < 60} {incr i} {
                set element [expr {$i % 3 ? $i : "$large$i"}]
                r RPUSH k $element
                lappend model $element
            }
            foreach {index element} [list 1 ${large}new 0 small 30 "" 31 ${large}again 59 ${large}last] {
                r LSET k $index $element
                lset model $index $element
            }
            foreach {pivot element} [list 7 ${large}i ${large}6 j ${large}6 ${large}k 58 x] {
                r LINSERT k BEFORE $pivot $element
                set model [linsert $model [lsearch -exact $model $pivot] $element]
            }
            assert_equal $model [r LRANGE k 0 -1]
            assert_equal 1 [r LREM k -1 ${large}12]
            set model [lsearch -all -inline -not -exact $model ${large}12]
            r LTRIM k 3 -4
            set model [lrange $model 3 end-3]
            assert_equal $model [r LRANGE k 0 -1]
            r COPY k c
            assert_equal [lreverse $model] [r RPOP c 1000]
            assert_equal [lsearch -exact $model ${large}15] [r LPOS k ${large}15]
        }
        assert_error {*argument must be a memory value*} {r DEBUG QUICKLIST-PACKED-THRESHOLD 4gb}
        assert_error {*argument must be a memory value*} {r DEBUG QUICKLIST-PACKED-THRESHOLD x}
        assert_equal OK [r DEBUG QUICKLIST-PACKED-THRESHOLD 0]
    }

    test {random changes of a list agree with a model of it} {
        with_nodes {
            set model {}
            for {set i 0} {$i < 400} {incr i} {
                set element [random_of [list a b c [random_int 1000] [string repeat z [random_int 300]]]]
                set at [random_int [expr {[llength $model] + 1}]]
                switch [random_int 9] {
                    0 - 1 {r RPUSH k $element; lappend model $element}
                    2 - 3 {r LPUSH k $element; set model [linsert $model 0 $element]}
                    4 {assert_equal [expr {$at < [llength $model] ? "OK" : "out"}] [expr {[catch {r LSET k $at $element}] ? "out" : "OK"}]
                        if {$at < [llength $model]} {lset model $at $element}}
                    5 {set pivot [lindex $model $at]
                        if {[llength $model] > $at} {
                            r LINSERT k BEFORE $pivot $element
                            set model [linsert $model [lsearch -exact $model $pivot] $element]
                        }}
                    6 {r LREM k 1 $element
                        set found [lsearch -exact $model $element]
                        if {$found >= 0} {set model [lreplace $model $found $found]}}
                    7 {r LTRIM k 0 -2; set model [lrange $model 0 end-1]}
                    8 {if {$i % 50 == 0} {r LTRIM k $at -1; set model [lrange $model $at end]}}
                }
                assert_equal [llength $model] [r LLEN k]
            }
            assert_equal $model [r LRANGE k 0 -1]
        }
    }

    test {a list of a hundred thousand elements} {
        with_config {list-compress-depth 1} {
            set batch [numbers 0 999]
            for {set i 0} {$i < 100} {incr i} {
                r RPUSH k {*}$batch
            }
            assert_equal 100000 [r LLEN k]
            foreach index {0 999 1000 54321 99999} {
                assert_equal [expr {$index % 1000}] [r LINDEX k $index]
                assert_equal [expr {999 - $index % 1000}] [r LINDEX k [expr {-1 - $index}]]
            }
            assert_equal 100 [r LREM k 0 500]
            assert_equal {499 501} [r LRANGE k 50449 50450]
            r LTRIM k 50000 50010
            assert_equal 11 [r LLEN k]
            assert_equal 1 [r UNLINK k]
        }
    }

    test {a compressed list takes less memory} {
        foreach {depth key} {0 plain 1 packed} {
            with_config [list list-compress-depth $depth] {
                for {set i 0} {$i < 2000} {incr i} {
                    r RPUSH $key [string repeat "an element like others " 5]$i
                }
            }
        }
        assert {[r MEMORY USAGE packed SAMPLES 0] * 3 < [r MEMORY USAGE plain SAMPLES 0]}
        assert_equal [r LRANGE plain 0 -1] [r LRANGE packed 0 -1]
    }
}
