# Client-side caching: who is told of which changed keys, when, and how.

# A client in RESP3 that tracks; pushes wait in client_push.
proc tracker {args} {
    set client [client_new]
    $client HELLO 3
    $client CLIENT TRACKING ON {*}$args
    return $client
}

# What the client has been told, each message a list of keys; its own PING
# tells that nothing more is coming. Broadcasts come with the end of a turn
# of the loop, which is behind the PING: so two of them.
proc told {client} {
    $client PING
    $client PING
    return [lmap push [client_pushes $client] {
        assert_equal invalidate [lindex $push 0]
        lindex $push 1
    }]
}

# Flags, redirect and prefixes.
proc tracking_info {client} {
    return [dict values [$client CLIENT TRACKINGINFO]]
}

start_server {notify-keyspace-events ""} {
    # --- the default mode ---

    test {who read a key is told once when it changes} {
        r SET k 1
        set t [tracker]
        assert_equal 1 [$t GET k]
        r SET k 2
        r SET k 3
        assert_equal {k} [told $t]
        assert_equal 3 [$t GET k]
        r INCR k
        assert_equal {k} [told $t]
    }

    test {a key that was not read is nobody's business} {
        set t [tracker]
        $t SET mine 1
        r SET other 1
        assert_equal {} [told $t]
    }

    test {a missing key that was read counts, too} {
        set t [tracker]
        assert_equal (nil) [$t GET k]
        r SET k 1
        assert_equal {k} [told $t]
    }

    test {every way to change a key invalidates it} {
        foreach {prepare read change} {
            {SET k 1}       {GET k}          {APPEND k x}
            {SET k 1}       {STRLEN k}       {DEL k}
            {SET k 1}       {GET k}          {UNLINK k}
            {SET k 1}       {GET k}          {EXPIRE k 100}
            {SET k 1}       {TTL k}          {PERSIST k}
            {SET k 1}       {GET k}          {RENAME k k2}
            {SET k2 1}      {GET k}          {RENAME k2 k}
            {SET k2 1}      {GET k}          {COPY k2 k}
            {RPUSH k a}     {LRANGE k 0 -1}  {LPOP k}
            {SADD k a}      {SMEMBERS k}     {SREM k a}
            {HSET k f v}    {HGETALL k}      {HDEL k f}
            {ZADD k 1 a}    {ZRANGE k 0 -1}  {ZINCRBY k 1 a}
            {XADD k * f v}  {XRANGE k - +}   {XADD k * f v}
            {SADD k2 a}     {SCARD k}        {SUNIONSTORE k k2}
            {SETBIT k 1 1}  {BITCOUNT k}     {SETBIT k 2 1}
            {PFADD k a}     {PFCOUNT k}      {PFADD k b}
        } {
            r DEL k k2
            r {*}$prepare
            set t [tracker]
            $t {*}$read
            r {*}$change
            set expected [expr {$change eq "PERSIST k" ? "" : "k"}]
            assert_equal $expected [told $t]
            client_close $t
        }
    }

    test {commands with several keys remember each of them} {
        set t [tracker]
        $t MGET a b c
        $t SUNION d e
        $t ZUNION 2 f g
        r MSET c 1 a 1 x 1
        r SADD e 1
        r ZADD g 1 m
        assert_equal {c a e g} [told $t]
    }

    test {an expired key invalidates, when its time has come} {
        r SET k v PX 30
        set t [tracker]
        $t GET k
        assert_equal {invalidate k} [client_push $t]
        assert_equal 0 [r EXISTS k]
    }

    test {a key that expires as somebody comes upon it invalidates} own-server {
        r DEBUG SET-ACTIVE-EXPIRE 0
        r SET k v PX 20
        set t [tracker]
        $t GET k
        wait_for {[r GET k] eq "(nil)"}
        assert_equal {k} [told $t]
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {an evicted key invalidates} own-server {
        r SET k [string repeat x 100000]
        set t [tracker]
        $t GET k
        r CONFIG SET maxmemory-policy allkeys-random maxmemory 1
        catch {r SET other 1}
        assert_equal {k} [told $t]
        r CONFIG SET maxmemory 0 maxmemory-policy noeviction
    }

    test {FLUSHALL and FLUSHDB tell everybody that all is void} {
        set t [tracker]
        set b [tracker BCAST PREFIX none]
        $t GET k
        foreach flush {FLUSHALL FLUSHDB {FLUSHALL ASYNC}} {
            r {*}$flush
            foreach client [list $t $b] {
                assert_equal {(nil)} [told $client]
            }
        }
        assert_equal 0 [server_info tracking_total_keys]
    }

    test {keys are told apart by name alone} {
        set t [tracker]
        $t SELECT 3
        $t GET k
        r SET k 1
        assert_equal {k} [told $t]
    }

    test {a client is told of its own changes behind the reply} {
        set t [tracker]
        $t GET k
        client_send $t SET k 1
        client_expect $t "+OK\r\n>2\r\n\$10\r\ninvalidate\r\n*1\r\n\$1\r\nk\r\n"
        $t GET k
        client_write $t [client_encode MULTI][client_encode SET k 2][client_encode GET k][client_encode SET k 3][client_encode EXEC]
        set one ">2\r\n\$10\r\ninvalidate\r\n*1\r\n\$1\r\nk\r\n"
        client_expect $t "+OK\r\n[string repeat +QUEUED\r\n 3]*3\r\n+OK\r\n\$1\r\n2\r\n+OK\r\n$one$one"
        client_send $t FLUSHALL
        client_expect $t "+OK\r\n>2\r\n\$10\r\ninvalidate\r\n_\r\n"
    }

    test {NOLOOP spares a client its own changes} {
        set t [tracker NOLOOP]
        $t GET k
        $t GET l
        $t SET k 1
        r SET l 1
        assert_equal {l} [told $t]
    }

    test {reads in a transaction are remembered, one by one} {
        set t [tracker]
        $t MULTI
        $t GET a
        $t GET b
        assert_equal {(nil) (nil)} [$t EXEC]
        r SET b 1
        r SET a 1
        assert_equal {b a} [told $t]
    }

    test {many clients that read a key are all told} {
        set clients {}
        for {set i 0} {$i < 100} {incr i} {
            set t [tracker]
            $t GET k
            lappend clients $t
        }
        assert_equal 1 [server_info tracking_total_keys]
        assert_equal 100 [server_info tracking_total_items]
        assert_equal 100 [server_info tracking_clients]
        foreach t [lrange $clients 50 end] {
            client_close $t
        }
        wait_for {[server_info tracking_clients] == 50}
        r SET k 1
        foreach t [lrange $clients 0 49] {
            assert_equal {k} [told $t]
        }
        assert_equal 0 [server_info tracking_total_items]
    }

    test {TRACKING OFF and RESET end it} {
        foreach ending {{CLIENT TRACKING OFF} RESET} {
            set t [tracker]
            $t GET k
            $t {*}$ending
            r SET k 1
            $t HELLO 3
            assert_equal {} [told $t]
            assert_equal off [lindex [tracking_info $t] 0]
        }
        wait_for {[server_info tracking_clients] == 0}
    }

    test {a client that speaks RESP2 and redirects nowhere gets nothing} {
        set t [client_new]
        $t CLIENT TRACKING ON
        $t GET k
        r SET k 1
        assert_equal PONG [$t PING]
        assert_equal 1 [$t GET k]
    }

    test {CLIENT REPLY OFF does not silence what is pushed} {
        set t [tracker]
        $t GET k
        client_send $t CLIENT REPLY OFF
        r_barrier
        r SET k 1
        assert_equal {invalidate k} [client_push $t]
    }

    # --- OPTIN, OPTOUT ---

    test {OPTIN remembers only what CLIENT CACHING YES stands before} {
        set t [tracker OPTIN]
        $t GET a
        assert_equal OK [$t CLIENT CACHING YES]
        $t GET b
        $t GET c
        r MSET a 1 b 1 c 1
        assert_equal {b} [told $t]
        $t CLIENT CACHING YES
        $t MULTI
        $t GET a
        $t GET b
        $t EXEC
        $t GET c
        r MSET a 2 b 2 c 2
        assert_equal {a b} [told $t]
    }

    test {OPTOUT remembers all but what CLIENT CACHING NO stands before} {
        set t [tracker OPTOUT]
        $t GET a
        assert_equal OK [$t CLIENT CACHING NO]
        $t GET b
        $t GET c
        r MSET a 1 b 1 c 1
        assert_equal {a c} [told $t]
    }

    # --- BCAST ---

    test {BCAST tells of every change, read or not} {
        set t [tracker BCAST]
        r SET a 1
        assert_equal {a} [told $t]
        $t GET a
        assert_equal 0 [server_info tracking_total_keys]
        r DEL a
        assert_equal {a} [told $t]
    }

    test {BCAST gathers the changes of a turn into one message, each key once, in order} {
        set t [tracker BCAST]
        client_pipeline r {{SET b 1} {SET a 1} {SET b 2} {SET c 1}}
        assert_equal {{a b c}} [told $t]
        r MULTI
        r SET z 1
        r SET y 1
        r EXEC
        assert_equal {{y z}} [told $t]
    }

    test {PREFIX chooses the keys, and every prefix has its own message} {
        set t [tracker BCAST PREFIX a: PREFIX b:]
        r MSET a:1 1 b:1 1 c:1 1 a:2 1 a 1
        assert_equal {{a:1 a:2} b:1} [lsort [told $t]]
        $t CLIENT TRACKING ON BCAST PREFIX c:
        r MSET c:1 1 a:1 1
        assert_equal {a:1 c:1} [lsort [told $t]]
        assert_equal 3 [server_info tracking_total_prefixes]
        $t CLIENT TRACKING OFF
        assert_equal 0 [server_info tracking_total_prefixes]
    }

    test {BCAST with NOLOOP leaves out the client's own changes} {
        set t [tracker BCAST NOLOOP]
        set other [tracker BCAST]
        $t SET mine 1
        r SET theirs 1
        assert_equal theirs [concat {*}[told $t]]
        assert_equal {mine theirs} [lsort [concat {*}[told $other]]]
    }

    test {a broadcast of the client's own change comes behind the replies of its pipeline} {
        set t [tracker BCAST]
        client_write $t [client_encode SET a 1][client_encode GET a]
        client_expect $t "+OK\r\n\$1\r\n1\r\n>2\r\n\$10\r\ninvalidate\r\n*1\r\n\$1\r\na\r\n"
    }

    # --- REDIRECT ---

    test {REDIRECT sends to a subscriber that speaks RESP2} {
        set target [client_new]
        set id [$target CLIENT ID]
        set t [client_new]
        $t CLIENT TRACKING ON REDIRECT $id
        assert_equal $id [$t CLIENT GETREDIR]
        $t GET k
        r SET k 1
        assert_equal PONG [$target PING]
        $target SUBSCRIBE __redis__:invalidate
        $t GET k
        r SET k 2
        client_expect $target "*3\r\n\$7\r\nmessage\r\n\$20\r\n__redis__:invalidate\r\n*1\r\n\$1\r\nk\r\n"
        r FLUSHALL
        client_expect $target "*3\r\n\$7\r\nmessage\r\n\$20\r\n__redis__:invalidate\r\n\$-1\r\n"
    }

    test {REDIRECT sends pushes to a client that speaks RESP3} {
        set target [client_new]
        $target HELLO 3
        set t [client_new]
        $t CLIENT TRACKING ON BCAST REDIRECT [$target CLIENT ID]
        r SET k 1
        assert_equal {k} [told $target]
    }

    test {when the target is gone, the client that redirected is told} {
        set target [client_new]
        set id [$target CLIENT ID]
        set t [tracker REDIRECT $id]
        $t GET k
        client_close $target
        wait_for {![string match "*id=$id *" [r CLIENT LIST]]}
        r SET k 1
        $t PING
        assert_equal [list [list tracking-redir-broken $id]] [client_pushes $t]
        assert_equal "on broken_redirect" [lindex [tracking_info $t] 0]
        assert_match *R* [client_field flags [$t CLIENT INFO]]
        $t CLIENT TRACKING ON
        assert_equal {on 0 {}} [list [lindex [tracking_info $t] 0] [lindex [tracking_info $t] 1] [lindex [tracking_info $t] 2]]
    }

    # --- the table ---

    test {tracking-table-max-keys bounds the table; what is forgotten is told} own-server {
        with_config {tracking-table-max-keys 50} {
            set t [tracker]
            for {set i 0} {$i < 100} {incr i} {
                $t GET key$i
            }
            wait_for {[server_info tracking_total_keys] <= 50}
            $t PING
            assert_between 45 55 [llength [told $t]]
        }
    }

    test {CLIENT LIST and INFO show it} {
        set t [tracker BCAST PREFIX a]
        set plain [tracker REDIRECT [r CLIENT ID]]
        assert_equal tB [client_field flags [$t CLIENT INFO]]
        assert_equal 0 [client_field redir [$t CLIENT INFO]]
        assert_equal t [client_field flags [$plain CLIENT INFO]]
        assert_equal [r CLIENT ID] [client_field redir [$plain CLIENT INFO]]
        assert_equal -1 [client_field redir [r CLIENT INFO]]
        assert_equal 2 [server_info tracking_clients]
    }

    test {TRACKINGINFO tells the mode} {
        foreach {words expected} {
            {}                       {on 0 {}}
            {NOLOOP OPTIN}           {{on optin noloop} 0 {}}
            {OPTOUT}                 {{on optout} 0 {}}
            {BCAST}                  {{on bcast} 0 {{}}}
            {BCAST PREFIX z PREFIX a NOLOOP} {{on bcast noloop} 0 {a z}}
        } {
            set t [tracker {*}$words]
            assert_equal $expected [tracking_info $t]
            client_close $t
        }
        set t [tracker OPTIN]
        $t CLIENT CACHING YES
        assert_equal {on optin caching-yes} [lindex [tracking_info $t] 0]
        client_send r CLIENT TRACKINGINFO
        client_expect r "*6\r\n\$5\r\nflags\r\n*1\r\n\$3\r\noff\r\n\$8\r\nredirect\r\n:-1\r\n\$8\r\nprefixes\r\n*0\r\n"
        r HELLO 3
        client_send r CLIENT TRACKINGINFO
        client_expect r "%3\r\n\$5\r\nflags\r\n~1\r\n\$3\r\noff\r\n\$8\r\nredirect\r\n:-1\r\n\$8\r\nprefixes\r\n*0\r\n"
    }

    # --- refusals ---

    test {what does not fit together is refused} {
        set switch "before disabling tracking for this client, and then re-enabling it with a different mode."
        set overlap "Prefixes for a single client must not overlap."
        assert_replies {
            {CLIENT TRACKING FOO}                   "(error) ERR syntax error"
            {CLIENT TRACKING ON FOO}                "(error) ERR syntax error"
            {CLIENT TRACKING ON PREFIX}             "(error) ERR syntax error"
            {CLIENT TRACKING ON REDIRECT}           "(error) ERR syntax error"
            {CLIENT TRACKING ON REDIRECT abc}       "(error) ERR value is not an integer or out of range"
            {CLIENT TRACKING ON REDIRECT 999999999} "(error) ERR The client ID you want redirect to does not exist"
            {CLIENT TRACKING ON REDIRECT 0}         "(error) ERR The client ID you want redirect to does not exist"
            {CLIENT TRACKING ON REDIRECT -9223372036854775808} "(error) ERR The client ID you want redirect to does not exist"
            {CLIENT TRACKING ON PREFIX a}           "(error) ERR PREFIX option requires BCAST mode to be enabled"
            {CLIENT TRACKING ON BCAST OPTIN}        "(error) ERR OPTIN and OPTOUT are not compatible with BCAST"
            {CLIENT TRACKING ON OPTIN OPTOUT}       "(error) ERR You can't specify both OPTIN mode and OPTOUT mode"
            {CLIENT TRACKING ON BCAST PREFIX a PREFIX ab} "(error) ERR Prefix 'a' overlaps with another provided prefix 'ab'. $overlap"
            {CLIENT TRACKING OFF PREFIX a}          OK
            {CLIENT GETREDIR}                       -1
            {CLIENT CACHING YES}                    "(error) ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
            {CLIENT TRACKING ON}                    OK
            {CLIENT GETREDIR}                       0
            {CLIENT TRACKING ON BCAST}              "(error) ERR You can't switch BCAST mode on/off $switch"
            {CLIENT CACHING YES}                    "(error) ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."
            {CLIENT CACHING NO}                     "(error) ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."
            {CLIENT CACHING MAYBE}                  "(error) ERR syntax error"
            {CLIENT TRACKING ON OPTIN}              OK
            {CLIENT TRACKING ON OPTOUT}             "(error) ERR You can't switch OPTIN/OPTOUT mode $switch"
            {CLIENT TRACKING OFF}                   OK
            {CLIENT TRACKING ON BCAST PREFIX a PREFIX b} OK
            {CLIENT TRACKING ON BCAST PREFIX ab}    "(error) ERR Prefix 'ab' overlaps with an existing prefix 'a'. $overlap"
            {CLIENT TRACKING ON BCAST PREFIX c}     OK
            {CLIENT TRACKING OFF}                   OK
        }
        set id [r CLIENT ID]
        assert_error "ERR A client can only redirect to a single other client" {r CLIENT TRACKING ON REDIRECT $id REDIRECT $id}
    }

    test {random readers and writers: who is told agrees with what was read} {
        set trackers {}
        for {set i 0} {$i < 5} {incr i} {
            lappend trackers [tracker]
        }
        set written {}
        foreach t $trackers {
            set cached($t) {}
        }
        for {set round 0} {$round < 300} {incr round} {
            set t [random_of $trackers]
            set key key[random_int 20]
            if {[random_int 3]} {
                $t GET $key
                dict set cached($t) $key 1
                continue
            }
            r INCR $key
            foreach t $trackers {
                set expected [expr {[dict exists $cached($t) $key] ? $key : ""}]
                assert_equal $expected [told $t]
                dict unset cached($t) $key
            }
        }
    }
}
