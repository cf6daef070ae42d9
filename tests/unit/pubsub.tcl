# Publish and subscribe.

set refused {(error) ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context}

# Confirmations of one command that names several channels.
proc read_many {client count} {
    set replies {}
    for {set i 0} {$i < $count} {incr i} {
        lappend replies [client_read $client]
    }
    return $replies
}

start_server {} {
    test {SUBSCRIBE confirms each channel with the number of subscriptions} {
        client_send r SUBSCRIBE a b a c
        assert_equal {{subscribe a 1} {subscribe b 2} {subscribe a 2} {subscribe c 3}} [read_many r 4]
        client_send r PSUBSCRIBE x* y*
        assert_equal {{psubscribe x* 4} {psubscribe y* 5}} [read_many r 2]
        client_send r UNSUBSCRIBE b none
        assert_equal {{unsubscribe b 4} {unsubscribe none 4}} [read_many r 2]
        client_send r PUNSUBSCRIBE
        assert_same_elements {punsubscribe punsubscribe} [lmap reply [read_many r 2] {lindex $reply 0}]
        client_send r UNSUBSCRIBE
        set replies [read_many r 2]
        assert_same_elements {a c} [lmap reply $replies {lindex $reply 1}]
        assert_equal {1 0} [lmap reply $replies {lindex $reply 2}]
        assert_equal PONG [r PING]
    }

    test {unsubscribing from nothing is confirmed with null} {
        foreach {command name} {UNSUBSCRIBE unsubscribe PUNSUBSCRIBE punsubscribe SUNSUBSCRIBE sunsubscribe} {
            assert_equal [list $name (nil) 0] [r $command]
            assert_equal [list $name x 0] [r $command x]
        }
    }

    test {shard channels are counted apart} {
        client_send r SSUBSCRIBE s1 s2
        assert_equal {{ssubscribe s1 1} {ssubscribe s2 2}} [read_many r 2]
        assert_equal {subscribe a 1} [r SUBSCRIBE a]
        assert_equal {sunsubscribe s1 1} [r SUNSUBSCRIBE s1]
        assert_equal {sunsubscribe s2 0} [r SUNSUBSCRIBE]
        assert_equal {unsubscribe a 0} [r UNSUBSCRIBE a]
        assert_equal PONG [r PING]
    }

    test {PUBLISH answers how many received, subscribers receive bytes unchanged} {
        set one [client_new]
        set two [client_new]
        set channel [random_bytes 20]
        $one SUBSCRIBE $channel
        $two SUBSCRIBE $channel
        $two PSUBSCRIBE *
        foreach message [list "" hello "a\r\nb" [random_bytes 1000] [string repeat x 200000]] {
            assert_equal 3 [r PUBLISH $channel $message]
            assert_equal [list message $channel $message] [client_read $one]
            assert_equal [list message $channel $message] [client_read $two]
            assert_equal [list pmessage * $channel $message] [client_read $two]
        }
        assert_equal 1 [r PUBLISH nobody x]
        assert_equal {pmessage * nobody x} [client_read $two]
        client_close $two
        wait_for {[r PUBLISH nobody x] == 0}
    }

    test {SPUBLISH reaches shard subscribers alone} {
        set one [client_new]
        $one SSUBSCRIBE s
        $one SUBSCRIBE s
        $one PSUBSCRIBE *
        assert_equal 1 [r SPUBLISH s hello]
        assert_equal {smessage s hello} [client_read $one]
        assert_equal 2 [r PUBLISH s world]
        assert_equal {message s world} [client_read $one]
        assert_equal {pmessage * s world} [client_read $one]
        assert_equal 0 [r SPUBLISH t hello]
    }

    test {patterns are globs} {
        foreach {pattern matching others} {
            news.*      {news.a news. news.a.b}     {news anews.a}
            h?llo       {hello hallo}               {hllo heello}
            h[ae]llo    {hello hallo}               {hillo}
            h[^e]llo    {hallo hillo}               {hello}
            h[a-c]llo   {hallo hbllo}               {hello}
            \\*x        {*x}                        {ax}
            *           {a b}                       {}
            *.*.*       {a.b.c ..}                  {a.b}
            exact       {exact}                     {exac exactly}
        } {
            set client [client_new]
            $client PSUBSCRIBE $pattern
            foreach channel $matching {
                assert_equal [list $pattern $channel 1] [list $pattern $channel [r PUBLISH $channel m]]
                assert_equal [list pmessage $pattern $channel m] [client_read $client]
            }
            foreach channel $others {
                assert_equal [list $pattern $channel 0] [list $pattern $channel [r PUBLISH $channel m]]
            }
            client_close $client
            wait_for {[r PUBSUB NUMPAT] == 0}
        }
    }

    test {many random patterns deliver exactly what Tcl's glob says} {
        set patterns {}
        set client [client_new]
        for {set i 0} {$i < 150} {incr i} {
            set pattern ""
            for {set j [random_int 7]} {$j >= 0} {incr j -1} {
                append pattern [random_of {a b a b a b ? * [ab] [b-c] : user}]
            }
            if {$pattern ni $patterns} {
                lappend patterns $pattern
                $client PSUBSCRIBE $pattern
            }
        }
        for {set i 0} {$i < 300} {incr i} {
            set channel ""
            for {set j [random_int 6]} {$j >= 0} {incr j -1} {
                append channel [random_of {a b c : user}]
            }
            set expected [lsearch -all -inline -exact -not [lmap pattern $patterns {expr {[string match $pattern $channel] ? $pattern : "-"}}] -]
            assert_equal [list $channel [llength $expected]] [list $channel [r PUBLISH $channel $i]]
            set got [lmap message [read_many $client [llength $expected]] {lindex $message 1}]
            assert_same_elements $expected $got
        }
        client_send $client PUNSUBSCRIBE {*}[lrange $patterns 0 99]
        read_many $client 100
        assert_equal [expr {[llength $patterns] - 100}] [r PUBSUB NUMPAT]
        set left [lrange $patterns 100 end]
        foreach channel {aab user:a b:: abc} {
            set expected 0
            foreach pattern $left {
                incr expected [string match $pattern $channel]
            }
            assert_equal [list $channel $expected] [list $channel [r PUBLISH $channel x]]
        }
    }

    test {PUBSUB tells about channels, subscribers and patterns} {
        set one [client_new]
        set two [client_new]
        client_send $one SUBSCRIBE a b news.1
        read_many $one 3
        client_send $two SUBSCRIBE a
        client_send $two PSUBSCRIBE x* y*
        client_send $two SSUBSCRIBE s
        read_many $two 4
        $one PSUBSCRIBE x*
        assert_same_elements {a b news.1} [r PUBSUB CHANNELS]
        assert_same_elements {news.1} [r PUBSUB CHANNELS news.*]
        assert_replies {
            {PUBSUB CHANNELS none*}         {}
            {PUBSUB NUMSUB a b none a}      {a 2 b 1 none 0 a 2}
            {PUBSUB NUMSUB}                 {}
            {PUBSUB NUMPAT}                 2
            {PUBSUB SHARDCHANNELS}          s
            {PUBSUB SHARDCHANNELS x*}       {}
            {PUBSUB SHARDNUMSUB s a}        {s 1 a 0}
            {PUBSUB SHARDNUMSUB}            {}
            {PUBSUB FOO}                    {(error) ERR unknown subcommand 'FOO'. Try PUBSUB HELP.}
            {PUBSUB}                        {(error) ERR wrong number of arguments for 'pubsub' command}
            {PUBSUB NUMPAT x}               {(error) ERR wrong number of arguments for 'pubsub|numpat' command}
            {PUBSUB CHANNELS a b}           {(error) ERR unknown subcommand or wrong number of arguments for 'CHANNELS'. Try PUBSUB HELP.}
        }
        assert {[llength [r PUBSUB HELP]] > 5}
        assert_equal {3 2} [list [server_info pubsub_channels] [server_info pubsub_patterns]]
    }

    test {the commands count their arguments} {
        foreach {command name} {
            SUBSCRIBE subscribe PSUBSCRIBE psubscribe SSUBSCRIBE ssubscribe PUBLISH publish {PUBLISH a} publish
            {PUBLISH a b c} publish {SPUBLISH a} spublish
        } {
            assert_error "ERR wrong number of arguments for '$name' command" {r {*}$command}
        }
    }

    test {a subscribed RESP2 connection takes few commands} {
        r SUBSCRIBE a
        foreach {command name} {
            {GET k} get {SET k v} set {PUBLISH a b} publish MULTI multi {CLIENT ID} client|id {HELLO 3} hello {ECHO x} echo
            {CONFIG GET hz} config|get SELECT select nosuch nosuch
        } {
            set reply [client_value [r_typed {*}$command]]
            if {$name eq "select"} {
                assert_equal "(error) ERR wrong number of arguments for 'select' command" $reply
            } elseif {$name eq "nosuch"} {
                assert_match "(error) ERR unknown command 'nosuch'*" $reply
            } else {
                assert_equal [format $refused $name] $reply
            }
        }
        assert_equal {pong {}} [r PING]
        assert_equal {pong hello} [r PING hello]
        assert_equal {psubscribe b* 2} [r PSUBSCRIBE b*]
        assert_equal {ssubscribe s 1} [r SSUBSCRIBE s]
        assert_equal RESET [r RESET]
        assert_equal PONG [r PING]
        r SUBSCRIBE a
        assert_equal OK [r QUIT]
    }

    test {a subscribed RESP3 connection takes every command} {
        r HELLO 3
        client_send r SUBSCRIBE a
        assert_equal {subscribe a 1} [client_push r]
        assert_equal {OK v PONG hi} [list [r SET k v] [r GET k] [r PING] [r PING hi]]
        client_send r UNSUBSCRIBE a
        assert_equal {unsubscribe a 0} [client_push r]
    }

    test {a RESP3 subscriber gets pushes, also between replies} {
        r HELLO 3
        client_send r SUBSCRIBE a
        client_push r
        client_send r PSUBSCRIBE *
        client_push r
        client_send r SSUBSCRIBE s
        client_push r
        set other [client_new]
        assert_equal 2 [$other PUBLISH a x]
        assert_equal 1 [$other SPUBLISH s y]
        client_expect r [client_push_bytes message a x][client_push_bytes pmessage * a x][client_push_bytes smessage s y]
    }

    test {a RESP3 client that publishes to itself gets the reply first} since-7.2 {
        r HELLO 3
        client_send r SUBSCRIBE a
        client_push r
        client_send r PUBLISH a x
        assert_equal {: 1} [client_parse r]
        assert_equal {message a x} [client_push r]
    }

    test {messages keep their order across channels} {
        set client [client_new]
        client_send $client SUBSCRIBE a b c
        read_many $client 3
        set expected {}
        for {set i 0} {$i < 1000} {incr i} {
            set channel [random_of {a b c}]
            lappend commands [list PUBLISH $channel $i]
            lappend expected [list message $channel $i]
        }
        client_pipeline r $commands
        assert_equal $expected [read_many $client 1000]
    }

    test {PUBLISH inside MULTI is delivered when it is executed} {
        set client [client_new]
        $client SUBSCRIBE a
        r MULTI
        r PUBLISH a one
        r PUBLISH a two
        assert {![client_pending $client]}
        assert_equal {1 1} [r EXEC]
        assert_equal {{message a one} {message a two}} [read_many $client 2]
    }

    test {SUBSCRIBE works inside MULTI} {
        r MULTI
        r SUBSCRIBE a
        r PING
        client_send r EXEC
        client_expect r "*2\r\n*3\r\n\$9\r\nsubscribe\r\n\$1\r\na\r\n:1\r\n"
    }

    test {the database does not matter} {
        set client [client_new]
        $client SUBSCRIBE a
        r SELECT 5
        assert_equal 1 [r PUBLISH a x]
    }

    test {thousands of subscriptions of one client come and go} {
        set client [client_new]
        set commands {}
        for {set i 0} {$i < 5000} {incr i} {
            lappend commands [list SUBSCRIBE channel:$i] [list PSUBSCRIBE pattern:$i:*]
        }
        client_pipeline $client $commands
        assert_equal {5000 5000} [list [server_info pubsub_channels] [r PUBSUB NUMPAT]]
        assert_equal {1 1 0} [list [r PUBLISH channel:4999 x] [r PUBLISH pattern:77:x y] [r PUBLISH pattern:77 z]]
        client_close $client
        wait_for {[r PUBSUB NUMPAT] == 0 && [server_info pubsub_channels] == 0}
    }

    test {one channel serves hundreds of subscribers} {
        set clients {}
        for {set i 0} {$i < 300} {incr i} {
            set client [client_new]
            if {$i % 2} {
                $client HELLO 3
            }
            client_send $client SUBSCRIBE a
            client_parse $client
            lappend clients $client
        }
        for {set i 0} {$i < 5} {incr i} {
            assert_equal 300 [r PUBLISH a message:$i]
        }
        foreach client $clients {
            for {set i 0} {$i < 5} {incr i} {
                assert_equal [list message a message:$i] [lmap element [lindex [client_parse $client] 1] {lindex $element 1}]
            }
        }
    }
}

start_server {client-output-buffer-limit {pubsub 1mb 0 0}} {
    test {a subscriber that does not read is cut, others are not harmed} {
        set slow [client_new]
        $slow CLIENT SETNAME slow
        $slow SUBSCRIBE a
        set good [client_new]
        $good SUBSCRIBE a
        set message [string repeat x 10000]
        set receivers 2
        for {set i 0} {$i < 5000 && $receivers == 2} {incr i} {
            r PUBLISH a $message
            assert_equal [list message a $message] [client_read $good]
            set receivers [lindex [r PUBSUB NUMSUB a] 1]
        }
        assert_equal 1 $receivers
        assert_no_match *name=slow* [r CLIENT LIST]
        assert_equal 1 [r PUBLISH a last]
        assert_equal {message a last} [client_read $good]
    }

    test {a subscriber that does not read a pattern's messages is cut, too} {
        set slow [client_new]
        $slow HELLO 3
        client_send $slow PSUBSCRIBE *
        client_push $slow
        set message [string repeat x 100000]
        for {set i 0} {$i < 1000 && [r PUBSUB NUMPAT] == 1} {incr i} {
            r PUBLISH a $message
        }
        assert_equal 0 [r PUBSUB NUMPAT]
    }

    test {keyspace events cut a slow subscriber as well} {
        with_config {notify-keyspace-events KEA} {
            set slow [client_new]
            $slow PSUBSCRIBE __key*__:*
            set key [string repeat k 50000]
            for {set i 0} {$i < 2000 && [r PUBSUB NUMPAT] == 1} {incr i} {
                r SET $key v
            }
            assert_equal 0 [r PUBSUB NUMPAT]
            assert_equal v [r GET $key]
        }
    }

    test {a soft limit cuts a subscriber that stays above it} {
        with_config {client-output-buffer-limit {pubsub 100mb 100kb 1}} {
            set slow [client_new]
            $slow SUBSCRIBE a
            set message [string repeat x 100000]
            for {set i 0} {$i < 100} {incr i} {
                r PUBLISH a $message
            }
            assert_equal {a 1} [r PUBSUB NUMSUB a]
            wait_for {[r PUBLISH a $message] == 0}
        }
    }

    test {a normal client's own limit is another one} {
        with_config {client-output-buffer-limit {normal 1mb 0 0}} {
            set client [client_new]
            r SET k [string repeat x 100000]
            client_write $client [string repeat [client_encode GET k] 400]
            assert_closed $client
        }
    }
}

# A RESP2 and a RESP3 connection that listen to one channel, and how each reads.
proc subscribe_both {channel} {
    set resp2 [client_new]
    set resp3 [client_new]
    $resp3 HELLO 3
    client_send $resp2 SUBSCRIBE $channel
    assert_equal [list subscribe $channel 1] [client_read $resp2]
    client_send $resp3 SUBSCRIBE $channel
    assert_equal [list subscribe $channel 1] [client_push $resp3]
    return [list $resp2 $resp3]
}

start_server {} {
    test {the very first message reaches subscribers of both protocols} {
        lassign [subscribe_both a] resp2 resp3
        assert_equal 2 [r PUBLISH a x]
        assert_equal {message a x} [client_read $resp2]
        assert_equal {message a x} [client_push $resp3]
    }

    test {messages longer than a block reach subscribers of both protocols, in order} {
        lassign [subscribe_both a] resp2 resp3
        set payloads [list [string repeat y 100000] z [string repeat w 20000] v]
        foreach payload $payloads {
            assert_equal 2 [r PUBLISH a $payload]
        }
        foreach payload $payloads {
            assert_equal [list message a $payload] [client_read $resp2]
            assert_equal [list message a $payload] [client_push $resp3]
        }
    }
}
