# Transactions.

start_server {} {
    test {EXEC runs the queue and answers its replies} {
        r SET n 5
        assert_replies {
            {MULTI}         OK
            {SET k v}       QUEUED
            {GET k}         QUEUED
            {INCR n}        QUEUED
            {GET none}      QUEUED
            {EXEC}          {OK v 6 (nil)}
        }
    }

    test {nobody sees a transaction half done} {
        set other [client_new]
        r MULTI
        r SET a 1
        r SET b 2
        assert_equal {(nil) (nil)} [$other MGET a b]
        client_write $other [client_encode MULTI][client_encode MGET a b][client_encode EXEC]
        r EXEC
        assert_equal {OK QUEUED} [list [client_read $other] [client_read $other]]
        assert {[client_read $other] in {{{(nil) (nil)}} {{1 2}}}}
    }

    test {an empty transaction answers an empty array} {
        r MULTI
        assert_equal {} [r EXEC]
        r MULTI
        client_send r EXEC
        client_expect r "*0\r\n"
    }

    test {DISCARD forgets the queue} {
        assert_replies {
            {MULTI}         OK
            {SET k v}       QUEUED
            {DISCARD}       OK
            {EXISTS k}      0
            {EXEC}          {(error) ERR EXEC without MULTI}
            {DISCARD}       {(error) ERR DISCARD without MULTI}
        }
    }

    test {MULTI does not nest and WATCH is refused inside, the transaction lives on} {
        assert_replies {
            {MULTI}         OK
            {MULTI}         {(error) ERR MULTI calls can not be nested}
            {WATCH k}       {(error) ERR WATCH inside MULTI is not allowed}
            {SET k v}       QUEUED
            {EXEC}          OK
        }
    }

    test {a command that cannot be queued aborts the transaction} {
        foreach bad {nosuch {GET} {SET a} {CONFIG nosuch} {HELLO 3 x y z w}} {
            r MULTI
            r SET k v
            set reply [client_value [r_typed {*}$bad]]
            if {[string match (error)* $reply]} {
                assert_error {EXECABORT Transaction discarded because of previous errors.} {r EXEC}
                assert_equal 0 [r EXISTS k]
            } else {
                r DISCARD
            }
            assert_error {ERR EXEC without MULTI} {r EXEC}
        }
    }

    test {an error while executing does not stop the rest} {
        r SET l x
        assert_replies {
            {MULTI}         OK
            {SET a 1}       QUEUED
            {INCR l}        QUEUED
            {SET b 2}       QUEUED
            {EXEC}          {OK {(error) ERR value is not an integer or out of range} OK}
            {MGET a b}      {1 2}
        }
    }

    test {the commands count their arguments} {
        foreach {command name} {{MULTI x} multi {DISCARD x} discard WATCH watch {UNWATCH x} unwatch} {
            assert_error "ERR wrong number of arguments for '$name' command" {r {*}$command}
        }
    }

    test {EXEC with an argument aborts} {
        set error {EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command}
        assert_error $error {r EXEC x}
        r MULTI
        assert_error $error {r EXEC x}
    }

    test {EXEC answers null if a watched key was changed} {
        set other [client_new]
        foreach change {
            {SET k w} {APPEND k x} {INCR n} {DEL k} {EXPIRE k 100} {RENAME k q} {RENAME n k} {FLUSHALL} {FLUSHDB}
            {SWAPDB 0 1} {COPY n k REPLACE} {MSET a 1 k 2} {GETDEL k} {SETRANGE k 0 z} {MOVE k 2} {PEXPIREAT k 1} {SET k v}
        } {
            r FLUSHALL
            r MSET k v n 1
            r WATCH k n
            $other {*}$change
            r MULTI
            r SET done yes
            assert_equal [list $change (nil)] [list $change [r EXEC]]
            assert_equal 0 [r EXISTS done]
        }
        r WATCH k
        $other SET k new
        r MULTI
        client_send r EXEC
        client_expect r "*-1\r\n"
    }

    test {EXEC runs if nothing watched was changed} {
        set other [client_new]
        foreach {watch command} {
            k {GET k}  k {SET other v}  k {DEL none}  k {SET k w NX}  none {DEL none}  none {EXPIRE none 10}
            k {TOUCH k}  k {PERSIST k}  k {EXISTS k}  none {FLUSHALL_NOT}  k {SWAPDB 3 4}  k {RENAMENX k k}
        } {
            r FLUSHALL
            r SET k v
            r WATCH $watch
            catch {$other {*}$command}
            r MULTI
            r PING
            assert_equal [list $command PONG] [list $command [r EXEC]]
        }
    }

    test {a key is watched in its database} {
        set other [client_new]
        r SELECT 2
        r WATCH k
        $other SET k v
        r MULTI
        r PING
        assert_equal PONG [r EXEC]
        r WATCH k
        r SELECT 0
        $other SELECT 2
        $other SET k v
        r MULTI
        r PING
        assert_equal (nil) [r EXEC]
    }

    test {a client's own change counts} {
        r WATCH k
        r SET k v
        r MULTI
        r PING
        assert_equal (nil) [r EXEC]
    }

    test {UNWATCH, DISCARD, EXEC and RESET end the watching} {
        set other [client_new]
        foreach ending {UNWATCH {MULTI DISCARD} {MULTI EXEC} RESET} {
            r WATCH k
            foreach command $ending {
                r $command
            }
            $other SET k v
            r MULTI
            r PING
            assert_equal [list $ending PONG] [list $ending [r EXEC]]
        }
    }

    test {a watched key that expires aborts, one that had expired before does not} {
        r SET k v PX 20
        r WATCH k
        wait_for {[r EXISTS k] == 0}
        r MULTI
        r PING
        assert_equal (nil) [r EXEC]

        r DEBUG SET-ACTIVE-EXPIRE 0
        set_expired k v
        r WATCH k
        set other [client_new]
        $other GET k
        r MULTI
        r PING
        assert_equal PONG [r EXEC]
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {a watched key that expires unseen aborts as well} {
        r DEBUG SET-ACTIVE-EXPIRE 0
        set deadline [expr {[server_time_ms] + 50}]
        r SET k v PXAT $deadline
        r WATCH k
        wait_for {[server_time_ms] > $deadline}
        r MULTI
        r PING
        assert_equal (nil) [r EXEC]
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {SWAPDB and FLUSHALL abort for keys that exist on either side, and only for them} {
        set other [client_new]
        foreach {prepare watch change reply} {
            {SET k v}           k       {SWAPDB 0 1}    (nil)
            {SET x v}           k       {SWAPDB 0 1}    PONG
            {SET x v}           k       FLUSHALL        PONG
            {SET k v}           k       FLUSHALL        (nil)
            {SET k v}           k       {FLUSHALL ASYNC}  (nil)
        } {
            r FLUSHALL
            r {*}$prepare
            r WATCH $watch
            $other {*}$change
            r MULTI
            r PING
            assert_equal [list $prepare $change $reply] [list $prepare $change [r EXEC]]
        }
        r FLUSHALL
        $other SELECT 1
        $other SET k v
        r WATCH k
        $other SWAPDB 0 1
        r MULTI
        r PING
        assert_equal (nil) [r EXEC]
    }

    test {many clients watching one key are all told} {
        set clients {}
        for {set i 0} {$i < 50} {incr i} {
            set client [client_new]
            $client WATCH k
            $client MULTI
            $client INCR done
            lappend clients $client
        }
        client_close [lindex $clients 0]
        assert_equal 1 [[lindex $clients 1] EXEC]
        r SET k v
        foreach client [lrange $clients 2 end] {
            assert_equal (nil) [$client EXEC]
        }
        assert_equal 1 [r GET done]
    }

    test {a counter incremented optimistically by several clients loses nothing} {
        set clients [list [client_new] [client_new] [client_new]]
        set successes 0
        for {set i 0} {$i < 200} {incr i} {
            set client [random_of $clients]
            $client WATCH counter
            set value [$client GET counter]
            if {[random_int 3] == 0} {
                r INCR counter
                incr successes
            }
            $client MULTI
            $client SET counter [expr {$value eq "(nil)" ? 1 : $value + 1}]
            if {[$client EXEC] eq "OK"} {
                incr successes
            }
        }
        assert_equal $successes [r GET counter]
    }

    test {SELECT inside a transaction stays in effect} {
        assert_replies {
            {MULTI}         OK
            {SELECT 3}      QUEUED
            {SET k v}       QUEUED
            {EXEC}          {OK OK}
            {GET k}         v
        }
        assert_match {* db=3 *} [r CLIENT INFO]
    }

    test {large transactions keep every argument} {
        r MULTI
        set commands {}
        for {set i 0} {$i < 3000} {incr i} {
            lappend commands [list SET key:$i [string repeat [expr {$i % 10}] [random_int 300]]x$i]
        }
        client_pipeline r $commands
        assert_equal OK [lsort -unique [r EXEC]]
        foreach i {0 1 1500 2999} {
            assert_equal [lindex $commands $i 2] [r GET key:$i]
        }
    }

    test {a connection that ends inside a transaction changes nothing} {
        set client [client_new]
        $client WATCH w
        $client MULTI
        $client SET k v
        client_close $client
        wait_for {[server_info connected_clients] == 1}
        assert_equal 0 [r EXISTS k]
        r SET w x
    }

    test {under maxmemory a transaction with a denied command aborts} {
        with_config {maxmemory 1kb} {
            r MULTI
            assert_error {OOM command not allowed when used memory > 'maxmemory'.} {r SET k v}
            assert_error {EXECABORT Transaction discarded because of previous errors.} {r EXEC}
        }
    }
}
