# Commands that wait: who is served, when, and by what. Most cases are those of
# lists; what a command does with an element is tested in unit/type/list and
# unit/type/zset.

set wrong_type {WRONGTYPE Operation against a key holding the wrong kind of value}

# A new client that waits in this command (once the server has got there).
proc waiter {args} {
    set client [client_new]
    wait_in $client {*}$args
    return $client
}

proc wait_in {client args} {
    set id [$client CLIENT ID]
    client_send $client {*}$args
    wait_for {[is_waiting $id]}
}

proc is_waiting {id} {
    set line [r CLIENT LIST ID $id]
    return [expr {$line ne "" && [string match *b* [client_field flags $line]]}]
}

# Nothing has been answered so far: the server was asked something behind it.
proc assert_waiting {args} {
    r_barrier
    foreach client $args {
        assert {![client_pending $client]}
    }
}

# The commands reach the server in one piece and are executed without a pause between.
proc at_once {client args} {
    set bytes ""
    foreach command $args {
        append bytes [client_encode {*}$command]
    }
    client_write $client $bytes
    return [lmap command $args {client_value [client_read_typed $client]}]
}

start_server {} {
    test {a client waits for an element and gets it} {
        foreach {command reply left} {
            {BLPOP k 0}                     {k a}       {b c}
            {BRPOP k 0}                     {k c}       {a b}
            {BLMOVE k d LEFT RIGHT 0}       a           {b c}
            {BLMOVE k d RIGHT LEFT 0}       c           {a b}
            {BRPOPLPUSH k d 0}              c           {a b}
            {BLMPOP 0 1 k LEFT}             {k a}       {b c}
            {BLMPOP 0 1 k RIGHT COUNT 2}    {k {c b}}   a
            {BLMPOP 0 1 k LEFT COUNT 9}     {k {a b c}} {}
        } {
            r FLUSHALL
            set w [waiter {*}$command]
            assert_equal 3 [r RPUSH k a b c]
            assert_equal $reply [client_read $w]
            assert_equal $left [r LRANGE k 0 -1]
            assert_equal PONG [$w PING]
        }
    }

    test {an element that is there is had at once} {
        r RPUSH k a b c d e f
        assert_replies {
            {BLPOP none k 0}                {k a}
            {BRPOP k none 0}                {k f}
            {BLMOVE k d LEFT RIGHT 0}       b
            {BRPOPLPUSH k d 0}              e
            {BLMPOP 0 2 none k LEFT}        {k c}
            {LRANGE d 0 -1}                 {e b}
        }
        assert_equal 0 [server_info blocked_clients]
    }

    test {of several keys the first that has an element is taken} {
        r RPUSH b 1
        r RPUSH c 2
        assert_replies {
            {BLPOP a b c 0} {b 1}
            {BLPOP a b c 0} {c 2}
        }
        foreach key {a b c} {
            set w [waiter BLPOP a b c 0]
            r RPUSH $key x
            assert_equal [list $key x] [client_read $w]
            assert_equal 0 [r EXISTS $key]
        }
    }

    test {keys of a transaction are looked at in the order of the command that waits} since-7.2 {
        set w [waiter BLPOP a b 0]
        at_once r MULTI {RPUSH b 1} {RPUSH a 2} EXEC
        assert_equal {a 2} [client_read $w]
        assert_equal 1 [r LLEN b]
    }

    test {a key that is named twice is waited for once} {
        set w [waiter BLPOP k k other k 0]
        r RPUSH k 1 2 3
        assert_equal {k 1} [client_read $w]
        assert_equal {2 3} [r LRANGE k 0 -1]
        wait_in $w BLPOP k2 k2 0
        client_close $w
        wait_for {[server_info blocked_clients] == 0}
        assert_equal 1 [r RPUSH k2 x]
    }

    test {who waits longest is served first} {
        set waiters {}
        for {set i 0} {$i < 5} {incr i} {
            lappend waiters [waiter BLPOP k 0]
        }
        for {set i 0} {$i < 5} {incr i} {
            r RPUSH k $i
            assert_equal [list k $i] [client_read [lindex $waiters $i]]
            assert_waiting {*}[lrange $waiters $i+1 end]
        }
    }

    test {one push serves as many clients as it has elements} {
        set waiters [list [waiter BLPOP k 0] [waiter BRPOP k 0] [waiter BLMPOP 0 1 k LEFT COUNT 2] [waiter BLPOP k 0]]
        assert_equal 5 [r RPUSH k a b c d e]
        assert_equal {{k a} {k e} {k {b c}} {k d}} [lmap w $waiters {client_read $w}]
        assert_equal 0 [r EXISTS k]
    }

    test {LPUSH of several elements is over before anybody is served} {
        set w [waiter BLPOP k 0]
        assert_equal 3 [r LPUSH k 1 2 3]
        assert_equal {k 3} [client_read $w]
    }

    test {a client that gets nothing keeps its place} {
        set first [waiter BLPOP k 0]
        set second [waiter BLPOP k 0]
        at_once r MULTI {RPUSH k x} {DEL k} EXEC
        r SET k string
        r DEL k
        assert_waiting $first $second
        r RPUSH k y
        assert_equal {k y} [client_read $first]
        assert_waiting $second
        r RPUSH k z
        assert_equal {k z} [client_read $second]
    }

    test {clients that wait for other keys and other databases stay} {
        set other [waiter BLPOP other 0]
        set elsewhere [client_new]
        $elsewhere SELECT 1
        wait_in $elsewhere BLPOP k 0
        r RPUSH k 1
        assert_waiting $other $elsewhere
        r SELECT 1
        r RPUSH k 2
        assert_equal {k 2} [client_read $elsewhere]
    }

    # --- transactions ------------------------------------------------------------

    test {inside MULTI nobody waits} {
        foreach {protocol replies} {2 "*-1\r\n$-1\r\n$-1\r\n*-1\r\n" 3 "_\r\n_\r\n_\r\n_\r\n"} {
            r HELLO $protocol
            r MULTI
            r BLPOP none 0
            r BLMOVE none d LEFT RIGHT 0
            r BRPOPLPUSH none d 0
            r BLMPOP 0 1 none LEFT
            client_send r EXEC
            client_expect r "*4\r\n$replies"
        }
        r HELLO 2
        assert_equal {OK QUEUED QUEUED {1 {k 1}}} [at_once r MULTI {RPUSH k 1} {BLPOP k 0} EXEC]
    }

    test {a transaction serves only when it is over} {
        set w [waiter BLPOP k 0]
        r MULTI
        r RPUSH k a b
        assert_waiting $w
        r LPOP k
        r LRANGE k 0 -1
        assert_equal {2 a b} [r EXEC]
        assert_equal {k b} [client_read $w]
        at_once r MULTI {RPUSH k 1} {LPOP k} EXEC
        wait_in $w BLPOP k 0
        at_once r MULTI {RPUSH k 1} {DEL k} {RPUSH k 2} EXEC
        assert_equal {k 2} [client_read $w]
    }

    test {being served makes EXEC of who watches the key fail} {
        set watcher [client_new]
        set w [waiter BLPOP k 0]
        $watcher WATCH k
        r RPUSH k 1
        assert_equal {k 1} [client_read $w]
        $watcher MULTI
        $watcher PING
        assert_equal (nil) [$watcher EXEC]
    }

    test {a client that watches and then waits fails its own EXEC} {
        set w [client_new]
        $w WATCH k
        wait_in $w BLPOP k 0
        r RPUSH k 1 2
        assert_equal {k 1} [client_read $w]
        $w MULTI
        $w PING
        assert_equal (nil) [$w EXEC]
    }

    # --- chains -------------------------------------------------------------------

    test {an element goes through a chain of BLMOVE} {
        set third [waiter BLPOP d 0]
        set second [waiter BLMOVE b c LEFT RIGHT 0]
        set first [waiter BLMOVE a b LEFT RIGHT 0]
        set last [waiter BLMOVE c d LEFT LEFT 0]
        assert_equal 1 [r RPUSH a x]
        assert_equal {x x x {d x}} [list [client_read $first] [client_read $second] [client_read $last] [client_read $third]]
        assert_equal 0 [r DBSIZE]
    }

    test {BLMOVE in a circle comes to an end} {
        set w1 [waiter BLMOVE a b LEFT RIGHT 0]
        set w2 [waiter BLMOVE b a LEFT RIGHT 0]
        r RPUSH a x
        assert_equal {x x} [list [client_read $w1] [client_read $w2]]
        assert_equal x [r LRANGE a 0 -1]
        set w3 [waiter BLMOVE k k LEFT RIGHT 0]
        set w4 [waiter BLMOVE k k LEFT RIGHT 0]
        r RPUSH k 1 2 3
        assert_equal {1 2} [list [client_read $w3] [client_read $w4]]
        assert_equal {3 1 2} [r LRANGE k 0 -1]
    }

    test {BLMOVE to a key of another type is an error, and the element stays for the next} {
        r SET d string
        set mover [waiter BLMOVE k d LEFT RIGHT 0]
        set next [waiter BLPOP k 0]
        r RPUSH k x
        assert_error $wrong_type {client_read $mover}
        assert_equal {k x} [client_read $next]
        assert_equal string [r GET d]
        assert_error $wrong_type {r BLMOVE d k LEFT RIGHT 0}
    }

    # --- what wakes ---------------------------------------------------------------

    test {a list that arrives by another name or from elsewhere wakes} {
        foreach arrival {
            {r RPUSH o v ; r RENAME o k}
            {r RPUSH o v ; r RENAMENX o k}
            {r RPUSH o v ; r COPY o k}
            {r SELECT 1 ; r RPUSH o v ; r COPY o k DB 0}
            {r SELECT 1 ; r RPUSH k v ; r MOVE k 0}
            {r SELECT 1 ; r RPUSH k v ; r SWAPDB 0 1}
            {r RPUSH o v ; r LMOVE o k LEFT RIGHT}
            {r RPUSH o v ; r RPOPLPUSH o k}
            {r SET k v ; r RPUSH o v ; r RENAME o k}
        } {
            r FLUSHALL
            r SELECT 0
            set w [waiter BLPOP k 0]
            eval $arrival
            assert_equal {k v} [client_read $w]
            r SELECT 0
            assert_equal 0 [r EXISTS k]
        }
    }

    test {another type does not wake, a list in its place does} {
        set w [waiter BLPOP k 0]
        r SET k string
        assert_waiting $w
        assert_error $wrong_type {r BLPOP k 0}
        assert_error $wrong_type {r BLPOP none k 0}
        r DEL k
        r RPUSH k x
        assert_equal {k x} [client_read $w]
    }

    test {a key of another type in front of the one that came is an error} since-7.2 {
        set w [waiter BLPOP a b 0]
        r SET a string
        assert_waiting $w
        r RPUSH b x
        assert_error $wrong_type {client_read $w}
        assert_equal x [r LRANGE b 0 -1]
    }

    test {FLUSHALL, FLUSHDB and SWAPDB leave who waits} {
        set w [waiter BLPOP k 0]
        r FLUSHALL
        r FLUSHDB
        r SWAPDB 0 1
        r SWAPDB 0 1
        assert_waiting $w
        r RPUSH k x
        assert_equal {k x} [client_read $w]
    }

    test {a list that expires before anybody could be served serves nobody} {
        set w [waiter BLPOP k 0]
        at_once r MULTI {RPUSH k x} {PEXPIRE k 0} EXEC
        assert_waiting $w
        r RPUSH k y
        assert_equal {k y} [client_read $w]
        r RPUSH gone x
        r PEXPIRE gone 1
        wait_for {[r EXISTS gone] == 0}
        wait_in $w BLPOP gone 0
        assert_waiting $w
    }

    test {a list that has expired and was not removed yet is not there} own-server {
        r DEBUG SET-ACTIVE-EXPIRE 0
        r RPUSH k x
        r PEXPIRE k 1
        set until [expr {[server_time_ms] + 2}]
        wait_for {[server_time_ms] > $until}
        set w [waiter BLPOP k 0]
        r RPUSH k y
        assert_equal {k y} [client_read $w]
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {the deadline of a list goes with its last element} {
        set w [waiter BLPOP k 0]
        at_once r MULTI {RPUSH k x} {EXPIRE k 100} EXEC
        assert_equal {k x} [client_read $w]
        r RPUSH k y
        assert_equal -1 [r TTL k]
    }

    # --- time ---------------------------------------------------------------------

    test {the timeout is told by a null array} {
        foreach {protocol null} {2 "*-1\r\n" 3 "_\r\n"} {
            foreach command {
                {BLPOP k 0.01} {BRPOP k 0.01} {BLMOVE k d LEFT RIGHT 0.01} {BRPOPLPUSH k d 0.01} {BLMPOP 0.01 1 k LEFT}
            } {
                r HELLO $protocol
                client_send r {*}$command
                client_expect r $null
            }
        }
    }

    test {the timeout is kept to the millisecond, and never early} {
        foreach timeout {0.001 0.05 0.1 0.25} {
            set start [clock milliseconds]
            assert_equal (nil) [r BLPOP k $timeout]
            assert {[clock milliseconds] - $start >= int($timeout * 1000)}
        }
    }

    test {timeouts of many clients come in their order} {
        set clients {}
        foreach timeout {0.3 0.2 0.1} {
            lappend clients [waiter BLPOP k $timeout]
        }
        foreach client [lreverse $clients] {
            assert_equal (nil) [client_read $client]
        }
        assert_equal 0 [server_info blocked_clients]
        assert_equal 0 [server_info clients_in_timeout_table]
    }

    test {a timeout is a number of seconds that is not negative} {
        foreach {timeout error} {
            x       {ERR timeout is not a float or out of range}
            ""      {ERR timeout is not a float or out of range}
            nan     {ERR timeout is not a float or out of range}
            1.x     {ERR timeout is not a float or out of range}
            " 1"    {ERR timeout is not a float or out of range}
            -1      {ERR timeout is negative}
            -0.01   {ERR timeout is negative}
            -inf    {ERR timeout is negative}
        } {
            foreach command {
                {BLPOP k {$timeout}} {BRPOP a b {$timeout}} {BLMOVE k d LEFT RIGHT {$timeout}} {BRPOPLPUSH k d {$timeout}}
                {BLMPOP {$timeout} 1 k LEFT}
            } {
                assert_error $error {r {*}[subst $command]}
            }
        }
        r RPUSH k x
        assert_equal {k x} [r BLPOP k 0x1]
    }

    test {a timeout beyond all time is out of range} since-7.2 {
        foreach timeout {9223372036854775807 1e400 inf 9223372036854776} {
            assert_error {ERR timeout is out of range} {r BLPOP k $timeout}
        }
    }

    test {a timeout may be very far away} {
        set w [waiter BLPOP k 9000000000000]
        assert_equal 1 [server_info clients_in_timeout_table]
        r RPUSH k x
        assert_equal {k x} [client_read $w]
        assert_equal 0 [server_info clients_in_timeout_table]
    }

    test {being tried in vain does not prolong the timeout} {
        set start [clock milliseconds]
        set w [waiter BLPOP k 0.4]
        while {![client_pending $w] && [clock milliseconds] - $start < 20000} {
            at_once r MULTI {RPUSH k x} {DEL k} EXEC
            after 10
        }
        assert_equal (nil) [client_read $w]
        assert_between 400 15000 [expr {[clock milliseconds] - $start}]
    }

    test {the connection's own timeout does not concern who waits} {
        with_config {timeout 1} {
            set w [waiter BLPOP k 0]
            set idle [client_new]
            $idle PING
            wait_for {[r PING] eq "PONG" && [client_closed $idle]}
            r RPUSH k x
            assert_equal {k x} [client_read $w]
        }
    }

    # --- the end of waiting -------------------------------------------------------

    test {CLIENT UNBLOCK ends the wait as a timeout, or with an error} {
        foreach {command null} {
            {BLPOP k 0} *- {BLMOVE k d LEFT RIGHT 0} *- {BRPOPLPUSH k d 0} *- {BLMPOP 0 1 k LEFT} *-
        } {
            set w [client_new]
            set id [$w CLIENT ID]
            wait_in $w {*}$command
            assert_equal 1 [r CLIENT UNBLOCK $id]
            assert_equal [list $null {}] [client_read_typed $w]
            wait_in $w {*}$command
            assert_equal 1 [r CLIENT UNBLOCK $id TIMEOUT]
            assert_equal [list $null {}] [client_read_typed $w]
            wait_in $w {*}$command
            assert_equal 1 [r CLIENT UNBLOCK $id error]
            assert_error {UNBLOCKED client unblocked via CLIENT UNBLOCK} {client_read $w}
            assert_equal 0 [r CLIENT UNBLOCK $id]
            assert_equal PONG [$w PING]
        }
        assert_equal 0 [r CLIENT UNBLOCK 999999999]
        assert_error {ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR} {r CLIENT UNBLOCK 1 now}
        assert_error {ERR value is not an integer or out of range} {r CLIENT UNBLOCK x}
        assert_equal 1 [r RPUSH k x]
    }

    test {who was killed or has gone gets nothing, and nothing is lost} {
        set killed [client_new]
        set id [$killed CLIENT ID]
        wait_in $killed BLPOP k 0
        set gone [waiter BLPOP k 0]
        set left [waiter BLPOP k 0]
        assert_equal 1 [r CLIENT KILL ID $id]
        client_close $gone
        wait_for {[server_info blocked_clients] == 1}
        assert_equal 2 [r RPUSH k x y]
        assert_equal {k x} [client_read $left]
        assert_equal y [r LRANGE k 0 -1]
        assert_closed $killed
    }

    test {the keys of who has gone are forgotten} since-7.2 {
        set w [waiter BLPOP a b c 0]
        set v [waiter BLMOVE b d LEFT RIGHT 0]
        assert_equal 3 [server_info total_blocking_keys]
        assert_equal 0 [server_info total_blocking_keys_on_nokey]
        client_close $w
        wait_for {[server_info total_blocking_keys] == 1}
        client_close $v
        wait_for {[server_info total_blocking_keys] == 0}
    }

    test {clients that wait are counted and marked} {
        assert_equal 0 [server_info blocked_clients]
        set w [waiter BLPOP a b 100]
        set v [waiter BLPOP a 0]
        assert_equal 2 [server_info blocked_clients]
        assert_equal 1 [server_info clients_in_timeout_table]
        assert_equal b [client_field flags [r CLIENT LIST ID [expr {[r CLIENT ID] + 1}]]]
        r RPUSH a 1 2
        client_read $w
        client_read $v
        assert_equal 0 [server_info blocked_clients]
        assert_equal 0 [server_info clients_in_timeout_table]
    }

    # --- what the client sends meanwhile --------------------------------------------

    test {commands behind one that waits are executed behind it} {
        set w [client_new]
        client_write $w [client_encode BLPOP k 0][client_encode PING][client_encode RPUSH other 1][string range [client_encode GET x] 0 8]
        wait_for {[server_info blocked_clients] == 1}
        assert_equal 0 [r EXISTS other]
        assert_waiting $w
        r RPUSH k x
        assert_equal {{k x} PONG 1} [list [client_read $w] [client_read $w] [client_read $w]]
        client_write $w [string range [client_encode GET x] 9 end]
        assert_equal (nil) [client_read $w]
    }

    test {several commands that wait may stand in one pipeline} {
        set w [client_new]
        set commands {}
        for {set i 0} {$i < 20} {incr i} {
            append commands [client_encode BLPOP k 0]
        }
        client_write $w [string range $commands 0 99]
        wait_for {[server_info blocked_clients] == 1}
        client_write $w [string range $commands 100 end]
        for {set i 0} {$i < 10} {incr i} {
            r RPUSH k $i
            assert_equal [list k $i] [client_read $w]
        }
        r RPUSH k {*}{10 11 12 13 14 15 16 17 18 19}
        for {set i 10} {$i < 20} {incr i} {
            assert_equal [list k $i] [client_read $w]
        }
        assert_equal PONG [$w PING]
    }

    test {a client that is served, goes on and waits again in one turn of the loop is served again} own-server {
        set w [client_new]
        set rounds 12
        set pipeline ""
        for {set i 0} {$i < $rounds} {incr i} {
            append pipeline [client_encode BLPOP k 0]
        }
        client_write $w [client_encode BLPOP k 0]
        wait_for {[server_info blocked_clients] == 1}
        set sleeper [client_new]
        set pushers {}
        for {set i 0} {$i <= $rounds} {incr i} {
            lappend pushers [client_new]
        }
        client_write $w $pipeline
        client_send $sleeper DEBUG SLEEP 0.3
        after 50
        foreach pusher $pushers {
            client_send $pusher RPUSH k x
            client_write $w "\r\n"
        }
        for {set i 0} {$i <= $rounds} {incr i} {
            assert_equal {k x} [client_read $w]
        }
        foreach client $pushers {
            client_read $client
        }
        assert_equal PONG [$w PING]
        assert_equal 0 [r EXISTS k]
    }

    test {what is sent behind a wait is limited like any query} own-server {
        with_config {client-query-buffer-limit 1048576} {
            set w [waiter BLPOP k 0]
            catch {client_write $w [client_encode SET x [string repeat y 3000000]]}
            assert_closed $w
            assert_equal 1 [r RPUSH k x]
        }
    }

    test {CLIENT REPLY OFF and SKIP hide what a wait is answered with} {
        set w [client_new]
        client_send $w CLIENT REPLY OFF
        client_send $w BLPOP k 0
        wait_for {[server_info blocked_clients] == 1}
        r RPUSH k x
        client_send $w BLPOP k 0.01
        client_send $w CLIENT REPLY ON
        assert_equal OK [client_read $w]
        foreach ending {{r RPUSH k x} {r CLIENT UNBLOCK $id} {r CLIENT UNBLOCK $id ERROR}} {
            set id [$w CLIENT ID]
            client_send $w CLIENT REPLY SKIP
            client_send $w BLPOP k 0
            wait_for {[server_info blocked_clients] == 1}
            eval $ending
            assert_equal PONG [$w PING]
        }
        assert_equal 0 [r EXISTS k]
    }

    # --- RESP3, subscribers, events -------------------------------------------------

    test {in RESP3 a client that waits gets pushes, and they keep their order with the answer} {
        set w [client_new]
        $w HELLO 3
        client_send $w SUBSCRIBE ch
        assert_equal {subscribe ch 1} [client_push $w]
        client_send $w BLPOP k 0
        wait_for {[server_info blocked_clients] == 1}
        r PUBLISH ch alone
        assert_equal {message ch alone} [client_push $w]
        at_once r {PUBLISH ch before} {RPUSH k x} {PUBLISH ch behind}
        client_expect $w "[client_push_bytes message ch before]*2\r\n\$1\r\nk\r\n\$1\r\nx\r\n[client_push_bytes message ch behind]"
    }

    test {the push is announced before the pop of who waited} {
        set w [waiter BLPOP k 0]
        with_config {notify-keyspace-events KEA} {
            assert_equal {rpush(k) lpop(k) del(k)} [events_of {r RPUSH k x; client_read $w}]
            wait_in $w BLMOVE k d LEFT RIGHT 0
            assert_equal {lpush(k) rpush(d) lpop(k)} [events_of {r LPUSH k x y; client_read $w}]
            r DEL k d
            wait_in $w BRPOP k 0
            assert_equal {rpush(k) rpush(k) rpop(k)} [events_of {at_once r MULTI {RPUSH k x} {RPUSH k y} EXEC; client_read $w}]
            wait_in $w BLMPOP 0 1 none RIGHT COUNT 5
            assert_equal {rpush(none) rpop(none) del(none)} [events_of {r RPUSH none x y z; client_read $w}]
        }
    }

    # --- others --------------------------------------------------------------------

    test {CLIENT PAUSE does not keep a timeout from coming} {
        set w [waiter BLPOP k 0.1]
        r CLIENT PAUSE 60000 WRITE
        assert_equal (nil) [client_read $w]
        set v [waiter BLPOP k 0]
        assert_equal 0 [r CLIENT UNBLOCK [expr {[$w CLIENT ID]}]]
        set pusher [client_new]
        client_send $pusher RPUSH k x
        assert_waiting $v $pusher
        r CLIENT UNPAUSE
        assert_equal {k x} [client_read $v]
        assert_equal 1 [client_read $pusher]
    }

    test {a thousand clients wait for one key and are all served} plain {
        set waiters {}
        for {set i 0} {$i < 1000} {incr i} {
            set w [client_new]
            client_send $w BLPOP k 0
            lappend waiters $w
        }
        wait_for {[server_info blocked_clients] == 1000}
        set elements {}
        for {set i 0} {$i < 1000} {incr i} {
            lappend elements $i
        }
        assert_equal 1000 [r RPUSH k {*}$elements]
        set got [lsort -integer [lmap w $waiters {lindex [client_read $w] 1}]]
        assert_equal $elements $got
        assert_equal 0 [server_info blocked_clients]
    }

    test {a thousand clients that time out at once are all told} plain {
        set waiters {}
        for {set i 0} {$i < 1000} {incr i} {
            set w [client_new]
            client_send $w BLPOP k$i 0.2
            lappend waiters $w
        }
        foreach w $waiters {
            assert_equal (nil) [client_read $w]
        }
        assert_equal 0 [server_info blocked_clients]
    }

    test {a client may wait for a thousand keys} {
        set keys {}
        for {set i 0} {$i < 1000} {incr i} {
            lappend keys key:$i
        }
        set w [waiter BLPOP {*}$keys 0]
        r RPUSH key:777 x
        assert_equal {key:777 x} [client_read $w]
        r RPUSH key:3 x
        assert_equal 1 [r LLEN key:3]
    }

    test {a wait that ends with an error counts as a failed call} {
        r CONFIG RESETSTAT
        r SET d string
        set w [waiter BLMOVE k d LEFT RIGHT 0]
        r RPUSH k x
        assert_error $wrong_type {client_read $w}
        assert_match *calls=1,*failed_calls=1* [server_info cmdstat_blmove]
    }

    # --- sorted sets --------------------------------------------------------------

    test {a client waits for a member and gets it} {
        foreach {command reply left} {
            {BZPOPMIN k 0}                  {k a 1}                     {b c}
            {BZPOPMAX k 0}                  {k c 3}                     {a b}
            {BZPOPMAX none k k 0}           {k c 3}                     {a b}
            {BZMPOP 0 1 k MIN}              {k {{a 1}}}                 {b c}
            {BZMPOP 0 2 none k MAX COUNT 2} {k {{c 3} {b 2}}}           a
            {BZMPOP 0 1 k MIN COUNT 9}      {k {{a 1} {b 2} {c 3}}}     {}
        } {
            r FLUSHALL
            set w [waiter {*}$command]
            assert_equal 3 [r ZADD k 3 c 1 a 2 b]
            assert_equal $reply [client_read $w]
            assert_equal $left [r ZRANGE k 0 -1]
            assert_equal PONG [$w PING]
        }
    }

    test {who waits for a sorted set and who waits for a list do not take from each other} {
        set popper [waiter BZPOPMIN k 0]
        set lister [waiter BLPOP k 0]
        set later [waiter BZMPOP 0 1 k MAX]
        r RPUSH k x
        assert_equal {k x} [client_read $lister]
        assert_waiting $popper $later
        r ZADD k 1 a 2 b 3 c
        assert_equal {k a 1} [client_read $popper]
        assert_equal {k {{c 3}}} [client_read $later]
        assert_equal b [r ZRANGE k 0 -1]
    }

    test {whatever makes a sorted set wakes} {
        foreach arrival {
            {r ZADD k 1 v}
            {r ZINCRBY k 1 v}
            {r ZADD k INCR 1 v}
            {r ZADD o 1 v ; r RENAME o k}
            {r ZADD o 1 v ; r COPY o k}
            {r ZADD o 1 v ; r ZRANGESTORE k o 0 -1}
            {r ZADD o 1 v ; r ZUNIONSTORE k 1 o}
            {r SELECT 1 ; r ZADD k 1 v ; r MOVE k 0}
            {r MULTI ; r ZADD k 0 u ; r ZREM k u ; r ZADD k 1 v ; r EXEC}
        } {
            r FLUSHALL
            set w [waiter BZPOPMAX k 0]
            eval $arrival
            r SELECT 0
            assert_equal {k v 1} [client_read $w]
            assert_equal 0 [r EXISTS k]
        }
    }

    test {a change that leaves no member serves nobody} {
        set w [waiter BZPOPMIN k 0]
        r ZADD k XX 1 a
        r ZRANGESTORE k none 0 -1
        at_once r MULTI {ZADD k 1 a} {ZPOPMIN k} EXEC
        assert_waiting $w
        r ZADD k 2 b
        assert_equal {k b 2} [client_read $w]
    }

    test {inside MULTI nobody waits for a sorted set} {
        foreach {protocol null} {2 "*-1\r\n" 3 "_\r\n"} {
            r HELLO $protocol
            r MULTI
            r BZPOPMIN none 0
            r BZPOPMAX none 0
            r BZMPOP 0 1 none MIN
            client_send r EXEC
            client_expect r "*3\r\n$null$null$null"
        }
        r HELLO 2
        assert_equal {OK QUEUED QUEUED {1 {k a 1}}} [at_once r MULTI {ZADD k 1 a} {BZPOPMIN k 0} EXEC]
    }

    test {a client that waits for a sorted set times out with a null array, or is unblocked} {
        foreach command {{BZPOPMIN k 0.01} {BZPOPMAX k j 0.01} {BZMPOP 0.01 1 k MIN COUNT 5}} {
            foreach {protocol null} {2 "*-1\r\n" 3 "_\r\n"} {
                set w [client_new]
                $w HELLO $protocol
                client_send $w {*}$command
                client_expect $w $null
            }
        }
        set w [client_new]
        set id [$w CLIENT ID]
        wait_in $w BZPOPMIN k 0
        assert_equal 1 [r CLIENT UNBLOCK $id ERROR]
        assert_error {UNBLOCKED *} {client_read $w}
        assert_equal 1 [r ZADD k 1 a]
        assert_equal a [r ZRANGE k 0 -1]
    }

    test {in RESP3 a client that waited gets the score as a double} {
        foreach {command reply} {
            {BZPOPMIN k 0}      {* {{{$} k} {{$} a} {, 1.5}}}
            {BZMPOP 0 1 k MAX}  {* {{{$} k} {* {{* {{{$} a} {, 1.5}}}}}}}
        } {
            set w [client_new]
            $w HELLO 3
            wait_in $w {*}$command
            r ZADD k 1.5 a
            assert_equal $reply [client_read_typed $w]
        }
    }

    # --- the end ------------------------------------------------------------------

    test {the server stops while clients wait} own-server {
        with_launched {} {
            set w [client_new]
            client_send $w BLPOP k 0
            set v [client_new]
            client_send $v BLPOP k other 100
            wait_for {[server_info blocked_clients] == 2}
            catch {r SHUTDOWN NOSAVE}
            assert_closed $w
            assert_closed $v
        }
    }
}
