# SORT and SORT_RO.

set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set not_integer {(error) ERR value is not an integer or out of range}
set not_numbers {(error) ERR One or more scores can't be converted into double}
set syntax {(error) ERR syntax error}

# The commands and replies of a table, keys and lists of the test's own.
proc assert_sorted {table} {
    foreach {arguments expected} $table {
        assert_equal [list $arguments $expected] [list $arguments [client_value [r_typed SORT {*}$arguments]]]
    }
}

start_server {notify-keyspace-events KEAn} {
    # --- by the elements themselves ---------------------------------------------

    test {elements are sorted as numbers, or as texts with ALPHA} {
        r RPUSH l 3 10 -1 2.5 1e1 2
        assert_sorted {
            {l}                 {-1 2 2.5 3 10 1e1}
            {l ASC}             {-1 2 2.5 3 10 1e1}
            {l DESC}            {1e1 10 3 2.5 2 -1}
            {l desc asc}        {-1 2 2.5 3 10 1e1}
            {l ALPHA}           {-1 10 1e1 2 2.5 3}
            {l alpha DESC}      {3 2.5 2 1e1 10 -1}
            {none}              {}
            {none ALPHA DESC}   {}
        }
        assert_equal {3 10 -1 2.5 1e1 2} [r LRANGE l 0 -1]
        assert_equal {10 3} [r SORT_RO l DESC LIMIT 1 2]
    }

    test {numbers are what C reads as one} {
        r RPUSH l inf 1 -inf 0x10 " 3" "" 1e3 .5 +2 "4\x00x"
        assert_equal [list -inf "" .5 1 +2 " 3" "4\x00x" 0x10 1e3 inf] [r SORT l]
    }

    test {equal numbers are in the order of their texts} {
        r RPUSH l 1.0 1 01 1.00 1
        assert_sorted {
            {l}         {01 1 1 1.0 1.00}
            {l DESC}    {1.00 1.0 1 1 01}
        }
    }

    test {what is no number is refused, wherever it is} {
        foreach word {a nan "1 " 1,5 0x "1\n" --1} {
            r DEL l
            r RPUSH l 1 2 $word
            foreach options {"" DESC {LIMIT 0 1} {LIMIT 0 0} {LIMIT 9 9} {STORE to} {GET none_*}} {
                assert_equal [list $word $options $not_numbers] [list $word $options [client_value [r_typed SORT l {*}$options]]]
            }
            assert_equal 3 [llength [r SORT l ALPHA]]
            assert_equal 3 [llength [r SORT l BY nosort]]
        }
        assert_equal 0 [r EXISTS to]
    }

    test {a number out of range is refused} tocsin {
        foreach word {1e400 -1e400 1e-400} {
            r DEL l
            r RPUSH l 1 $word
            assert_equal $not_numbers [client_value [r_typed SORT l]]
            assert_equal {} [r SORT none]
        }
        r RPUSH fine inf 1
        assert_equal {1 inf} [r SORT fine]
    }

    test {texts are compared up to a NUL, or by all of their bytes when they are stored} {
        r RPUSH l "a\x00b" "a\x00a" a "\x00"
        assert_equal [list "\x00" "a\x00b" "a\x00a" a] [r SORT l ALPHA]
        r SORT l ALPHA STORE to
        assert_equal [list "\x00" a "a\x00a" "a\x00b"] [r LRANGE to 0 -1]
    }

    test {every type with elements can be sorted} {
        r SADD numbers 3 1 2
        r SADD words {*}{b a c}
        assert_sorted {
            {numbers}           {1 2 3}
            {numbers DESC}      {3 2 1}
            {words ALPHA}       {a b c}
            {words ALPHA DESC LIMIT 0 2}  {c b}
        }
        set many {}
        for {set i 0} {$i < 1000} {incr i} {
            lappend many $i
        }
        r SADD large {*}$many
        assert_equal $many [r SORT large]
        assert_equal [lrange $many 500 509] [r SORT large LIMIT 500 10]
    }

    test {other types are refused} {
        r SET s text
        r HSET h f v
        foreach key {s h} {
            assert_equal $wrong_type [client_value [r_typed SORT $key]]
            assert_equal $wrong_type [client_value [r_typed SORT $key BY nosort STORE to]]
            assert_equal $syntax [client_value [r_typed SORT $key FOO]]
        }
    }

    # --- LIMIT ------------------------------------------------------------------

    test {LIMIT chooses a part of the order} {
        r RPUSH l 5 3 1 4 2
        assert_sorted {
            {l LIMIT 0 2}       {1 2}
            {l LIMIT 1 2}       {2 3}
            {l LIMIT 3 9}       {4 5}
            {l LIMIT 4 1}       5
            {l LIMIT 5 1}       {}
            {l LIMIT 0 0}       {}
            {l LIMIT 1 -1}      {2 3 4 5}
            {l LIMIT -3 2}      {1 2}
            {l LIMIT 0 2 DESC}  {5 4}
            {l LIMIT 0 1 LIMIT 1 1}  2
            {l LIMIT 1 9223372036854775807}  {2 3 4 5}
            {l LIMIT 9223372036854775807 9223372036854775807}  {}
            {l LIMIT -9223372036854775808 9223372036854775807}  {1 2 3 4 5}
            {l LIMIT -9223372036854775808 -9223372036854775808}  {1 2 3 4 5}
        }
    }

    test {a part of a long list is the part of its order} {
        set numbers {}
        for {set i 0} {$i < 3000} {incr i} {
            lappend numbers [random_int 1000]
        }
        r RPUSH l {*}$numbers
        set sorted [lsort -integer $numbers]
        for {set round 0} {$round < 50} {incr round} {
            set start [random_int 3000]
            set count [random_int [random_of {5 100 4000}]]
            assert_equal [lrange $sorted $start [expr {$start + $count - 1}]] [r SORT l LIMIT $start $count]
            assert_equal [lrange [lreverse $sorted] $start [expr {$start + $count - 1}]] [r SORT l DESC LIMIT $start $count]
        }
        assert_equal $sorted [r SORT l]
    }

    # --- BY and GET ---------------------------------------------------------------

    test {BY sorts by what keys hold, GET returns it} {
        r RPUSH l 1 2 3 10
        r MSET w_1 50 w_2 4 w_3 7.5 v_1 one v_3 three
        assert_sorted {
            {l BY w_*}                      {10 2 3 1}
            {l BY w_* DESC}                 {1 3 2 10}
            {l BY w_* LIMIT 1 2}            {2 3}
            {l BY w_* ALPHA}                {10 2 1 3}
            {l BY w_* ALPHA DESC}           {3 1 2 10}
            {l GET v_*}                     {one (nil) three (nil)}
            {l BY w_* GET v_* GET #}        {(nil) 10 (nil) 2 three 3 one 1}
            {l BY w_* GET # GET none GET #*}  {10 (nil) (nil) 2 (nil) (nil) 3 (nil) (nil) 1 (nil) (nil)}
            {l GET # GET # LIMIT 0 1}       {1 1}
        }
    }

    test {patterns name fields of hashes} {
        r RPUSH l 1 2 3
        r HSET h_1 weight 30 name one
        r HSET h_2 weight 20 name two
        r HSET h_3 weight 10
        r SET w_1 5
        r SET h_1-> arrow
        assert_sorted {
            {l BY h_*->weight}                  {3 2 1}
            {l BY h_*->weight GET h_*->name}    {(nil) two one}
            {l BY h_*->none}                    {1 2 3}
            {l GET h_*->}                       {arrow (nil) (nil)}
            {l GET h_*->name->x}                {(nil) (nil) (nil)}
            {l GET h_*}                         {(nil) (nil) (nil)}
            {l GET w_*->name}                   {(nil) (nil) (nil)}
            {l GET w_*}                         {5 (nil) (nil)}
        }
        r HSET x->1y a->b deep
        assert_equal {deep (nil) (nil)} [r SORT l GET x->*y->a->b]
    }

    test {BY values that are no numbers are refused, absent ones count as 0} {
        r RPUSH l 1 2 3
        r MSET w_1 5 w_2 x
        assert_sorted [list {l BY w_*} $not_numbers {l BY w_* ALPHA} {3 1 2} {l BY w_* ALPHA DESC} {2 1 3}]
        r MSET w_1 5 w_2 -5
        assert_sorted {{l BY w_*} {2 3 1}}
        r RPUSH words c a b
        assert_sorted {{words BY none_*} {a b c} {words BY none_* DESC} {c b a}}
    }

    test {a BY pattern without a star leaves the order as it is} {
        r RPUSH l 3 1 2 x
        assert_sorted {
            {l BY nosort}               {3 1 2 x}
            {l BY nosort DESC}          {x 2 1 3}
            {l BY nosort LIMIT 1 2}     {1 2}
            {l BY nosort DESC LIMIT 1 2}  {2 1}
            {l BY nosort LIMIT -2 9}    {3 1 2 x}
            {l BY nosort LIMIT 9 1}     {}
            {l BY nosort ALPHA}         {3 1 2 x}
            {l BY nosort GET #}         {3 1 2 x}
            {l BY ""}                   {3 1 2 x}
            {l BY #}                    {3 1 2 x}
            {l BY nosort BY w_*}        {3 1 2 x}
        }
    }

    test {a set that is stored unsorted is stored in the order of the bytes} {
        r SADD s 3 20 1 b a
        foreach {options expected} {
            {} {1 20 3 a b}  DESC {b a 3 20 1}  {LIMIT 1 2} {20 3}  ALPHA {1 20 3 a b}
        } {
            r SORT s BY nosort {*}$options STORE to
            assert_equal $expected [r LRANGE to 0 -1]
        }
        assert_equal [r SMEMBERS s] [r SORT s BY nosort]
        assert_equal [r SMEMBERS s] [r SORT s BY nosort DESC]
    }

    test {keys and elements are any bytes} {
        set odd "\x00\r\n\xff"
        r RPUSH l $odd *
        r SET "k:$odd:z" value
        r SET k:*:z star
        assert_equal {star value} [lsort [r SORT l ALPHA GET k:*:z]]
        assert_equal [list $odd value * star] [r SORT l ALPHA GET # GET k:*:z]
    }

    # --- STORE ----------------------------------------------------------------------

    test {STORE makes a list of the result} {
        r RPUSH l 3 1 2
        r SET v_1 one
        assert_equal 3 [r SORT l STORE to]
        assert_equal {1 2 3} [r LRANGE to 0 -1]
        assert_equal 6 [r SORT l GET # GET v_* STORE to]
        assert_equal {1 one 2 {} 3 {}} [r LRANGE to 0 -1]
        assert_equal 3 [r SORT l STORE l]
        assert_equal {1 2 3} [r LRANGE l 0 -1]
        assert_equal 2 [r SORT l STORE a STORE b LIMIT 0 2]
        assert_equal {0 {1 2}} [list [r EXISTS a] [r LRANGE b 0 -1]]
    }

    test {STORE replaces what was there, and an empty result removes it} {
        r RPUSH l 1
        r SET to text EX 100
        r SORT l STORE to
        assert_equal {list -1} [list [r TYPE to] [r TTL to]]
        foreach command {{SORT none STORE to} {SORT l LIMIT 0 0 STORE to} {SORT l BY nosort LIMIT 5 5 STORE to}} {
            r SET to text
            assert_equal {0 0} [list [r {*}$command] [r EXISTS to]]
        }
    }

    test {a long result is stored whole} {
        set numbers {}
        for {set i 0} {$i < 5000} {incr i} {
            lappend numbers $i
        }
        r SADD s {*}$numbers
        assert_equal 5000 [r SORT s STORE to]
        assert_equal $numbers [r LRANGE to 0 -1]
    }

    test {SORT_RO stores nothing} {
        r RPUSH l 1
        foreach options {{STORE to} {ALPHA store to} {LIMIT 0 1 STORE to}} {
            assert_equal $syntax [client_value [r_typed SORT_RO l {*}$options]]
        }
        assert_equal 0 [r EXISTS to]
    }

    # --- errors, keys, protocol, events ---------------------------------------------

    test {options must be known and complete} {
        r RPUSH l 1
        foreach options {FOO BY GET STORE LIMIT {LIMIT 1} {LIMIT 0 1 x} {ASC x} {ALPHA BY} {GET x GET} ""} {
            assert_equal [list $options $syntax] [list $options [client_value [r_typed SORT l {*}[expr {$options eq "" ? {{}} : $options}]]]]
        }
        foreach limits {{x 1} {1 x} {"" 1} {1.5 1} {9223372036854775808 1}} {
            assert_equal $not_integer [client_value [r_typed SORT l LIMIT {*}$limits]]
        }
        assert_match "*wrong number of arguments for 'sort' command" [client_value [r_typed SORT]]
        assert_match "*wrong number of arguments for 'sort_ro' command" [client_value [r_typed SORT_RO]]
    }

    test {COMMAND GETKEYS finds where the result goes} {
        foreach {command keys} {
            {SORT l} l  {SORT l STORE d} {l d}  {SORT l BY x GET y store d DESC} {l d}  {SORT l STORE a STORE b} {l b}
            {SORT l GET STORE x} l  {SORT l BY STORE x} l  {SORT l LIMIT store store STORE x} {l x}  {SORT l LIMIT 1 STORE x} l
            {SORT l STORE} l  {SORT l STORE STORE n} {l n}  {SORT_RO l BY x} l
        } {
            assert_equal [list $command $keys] [list $command [r COMMAND GETKEYS {*}$command]]
        }
        assert_equal {{l {RO access}} {d {OW update}}} [r COMMAND GETKEYSANDFLAGS SORT l STORE d]
        assert_equal {{l {RO access}}} [r COMMAND GETKEYSANDFLAGS SORT_RO l]
    }

    test {replies are arrays in both protocols} {
        r RPUSH l 1
        foreach {protocol null} {2 "\$-1\r\n" 3 "_\r\n"} {
            r HELLO $protocol
            client_send r SORT l GET # GET none_*
            client_expect r "*2\r\n\$1\r\n1\r\n$null"
            client_send r SORT none
            client_expect r "*0\r\n"
        }
    }

    test {a result that is stored is told, an empty one over a key as del} {
        r RPUSH l 2 1
        foreach {command events} {
            {SORT l STORE to}           {new(to) sortstore(to)}
            {SORT l DESC STORE to}      {sortstore(to)}
            {SORT none STORE to}        {del(to)}
            {SORT none STORE to}        {}
            {SORT l LIMIT 0 0 STORE to}  {}
            {SORT l}                    {}
            {SORT l STORE l}            {sortstore(l)}
        } {
            assert_equal [list $command $events] [list $command [events_of {r {*}$command}]]
        }
    }

    test {a result over a value of another type is told as such} tocsin {
        with_config {notify-keyspace-events KEAoc} {
            r RPUSH l 2 1
            r SET to x
            assert_equal {overwritten(to) type_changed(to) sortstore(to)} [events_of {r SORT l STORE to}]
        }
    }

    test {keys that are looked for in vain are told as misses, in order} {
        with_config {notify-keyspace-events KEm} {
            r RPUSH l 2 1
            foreach {command events} {
                {SORT none} keymiss(none)
                {SORT none STORE to} keymiss(none)
                {SORT l BY w_*} {keymiss(w_2) keymiss(w_1)}
                {SORT l GET w_*} {keymiss(w_1) keymiss(w_2)}
                {SORT l BY w_*->f GET v_* LIMIT 0 1} {keymiss(w_2) keymiss(w_1) keymiss(v_1)}
                {SORT l BY nosort GET w_* LIMIT 0 1} keymiss(w_2)
                {SORT l GET none} {}
            } {
                assert_equal [list $command $events] [list $command [events_of {r {*}$command}]]
            }
        }
    }

    test {elements stored are counted as changes} {
        r RPUSH l 3 2 1
        foreach {command count} {{SORT l STORE to} 3 {SORT l GET # GET # STORE to} 6 {SORT none STORE to} 1 {SORT none STORE to} 0 {SORT l} 0} {
            set before [server_info rdb_changes_since_last_save]
            r {*}$command
            assert_equal [list $command $count] [list $command [expr {[server_info rdb_changes_since_last_save] - $before}]]
        }
    }

    test {expired keys and fields sort nothing} {
        r RPUSH l 1 2
        r SET w_1 9
        r SET w_2 5
        assert_equal {2 1} [r SORT l BY w_*]
        r PEXPIRE w_1 1
        wait_for {[r EXISTS w_1] == 0}
        assert_equal {1 2} [r SORT l BY w_*]
        assert_equal {(nil) 5} [r SORT l GET w_*]
    }
}
