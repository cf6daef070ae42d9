# MIGRATE, between two servers of ours and (where there is one) to a reference.

proc migrate_between {directives body} {
    start_server $directives {
        set there [server handle]
        start_server $directives {
            set ::migrate_port [server port $there]
            uplevel 1 $body
        }
    }
}

proc migrate {key args} {
    return [r MIGRATE 127.0.0.1 $::migrate_port $key 0 5000 {*}$args]
}

migrate_between {notify-keyspace-events KEA} {
    test "MIGRATE moves a key with its TTL, and announces del" {
        set there [client_new -host 127.0.0.1 -port $::migrate_port]
        r SET k v PX 100000
        assert_equal {del(k)} [events_of {r MIGRATE 127.0.0.1 $::migrate_port k 0 5000}]
        assert_equal 0 [r EXISTS k]
        assert_equal v [$there GET k]
        assert {[$there PTTL k] > 90000}
    }

    test "MIGRATE with COPY leaves it here; a key that is there is refused without REPLACE" {
        set there [client_new -host 127.0.0.1 -port $::migrate_port]
        $there FLUSHALL
        r SET k v
        assert_equal OK [migrate k COPY]
        assert_equal v [r GET k]
        assert_error "ERR Target instance replied with error: BUSYKEY*" {migrate k}
        assert_equal v [r GET k]
        assert_equal OK [migrate k REPLACE]
        assert_equal 0 [r EXISTS k]
    }

    test "MIGRATE with KEYS moves several; those that do not exist do not matter" {
        set there [client_new -host 127.0.0.1 -port $::migrate_port]
        $there FLUSHALL
        r MSET a 1 b 2
        assert_equal OK [migrate "" KEYS a none b]
        assert_equal {1 2} [$there MGET a b]
        assert_equal NOKEY [migrate "" KEYS a b]
        assert_error "ERR When using MIGRATE KEYS option*" {migrate a KEYS a b}
    }

    test "MIGRATE to where nobody listens is an error, and the key stays" {
        r SET k v
        assert_error "IOERR error or timeout writing to target instance" {r MIGRATE 127.0.0.1 1 k 0 500}
        assert_equal v [r GET k]
    }

    test "MIGRATE that the other server refuses removes nothing" {
        set there [client_new -host 127.0.0.1 -port $::migrate_port]
        r SET k v
        assert_error "ERR Target instance replied with error: *" {r MIGRATE 127.0.0.1 $::migrate_port k 9999 5000}
        assert_error "ERR Target instance replied with error: *" {migrate k AUTH wrong}
        assert_equal v [r GET k]
    }

    test "MIGRATE refuses words it does not know and numbers that are none" {
        assert_error "ERR syntax error" {migrate k FOO}
        assert_error "ERR syntax error" {migrate k AUTH}
        assert_error "ERR value is not an integer or out of range" {r MIGRATE 127.0.0.1 1 k x 1}
        assert_error "ERR value is not an integer or out of range" {r MIGRATE 127.0.0.1 1 k 0 x}
    }
}
