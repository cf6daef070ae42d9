# Expiry: the commands, and that keys go on time, never early, each announced once.

# How far the server's clock and the test's may differ in what they read within a test.
set lag 60000

start_server {notify-keyspace-events KEA} {
    test {EXPIRE sets a deadline that TTL and PTTL report} {
        r SET k v
        assert_equal -1 [r TTL k]
        assert_equal -1 [r PTTL k]
        assert_equal 1 [r EXPIRE k 100000]
        assert_between [expr {100000 - $lag / 1000}] 100000 [r TTL k]
        assert_between [expr {100000000 - $lag}] 100000000 [r PTTL k]
    }

    test {TTL rounds to the nearest second} {
        foreach ttl {100100 100900 7200499 7200999} {
            r SET k v PX $ttl
            r MULTI
            r PTTL k
            r TTL k
            lassign [r EXEC] pttl seconds
            assert_equal [expr {($pttl + 500) / 1000}] $seconds
        }
    }

    test {PEXPIRE, EXPIREAT and PEXPIREAT set the same deadline as EXPIRE} {
        set at [expr {[clock seconds] + 100000}]
        r SET k v
        foreach command {{PEXPIRE k 100000000} {EXPIRE k 100000} {EXPIREAT k $at} {PEXPIREAT k ${at}000}} {
            r PERSIST k
            assert_equal 1 [r {*}[subst $command]]
            assert_between [expr {100000 - $lag / 1000}] 100001 [r TTL k]
        }
        assert_equal ${at}000 [r PEXPIRETIME k]
        assert_equal $at [r EXPIRETIME k]
    }

    test {EXPIRETIME and PEXPIRETIME answer -1 without a deadline and -2 without a key} {
        r SET k v
        assert_equal {-1 -1 -2 -2} [list [r EXPIRETIME k] [r PEXPIRETIME k] [r EXPIRETIME none] [r PEXPIRETIME none]]
    }

    test {EXPIRETIME rounds even the last moment there is} {
        r SET k v
        r PEXPIREAT k 9223372036854775807
        assert_equal {9223372036854776 9223372036854775807} [list [r EXPIRETIME k] [r PEXPIRETIME k]]
    }

    test {TTL and PTTL answer -2 for an absent key} {
        assert_equal {-2 -2} [list [r TTL none] [r PTTL none]]
    }

    test {every command of the family answers 0 for an absent key} {
        assert_equal {0 0 0 0 0} [list [r EXPIRE k 9] [r PEXPIRE k 9] [r EXPIREAT k 99999999999] \
            [r PEXPIREAT k 99999999999999] [r PERSIST k]]
    }

    test {PERSIST drops the deadline, once} {
        r SET k v EX 1000
        assert_equal 1 [r PERSIST k]
        assert_equal -1 [r TTL k]
        assert_equal 0 [r PERSIST k]
    }

    foreach command {EXPIRE PEXPIRE EXPIREAT PEXPIREAT} {
        test "$command with a moment in the past deletes the key" {
            foreach moment {0 -1 -1000000} {
                r SET k v
                assert_equal {del(k)} [events_of {assert_equal 1 [r $command k $moment]}]
                assert_equal 0 [r EXISTS k]
            }
        }

        test "$command refuses what is not an integer and wrong options" {
            r SET k v
            foreach value {"" x 1.5 9223372036854775808 " 1" 1x} {
                assert_error {ERR value is not an integer or out of range} {r $command k $value}
            }
            assert_error {ERR Unsupported option QQ} {r $command k 100 QQ}
            assert_error {ERR Unsupported option qq} {r $command k 100 NX qq}
            foreach options {{NX XX} {NX GT} {NX LT} {LT NX}} {
                assert_error {ERR NX and XX, GT or LT options at the same time are not compatible} {
                    r $command k 100 {*}$options
                }
            }
            assert_error {ERR GT and LT options at the same time are not compatible} {r $command k 100 GT LT}
            assert_error "ERR wrong number of arguments for '[string tolower $command]' command" {r $command k}
            assert_equal -1 [r TTL k]
        }
    }

    test {a deadline that overflows is refused with the command's name} {
        r SET k v
        foreach {command value} {
            EXPIRE 9223372036854775807 EXPIRE 9223372036854775 EXPIREAT 9223372036854775807
            EXPIRE -9223372036854775808 PEXPIRE 9223372036854775807
        } {
            assert_error "ERR invalid expire time in '[string tolower $command]' command" {r $command k $value}
        }
        assert_equal -1 [r TTL k]
        assert_equal 1 [r PEXPIREAT k 9223372036854775807]
        assert_equal 9223372036854775807 [r PEXPIRETIME k]
    }

    test {SET family refuses deadlines that are zero, negative or overflow} {
        foreach {command name} {
            {SET k v EX 0} set {SET k v PX 0} set {SET k v EX -1} set {SET k v EXAT 0} set {SET k v PXAT -5} set
            {SET k v EX 9223372036854775807} set {SET k v PX 9223372036854775807} set
            {SETEX k 0 v} setex {SETEX k -1 v} setex {PSETEX k 0 v} psetex {PSETEX k -9 v} psetex
            {SETEX k 9223372036854775807 v} setex
            {GETEX k EX 0} getex {GETEX k PX -1} getex {GETEX k EXAT 0} getex {GETEX k EX 9223372036854775807} getex
        } {
            r SET k old
            assert_error "ERR invalid expire time in '$name' command" {r {*}$command}
            assert_equal old [r GET k]
        }
    }

    test {NX sets a deadline only where there is none} {
        r SET k v
        assert_equal 1 [r EXPIRE k 1000 NX]
        assert_equal 0 [r EXPIRE k 5000 NX]
        assert_between 900 1000 [r TTL k]
    }

    test {XX sets a deadline only where there is one} {
        r SET k v
        assert_equal 0 [r EXPIRE k 1000 XX]
        assert_equal -1 [r TTL k]
        r EXPIRE k 1000
        assert_equal 1 [r EXPIRE k 5000 XX]
        assert_between 4900 5000 [r TTL k]
    }

    test {GT only lengthens, and no deadline counts as infinitely long} {
        r SET k v
        assert_equal 0 [r EXPIRE k 1000 GT]
        r EXPIREAT k 5000000000
        assert_equal 0 [r EXPIREAT k 4999999999 GT]
        assert_equal 0 [r EXPIREAT k 5000000000 GT]
        assert_equal 1 [r EXPIREAT k 5000000001 GT]
        assert_equal 5000000001 [r EXPIRETIME k]
    }

    test {LT only shortens, and no deadline counts as infinitely long} {
        r SET k v
        assert_equal 1 [r EXPIREAT k 5000000000 LT]
        assert_equal 0 [r EXPIREAT k 5000000000 LT]
        assert_equal 0 [r EXPIREAT k 5000000001 LT]
        assert_equal 1 [r EXPIREAT k 4999999999 LT]
        assert_equal 4999999999 [r EXPIRETIME k]
    }

    test {XX goes together with GT and with LT} {
        r SET k v
        assert_equal {0 0} [list [r EXPIRE k 1000 XX GT] [r EXPIRE k 1000 XX LT]]
        r EXPIREAT k 5000000000
        assert_equal {1 1 0} [list [r EXPIREAT k 5000000001 gt xx] [r EXPIREAT k 4999999999 xx lt] [r EXPIREAT k 5 XX GT]]
        assert_equal 1 [r EXISTS k]
        assert_equal 1 [r EXPIREAT k 5 XX LT]
        assert_equal 0 [r EXISTS k]
    }

    test {commands that overwrite drop the deadline, commands that change keep it} {
        foreach {command keeps} {
            {SET k 2} 0        {GETSET k 2} 0      {MSET k 2} 0     {SETRANGE k 0 3} 1  {SET k 2 KEEPTTL} 1
            {APPEND k 2} 1     {INCR k} 1          {DECRBY k 3} 1   {INCRBYFLOAT k 2} 1
            {GET k} 1          {GETEX k} 1         {GETEX k PERSIST} 0  {SET k 2 XX} 0
            {SET k 2 NX} 1     {SET k 2 GET} 0     {TOUCH k} 1      {OBJECT FREQ k} 1
        } {
            r SET k 1 EX 1000
            catch {r {*}$command}
            assert_equal [list $command $keeps] [list $command [expr {[r TTL k] > 0}]]
        }
    }

    test {RENAME and COPY and MOVE take the deadline along} {
        r SET a v PXAT 5000000000000
        r RENAME a b
        assert_equal 5000000000000 [r PEXPIRETIME b]
        r COPY b c
        assert_equal 5000000000000 [r PEXPIRETIME c]
        r MOVE c 2
        r SELECT 2
        assert_equal 5000000000000 [r PEXPIRETIME c]
    }

    test {RENAME over a volatile key leaves the target without a deadline if the source had none} {
        r SET a v
        r SET b w EX 1000
        r RENAME a b
        assert_equal -1 [r TTL b]
    }

    test {a key goes after its deadline without being touched, and is announced once} {
        assert_equal {set(k) expire(k) expired(k)} [events_until expired(k) {r SET k v PX 20}]
        assert_equal {} [events_of {assert_equal 0 [r EXISTS k]; assert_equal 0 [r DBSIZE]}]
    }

    test {a key is never announced before its deadline} {
        set subscriber [client_new]
        $subscriber SUBSCRIBE __keyevent@0__:expired
        for {set i 0} {$i < 30} {incr i} {
            set deadline [expr {[server_time_ms] + 1 + [random_int 40]}]
            r SET k$i v PXAT $deadline
            assert_equal [list message __keyevent@0__:expired k$i] [client_read $subscriber]
            assert {[server_time_ms] > $deadline}
        }
    }

    test {a key is never gone before its deadline} {
        for {set i 0} {$i < 20} {incr i} {
            set deadline [expr {[server_time_ms] + 1 + [random_int 40]}]
            r SET k v PXAT $deadline
            wait_for {[r GET k] ne "v"}
            assert {[server_time_ms] > $deadline}
        }
    }

    test {keys with different deadlines are announced in the order of their deadlines} tocsin {
        set subscriber [client_new]
        $subscriber SUBSCRIBE __keyevent@0__:expired
        set start [expr {[server_time_ms] + 100}]
        set commands {}
        set expected {}
        for {set i 0} {$i < 200} {incr i} {
            lappend commands [list SET key:$i v PXAT [expr {$start + 37 * $i % 200}]]
            lappend expected key:[expr {173 * $i % 200}]
        }
        client_pipeline r $commands
        assert_equal $expected [lmap key $expected {lindex [client_read $subscriber] 2}]
    }

    test {every one of many keys that fall due together is announced exactly once} {
        set subscriber [client_new]
        $subscriber SUBSCRIBE __keyevent@0__:expired
        set at [expr {[clock milliseconds] + 100}]
        set commands {}
        for {set i 0} {$i < 5000} {incr i} {
            lappend commands [list SET key:$i v PXAT $at]
        }
        client_pipeline r $commands
        set seen {}
        for {set i 0} {$i < 5000} {incr i} {
            dict incr seen [lindex [client_read $subscriber] 2]
        }
        assert_equal 5000 [dict size $seen]
        assert_equal {} [messages_pending $subscriber]
        assert_equal 0 [r DBSIZE]
    }

    test {a shortened, a lengthened and a dropped deadline are honoured} {
        r SET short v EX 1000
        r SET long v PX 20
        r SET none v PX 20
        r EXPIRE long 1000
        r PERSIST none
        events_until expired(short) {r PEXPIRE short 20}
        events_until expired(probe) {r SET probe v PX 30}
        assert_equal {long none} [lsort [r KEYS *]]
    }

    test {expired keys in every database are announced with its number} {
        set subscriber [events_subscriber __keyevent@*:expired]
        foreach db {0 3 15} {
            r SELECT $db
            r SET k v PX 10
        }
        set channels {}
        foreach db {0 3 15} {
            lappend channels [lindex [client_read $subscriber] 2]
        }
        assert_same_elements {__keyevent@0__:expired __keyevent@3__:expired __keyevent@15__:expired} $channels
    }

    test {DEBUG SET-ACTIVE-EXPIRE 0 leaves expired keys to the commands that touch them} {
        r DEBUG SET-ACTIVE-EXPIRE 0
        set before [server_info expired_keys]
        set_expired k v
        assert_equal {} [events_of {assert_equal 1 [r DBSIZE]}]
        assert_equal $before [server_info expired_keys]
        assert_equal {expired(k)} [events_of {r GET k}]
        assert_equal 0 [r DBSIZE]
        assert_equal [expr {$before + 1}] [server_info expired_keys]
        r SET k v PX 1
        events_until expired(k) {r DEBUG SET-ACTIVE-EXPIRE 1}
    }

    test {writing to an expired key starts from nothing} {
        r DEBUG SET-ACTIVE-EXPIRE 0
        foreach {command reply} {
            {APPEND k y} 1 {INCR k} 1 {SETRANGE k 2 z} 3 {GETSET k q} (nil) {SETNX k n} 1
        } {
            r DEL k
            set_expired k 12345
            assert_equal $reply [r {*}$command]
            assert_equal -1 [r TTL k]
        }
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {expired keys do not show in KEYS, SCAN, RANDOMKEY and EXISTS} {
        r DEBUG SET-ACTIVE-EXPIRE 0
        for {set i 0} {$i < 10} {incr i} {
            set_expired k$i v
        }
        r SET stays v
        assert_equal stays [r KEYS *]
        assert_equal {0 stays} [r SCAN 0 COUNT 1000]
        assert_equal stays [r RANDOMKEY]
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {CLIENT PAUSE holds expiry back} {
        r CLIENT PAUSE 100000 WRITE
        r CLIENT UNPAUSE
        set subscriber [events_subscriber]
        set deadline [expr {[server_time_ms] + 30}]
        r SET k v PXAT $deadline
        r CLIENT PAUSE 100000 WRITE
        wait_for {[server_time_ms] > $deadline + 100}
        assert_equal 1 [r DBSIZE]
        r CLIENT UNPAUSE
        assert_equal {set(k) expire(k) expired(k)} [events_read_until $subscriber expired(k)]
    }

    test {a key with a short deadline can be set again and again} {
        for {set i 0} {$i < 500} {incr i} {
            r SET k $i PX 100000
            r PEXPIRE k [expr {200000 + $i}]
        }
        assert_equal 499 [r GET k]
        assert_equal 1 [r DBSIZE]
        assert_match "*db0:keys=1,expires=1,*" [r INFO keyspace]
    }

    test {INFO counts volatile keys} {
        r MSET a 1 b 2 c 3
        assert_match "*db0:keys=3,expires=0,avg_ttl=0*" [r INFO keyspace]
        r EXPIRE a 1000
        r EXPIRE b 1000
        assert_match "*db0:keys=3,expires=2,*" [r INFO keyspace]
        r PERSIST a
        r DEL b
        assert_match "*db0:keys=2,expires=0,*" [r INFO keyspace]
    }

    test {deadlines spread over milliseconds to years are all kept} {
        set now [clock milliseconds]
        foreach offset {60000 3600000 86400000 2592000000 31536000000 3153600000000 900000000000000} {
            r SET k$offset v PXAT [expr {$now + $offset}]
            assert_equal [expr {$now + $offset}] [r PEXPIRETIME k$offset]
        }
        events_until expired(probe) {r SET probe v PX 20}
        assert_equal 7 [r DBSIZE]
    }

    test {EXPIRE with a very far deadline survives} {
        r SET k v
        assert_equal 1 [r EXPIRE k 9000000000000]
        assert_between 8999999990000 9000000000000 [r TTL k]
    }
}

start_server {notify-keyspace-events KEA} {
    tags tocsin {
        test {among many keys that are not due yet, each of the due ones is announced} {
            r DEBUG POPULATE 200000 far 8
            for {set i 0} {$i < 200000} {incr i 10000} {
                set commands {}
                for {set j $i} {$j < $i + 10000} {incr j} {
                    lappend commands [list EXPIRE far:$j [expr {100000 + $j}]]
                }
                client_pipeline r $commands
            }
            set subscriber [client_new]
            $subscriber SUBSCRIBE __keyevent@0__:expired
            for {set i 0} {$i < 100} {incr i} {
                r SET probe:$i v PX [expr {1 + 3 * $i}]
            }
            for {set i 0} {$i < 100} {incr i} {
                assert_equal probe:$i [lindex [client_read $subscriber] 2]
            }
            assert_equal 200000 [r DBSIZE]
        }
    }
}
