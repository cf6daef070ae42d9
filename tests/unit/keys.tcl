# Commands for keys of any type.

set not_integer {(error) ERR value is not an integer or out of range}
set syntax {(error) ERR syntax error}

# Every name a full scan returns, with repetitions.
proc scan_all {args} {
    set names {}
    set cursor 0
    while 1 {
        lassign [r SCAN $cursor {*}$args] cursor page
        lappend names {*}$page
        if {$cursor == 0} {
            return $names
        }
    }
}

start_server {} {
    test {DEL and UNLINK answer how many keys went} {
        foreach command {DEL UNLINK} {
            r MSET a 1 b 2 c 3
            assert_equal 2 [r $command a none b a]
            assert_equal {c} [r KEYS *]
            assert_equal 0 [r $command a]
            r DEL c
        }
    }

    test {EXISTS counts a name as often as it is given} {
        r MSET a 1 b 2
        assert_equal {0 1 3 0} [list [r EXISTS none] [r EXISTS a] [r EXISTS a b none a] [r EXISTS none none]]
    }

    test {TOUCH counts the keys that exist} {
        r MSET a 1 b 2
        assert_equal {2 0} [list [r TOUCH a b none] [r TOUCH none]]
    }

    test {TYPE names the type} {
        r SET s v
        assert_equal {string none} [lmap key {s none} {r TYPE $key}]
    }

    test {TYPE answers a simple string} {
        client_send r TYPE none
        client_expect r "+none\r\n"
    }

    test {generic commands count their arguments} {
        foreach {name samples} {
            del {{}} unlink {{}} exists {{}} touch {{}} type {{} {a b}} ttl {{} {a b}} pttl {{} {a b}} expiretime {{}}
            persist {{} {a b}} rename {{} a {a b c}} renamenx {a {a b c}} copy {a} move {a {a 1 2}} keys {{} {a b}}
            scan {{}} randomkey {a} dbsize {a} expire {a} pexpireat {a} object {{}}
        } {
            foreach arguments $samples {
                assert_error "ERR wrong number of arguments for '$name' command" {r $name {*}$arguments}
            }
        }
    }

    test {RENAME moves the value to its new name} {
        r SET a v
        assert_replies {
            {RENAME a b}        OK
            {EXISTS a}          0
            {GET b}             v
            {RENAME b b}        OK
            {GET b}             v
            {RENAME none b}     {(error) ERR no such key}
            {RENAME none none}  {(error) ERR no such key}
        }
    }

    test {RENAMENX leaves an existing target alone} {
        r MSET a 1 b 2
        assert_replies {
            {RENAMENX a b}      0
            {MGET a b}          {1 2}
            {RENAMENX a a}      0
            {RENAMENX a c}      1
            {MGET a c}          {(nil) 1}
            {RENAMENX none c}   {(error) ERR no such key}
        }
    }

    test {COPY copies within and across databases} {
        r SET a v EX 1000
        assert_replies {
            {COPY a b}              1
            {GET b}                 v
            {SET a w}               OK
            {COPY a b}              0
            {GET b}                 v
            {COPY a b REPLACE}      1
            {GET b}                 w
            {TTL b}                 -1
            {COPY a a DB 3}         1
            {COPY a a DB 3}         0
            {COPY a a DB 3 REPLACE} 1
            {COPY none b}           0
            {COPY a a}              {(error) ERR source and destination objects are the same}
            {COPY a a REPLACE}      {(error) ERR source and destination objects are the same}
            {COPY a a DB 0}         {(error) ERR source and destination objects are the same}
            {COPY a b DB 16}        {(error) ERR DB index is out of range}
            {COPY a b DB -1}        {(error) ERR DB index is out of range}
            {COPY a b DB x}         {$not_integer}
            {COPY a b DB}           {$syntax}
            {COPY a b foo}          {$syntax}
            {SELECT 3}              OK
            {GET a}                 w
        }
    }

    test {a copy of any type is equal and independent} {
        foreach {create change} {
            {SET string value}  {APPEND copy:string more}
            {SET number 10}     {INCR copy:number}
        } {
            set key [lindex $create 1]
            r {*}$create
            set digest [r DEBUG DIGEST-VALUE $key]
            assert_equal 1 [r COPY $key copy:$key]
            assert_equal $digest [r DEBUG DIGEST-VALUE copy:$key]
            assert_equal [r OBJECT ENCODING $key] [r OBJECT ENCODING copy:$key]
            r {*}$change
            assert_equal $digest [r DEBUG DIGEST-VALUE $key]
            assert_not_equal $digest [r DEBUG DIGEST-VALUE copy:$key]
        }
    }

    test {MOVE takes a key to another database} {
        r SET k v
        assert_replies {
            {MOVE k 9}          1
            {EXISTS k}          0
            {SET k w}           OK
            {MOVE k 9}          0
            {GET k}             w
            {MOVE none 9}       0
            {MOVE k 0}          {(error) ERR source and destination objects are the same}
            {MOVE k 16}         {(error) ERR DB index is out of range}
            {MOVE k -1}         {(error) ERR DB index is out of range}
            {MOVE k x}          {(error) ERR value is not an integer or out of range}
            {SELECT 9}          OK
            {GET k}             v
        }
    }

    test {KEYS matches globs} {
        r MSET hello 1 hallo 2 hxllo 3 hllo 4 heello 5 "h*llo" 6 "a\[b" 7 "" 8
        foreach {pattern names} {
            h?llo       {hello hallo hxllo h*llo}
            h*llo       {hello hallo hxllo hllo heello h*llo}
            h[ae]llo    {hello hallo}
            h[^e]llo    {hallo hxllo h*llo}
            h[a-e]llo   {hello hallo}
            h[e-a]llo   {hello hallo}
            h\\*llo     {h*llo}
            hello       {hello}
            none        {}
            H*          {}
            a[[]b       {a[b}
            a\\[b       {a[b}
            h[ae        {}
            ""          {""}
            ?           {}
            h[\\*]llo   {h*llo}
            *l*l*o      {hello hallo hxllo hllo heello h*llo}
            *\\         {}
        } {
            assert_equal [list $pattern [lsort $names]] [list $pattern [lsort [r KEYS $pattern]]]
        }
        assert_equal 8 [llength [r KEYS *]]
    }

    test {a pathological glob is answered, not pondered} {
        r SET [string repeat a 60] v
        assert_equal {} [r KEYS [string repeat a* 60]b]
    }

    test {KEYS agrees with a glob of Tcl on random names} {
        for {set i 0} {$i < 200} {incr i} {
            set name ""
            for {set j [random_int 6]} {$j >= 0} {incr j -1} {
                append name [random_of {a b c}]
            }
            r SET $name v
        }
        set all [r KEYS *]
        for {set i 0} {$i < 200} {incr i} {
            set pattern ""
            for {set j [random_int 5]} {$j >= 0} {incr j -1} {
                append pattern [random_of {a b c * ? [ab] [b-c] [ac]}]
            }
            set expected [lsearch -all -inline -glob $all $pattern]
            assert_equal [list $pattern [lsort $expected]] [list $pattern [lsort [r KEYS $pattern]]]
        }
    }

    test {RANDOMKEY returns a key that exists, and null when there is none} {
        assert_equal (nil) [r RANDOMKEY]
        r SET only v
        assert_equal only [r RANDOMKEY]
        r MSET a 1 b 2 c 3 d 4
        set seen {}
        for {set i 0} {$i < 500 && [dict size $seen] < 5} {incr i} {
            dict incr seen [r RANDOMKEY]
        }
        assert_same_elements {a b c d only} [dict keys $seen]
    }

    test {DBSIZE counts the keys of the selected database} {
        assert_equal 0 [r DBSIZE]
        r MSET a 1 b 2
        r SELECT 1
        assert_equal 0 [r DBSIZE]
        r SET c 3
        assert_equal 1 [r DBSIZE]
        r SELECT 0
        assert_equal 2 [r DBSIZE]
    }

    test {SCAN returns every key} {
        set expected {}
        for {set i 0} {$i < 1000} {incr i} {
            lappend expected key:$i
        }
        client_pipeline r [lmap key $expected {list SET $key v}]
        foreach count {1 10 100 5000} {
            assert_equal [lsort $expected] [lsort -unique [scan_all COUNT $count]]
        }
    }

    test {SCAN of an empty database ends at once} {
        assert_equal {0 {}} [r SCAN 0]
    }

    test {SCAN with MATCH * returns the empty key, too} {
        r MSET "" 1 k 2
        assert_equal {{} k} [lsort [scan_all MATCH *]]
    }

    test {SCAN with MATCH, COUNT and TYPE} {
        client_pipeline r [lmap i [split [string repeat x 99] ""] {list INCR counter}]
        for {set i 0} {$i < 50} {incr i} {
            r SET s:$i v
            r SET t:$i v
        }
        assert_equal 50 [llength [lsort -unique [scan_all MATCH s:*]]]
        assert_equal 20 [llength [lsort -unique [scan_all MATCH ?:1? TYPE string]]]
        assert_equal 101 [llength [lsort -unique [scan_all TYPE string COUNT 7]]]
        assert_equal 101 [llength [lsort -unique [scan_all TYPE STRING]]]
        assert_equal {} [scan_all TYPE zset]
        assert_equal 101 [llength [lsort -unique [scan_all count 1000 match *]]]
        assert_equal s:7 [scan_all MATCH s:7]
    }

    test {SCAN refuses bad cursors and options} {
        assert_replies {
            {SCAN x}                {(error) ERR invalid cursor}
            {SCAN { 1}}             {(error) ERR invalid cursor}
            {SCAN 0 COUNT 0}        {$syntax}
            {SCAN 0 COUNT -1}       {$syntax}
            {SCAN 0 COUNT x}        {$not_integer}
            {SCAN 0 COUNT}          {$syntax}
            {SCAN 0 MATCH}          {$syntax}
            {SCAN 0 foo bar}        {$syntax}
            {SCAN 0 TYPE}           {$syntax}
        }
    }

    test {SCAN accepts any 64-bit cursor} {
        r SET k v
        foreach cursor {1 12345 9223372036854775808 18446744073709551615} {
            assert_equal 2 [llength [r SCAN $cursor]]
        }
    }

    test {SCAN returns keys that stay all the time while others come and go} {
        set stay {}
        for {set i 0} {$i < 300} {incr i} {
            lappend stay stay:$i
        }
        client_pipeline r [lmap key $stay {list SET $key v}]
        foreach growth {add remove} {
            set seen {}
            set cursor 0
            set round 0
            while 1 {
                lassign [r SCAN $cursor COUNT 5] cursor page
                lappend seen {*}$page
                if {$cursor == 0} break
                set commands {}
                for {set i 0} {$i < 60 && $round < 50} {incr i} {
                    set key go:[expr {$round * 60 + $i}]
                    lappend commands [expr {$growth eq "add" ? [list SET $key v] : [list DEL $key]}]
                }
                client_pipeline r $commands
                incr round
            }
            assert_equal [lsort $stay] [lsort -unique [lsearch -all -inline $seen stay:*]]
        }
    }

    test {SCAN returns nothing that was deleted before and goes on after FLUSHALL} {
        for {set i 0} {$i < 100} {incr i} {
            r SET k:$i v
        }
        set cursor [lindex [r SCAN 0 COUNT 10] 0]
        r FLUSHALL
        assert_equal {} [lindex [r SCAN $cursor COUNT 1000] 1]
    }

    test {OBJECT tells encoding, reference count, idle time and access frequency} {
        r SET k hello
        r SET n 7
        assert_replies {
            {OBJECT ENCODING k}     embstr
            {OBJECT REFCOUNT k}     1
            {OBJECT ENCODING none}  (nil)
            {OBJECT REFCOUNT none}  (nil)
            {OBJECT IDLETIME none}  (nil)
            {OBJECT FREQ none}      (nil)
            {OBJECT FREQ k}         {(error) ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.}
            {OBJECT FOO k}          {(error) ERR unknown subcommand 'FOO'. Try OBJECT HELP.}
            {OBJECT ENCODING}       {(error) ERR wrong number of arguments for 'object|encoding' command}
        }
        assert_between 0 1000 [r OBJECT IDLETIME k]
        assert {[llength [r OBJECT HELP]] > 5}
    }

    test {OBJECT FREQ works under an LFU policy and IDLETIME does not} {
        with_config {maxmemory-policy allkeys-lfu} {
            r SET k v
            assert_between 0 255 [r OBJECT FREQ k]
            assert_error {ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.} {
                r OBJECT IDLETIME k
            }
        }
    }

    test {a key is idle until it is read, and TOUCH counts as reading} {
        r SET k v
        wait_for {[r OBJECT IDLETIME k] >= 2}
        r TOUCH k
        assert_between 0 1 [r OBJECT IDLETIME k]
    }

    test {reading with CLIENT NO-TOUCH leaves the idle time} since-7.2 {
        r SET k v
        wait_for {[r OBJECT IDLETIME k] >= 2}
        r CLIENT NO-TOUCH on
        r GET k
        assert {[r OBJECT IDLETIME k] >= 2}
        r TOUCH k
        assert_between 0 1 [r OBJECT IDLETIME k]
        r CLIENT NO-TOUCH off
    }

    test {many keys survive growth and shrinking of the keyspace} {
        set commands {}
        for {set i 0} {$i < 20000} {incr i} {
            lappend commands [list SET key:$i $i]
        }
        client_pipeline r $commands
        assert_equal 20000 [r DBSIZE]
        set commands {}
        for {set i 0} {$i < 20000} {incr i} {
            if {$i % 100} {
                lappend commands [list DEL key:$i]
            }
        }
        assert_equal 1 [lsort -unique [client_pipeline r $commands]]
        assert_equal 200 [r DBSIZE]
        for {set i 0} {$i < 20000} {incr i 100} {
            assert_equal $i [r GET key:$i]
        }
        assert_equal 200 [llength [lsort -unique [scan_all]]]
    }

    test {a random history of SET, DEL, RENAME, COPY and MOVE ends like its model} {
        array set model {}
        for {set i 0} {$i < 3000} {incr i} {
            set a key:[random_int 40]
            set b key:[random_int 40]
            switch [random_int 5] {
                0 - 1 {
                    r SET $a $i
                    set model($a) $i
                }
                2 {
                    assert_equal [info exists model($a)] [r DEL $a]
                    unset -nocomplain model($a)
                }
                3 {
                    if {[info exists model($a)]} {
                        r RENAME $a $b
                        set value $model($a)
                        unset model($a)
                        set model($b) $value
                    }
                }
                4 {
                    if {[info exists model($a)] && $a ne $b} {
                        r COPY $a $b REPLACE
                        set model($b) $model($a)
                    }
                }
            }
        }
        assert_equal [lsort [array names model]] [lsort [r KEYS *]]
        foreach key [array names model] {
            assert_equal $model($key) [r GET $key]
        }
    }
}
