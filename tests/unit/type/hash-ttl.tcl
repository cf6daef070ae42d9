# Deadlines of the fields of hashes: the commands, and that fields go on time,
# never early, and are announced once.

set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set far 5000000000000

# Keeps what is due from going by itself; access still removes it.
proc without_active_expiry {body} {
    r DEBUG SET-ACTIVE-EXPIRE 0
    try {
        uplevel 1 $body
    } finally {
        r DEBUG SET-ACTIVE-EXPIRE 1
    }
}

# Gives fields a deadline and waits until it has passed.
proc let_pass {key args} {
    set deadline [expr {[server_time_ms] + 5}]
    r HPEXPIREAT $key $deadline FIELDS [llength $args] {*}$args
    wait_for {[server_time_ms] > $deadline}
}

proc each_error {table} {
    foreach {command error} $table {
        assert_equal [list $command "(error) ERR $error"] [list $command [client_value [r_typed {*}$command]]]
    }
}

tags tocsin {
start_server {notify-keyspace-events KEA} {
    test {HEXPIRE and its kin set the deadline that HTTL and its kin report} {
        r HSET h a 1 b 2 c 3
        assert_equal {1 1 -2} [r HEXPIRE h 1000 FIELDS 3 a b none]
        lassign [r HTTL h FIELDS 4 a b c none] a b c none
        assert_between 900 1000 $a
        assert_equal [list $a -1 -2] [list $b $c $none]
        assert_between 900000 1000000 [r HPTTL h FIELDS 1 a]
        assert_equal 1 [r HPEXPIREAT h $far FIELDS 1 a]
        assert_equal "$far -1 -2" [r HPEXPIRETIME h FIELDS 3 a c none]
        assert_equal {5000000000 -1 -2} [r HEXPIRETIME h FIELDS 3 a c none]
        assert_equal 1 [r HEXPIREAT h 5000000001 FIELDS 1 a]
        assert_equal 5000000001000 [r HPEXPIRETIME h FIELDS 1 a]
        assert_equal 1 [r HPEXPIRE h 7000000 FIELDS 1 a]
        assert_between 6900000 7000000 [r HPTTL h FIELDS 1 a]
        assert_equal hashtable [r OBJECT ENCODING h]
        assert_equal {1 2 3} [r HMGET h a b c]
    }

    test {HTTL and HEXPIRETIME round up to seconds} {
        r HSET h a 1
        r HPEXPIREAT h 5000000000001 FIELDS 1 a
        assert_equal 5000000001 [r HEXPIRETIME h FIELDS 1 a]
        r HPEXPIRE h 99001 FIELDS 1 a
        assert_between 99 100 [r HTTL h FIELDS 1 a]
    }

    test {an absent hash has no fields, and none is made} {
        foreach command {
            {HEXPIRE none 9 FIELDS 2 a b} {HPEXPIRE none 9 NX FIELDS 2 a b} {HEXPIREAT none 9 FIELDS 2 a b}
            {HPEXPIREAT none 9 FIELDS 2 a b} {HTTL none FIELDS 2 a b} {HPTTL none FIELDS 2 a b}
            {HEXPIRETIME none FIELDS 2 a b} {HPEXPIRETIME none FIELDS 2 a b} {HPERSIST none FIELDS 2 a b}
        } {
            assert_equal [list $command {-2 -2}] [list $command [r {*}$command]]
        }
        assert_equal {{(nil) (nil)} {(nil) (nil)}} [list [r HGETEX none EX 9 FIELDS 2 a b] [r HGETDEL none FIELDS 2 a b]]
        assert_equal 0 [r EXISTS none]
    }

    test {NX, XX, GT and LT decide by the deadline that a field has} {
        r HSET h with 1 without 1
        foreach {condition ms expected} {
            NX 5000000000000 {0 1}  XX 5000000000000 {1 0}
            GT 5000000000001 {1 0}  GT 5000000000000 {0 0}  GT 4999999999999 {0 0}
            LT 5000000000001 {0 1}  LT 5000000000000 {0 1}  LT 4999999999999 {1 1}
            XX 1 {2 0}  NX 1 {0 2}  LT 1 {2 2}  GT 1 {0 0}  nx 5000000000000 {0 1}
        } {
            r HSET h with 1 without 1
            r HPEXPIREAT h $far FIELDS 1 with
            assert_equal [list $condition $ms $expected] \
                [list $condition $ms [r HPEXPIREAT h $ms $condition FIELDS 2 with without]]
        }
    }

    foreach {command moments} {HEXPIRE 0 HPEXPIRE 0 HEXPIREAT {0 1 1000000000} HPEXPIREAT {0 1 1000000000000}} {
        test "$command with a moment in the past removes the field" {
            foreach moment $moments {
                r HSET h a 1 b 2 c 3
                assert_equal {hdel(h)} [events_of {assert_equal {2 -2 2} [r $command h $moment FIELDS 3 a none b]}]
                assert_equal {c 3} [r HGETALL h]
                assert_equal {hdel(h) del(h)} [events_of {assert_equal 2 [r $command h $moment FIELDS 1 c]}]
                assert_equal 0 [r EXISTS h]
            }
        }
    }

    test {HPERSIST takes deadlines away} {
        r HSET h a 1 b 2
        r HEXPIRE h 1000 FIELDS 1 a
        assert_equal {hpersist(h)} [events_of {assert_equal {1 -1 -2} [r HPERSIST h FIELDS 3 a b none]}]
        assert_equal {} [events_of {assert_equal -1 [r HPERSIST h FIELDS 1 a]}]
        assert_equal {-1 -1} [r HTTL h FIELDS 2 a b]
    }

    test {setting a field drops its deadline, counting in it does not} {
        r HSET h a 1 b 2
        foreach {command kept} {
            {HSET h a 5} 0  {HMSET h a 5} 0  {HSET h b 5} 1  {HSETNX h a 5} 1  {HINCRBY h a 1} 1
            {HINCRBYFLOAT h a 0.25} 1  {HINCRBY h a 1000000000} 1  {HGETALL h} 1
        } {
            r HSET h a 1
            r HPEXPIREAT h $far FIELDS 1 a
            r {*}$command
            assert_equal [list $command [expr {$kept ? $far : -1}]] [list $command [r HPEXPIRETIME h FIELDS 1 a]]
        }
    }

    test {a deadline that is set again is moved, not doubled} {
        r HSET h a 1 b 2
        r HPEXPIRE h 20 FIELDS 1 a
        r HPEXPIRE h 10000000 FIELDS 1 a
        r HPEXPIRE h 30 FIELDS 1 b
        assert_equal {hexpired(h)} [events_until hexpired(h) {}]
        assert_equal {a 1} [r HGETALL h]
    }

    test {a field goes when its deadline passes, and the hash with the last} {
        r HSET h a 1 b 2 c 3
        set before [server_info expired_subkeys]
        assert_equal {hexpire(h) hexpired(h)} [events_until hexpired(h) {r HPEXPIRE h 10 FIELDS 2 a b}]
        assert_equal {c 3} [r HGETALL h]
        assert_equal {hexpire(h) hexpired(h) del(h)} [events_until del(h) {r HPEXPIRE h 10 FIELDS 1 c}]
        assert_equal {0 none} [list [r EXISTS h] [r TYPE h]]
        assert_equal [expr {$before + 3}] [server_info expired_subkeys]
    }

    test {fields go in the order of their deadlines, never early} {
        set subscriber [events_subscriber __keyevent@0__:hexpired]
        set base [expr {[server_time_ms] + 40}]
        for {set i 0} {$i < 30} {incr i} {
            r HSET h:$i f v
            r HPEXPIREAT h:$i [expr {$base + ($i * 7) % 30}] FIELDS 1 f
            lappend expected [list [expr {$base + ($i * 7) % 30}] h:$i]
        }
        foreach row [lsort -integer -index 0 $expected] {
            lassign $row deadline key
            assert_equal $key [lindex [client_read $subscriber] end]
            assert {[server_time_ms] > $deadline}
        }
    }

    test {no command sees a field whose time has come} {
        without_active_expiry {
            foreach {command reply} {
                {HGET h a} (nil)  {HMGET h a b} {(nil) 2}  {HEXISTS h a} 0  {HSTRLEN h a} 0  {HLEN h} 1  {HGETALL h} {b 2}
                {HKEYS h} b  {HVALS h} 2  {HRANDFIELD h 5} b  {HRANDFIELD h -2} {b b}  {HSCAN h 0} {0 {b 2}}  {HDEL h a} 0
                {HSET h a 5} 1  {HSETNX h a 5} 1  {HINCRBY h a 5} 5  {HINCRBYFLOAT h a 5} 5  {HTTL h FIELDS 1 a} -2
                {HEXPIRE h 9 FIELDS 1 a} -2  {HPERSIST h FIELDS 1 a} -2  {HGETDEL h FIELDS 1 a} (nil)
                {HGETEX h FIELDS 1 a} (nil)  {HSETEX h FXX FIELDS 1 a 5} 0  {HSETEX h FNX FIELDS 1 a 5} 1
                {OBJECT ENCODING h} hashtable
            } {
                r DEL h
                r HSET h a 1 b 2
                let_pass h a
                set events [lindex [events_of {set actual [r {*}$command]}] 0]
                assert_equal [list $command $reply hexpired(h)] [list $command $actual $events]
            }
        }
    }

    test {a hash whose last field is due is gone for every command} {
        without_active_expiry {
            foreach {command reply events} {
                {EXISTS h} 0 {hexpired(h) del(h)}
                {TYPE h} none {hexpired(h) del(h)}
                {DEL h} 0 {hexpired(h) del(h)}
                {UNLINK h} 0 {hexpired(h) del(h)}
                {SET h x} OK {hexpired(h) del(h) set(h)}
                {HSET h f 1} 1 {hexpired(h) del(h) hset(h)}
                {LLEN h} 0 {hexpired(h) del(h)}
                {EXPIRE h 9} 0 {hexpired(h) del(h)}
            } {
                if {[lindex $command 0] eq "LLEN" && [r COMMAND INFO LLEN] eq "(nil)"} continue
                r DEL h
                r HSET h a 1
                let_pass h a
                assert_equal [list $command $events] [list $command [events_of {assert_equal $reply [r {*}$command]}]]
            }
        }
    }

    test {while clients are paused fields that are due are hidden, and go afterwards} {
        r HSET h a 1 b 2 c 3
        set other [client_new]
        set deadline [expr {[server_time_ms] + 30}]
        r HPEXPIREAT h $deadline FIELDS 2 a b
        r CLIENT PAUSE 100000 WRITE
        set subscriber [events_subscriber]
        wait_for {[server_time_ms $other] > $deadline + 20}
        foreach {command reply} {
            {HGETALL h} {c 3} {HKEYS h} c {HVALS h} 3 {HGET h a} (nil) {HMGET h a b c} {(nil) (nil) 3} {HEXISTS h b} 0
            {HRANDFIELD h} c {HRANDFIELD h 3} c {HRANDFIELD h -2} {c c} {HSCAN h 0} {0 {c 3}} {HTTL h FIELDS 2 a c} {-2 -1}
            {HSTRLEN h a} 0
        } {
            assert_equal [list $command $reply] [list $command [$other {*}$command]]
        }
        assert_equal {} [events_pending $subscriber]
        assert {[server_info overdue_hashes $other] == 1}
        $other CLIENT UNPAUSE
        assert_equal {hexpired(h)} [events_read_until $subscriber hexpired(h)]
        assert_equal 1 [r HLEN h]
    }

    test {deadlines follow the hash through RENAME, COPY, MOVE and SWAPDB} {
        foreach {commands key db} {
            {r RENAME h k} k 0
            {r COPY h k; r DEL h} k 0
            {r SET k x; r RENAME h k} k 0
            {r MOVE h 1; r SELECT 1} h 1
            {r COPY h k DB 2; r DEL h; r SELECT 2} k 2
            {r SWAPDB 0 3; r SELECT 3} h 3
        } {
            r FLUSHALL
            r SELECT 0
            r HSET h a 1 b 2
            r HPEXPIREAT h $far FIELDS 1 a
            eval $commands
            assert_equal [list $commands "$far -1"] [list $commands [r HPEXPIRETIME $key FIELDS 2 a b]]
            set name [expr {$db ? "hexpired($key@$db)" : "hexpired($key)"}]
            assert_equal $name [lindex [events_until $name {r HPEXPIRE $key 10 FIELDS 1 a}] end]
            assert_equal {b 2} [r HGETALL $key]
        }
    }

    test {a copy keeps its deadlines when the original loses its own} {
        r HSET h a 1
        r HPEXPIREAT h $far FIELDS 1 a
        r COPY h k
        r HSET h a 2
        assert_equal "-1 $far" [list [r HPEXPIRETIME h FIELDS 1 a] [r HPEXPIRETIME k FIELDS 1 a]]
    }

    test {what replaces a hash has none of its deadlines} {
        foreach command {{r SET h x} {r DEL h} {r FLUSHDB} {r FLUSHALL ASYNC} {r UNLINK h} {r HDEL h a} {r HGETDEL h FIELDS 1 a}} {
            r DEL h
            r HSET h a 1
            r HPEXPIRE h 20 FIELDS 1 a
            eval $command
            r DEL h
            r HSET h a 2
            assert_equal -1 [server_info next_deadline_ms]
            assert_equal {a 2} [r HGETALL h]
        }
    }

    test {a hash can expire itself, before its fields or after them} {
        r HSET h a 1
        r HPEXPIREAT h $far FIELDS 1 a
        assert_equal {expire(h) expired(h)} [events_until expired(h) {r PEXPIRE h 10}]
        assert_equal -1 [server_info next_deadline_ms]
        r HSET h a 1 b 2
        r EXPIRE h 1000
        assert_equal {hexpire(h) hexpired(h)} [events_until hexpired(h) {r HPEXPIRE h 10 FIELDS 1 a}]
        assert_between 900 1000 [r TTL h]
        r HPEXPIREAT h $far FIELDS 1 b
        r PERSIST h
        assert_equal $far [r HPEXPIRETIME h FIELDS 1 b]
    }

    test {INFO tells the next deadline of keys and fields} {
        assert_equal -1 [server_info next_deadline_ms]
        r HSET h a 1 b 2
        r HPEXPIREAT h 5000000000000 FIELDS 1 a
        assert_equal 5000000000000 [server_info next_deadline_ms]
        r HPEXPIREAT h 4000000000000 FIELDS 1 b
        assert_equal 4000000000000 [server_info next_deadline_ms]
        r SET k v PXAT 3000000000000
        assert_equal 3000000000000 [server_info next_deadline_ms]
        r DEL k
        r HPERSIST h FIELDS 1 b
        assert_equal 5000000000000 [server_info next_deadline_ms]
        r HDEL h a
        assert_equal -1 [server_info next_deadline_ms]
    }

    test {HGETEX returns values and sets, moves or drops deadlines} {
        r HSET h a 1 b 2
        assert_equal {} [events_of {assert_equal {1 (nil) 2} [r HGETEX h FIELDS 3 a none b]}]
        assert_equal {-1 -1} [r HTTL h FIELDS 2 a b]
        assert_equal {hexpire(h)} [events_of {assert_equal {1 (nil)} [r HGETEX h EX 1000 FIELDS 2 a none]}]
        assert_between 900 1000 [r HTTL h FIELDS 1 a]
        r HGETEX h PX 2000000 FIELDS 1 a
        assert_between 1900 2000 [r HTTL h FIELDS 1 a]
        r HGETEX h EXAT 5000000000 FIELDS 1 a
        assert_equal $far [r HPEXPIRETIME h FIELDS 1 a]
        r HGETEX h fields 1 a pxat 5000000000007
        assert_equal 5000000000007 [r HPEXPIRETIME h FIELDS 1 a]
        assert_equal {hpersist(h)} [events_of {assert_equal {1 2} [r HGETEX h PERSIST FIELDS 2 a b]}]
        assert_equal {} [events_of {r HGETEX h PERSIST FIELDS 2 a b}]
        assert_equal {-1 -1} [r HTTL h FIELDS 2 a b]
        assert_equal {hdel(h)} [events_of {assert_equal 1 [r HGETEX h PXAT 1 FIELDS 1 a]}]
        assert_equal {hdel(h) del(h)} [events_of {assert_equal 2 [r HGETEX h EXAT 1 FIELDS 1 b]}]
    }

    test {HSETEX sets fields, their deadlines, and looks at conditions} {
        assert_equal {hset(h) hexpire(h)} [events_of {assert_equal 1 [r HSETEX h EX 1000 FIELDS 2 a 1 b 2]}]
        assert_equal {1 2} [r HMGET h a b]
        assert_between 900 1000 [lindex [r HTTL h FIELDS 2 a b] 1]
        assert_equal {hset(h)} [events_of {assert_equal 1 [r HSETEX h FIELDS 1 a 3]}]
        assert_equal {3 -1} [list [r HGET h a] [r HTTL h FIELDS 1 a]]
        r HSETEX h PXAT $far FIELDS 1 a 4
        assert_equal {hset(h)} [events_of {r HSETEX h KEEPTTL FIELDS 1 a 5}]
        assert_equal "5 $far" [list [r HGET h a] [r HPEXPIRETIME h FIELDS 1 a]]
        assert_equal {} [events_of {
            assert_equal {0 0} [list [r HSETEX h FNX FIELDS 2 new 1 a 1] [r HSETEX h FXX EX 9 FIELDS 2 a 1 new 1]]
        }]
        assert_equal {5 0} [list [r HGET h a] [r HEXISTS h new]]
        assert_equal {1 1} [list [r HSETEX h FXX FIELDS 2 a 6 b 6] [r HSETEX h FNX PX 100000 FIELDS 1 c 7]]
        assert_equal {6 6 7} [r HMGET h a b c]
        assert_equal 1 [r HSETEX h fields 1 d 8 fnx exat 5000000000]
        assert_equal $far [r HPEXPIRETIME h FIELDS 1 d]
        assert_equal {} [events_of {assert_equal {0 1} [list [r HSETEX none FXX FIELDS 1 a 1] [r HSETEX none PXAT 1 FIELDS 1 a 1]]}]
        assert_equal 0 [r EXISTS none]
        assert_equal {hdel(h)} [events_of {assert_equal 1 [r HSETEX h PXAT 1 FIELDS 2 a 1 none 1]}]
        assert_equal 0 [r HEXISTS h a]
    }

    test {HGETDEL returns values and removes the fields} {
        r HSET h a 1 b 2 c 3
        assert_equal {hdel(h)} [events_of {assert_equal {1 (nil) (nil)} [r HGETDEL h FIELDS 3 a none a]}]
        assert_equal {} [events_of {assert_equal (nil) [r HGETDEL h FIELDS 1 none]}]
        r HEXPIRE h 1000 FIELDS 1 b
        assert_equal {hdel(h) del(h)} [events_of {assert_equal {2 3} [r HGETDEL h FIELDS 2 b c]}]
        assert_equal 0 [r EXISTS h]
    }

    test {replies in RESP3} {
        r HELLO 3
        r HSET h a 1
        foreach {command bytes} {
            {HTTL h FIELDS 2 a none}       "*2\r\n:-1\r\n:-2\r\n"
            {HEXPIRE h 9 FIELDS 1 a}       "*1\r\n:1\r\n"
            {HGETEX h FIELDS 2 a none}     "*2\r\n$1\r\n1\r\n_\r\n"
            {HGETDEL h FIELDS 2 a none}    "*2\r\n$1\r\n1\r\n_\r\n"
            {HSETEX h FIELDS 1 a 1}        ":1\r\n"
        } {
            client_send r {*}$command
            client_expect r $bytes
        }
    }

    test {wrong arguments of HEXPIRE and its kin} {
        foreach command {HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT} {
            set fields "Mandatory argument FIELDS is missing or not at the right position"
            set arguments "The `numfields` parameter must match the number of arguments"
            set count "Parameter `numFields` should be greater than 0"
            each_error [list \
                "$command h x FIELDS 1 a"                    "value is not an integer or out of range" \
                "$command h 9223372036854775808 FIELDS 1 a"  "value is not an integer or out of range" \
                "$command h -1 FIELDS 1 a"                   "invalid expire time, must be >= 0" \
                "$command h -9223372036854775808 FIELDS 1 a" "invalid expire time, must be >= 0" \
                "$command h 9223372036854775807 FIELDS 1 a"  "invalid expire time in '[string tolower $command]' command" \
                "$command h 70368744177664 FIELDS 1 a"       "invalid expire time in '[string tolower $command]' command" \
                "$command h 9 NX XX FIELDS 1 a"              $fields \
                "$command h 9 XFIELDS 1 a"                   $fields \
                "$command h 9 NX 1 a b"                      $fields \
                "$command h 9 FIELDS 0 a"                    $count \
                "$command h 9 FIELDS -1 a"                   $count \
                "$command h 9 FIELDS x a"                    $count \
                "$command h 9 FIELDS 9223372036854775808 a"  $count \
                "$command h 9 FIELDS 2 a"                    $arguments \
                "$command h 9 FIELDS 1 a b"                  $arguments \
                "$command h 9 FIELDS 9223372036854775807 a"  $arguments \
                "$command h 9 FIELDS 1"                      "wrong number of arguments for '[string tolower $command]' command"]
        }
        assert_equal 0 [r EXISTS h]
    }

    test {wrong arguments of HTTL and its kin, HPERSIST and HGETDEL} {
        foreach command {HTTL HPTTL HEXPIRETIME HPEXPIRETIME HPERSIST HGETDEL} {
            set count "Number of fields must be a positive integer"
            set arguments "The `numfields` parameter must match the number of arguments"
            each_error [list \
                "$command h XFIELDS 1 a"                  "Mandatory argument FIELDS is missing or not at the right position" \
                "$command h FIELDS 0 a"                   $count \
                "$command h FIELDS -5 a"                  $count \
                "$command h FIELDS x a"                   $count \
                "$command h FIELDS 9223372036854775808 a" $count \
                "$command h FIELDS 2 a"                   $arguments \
                "$command h FIELDS 1 a b"                 $arguments \
                "$command h FIELDS 4294967297 a"          $arguments \
                "$command h FIELDS 1"                     "wrong number of arguments for '[string tolower $command]' command"]
        }
    }

    test {wrong arguments of HGETEX and HSETEX} {
        set none "missing FIELDS argument"
        set count "invalid number of fields"
        foreach {command pair word} {hgetex a PERSIST hsetex {a 1} KEEPTTL} {
            set only "Only one of EX, PX, EXAT, PXAT or $word arguments can be specified"
            set arity "wrong number of arguments for '$command' command"
            set time "invalid expire time in '$command' command"
            each_error [list \
                "$command h NX FIELDS 1 $pair"                     "unknown argument: NX" \
                "$command h FIELDS 1 $pair unknown"                "unknown argument: unknown" \
                "$command h FIELDS 1 $pair FIELDS 1 $pair"         "FIELDS keyword specified multiple times" \
                "$command h EX 9 PX 9 FIELDS 1 $pair"              $only \
                "$command h EX 9 FIELDS 1 $pair EX 9"              $only \
                "$command h $word PXAT 9 FIELDS 1 $pair"           $only \
                "$command h EX 9 $word FIELDS 1 $pair"             $only \
                "$command h EX 9 EXAT"                             [expr {$command eq "hgetex" ? $only : $arity}] \
                "$command h FIELDS 0 $pair"                        $count \
                "$command h FIELDS -1 $pair"                       $count \
                "$command h FIELDS x $pair"                        $count \
                "$command h FIELDS 9223372036854775808 $pair"      $count \
                "$command h FIELDS 2 $pair"                        $arity \
                "$command h FIELDS 9223372036854775807 $pair"      $arity \
                "$command h EX 9 $word FIELDS"                     $only \
                "$command h FIELDS 1 $pair EX"                     $arity \
                "$command h EX x FIELDS 1 $pair"                   "value is not an integer or out of range" \
                "$command h EX FIELDS 1 $pair x"                   [expr {$command eq "x" ? "" : "unknown argument: 1"}] \
                "$command h EX 0 FIELDS 1 $pair"                   $time \
                "$command h PX -1 FIELDS 1 $pair"                  $time \
                "$command h EX 9223372036854775807 FIELDS 1 $pair" $time \
                "$command h PXAT 281474976710656 FIELDS 1 $pair"   $time \
                "$command h EXAT 70368744178 FIELDS 1 $pair"       $time]
        }
        each_error [list \
            "HSETEX h FNX FXX FIELDS 1 a 1"   "Only one of FXX or FNX arguments can be specified" \
            "HSETEX h FXX FXX FIELDS 1 a 1"   "Only one of FXX or FNX arguments can be specified" \
            "HSETEX h FIELDS 1 a 1 PERSIST"   "unknown argument: PERSIST" \
            "HSETEX h FNX EX 9 KEEPTTL"       "Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified" \
            "HSETEX h FIELDS 2 a 1 b"         "wrong number of arguments for 'hsetex' command" \
            "HSETEX h FNX EX 9 FIELDS"        "wrong number of arguments for 'hsetex' command" \
            "HGETEX h FIELDS 1 a KEEPTTL"     "unknown argument: KEEPTTL" \
            "HGETEX h FIELDS 1 a FNX"         "unknown argument: FNX" \
            "HGETEX h EX 9 FIELDS"            "wrong number of arguments for 'hgetex' command"]
        assert_equal 0 [r EXISTS h]
    }

    test {every command refuses a key of another type} {
        r SET s x
        foreach command {
            {HEXPIRE s 9 FIELDS 1 a} {HPEXPIRE s 9 FIELDS 1 a} {HEXPIREAT s 9 FIELDS 1 a} {HPEXPIREAT s 9 FIELDS 1 a}
            {HTTL s FIELDS 1 a} {HPTTL s FIELDS 1 a} {HEXPIRETIME s FIELDS 1 a} {HPEXPIRETIME s FIELDS 1 a}
            {HPERSIST s FIELDS 1 a} {HGETEX s FIELDS 1 a} {HGETEX s EX 9 FIELDS 1 a} {HSETEX s FIELDS 1 a 1}
            {HGETDEL s FIELDS 1 a}
        } {
            assert_equal [list $command $wrong_type] [list $command [client_value [r_typed {*}$command]]]
        }
        assert_equal x [r GET s]
    }

    test {the digest tells that fields expire, not when} {
        r HSET a f 1 g 2
        r COPY a b
        r HEXPIRE a 1000 FIELDS 1 f
        assert_not_equal [r DEBUG DIGEST-VALUE a] [r DEBUG DIGEST-VALUE b]
        r HEXPIRE b 2000 FIELDS 1 f
        assert_equal [r DEBUG DIGEST-VALUE a] [r DEBUG DIGEST-VALUE b]
    }

    test {a watched hash that loses a field has changed} {
        r HSET h a 1 b 2
        r HPEXPIRE h 20 FIELDS 1 a
        set subscriber [events_subscriber]
        r WATCH h
        events_read_until $subscriber hexpired(h)
        r MULTI
        r PING
        assert_equal (nil) [r EXEC]
    }

    test {changes are counted by fields} {
        foreach {command changes} {
            {HEXPIRE h 900 FIELDS 3 a b none} 2  {HGETEX h PERSIST FIELDS 2 a c} 1  {HPERSIST h FIELDS 2 a c} 1
            {HSETEX h EX 900 FIELDS 2 a 1 d 2} 2  {HGETDEL h FIELDS 2 d none} 1  {HTTL h FIELDS 1 a} 0  {HPEXPIRE h 0 FIELDS 1 a} 1
        } {
            r HSET h a 1 b 2 c 3
            r HPEXPIREAT h $far FIELDS 2 a b
            set before [server_info rdb_changes_since_last_save]
            r {*}$command
            assert_equal [list $command $changes] \
                [list $command [expr {[server_info rdb_changes_since_last_save] - $before}]]
        }
    }

    test {many fields of one hash that are due together go together} {
        set command {}
        for {set i 0} {$i < 3000} {incr i} {
            lappend fields field:$i
            lappend command field:$i value:$i
        }
        r HSET h {*}$command stays x
        r HPEXPIRE h 30 FIELDS 3000 {*}$fields
        wait_for {[r HLEN h] == 1}
        assert_equal {stays x} [r HGETALL h]
        without_active_expiry {
            r HSET h {*}$command
            let_pass h {*}$fields
            assert_equal hexpired(h) [events_of {assert_equal 1 [r HLEN h]}]
        }
    }

    test {more fields than one access removes are hidden until they go} {
        without_active_expiry {
            set command {}
            for {set i 0} {$i < 20000} {incr i} {
                lappend fields field:$i
                lappend command field:$i value:$i
            }
            r HSET h {*}$command stays x
            let_pass h {*}$fields
            assert_equal {stays x} [r HGETALL h]
            assert_equal {x (nil)} [list [r HGET h stays] [r HGET h field:19999]]
            assert_equal stays [r HRANDFIELD h]
            assert_equal 1 [r HSET h field:19999 new]
            assert_equal {field:19999 stays} [lsort [r HKEYS h]]
            assert_equal 0 [r HDEL h field:19998]
        }
        wait_for {[r HLEN h] == 2}
        assert_equal {field:19999 new stays x} [lsort -stride 2 [r HGETALL h]]
    }
}
}
