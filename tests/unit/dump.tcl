# DUMP, RESTORE, and the commands that save. What outlives a restart is in
# tests/integration.

proc dump_of {args} {
    r {*}$args
    return [r DUMP [lindex $args 1]]
}

start_server {notify-keyspace-events KEAnoc} {
    test "DUMP of a key that does not exist is null" {
        r DEL k
        assert_equal (nil) [r DUMP k]
    }

    tags tocsin {
        test "RESTORE brings back what DUMP returned, for every type" {
            r FLUSHALL
            r SET s hello
            r SET n 12345
            r RPUSH l 1 2 three
            r SADD i 1 2 3
            r SADD m a b c
            r HSET h f v
            r ZADD z 1 a 2.5 b -inf c
            r XADD x 1-1 f v
            r XGROUP CREATE x g 0
            r XREADGROUP GROUP g c STREAMS x >
            r SET big [string repeat abc 5000]
            foreach key {s n l i m h z x big} {
                set payload [r DUMP $key]
                assert_equal OK [r RESTORE copy-of-$key 0 $payload]
                assert_equal [r DEBUG DIGEST-VALUE $key] [r DEBUG DIGEST-VALUE copy-of-$key]
            }
        }
    }

    test "RESTORE of a key that exists is refused, without REPLACE" {
        set payload [dump_of SET k v]
        assert_error "BUSYKEY Target key name already exists." {r RESTORE k 0 $payload}
        assert_equal OK [r RESTORE k 0 $payload REPLACE]
    }

    test "RESTORE sets a TTL, relative or (ABSTTL) absolute" {
        set payload [dump_of SET k v]
        r RESTORE k 100000 $payload REPLACE
        assert {[r PTTL k] in [list 100000 99999] || [r PTTL k] > 90000}
        r RESTORE k 33333333333333 $payload REPLACE ABSTTL
        assert_equal 33333333333333 [r PEXPIRETIME k]
    }

    test "RESTORE with a moment that has passed makes no key, and removes the one that is there" {
        set payload [dump_of SET k v]
        assert_equal OK [r RESTORE k 1 $payload ABSTTL REPLACE]
        assert_equal 0 [r EXISTS k]
    }

    test "RESTORE takes IDLETIME and FREQ, not both" {
        set payload [dump_of SET k v]
        r RESTORE k 0 $payload REPLACE IDLETIME 1000
        assert {[r OBJECT IDLETIME k] >= 1000}
        assert_error "ERR syntax error" {r RESTORE k 0 $payload REPLACE IDLETIME 1 FREQ 1}
        assert_error "ERR Invalid IDLETIME value, must be >= 0" {r RESTORE k 0 $payload REPLACE IDLETIME -1}
        assert_error "ERR Invalid FREQ value, must be >= 0 and <= 255" {r RESTORE k 0 $payload REPLACE FREQ 256}
    }

    test "RESTORE refuses wrong TTLs and words" {
        set payload [dump_of SET k v]
        r DEL k
        assert_error "ERR Invalid TTL value, must be >= 0" {r RESTORE k -1 $payload}
        assert_error "ERR value is not an integer or out of range" {r RESTORE k x $payload}
        assert_error "ERR syntax error" {r RESTORE k 0 $payload FOO}
        assert_equal 0 [r EXISTS k]
    }

    test "RESTORE refuses a payload with any byte changed, or cut off anywhere" {
        set payload [dump_of RPUSH damaged 1 2 3 hello [string repeat x 100]]
        set length [string length $payload]
        for {set i 0} {$i < $length} {incr i} {
            scan [string index $payload $i] %c byte
            set bad [string replace $payload $i $i [format %c [expr {$byte ^ 1}]]]
            assert_error "ERR DUMP payload version or checksum are wrong" {r RESTORE k 0 $bad}
            assert_error "ERR *" {r RESTORE k 0 [string range $payload 0 $i-1]}
        }
        assert_equal 0 [r EXISTS k]
    }

    test "RESTORE-ASKING is RESTORE" {
        set payload [dump_of SET k v]
        assert_equal OK [r RESTORE-ASKING k 0 $payload REPLACE]
        assert_equal v [r GET k]
    }

    tags tocsin {
        test "RESTORE announces restore, behind new or in front of overwritten" {
            set payload [dump_of SET k v]
            r DEL k
            assert_equal {new(k) restore(k)} [events_of {r RESTORE k 0 $payload}]
            assert_equal {restore(k) overwritten(k)} [events_of {r RESTORE k 0 $payload REPLACE}]
        }
    }

    tags tocsin {
        test "fields keep their TTLs in a payload, whose version is 12 then" {
            r DEL h
            r HSET h f v g w
            r HPEXPIREAT h 33333333333333 FIELDS 1 f
            set payload [r DUMP h]
            scan [string index $payload end-9] %c version
            assert_equal 12 $version
            r RESTORE copy 0 $payload REPLACE
            assert_equal {33333333333333 -1} [r HPEXPIRETIME copy FIELDS 2 f g]
            with_config {rdb-version 10} {
                assert_error "ERR rdb-version 10 has no place for the TTLs of hash fields" {r DUMP h}
            }
        }
    }

    test "SAVE, BGSAVE and LASTSAVE: what was changed is saved" {
        r SET k v
        assert {[server_info rdb_changes_since_last_save] > 0}
        assert_equal OK [r SAVE]
        assert_equal 0 [server_info rdb_changes_since_last_save]
        assert {abs([r LASTSAVE] - [clock seconds]) < 10}
        assert_equal "Background saving started" [r BGSAVE]
        wait_for {[server_info rdb_bgsave_in_progress] == 0}
        assert_equal ok [server_info rdb_last_bgsave_status]
        assert_error "ERR syntax error" {r BGSAVE FOO}
    }

    test "BGREWRITEAOF works without an append only file in use, too" {
        assert_equal "Background append only file rewriting started" [r BGREWRITEAOF]
        wait_for {[server_info aof_rewrite_in_progress] == 0}
        assert_equal ok [server_info aof_last_bgrewrite_status]
    }

    tags since-7.2 {
        test "WAITAOF demands an append only file, and tells that it is synced" {
            assert_error "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled." \
                {r WAITAOF 1 0 0}
            assert_error "ERR timeout is negative" {r WAITAOF 0 0 -1}
            with_config {appendonly yes} {
                wait_for {[server_info aof_rewrite_in_progress] == 0}
                r SET k v
                assert_equal {1 0} [r WAITAOF 1 0 0]
                assert_equal {1 0} [r WAITAOF 1 1 10]
            }
        }
    }

    test "DEBUG RELOAD keeps all data" {
        r FLUSHALL
        r SET k v EX 1000
        r RPUSH l 1 2 3
        set digest [r DEBUG DIGEST]
        assert_equal OK [r DEBUG RELOAD]
        assert_equal $digest [r DEBUG DIGEST]
        assert {[r TTL k] > 900}
    }
}
