# Commands on strings.

set not_integer {(error) ERR value is not an integer or out of range}
set not_float {(error) ERR value is not a valid float}
set syntax {(error) ERR syntax error}
set overflow {(error) ERR increment or decrement would overflow}
set too_long {(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)}

start_server {} {
    test {SET stores and GET returns any bytes} {
        foreach value [list "" x "a b" "\r\n" "\x00" [random_bytes 100] [string repeat "\xff\x00" 50000]] {
            assert_equal OK [r SET k $value]
            assert_equal $value [r GET k]
            assert_equal [string length $value] [r STRLEN k]
        }
    }

    test {keys are any bytes, the empty one too} {
        foreach key [list "" " " "\x00" "\r\n" [random_bytes 300] [string repeat k 100000]] {
            r SET $key v
            assert_equal v [r GET $key]
            assert_equal 1 [r DEL $key]
        }
    }

    test {GET of an absent key is null} {
        client_send r GET none
        client_expect r "\$-1\r\n"
        r HELLO 3
        client_send r GET none
        client_expect r "_\r\n"
    }

    test {SET with NX and with XX} {
        assert_replies {
            {SET k v XX}        (nil)
            {EXISTS k}          0
            {SET k v NX}        OK
            {SET k w NX}        (nil)
            {GET k}             v
            {SET k w XX}        OK
            {GET k}             w
        }
    }

    test {SET with GET answers the old value, and null without one} {
        assert_replies {
            {SET k a GET}       (nil)
            {SET k b GET}       a
            {SET k c XX GET}    b
            {SET k d NX GET}    c
            {GET k}             c
            {SET n d NX GET}    (nil)
            {GET n}             d
            {SET m d XX GET}    (nil)
            {EXISTS m}          0
        }
    }

    test {options of SET are read in any order and any case} {
        foreach options {{ex 100 nx} {NX EX 100} {nx get Px 100000} {get NX eX 100}} {
            r DEL k
            r SET k v {*}$options
            assert_between 1 100 [r TTL k]
        }
        r SET k w XX KEEPTTL GET
        assert_between 1 100 [r TTL k]
        r SET k w
        assert_equal -1 [r TTL k]
    }

    test {SET refuses contradicting, unknown and incomplete options} {
        foreach options {
            {NX XX} {XX NX} {EX} {EX 5 PX 5} {EX 5 KEEPTTL} {KEEPTTL PX 5} {EXAT 5 EX 5} {PXAT 5 KEEPTTL} {foo}
            {EX 5 foo} {NX EX} {PERSIST} {GET GET foo} {""} {EX 5 PERSIST}
        } {
            assert_equal [list $options $syntax] [list $options [client_value [r_typed SET k v {*}$options]]]
        }
        foreach value {x "" 1.5 1x 9223372036854775808} {
            assert_equal $not_integer [client_value [r_typed SET k v EX $value]]
        }
        assert_equal 0 [r EXISTS k]
    }

    test {SETNX, GETSET, GETDEL, SETEX and PSETEX} {
        assert_replies {
            {SETNX k a}         1
            {SETNX k b}         0
            {GETSET k c}        a
            {GETSET n d}        (nil)
            {GETDEL k}          c
            {GETDEL k}          (nil)
            {EXISTS k}          0
            {SETEX k 100 e}     OK
            {PSETEX n 100000 f} OK
            {MGET k n}          {e f}
            {SETEX k x e}       {$not_integer}
            {PSETEX k 1.5 e}    {$not_integer}
        }
        assert_between 1 100 [r TTL k]
        assert_between 1 100 [r TTL n]
    }

    test {GETEX reads and sets, changes or drops the deadline} {
        r SET k v
        assert_replies {
            {GETEX k}                       v
            {TTL k}                         -1
            {GETEX k EXAT 5000000000}       v
            {EXPIRETIME k}                  5000000000
            {GETEX k PXAT 5000000000123}    v
            {PEXPIRETIME k}                 5000000000123
            {GETEX k PERSIST}               v
            {TTL k}                         -1
            {GETEX none EX 100}             (nil)
            {GETEX k EX 5 PX 5}             {$syntax}
            {GETEX k PERSIST EX 5}          {$syntax}
            {GETEX k EX}                    {$syntax}
            {GETEX k NX}                    {$syntax}
            {GETEX k KEEPTTL}               {$syntax}
            {GETEX k foo}                   {$syntax}
            {GETEX k EX x}                  {$not_integer}
        }
        r GETEX k ex 100
        assert_between 1 100 [r TTL k]
        r GETEX k px 100000
        assert_between 1 100 [r TTL k]
    }

    test {every string command counts its arguments} {
        foreach {name samples} {
            get {{} {a b}}         set {{} a}             setnx {a {a b c}}     setex {{a 1} {a 1 b c}}
            psetex {{a 1}}         getset {a {a b c}}     getdel {{} {a b}}     getex {{}}
            mget {{}}              mset {a}               msetnx {a}            strlen {{} {a b}}
            append {a {a b c}}     setrange {{a 0} {a 0 b c}} getrange {{a 0} {a 0 1 2}} substr {{a 0}}
            incr {{} {a 1}}        decr {{} {a 1}}        incrby {a {a 1 2}}    decrby {a {a 1 2}}
            incrbyfloat {a {a 1 2}} lcs {a}
        } {
            foreach arguments $samples {
                assert_error "ERR wrong number of arguments for '$name' command" {r $name {*}$arguments}
            }
        }
        foreach arguments {{a 1 b} {a 1 b 2 c}} {
            assert_error {ERR wrong number of arguments for 'mset' command} {r MSET {*}$arguments}
            assert_error {ERR wrong number of arguments for 'msetnx' command} {r MSETNX {*}$arguments}
        }
    }

    test {MSET sets all, MGET answers in order, MSETNX sets all or none} {
        assert_replies {
            {MSET a 1 b 2 c 3}          OK
            {MGET c none a a b}         {3 (nil) 1 1 2}
            {MSETNX d 4 b 5}            0
            {EXISTS d}                  0
            {GET b}                     2
            {MSETNX d 4 e 5 d 6}        1
            {MGET d e}                  {6 5}
            {MSET a 1 a 2}              OK
            {GET a}                     2
        }
    }

    test {MSET drops deadlines} {
        r SET a 1 EX 100
        r SET b x EX 100
        r MSET a 2 b 3
        assert_equal {-1 -1 2 3} [list [r TTL a] [r TTL b] {*}[r MGET a b]]
    }

    test {APPEND creates and grows} {
        assert_replies {
            {APPEND k ab}   2
            {APPEND k {}}   2
            {APPEND k cde}  5
            {GET k}         abcde
        }
        r SET n 12
        assert_equal 4 [r APPEND n 34]
        assert_equal {1234 1235} [list [r GET n] [r INCR n]]
    }

    test {a string grown by many random pieces is their concatenation} {
        set whole ""
        for {set i 0} {$i < 300} {incr i} {
            set piece [random_bytes [random_int 60]]
            append whole $piece
            assert_equal [string length $whole] [r APPEND k $piece]
        }
        assert_equal $whole [r GET k]
    }

    test {SETRANGE overwrites, extends and pads with zero bytes} {
        assert_replies {
            {SETRANGE k 0 {}}       0
            {EXISTS k}              0
            {SETRANGE k 0 hello}    5
            {SETRANGE k 1 EL}       5
            {GET k}                 hELlo
            {SETRANGE k 4 1234}     8
            {GET k}                 hELl1234
            {SETRANGE k 3 {}}       8
        }
        assert_equal 12 [r SETRANGE k 10 yz]
        assert_equal "hELl1234\x00\x00yz" [r GET k]
        r SET n 12345
        assert_equal 5 [r SETRANGE n 1 9]
        assert_equal 19345 [r GET n]
        assert_equal 4 [r SETRANGE new 3 z]
        assert_equal "\x00\x00\x00z" [r GET new]
    }

    test {SETRANGE refuses bad offsets and sizes} {
        r SET k v
        assert_replies {
            {SETRANGE k -1 x}                   {(error) ERR offset is out of range}
            {SETRANGE none -1 x}                {(error) ERR offset is out of range}
            {SETRANGE k x x}                    {$not_integer}
            {SETRANGE k 536870912 x}            {$too_long}
            {SETRANGE none 536870911 xx}        {$too_long}
            {SETRANGE k 9223372036854775807 x}  {$too_long}
            {GET k}                             v
        }
    }

    test {APPEND and SETRANGE follow proto-max-bulk-len} {
        with_config {proto-max-bulk-len 1048576} {
            r SETRANGE k 1048575 x
            assert_error {ERR string exceeds maximum allowed size (proto-max-bulk-len)} {r APPEND k y}
            assert_error {ERR string exceeds maximum allowed size (proto-max-bulk-len)} {r SETRANGE k 1048576 y}
            assert_equal 1048576 [r STRLEN k]
        }
    }

    test {GETRANGE takes positions from both ends and clips them} {
        r SET k "Hello World"
        assert_replies {
            {GETRANGE k 0 4}        Hello
            {GETRANGE k -5 -1}      World
            {GETRANGE k 0 -1}       {Hello World}
            {GETRANGE k 5 3}        {}
            {GETRANGE k -1 -5}      {}
            {GETRANGE k 4 100}      {o World}
            {GETRANGE k -100 2}     Hel
            {GETRANGE k 100 200}    {}
            {GETRANGE k -200 -100}  H
            {GETRANGE none 0 -1}    {}
            {SUBSTR k 1 2}          el
            {GETRANGE k 0 9223372036854775807}  {Hello World}
            {GETRANGE k -9223372036854775808 0}  H
            {GETRANGE k x 1}        {$not_integer}
            {GETRANGE k 0 1.5}      {$not_integer}
        }
        r SET n -1234
        assert_equal {-12 34 {}} [list [r GETRANGE n 0 2] [r GETRANGE n -2 -1] [r GETRANGE n 5 5]]
    }

    test {GETRANGE agrees with Tcl on random strings and positions} {
        for {set i 0} {$i < 500} {incr i} {
            set value [random_bytes [random_int 30]]
            set length [string length $value]
            set first [expr {[random_int 80] - 40}]
            set last [expr {[random_int 80] - 40}]
            r SET k $value
            set from [expr {$first < 0 ? max(0, $length + $first) : $first}]
            set to [expr {$last < 0 ? max(0, $length + $last) : $last}]
            set expected [expr {$first < 0 && $last < 0 && $first > $last ? "" : [string range $value $from $to]}]
            assert_equal [list $first $last $expected] [list $first $last [r GETRANGE k $first $last]]
        }
    }

    test {INCR, DECR, INCRBY and DECRBY} {
        assert_replies {
            {INCR k}                        1
            {INCRBY k 9}                    10
            {DECR k}                        9
            {DECRBY k 19}                   -10
            {INCRBY k -5}                   -15
            {DECRBY k -5}                   -10
            {GET k}                         -10
            {DECR n}                        -1
            {INCRBY m 0}                    0
            {SET k 9223372036854775806}     OK
            {INCR k}                        9223372036854775807
            {INCR k}                        {$overflow}
            {INCRBY k 1}                    {$overflow}
            {DECRBY k -1}                   {$overflow}
            {GET k}                         9223372036854775807
            {SET k -9223372036854775807}    OK
            {DECR k}                        -9223372036854775808
            {DECR k}                        {$overflow}
            {INCRBY k -9223372036854775808}  {$overflow}
            {INCRBY k 9223372036854775807}  -1
            {DECRBY k -9223372036854775808}  {(error) ERR decrement would overflow}
            {INCRBY k 9223372036854775808}  {$not_integer}
            {INCRBY k 1.0}                  {$not_integer}
            {INCRBY k {}}                   {$not_integer}
        }
    }

    test {only canonical integers can be incremented} {
        foreach value {"" " 1" "1 " 1x x 1.0 +1 01 -0 0x10 9223372036854775808 -9223372036854775809 1e3 "1\x00"} {
            r SET k $value
            assert_error {ERR value is not an integer or out of range} {r INCR k}
            assert_equal $value [r GET k]
        }
        foreach value {0 -1 9223372036854775800 -9223372036854775808} {
            r SET k $value
            assert_equal [expr {$value + 1}] [r INCR k]
        }
    }

    test {INCRBYFLOAT adds and answers the shortest text} {
        assert_replies {
            {INCRBYFLOAT k 1}           1
            {INCRBYFLOAT k 0.25}        1.25
            {INCRBYFLOAT k -1.25}       0
            {INCRBYFLOAT k 1.5e3}       1500
            {INCRBYFLOAT k 0.5}         1500.5
            {GET k}                     1500.5
            {SET k 3.0e3}               OK
            {INCRBYFLOAT k 200}         3200
            {SET k 10}                  OK
            {INCRBYFLOAT k .5}          10.5
            {SET k 1}                   OK
            {INCRBYFLOAT k 1e17}        100000000000000001
            {SET k 0.1}                 OK
            {INCRBYFLOAT k 0.2}         0.3
            {SET k -0.5}                OK
            {INCRBYFLOAT k 0.5}         0
        }
    }

    test {INCRBYFLOAT refuses what is not a finite number} {
        r SET k 1.5
        assert_replies {
            {INCRBYFLOAT k x}           {$not_float}
            {INCRBYFLOAT k {}}          {$not_float}
            {INCRBYFLOAT k 1x}          {$not_float}
            {INCRBYFLOAT k { 1}}        {$not_float}
            {INCRBYFLOAT k nan}         {$not_float}
            {INCRBYFLOAT k inf}         {(error) ERR increment would produce NaN or Infinity}
            {INCRBYFLOAT k -inf}        {(error) ERR increment would produce NaN or Infinity}
            {GET k}                     1.5
            {SET k abc}                 OK
            {INCRBYFLOAT k 1}           {$not_float}
        }
    }

    test {strings report the encoding int, embstr or raw} {
        foreach {value encoding} [list \
            1 int -9223372036854775808 int 9223372036854775807 int 9223372036854775808 embstr 01 embstr +1 embstr \
            "" embstr hello embstr 1.5 embstr [string repeat x 44] embstr [string repeat x 45] raw \
            123456789012345678901 embstr [string repeat 1 45] raw] {
            r SET k $value
            assert_equal [list $value $encoding] [list $value [r OBJECT ENCODING k]]
        }
        r SET k 1
        r APPEND k 2
        assert_equal raw [r OBJECT ENCODING k]
        r SET k short
        r SETRANGE k 0 x
        assert_equal raw [r OBJECT ENCODING k]
        r SET n 10
        r INCR n
        assert_equal int [r OBJECT ENCODING n]
        r INCRBYFLOAT n 1
        assert_equal embstr [r OBJECT ENCODING n]
    }

    test {MSET, GETSET and SETNX encode integers, too} {
        r MSET a 1 b x
        r SETNX c 2
        r GETSET d 3
        r SETEX e 100 4
        assert_equal {int embstr int int int} [lmap key {a b c d e} {r OBJECT ENCODING $key}]
    }

    test {LCS finds the text, its length and the matches} {
        r MSET a ohmytext b mynewtext
        assert_replies {
            {LCS a b}           mytext
            {LCS a b LEN}       6
            {LCS a none}        {}
            {LCS none b LEN}    0
            {LCS a a}           ohmytext
            {LCS a b IDX}       {matches {{{4 7} {5 8}} {{2 3} {0 1}}} len 6}
            {LCS a b IDX WITHMATCHLEN}  {matches {{{4 7} {5 8} 4} {{2 3} {0 1} 2}} len 6}
            {LCS a b IDX MINMATCHLEN 4}  {matches {{{4 7} {5 8}}} len 6}
            {LCS a b MINMATCHLEN 4 IDX WITHMATCHLEN}  {matches {{{4 7} {5 8} 4}} len 6}
            {LCS a b IDX MINMATCHLEN -4}  {matches {{{4 7} {5 8}} {{2 3} {0 1}}} len 6}
            {LCS a b IDX MINMATCHLEN 100}  {matches {} len 6}
            {LCS none none IDX}  {matches {} len 0}
            {LCS a b LEN IDX}   {(error) ERR If you want both the length and indexes, please just use IDX.}
            {LCS a b foo}       {$syntax}
            {LCS a b MINMATCHLEN}  {$syntax}
            {LCS a b MINMATCHLEN x}  {$not_integer}
        }
        r HELLO 3
        client_send r LCS a b IDX
        client_expect r "%2\r\n\$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n\$3\r\nlen\r\n:6\r\n"
    }

    test {LCS of random strings has the right length and is a subsequence of both} {
        for {set i 0} {$i < 30} {incr i} {
            foreach key {a b} {
                set $key ""
                for {set j [random_int 40]} {$j > 0} {incr j -1} {
                    append $key [random_of {x y z}]
                }
                r SET $key [set $key]
            }
            set row [lrepeat [expr {[string length $b] + 1}] 0]
            foreach x [split $a ""] {
                set previous $row
                set row 0
                set j 0
                foreach y [split $b ""] {
                    lappend row [expr {$x eq $y ? [lindex $previous $j] + 1 : max([lindex $row end], [lindex $previous $j+1])}]
                    incr j
                }
            }
            set found [r LCS a b]
            assert_equal [lindex $row end] [string length $found]
            assert_equal [lindex $row end] [r LCS a b LEN]
            assert_match *[join [split $found ""] *]* $a
            assert_match *[join [split $found ""] *]* $b
        }
    }

    test {random strings of every size come back unchanged} {
        for {set i 0} {$i < 200} {incr i} {
            set values([random_int 50]) [random_bytes [random_int [random_of {5 50 500 20000}]]]
        }
        foreach key [array names values] {
            r SET $key $values($key)
        }
        foreach key [array names values] {
            assert_equal $values($key) [r GET $key]
        }
    }
}

start_server {} {
    tags large-memory {
        test {a string can be 512 MB long and no longer} {
            set chunk [string repeat x 1000000]
            r SETRANGE k 536870911 x
            assert_equal 536870912 [r STRLEN k]
            assert_error {ERR string exceeds maximum allowed size*} {r APPEND k x}
        }
    }
}
