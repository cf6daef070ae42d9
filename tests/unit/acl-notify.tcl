# Keyspace notifications under ACL: acl-notify-keys keeps names of keys from who may not read them.

proc tenant {name args} {
    r ACL SETUSER $name reset on nopass +@pubsub +ping +hello +acl|whoami allchannels {*}$args
    set client [client_new]
    $client AUTH $name any
    return $client
}

proc tenant_of {pattern name args} {
    set client [tenant $name {*}$args]
    $client PSUBSCRIBE $pattern
    return $client
}

tags tocsin {
    start_server {notify-keyspace-events AKE acl-notify-keys yes} {
        test {a tenant hears of its own keys alone, on every channel} {
            set alice [tenant_of __key*__:* alice ~a:*]
            set all [events_subscriber]
            r SET a:1 v
            r SET b:1 v
            r DEL b:1 a:1
            r RPUSH a:l x
            assert_equal {set(a:1) del(a:1) rpush(a:l)} [events_pending $alice]
            assert_equal {set(a:1) set(b:1) del(b:1) del(a:1) rpush(a:l)} [events_pending $all]
        }

        test {by name it hears nothing either} {
            set alice [tenant alice ~a:*]
            $alice SUBSCRIBE __keyspace@0__:b:1
            $alice SUBSCRIBE __keyevent@0__:set
            r SET b:1 v
            r SET a:1 v
            assert_equal {{__keyevent@0__:set a:1}} [messages_pending $alice]
        }

        test {a right to read counts, one to write does not; selectors and patterns do} {
            set alice [tenant_of __keyevent* alice %R~r %W~w {(~s +get)} ~?x]
            foreach key {r w s ax b} {
                r SET $key v
            }
            assert_equal {{__keyevent@0__:set r} {__keyevent@0__:set s} {__keyevent@0__:set ax}} [messages_pending $alice]
        }

        test {rights that change while it listens count from the next event on} {
            set alice [tenant_of __keyevent* alice ~a]
            r SET a 1
            r SET b 1
            r ACL SETUSER alice ~b
            r SET b 2
            r ACL SETUSER alice allkeys
            r SET c 3
            r ACL SETUSER alice resetkeys
            r SET d 4
            r SET a 5
            assert_equal {a b c} [lmap message [messages_pending $alice] {lindex $message 1}]
        }

        test {who logs in as another while listening has the other's eyes} {
            set alice [tenant alice ~a]
            r ACL SETUSER bob reset on nopass allchannels +@all ~b
            $alice HELLO 3
            client_send $alice PSUBSCRIBE __keyevent*
            client_push $alice
            r SET a 1
            r SET b 1
            $alice AUTH bob x
            r SET a 2
            r SET b 2
            $alice PING
            assert_equal {a b} [lmap push [lrange [client_pushes $alice] end-1 end] {lindex $push end}]
        }

        test {expiry and renaming tell who may read} {
            set alice [tenant_of __keyevent* alice ~a:*]
            r SET b:1 v PX 20
            r SET a:1 v PX 40
            wait_for {[r EXISTS a:1 b:1] == 0}
            r SET b:2 v
            r RENAME b:2 a:2
            assert_equal {{set a:1} {expire a:1} {expired a:1} {rename_to a:2}} [lmap message [messages_pending $alice] {
                list [lindex [split [lindex $message 0] :] end] [lindex $message 1]
            }]
        }

        test {both protocols hear the same} {
            set two [tenant_of __keyevent* alice ~a]
            set three [tenant alice ~a]
            $three HELLO 3
            client_send $three PSUBSCRIBE __keyevent*
            client_push $three
            r SET b 1
            r SET a 1
            assert_equal {{__keyevent@0__:set a}} [messages_pending $two]
            $three PING
            assert_equal {pmessage __keyevent* __keyevent@0__:set a} [lindex [client_pushes $three] end]
        }

        test {events of fields tell who may read the hash} {
            with_config {notify-keyspace-events AKESTIV} {
                set alice [tenant_of __subkey* alice ~a:*]
                r HSET b:h f v g w
                r HSET "a:\n" x y
                r HSET a:h f v
                set messages [messages_pending $alice]
                assert_equal 8 [llength $messages]
                assert_equal {} [lsearch -all -inline $messages *b:h*]
                $alice SUBSCRIBE "__subkeyspaceitem@0__:b:h\nf"
                r HSET b:h f x
                assert_equal {} [messages_pending $alice]
            }
        }

        test {what is published by hand is nobody's key} {
            set alice [tenant_of __keyevent* alice ~a]
            assert_equal 1 [r PUBLISH __keyevent@0__:set b]
            assert_equal {{__keyevent@0__:set b}} [messages_pending $alice]
        }

        test {a tenant's messages keep their order among those of others} {
            set alice [tenant alice ~a:* ~b:*]
            $alice PSUBSCRIBE __key*__:*
            $alice PSUBSCRIBE other
            set expected {}
            for {set i 0} {$i < 50} {incr i} {
                set key [random_of {a: b: c: d:}]$i
                r SET $key v
                r PUBLISH other $i
                if {[string match {[ab]*} $key]} {
                    lappend expected "__keyspace@0__:$key set" "__keyevent@0__:set $key"
                }
                lappend expected "other $i"
            }
            assert_equal $expected [messages_pending $alice]
        }

        test {nobody who may read everything is asked} {
            set all [events_subscriber]
            r SET a v
            set alice [tenant_of __key*__:* alice ~a]
            r SET b v
            client_close $alice
            wait_for {[server_info connected_clients] == 2}
            r SET c v
            assert_equal {set(a) set(b) set(c)} [events_pending $all]
        }

        test {without acl-notify-keys channels alone decide} {
            with_config {acl-notify-keys no} {
                set alice [tenant_of __keyevent* alice ~a]
                r SET b v
                assert_equal {{__keyevent@0__:set b}} [messages_pending $alice]
                r CONFIG SET acl-notify-keys yes
                r SET b v
                assert_equal {} [messages_pending $alice]
            }
        }

        test {many tenants come, hear and go} {
            set tenants {}
            for {set i 0} {$i < 200} {incr i} {
                r ACL SETUSER t$i reset on nopass allchannels +@pubsub ~$i:*
                set client [client_new]
                $client AUTH t$i x
                $client PSUBSCRIBE __keyevent*
                lappend tenants $client
            }
            for {set i 0} {$i < 200} {incr i} {
                r SET $i:k v
            }
            r ACL DELUSER t0 t1
            foreach i {2 100 199} {
                assert_equal [list pmessage __keyevent* __keyevent@0__:set $i:k] [client_read [lindex $tenants $i]]
                assert_equal 0 [client_pending [lindex $tenants $i]]
            }
        }
    }
}
