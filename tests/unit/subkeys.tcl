# Subkey channels: which fields of a hash an event was about.

# The messages on subkey channels, as "channel payload".
proc subkeys_of {commands} {
    set subscriber [events_subscriber __subkey*]
    uplevel 1 $commands
    set messages [messages_pending $subscriber]
    client_close $subscriber
    return $messages
}

# By S alone, without the channel of the hash h: "event|fields".
proc fields_of {commands} {
    return [lmap message [uplevel 1 [list subkeys_of $commands]] {
        assert_match "__subkeyspace@0__:h *" $message
        string range $message 20 end
    }]
}

tags tocsin {
start_server {} {
    foreach {letter messages} {
        S {{__subkeyspace@0__:h hset|1:a,2:bb}}
        T {{__subkeyevent@0__:hset 1:h|1:a,2:bb}}
        I {{__subkeyspaceitem@0__:h
a hset} {__subkeyspaceitem@0__:h
bb hset}}
        V {{__subkeyspaceevent@0__:hset|h 1:a,2:bb}}
    } {
        test "$letter tells the fields in its own way" {
            with_config [list notify-keyspace-events ${letter}h] {
                assert_equal $messages [subkeys_of {r HSET h a 1 bb 2}]
            }
        }
        lappend all {*}$messages
    }

    test {all at once come behind K and E, as S, T, I, V} {
        with_config {notify-keyspace-events KEASTIV} {
            set subscriber [events_subscriber *]
            r HSET h a 1 bb 2
            assert_equal [list {__keyspace@0__:h hset} {__keyevent@0__:hset h} {*}$all] [messages_pending $subscriber]
            r HDEL h a bb
            assert_equal [list {__keyspace@0__:h hdel} {__keyevent@0__:hdel h} \
                {*}[string map {hset hdel} $all] {__keyspace@0__:h del} {__keyevent@0__:del h}] [messages_pending $subscriber]
        }
    }

    test {each command tells the fields that it really changed} {
        with_config {notify-keyspace-events Sh} {
            foreach {prepare commands expected} {
                {}                 {r HSET h a 1}                             {hset|1:a}
                {}                 {r HMSET h b 1 a 2}                        {hset|1:b,1:a}
                {}                 {r HSETNX h a 1}                           {hset|1:a}
                {r HSET h a 1}     {r HSETNX h a 1}                           {}
                {r HSET h a 1}     {r HINCRBY h a 1}                          {hincrby|1:a}
                {}                 {r HINCRBYFLOAT h a 1}                     {hincrbyfloat|1:a}
                {r HSET h a 1 b 2} {r HDEL h b none b}                        {hdel|1:b}
                {r HSET h a 1 b 2} {r HDEL h none}                            {}
                {r HSET h a 1 b 2} {r HEXPIRE h 100 FIELDS 3 b none a}        {hexpire|1:b,1:a}
                {r HSET h a 1 b 2} {r HEXPIRE h 100 XX FIELDS 2 a b}          {}
                {r HSET h a 1 b 2} {r HPEXPIREAT h 1 FIELDS 2 a none}         {hdel|1:a}
                {r HSETEX h EX 9 FIELDS 1 a 1; r HSET h b 1} {r HPERSIST h FIELDS 2 a b} {hpersist|1:a}
                {r HSET h a 1}     {r HGETEX h EX 9 FIELDS 2 none a}          {hexpire|1:a}
                {r HSETEX h EX 9 FIELDS 1 a 1} {r HGETEX h PERSIST FIELDS 1 a} {hpersist|1:a}
                {r HSET h a 1 b 2} {r HGETEX h PXAT 1 FIELDS 1 b}             {hdel|1:b}
                {r HSET h a 1 b 2} {r HGETEX h FIELDS 1 b}                    {}
                {r HSET h a 1 b 2} {r HGETDEL h FIELDS 2 b none}              {hdel|1:b}
                {}                 {r HSETEX h EX 9 FIELDS 2 a 1 b 2}         {hset|1:a,1:b hexpire|1:a,1:b}
                {r HSET h a 1}     {r HSETEX h PXAT 1 FIELDS 2 a 1 b 2}       {hdel|1:a}
                {}                 {catch {r HINCRBY h a x}}                  {}
                {r HSET h a 1}     {r HGETALL h; r DEL h}                     {}
            } {
                r DEL h
                eval $prepare
                assert_equal [list $commands $expected] [list $commands [fields_of $commands]]
            }
        }
    }

    test {fields that go by their deadline are told together, in the order of their deadlines} {
        with_config {notify-keyspace-events Sh} {
            set subscriber [events_subscriber __subkeyspace@0__:h]
            r DEBUG SET-ACTIVE-EXPIRE 0
            r HSET h a 1 b 2 c 3 d 4
            set now [server_time_ms]
            r HPEXPIREAT h [expr {$now + 20}] FIELDS 1 c
            r HPEXPIREAT h [expr {$now + 10}] FIELDS 1 a
            r HPEXPIREAT h [expr {$now + 30}] FIELDS 1 b
            wait_for {[server_time_ms] > $now + 30}
            messages_pending $subscriber
            r DEBUG SET-ACTIVE-EXPIRE 1
            assert_equal {hexpired|1:a,1:c,1:b} [lindex [client_read $subscriber] end]
            r HPEXPIRE h 10 FIELDS 1 d
            assert_equal hexpire|1:d [lindex [client_read $subscriber] end]
            assert_equal hexpired|1:d [lindex [client_read $subscriber] end]
            assert_equal 0 [r EXISTS h]
        }
    }

    test {lengths make names with any bytes plain} {
        with_config {notify-keyspace-events STIVh} {
            set key "a|b\n:1"
            set messages [subkeys_of {r HSET $key "x,1:y" 1 "" 2 "\x00\xff|" 3}]
            set fields "5:x,1:y,0:,3:\x00\xff|"
            assert_equal [list "__subkeyspace@0__:$key hset|$fields" "__subkeyevent@0__:hset 6:$key|$fields" \
                "__subkeyspaceitem@0__:$key\nx,1:y hset" "__subkeyspaceitem@0__:$key\n hset" \
                "__subkeyspaceitem@0__:$key\n\x00\xff| hset" "__subkeyspaceevent@0__:hset|$key $fields"] $messages
        }
    }

    test {the database is part of the channel} {
        with_config {notify-keyspace-events Th} {
            assert_equal {{__subkeyevent@3__:hset 1:h|1:a}} [subkeys_of {r SELECT 3; r HSET h a 1}]
        }
    }

    test {they need h, and neither K nor E} {
        foreach {flags count} {STIV 0 KE\$STIV 0 STIVg 0 STIVh 4 STIVA 4 KEA 0 Sh 1 hI 1} {
            with_config [list notify-keyspace-events $flags] {
                assert_equal [list $flags $count] [list $flags [llength [subkeys_of {r HSET h a 1}]]]
            }
        }
        with_config {notify-keyspace-events Sh} {
            set subscriber [events_subscriber *]
            r HSET h a 1
            assert_equal {{__subkeyspace@0__:h hset|1:a}} [messages_pending $subscriber]
        }
    }

    test {exact channels and patterns both receive, and only what they match} {
        with_config {notify-keyspace-events STIVh} {
            foreach channel [list __subkeyspace@0__:h __subkeyevent@0__:hdel "__subkeyspaceitem@0__:h\nb" \
                    __subkeyspaceevent@0__:hset|h __subkeyspace@1__:h] {
                set client [client_new]
                $client SUBSCRIBE $channel
                lappend clients $client
            }
            set pattern [events_subscriber "__subkeyspaceitem@*__:h*\n?"]
            r HSET h a 1 b 2
            r HDEL h a
            r HSET other a 1 b 2
            set counts [lmap client $clients {llength [messages_pending $client]}]
            assert_equal {2 1 1 1 0} $counts
            assert_equal [lmap field {a b} {string cat "__subkeyspaceitem@0__:h\n$field hset"}] \
                [lrange [messages_pending $pattern] 0 1]
            assert_equal 5 [server_info notification_channels]
            assert_equal 1 [server_info notification_patterns]
            foreach client $clients {
                client_close $client
            }
            client_close $pattern
            wait_for {[server_info notification_channels] == 0}
            r HSET h c 1
        }
    }

    test {in RESP3 the pushes follow the reply of the command that caused them} {
        with_config {notify-keyspace-events Sh} {
            r HELLO 3
            client_send r PSUBSCRIBE __subkey*
            client_expect r ">3\r\n\$10\r\npsubscribe\r\n\$9\r\n__subkey*\r\n:1\r\n"
            client_send r HSET h a 1
            client_expect r ":1\r\n"
            client_expect r ">4\r\n\$8\r\npmessage\r\n\$9\r\n__subkey*\r\n\$19\r\n__subkeyspace@0__:h\r\n\$8\r\nhset|1:a\r\n"
        }
    }

    test {commands in a transaction tell their fields one by one} {
        with_config {notify-keyspace-events Sh} {
            assert_equal {hset|1:a hincrby|1:a hdel|1:a} [fields_of {
                r MULTI
                r HSET h a 1
                r HINCRBY h a 1
                r HDEL h a
                r EXEC
            }]
        }
    }

    test {many fields are told in one message} {
        with_config {notify-keyspace-events Vh} {
            for {set i 0} {$i < 5000} {incr i} {
                lappend pairs field:$i x
                lappend expected [string length field:$i]:field:$i
            }
            assert_equal [list "__subkeyspaceevent@0__:hset|h [join $expected ,]"] [subkeys_of {r HSET h {*}$pairs}]
        }
    }
}
}
