# Commands on hashes, without the deadlines of fields (hash-ttl.tcl).

set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set not_integer {(error) ERR value is not an integer or out of range}
set syntax {(error) ERR syntax error}

# A small hash, and one that is large by its number of fields or by a long value.
set forms {listpack {a 1 b two c 3.5 "" empty} hashtable {a 1 b two c 3.5 "" empty}}

proc make_hash {form fields} {
    r DEL h
    r HSET h {*}$fields
    if {$form eq "hashtable"} {
        r HSET h long [string repeat x 65]
        r HDEL h long
    }
    assert_equal $form [r OBJECT ENCODING h]
}

start_server {notify-keyspace-events KEA} {
    foreach {form fields} $forms {
        test "HSET, HGET and their kin agree on a $form" {
            make_hash $form $fields
            assert_equal 4 [r HLEN h]
            assert_equal [lsort -stride 2 $fields] [lsort -stride 2 [r HGETALL h]]
            assert_equal {{} a b c} [lsort [r HKEYS h]]
            assert_equal {1 3.5 empty two} [lsort [r HVALS h]]
            assert_replies {
                {HGET h a}          1
                {HGET h ""}         empty
                {HGET h none}       (nil)
                {HMGET h a none c}  {1 (nil) 3.5}
                {HEXISTS h b}       1
                {HEXISTS h none}    0
                {HSTRLEN h b}       3
                {HSTRLEN h a}       1
                {HSTRLEN h none}    0
                {HSET h a x d y}    1
                {HSET h a y}        0
                {HMSET h a z}       OK
                {HGET h a}          z
                {HSETNX h a x}      0
                {HSETNX h e x}      1
                {HMGET h a d e}     {z y x}
                {HDEL h none}       0
                {HDEL h a none a b} 2
                {HLEN h}            4
                {HDEL h c d e ""}   4
                {EXISTS h}          0
            }
        }

        test "HINCRBY and HINCRBYFLOAT count in a $form" {
            make_hash $form $fields
            assert_replies {
                {HINCRBY h a 5}                          6
                {HINCRBY h a -10}                        -4
                {HINCRBY h new 7}                        7
                {HGET h new}                             7
                {HSET h a 9223372036854775807}           0
                {HINCRBY h a 1}                          {(error) ERR increment or decrement would overflow}
                {HINCRBY h a -1}                         9223372036854775806
                {HINCRBY h b 1}                          {(error) ERR hash value is not an integer}
                {HINCRBY h c 1}                          {(error) ERR hash value is not an integer}
                {HINCRBY h a x}                          {(error) ERR value is not an integer or out of range}
                {HINCRBY h a 9223372036854775808}        {(error) ERR value is not an integer or out of range}
                {HINCRBYFLOAT h c 1.25}                  4.75
                {HINCRBYFLOAT h c -4.75}                 0
                {HINCRBYFLOAT h f 3.0e3}                 3000
                {HGET h f}                               3000
                {HINCRBYFLOAT h b 1}                     {(error) ERR hash value is not a float}
                {HINCRBYFLOAT h c x}                     {(error) ERR value is not a valid float}
                {HINCRBYFLOAT h c nan}                   {(error) ERR value is not a valid float}
                {HINCRBYFLOAT h c inf}                   {(error) ERR value is NaN or Infinity}
                {HSET h blank " 1"}                      1
                {HINCRBY h blank 1}                      {(error) ERR hash value is not an integer}
                {HINCRBYFLOAT h blank 1}                 {(error) ERR hash value is not a float}
            }
        }

        test "HRANDFIELD draws from a $form" {
            make_hash $form $fields
            foreach count {1 2 3 4} {
                set drawn [r HRANDFIELD h $count]
                assert_equal $count [llength [lsort -unique $drawn]]
                foreach field $drawn {
                    assert {[dict exists $fields $field]}
                }
            }
            assert_equal 4 [llength [lsort -unique [r HRANDFIELD h 100]]]
            assert_equal 100 [llength [r HRANDFIELD h -100]]
            foreach {field value} [r HRANDFIELD h -50 WITHVALUES] {
                assert_equal [dict get $fields $field] $value
            }
            assert_equal [lsort -stride 2 $fields] [lsort -stride 2 [r HRANDFIELD h 4 withvalues]]
            assert {[dict exists $fields [r HRANDFIELD h]]}
            assert_equal {} [r HRANDFIELD h 0]
            # Each is drawn about as often as any other.
            foreach count {-1 1 2} {
                array unset times
                for {set i 0} {$i < 400} {incr i} {
                    foreach field [r HRANDFIELD h $count] {
                        incr times($field)
                    }
                }
                foreach {field _} $fields {
                    assert_between [expr {50 * abs($count)}] [expr {160 * abs($count)}] $times($field)
                }
            }
        }

        test "HSCAN passes all of a $form" {
            make_hash $form $fields
            lassign [r HSCAN h 0 COUNT 100] cursor pairs
            assert_equal 0 $cursor
            assert_equal [lsort -stride 2 $fields] [lsort -stride 2 $pairs]
            assert_equal {0 {b two}} [r HSCAN h 0 MATCH b COUNT 100]
            assert_equal {0 {}} [r HSCAN h 0 MATCH none COUNT 100]
        }

        test "HSCAN with NOVALUES leaves the values of a $form out" tocsin {
            make_hash $form $fields
            assert_equal {{} a b c} [lsort [lindex [r HSCAN h 0 NOVALUES COUNT 100] 1]]
            assert_equal {0 a} [r HSCAN h 0 COUNT 100 MATCH a NOVALUES]
        }

        test "DEBUG DIGEST-VALUE and COPY of a $form" {
            make_hash $form $fields
            r COPY h copy
            assert_equal $form [r OBJECT ENCODING copy]
            assert_equal [r DEBUG DIGEST-VALUE h] [r DEBUG DIGEST-VALUE copy]
            assert_equal [lsort -stride 2 [r HGETALL h]] [lsort -stride 2 [r HGETALL copy]]
            r HSET copy a 2
            assert_equal 1 [r HGET h a]
            assert {[r DEBUG DIGEST-VALUE h] ne [r DEBUG DIGEST-VALUE copy]}
        }
    }

    test {the digest depends neither on the order nor on the encoding} {
        r HSET a x 1 y 2 z 3
        r HSET b z 3 long [string repeat x 65] y 2 x 1
        r HDEL b long
        assert_equal {listpack hashtable} [list [r OBJECT ENCODING a] [r OBJECT ENCODING b]]
        assert_equal [r DEBUG DIGEST-VALUE a] [r DEBUG DIGEST-VALUE b]
    }

    test {a hash becomes a table at exactly the thresholds, and stays one} {
        with_config {hash-max-listpack-entries 4 hash-max-listpack-value 10} {
            r HSET h a 1 b 2 c 3 d 4
            assert_equal listpack [r OBJECT ENCODING h]
            r HSET h a 1 b 5
            assert_equal listpack [r OBJECT ENCODING h]
            r HSET h e 5
            assert_equal hashtable [r OBJECT ENCODING h]
            r HDEL h a b c d
            assert_equal hashtable [r OBJECT ENCODING h]
            foreach {field value expected} {
                aaaaaaaaaa bbbbbbbbbb listpack
                aaaaaaaaaaa b hashtable
                a bbbbbbbbbbb hashtable
            } {
                r DEL h
                r HSET h $field $value
                assert_equal $expected [r OBJECT ENCODING h]
                r DEL h
                r HSETNX h $field $value
                assert_equal $expected [r OBJECT ENCODING h]
            }
            r DEL h
            r HINCRBY h aaaaaaaaaaa 1
            assert_equal hashtable [r OBJECT ENCODING h]
            r DEL h
            r HINCRBYFLOAT h a 1234567890.5
            assert_equal hashtable [r OBJECT ENCODING h]
        }
        with_config {hash-max-listpack-entries 0} {
            r DEL h
            r HSET h a 1
            assert_equal hashtable [r OBJECT ENCODING h]
        }
        r DEL h
        for {set i 0} {$i < 512} {incr i} {
            r HSET h $i $i
        }
        assert_equal listpack [r OBJECT ENCODING h]
        r HSET h 512 512
        assert_equal hashtable [r OBJECT ENCODING h]
        assert_equal 513 [r HLEN h]
    }

    test {fields and values are any bytes, and long ones} {
        foreach text [list "" "\x00" "\r\n" [random_bytes 300] [string repeat "\xff\x00" 50000] 007 -0 " 1" 1e3] {
            r HSET h $text $text
            assert_equal $text [r HGET h $text]
            assert_equal [string length $text] [r HSTRLEN h $text]
        }
        assert_equal 9 [r HLEN h]
    }

    test {a large hash holds what was put in and gives it back} {
        set all {}
        set command {}
        for {set i 0} {$i < 20000} {incr i} {
            lappend command field:$i value:$i
        }
        assert_equal 20000 [r HSET h {*}$command]
        assert_equal 20000 [r HLEN h]
        assert_equal value:777 [r HGET h field:777]
        assert_equal [lsort -stride 2 $command] [lsort -stride 2 [r HGETALL h]]
        set cursor 0
        set passed {}
        while 1 {
            lassign [r HSCAN h $cursor COUNT 500] cursor pairs
            lappend passed {*}$pairs
            if {$cursor == 0} break
        }
        assert_equal [lsort -unique -stride 2 $command] [lsort -unique -stride 2 $passed]
        foreach count {10 5000 19000 20000 30000} {
            set drawn [r HRANDFIELD h $count]
            assert_equal [expr {min($count, 20000)}] [llength [lsort -unique $drawn]]
        }
        for {set i 0} {$i < 20000} {incr i 100} {
            set fields {}
            for {set j $i} {$j < $i + 100} {incr j} {
                lappend fields field:$j
            }
            assert_equal 100 [r HDEL h {*}$fields]
        }
        assert_equal 0 [r EXISTS h]
    }

    test {HSCAN passes what is there throughout while fields come and go} {
        for {set i 0} {$i < 1000} {incr i} {
            r HSET h stays:$i $i
        }
        set cursor 0
        set passed {}
        set i 0
        while 1 {
            lassign [r HSCAN h $cursor] cursor pairs
            lappend passed {*}[dict keys $pairs]
            if {$cursor == 0} break
            r HSET h comes:[incr i] x comes:[incr i] x
            r HDEL h comes:[expr {$i / 2}]
        }
        assert_equal 1000 [llength [lsearch -all -inline [lsort -unique $passed] stays:*]]
    }

    test {absent hashes are empty} {
        assert_replies {
            {HGET none f}                   (nil)
            {HMGET none a b}                {(nil) (nil)}
            {HGETALL none}                  {}
            {HKEYS none}                    {}
            {HVALS none}                    {}
            {HLEN none}                     0
            {HSTRLEN none f}                0
            {HEXISTS none f}                0
            {HDEL none f}                   0
            {HRANDFIELD none}               (nil)
            {HRANDFIELD none 3}             {}
            {HRANDFIELD none -3 WITHVALUES} {}
            {HSCAN none 0}                  {0 {}}
            {EXISTS none}                   0
        }
    }

    test {every command refuses a key of another type} {
        r SET s x
        foreach command {
            {HSET s a 1} {HMSET s a 1} {HSETNX s a 1} {HGET s a} {HMGET s a} {HGETALL s} {HKEYS s} {HVALS s} {HLEN s}
            {HSTRLEN s a} {HEXISTS s a} {HDEL s a} {HINCRBY s a 1} {HINCRBYFLOAT s a 1} {HRANDFIELD s}
            {HRANDFIELD s 1} {HRANDFIELD s -1 WITHVALUES} {HSCAN s 0}
        } {
            assert_equal [list $command $wrong_type] [list $command [client_value [r_typed {*}$command]]]
        }
        assert_equal x [r GET s]
    }

    test {wrong arguments change nothing} {
        foreach {command error} {
            {HSET h a}              {(error) ERR wrong number of arguments for 'hset' command}
            {HSET h a 1 b}          {(error) ERR wrong number of arguments for 'hset' command}
            {HMSET h a}             {(error) ERR wrong number of arguments for 'hmset' command}
            {HMSET h a 1 b}         {(error) ERR wrong number of arguments for 'hmset' command}
            {HRANDFIELD h x}        {(error) ERR value is not an integer or out of range}
            {HRANDFIELD h 1.5}      {(error) ERR value is not an integer or out of range}
            {HRANDFIELD h 1 X}      {(error) ERR syntax error}
            {HRANDFIELD h 1 WITHVALUES X} {(error) ERR syntax error}
            {HRANDFIELD h -9223372036854775808}
                {(error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807}
            {HRANDFIELD h 9223372036854775807 WITHVALUES}  {(error) ERR value is out of range}
            {HRANDFIELD h -9223372036854775807 WITHVALUES} {(error) ERR value is out of range}
            {HSCAN h x}             {(error) ERR invalid cursor}
        } {
            assert_equal [list $command $error] [list $command [client_value [r_typed {*}$command]]]
        }
        assert_equal 0 [r EXISTS h]
        r HSET h a 1
        assert_equal $syntax [client_value [r_typed HSCAN h 0 COUNT 0]]
        assert_equal a [r HRANDFIELD h 9223372036854775807]
    }

    test {HRANDFIELD refuses to repeat fields without end} tocsin {
        r HSET h a 1
        foreach count {-9223372036854775807 -4294967296 -67108865} {
            assert_error {ERR value is out of range} {r HRANDFIELD h $count}
        }
        assert_equal PONG [r PING]
    }

    test {RESP3 answers maps, arrays and nulls} {
        r HELLO 3
        r HSET h a 1
        foreach {command bytes} {
            {HGETALL h}                    "%1\r\n$1\r\na\r\n$1\r\n1\r\n"
            {HGETALL none}                 "%0\r\n"
            {HKEYS h}                      "*1\r\n$1\r\na\r\n"
            {HVALS h}                      "*1\r\n$1\r\n1\r\n"
            {HGET h none}                  "_\r\n"
            {HMGET h a none}               "*2\r\n$1\r\n1\r\n_\r\n"
            {HRANDFIELD none}              "_\r\n"
            {HRANDFIELD none 1}            "*0\r\n"
            {HRANDFIELD h 1 WITHVALUES}    "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"
            {HRANDFIELD h -2}              "*2\r\n$1\r\na\r\n$1\r\na\r\n"
            {HINCRBYFLOAT h a 0.5}         "$3\r\n1.5\r\n"
            {HEXISTS h a}                  ":1\r\n"
            {HSCAN h 0}                    "*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$3\r\n1.5\r\n"
        } {
            client_send r {*}$command
            client_expect r $bytes
        }
    }

    test {events of hashes} {
        foreach {prepare commands events} {
            {}                      {r HSET h a 1 b 2}           {hset(h)}
            {r HSET h a 1}          {r HSET h a 1}               {hset(h)}
            {}                      {r HMSET h a 1}              {hset(h)}
            {}                      {r HSETNX h a 1}             {hset(h)}
            {r HSET h a 1}          {r HSETNX h a 1}             {}
            {r HSET h a 1}          {r HINCRBY h a 1}            {hincrby(h)}
            {r HSET h a 1}          {r HINCRBYFLOAT h a 0}       {hincrbyfloat(h)}
            {r HSET h a x}          {catch {r HINCRBY h a 1}}    {}
            {r HSET h a 1 b 2}      {r HDEL h a none}            {hdel(h)}
            {r HSET h a 1 b 2}      {r HDEL h none}              {}
            {r HSET h a 1 b 2}      {r HDEL h a b}               {hdel(h) del(h)}
            {r HSET h a 1}          {r HGETALL h; r HRANDFIELD h; r HSCAN h 0; r HLEN h} {}
        } {
            r DEL h
            eval $prepare
            assert_equal [list $commands $events] [list $commands [events_of $commands]]
        }
    }

    test {changes are counted by fields} {
        foreach {command changes} {
            {HSET h a 1 b 2 c 3} 3  {HSET h a 1} 1  {HSETNX h a 1} 0  {HSETNX h d 1} 1  {HMSET h a 1 b 2} 2
            {HINCRBY h a 1} 1  {HINCRBYFLOAT h a 1} 1  {HDEL h a b none} 2  {HDEL h none} 0  {HGETALL h} 0
        } {
            set before [server_info rdb_changes_since_last_save]
            r {*}$command
            assert_equal [list $command $changes] \
                [list $command [expr {[server_info rdb_changes_since_last_save] - $before}]]
        }
    }

    test {a transaction that watches a hash fails when a field changes} {
        r HSET h a 1
        r WATCH h
        [client_new] HSET h b 2
        r MULTI
        r HGET h a
        assert_equal (nil) [r EXEC]
    }

    test {MEMORY USAGE of a hash follows its size} {
        r HSET small a 1
        for {set i 0} {$i < 1000} {incr i} {
            r HSET large field:$i [string repeat x 100]
        }
        assert_between 20 200 [r MEMORY USAGE small]
        assert_between 100000 300000 [r MEMORY USAGE large]
        assert_between 100000 300000 [r MEMORY USAGE large SAMPLES 0]
    }

    test {a large hash is freed in the background by UNLINK} {
        for {set i 0} {$i < 1000} {incr i} {
            r HSET h $i $i
        }
        set before [server_info lazyfreed_objects]
        r UNLINK h
        wait_for {[server_info lazyfreed_objects] == $before + 1}
    }
}
