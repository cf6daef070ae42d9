# maxmemory: what each policy evicts, what is refused, what is announced.

set oom {OOM command not allowed when used memory > 'maxmemory'.}

# Sets maxmemory so that about so many more bytes fit.
proc leave_room {bytes} {
    r CONFIG SET maxmemory [expr {[server_info used_memory] - [server_info mem_not_counted_for_evict] + $bytes}]
}

# Writes strings of 1000 bytes until something had to go; answers how many were written.
proc write_until_evicted {prefix args} {
    set before [server_info evicted_keys]
    for {set i 0} {[server_info evicted_keys] < $before + 20} {incr i} {
        r SET $prefix:$i [string repeat x 1000] {*}$args
        if {$i > 20000} {
            fail "nothing was evicted"
        }
    }
    return $i
}

start_server {maxmemory-samples 10} {
    test {noeviction refuses what needs memory and serves everything else} {
        r MSET k v n 1
        with_config {maxmemory-policy noeviction maxmemory 1kb} {
            foreach command {
                {SET k w} {SETEX k 9 w} {APPEND k x} {INCR n} {SETRANGE k 0 x} {MSET a 1} {GETSET k w}
                {INCRBYFLOAT n 1} {COPY k q}
            } {
                assert_error $oom {r {*}$command}
            }
            foreach command {
                {GET k} {DEL none} {EXPIRE k 1000} {TTL k} {EXISTS k} {RENAME k kk} {PERSIST kk} {FLUSHDB} {PUBLISH a b}
                {GETEX kk} {SELECT 1} {INFO memory} {UNLINK kk}
            } {
                r {*}$command
            }
            assert_match *errorstat_OOM* [r INFO errorstats]
        }
        assert_equal OK [r SET k v]
    }

    test {a limit that cannot be kept by evicting refuses, too} {
        with_config {maxmemory-policy allkeys-lru maxmemory 1kb} {
            assert_error $oom {r SET k v}
        }
        with_config {maxmemory-policy volatile-lru maxmemory 1kb} {
            assert_error $oom {r SET k v}
        }
    }

    foreach policy {allkeys-random allkeys-lru allkeys-lfu volatile-lru volatile-random volatile-ttl volatile-lfu} {
        test "$policy keeps the server below maxmemory" {
            with_config "maxmemory-policy $policy maxmemory 0" {
                leave_room 300000
                set limit [lindex [r CONFIG GET maxmemory] 1]
                for {set i 0} {$i < 3000} {incr i} {
                    r SETEX key:$i 100000 [string repeat x [random_int 500]]
                }
                assert {[server_info evicted_keys] > 0}
                assert {[server_info used_memory] - [server_info mem_not_counted_for_evict] < $limit + 50000}
                assert {[r DBSIZE] > 50}
            }
        }
    }

    foreach policy {volatile-lru volatile-random volatile-ttl volatile-lfu} {
        test "$policy never evicts a key without a deadline" {
            with_config "maxmemory-policy $policy maxmemory 0" {
                for {set i 0} {$i < 200} {incr i} {
                    r SET stays:$i v
                }
                leave_room 200000
                write_until_evicted volatile EX 100000
                assert_equal 200 [llength [r KEYS stays:*]]
            }
        }

        test "$policy refuses when only keys without a deadline are left" {
            with_config "maxmemory-policy $policy maxmemory 0" {
                leave_room 200000
                catch {
                    for {set i 0} {$i < 20000} {incr i} {
                        r SET key:$i [string repeat x 1000]
                    }
                } message
                assert_equal $oom $message
                assert {[r DBSIZE] > 50}
            }
        }
    }

    test {volatile-ttl evicts the nearest deadline first} {
        with_config {maxmemory-policy volatile-ttl maxmemory 0 maxmemory-samples 64} {
            leave_room 300000
            for {set i 0} {$i < 100} {incr i} {
                r SET far:$i [string repeat x 1000] EX 100000
            }
            for {set i 0} {$i < 100} {incr i} {
                r SET near:$i [string repeat x 1000] EX 1000
            }
            write_until_evicted further EX 1000000
            set near [llength [r KEYS near:*]]
            set far [llength [r KEYS far:*]]
            assert {$near < $far}
        }
    }

    test {allkeys-lru keeps what is used} {
        with_config {maxmemory-policy allkeys-lru maxmemory 0 maxmemory-samples 64} {
            for {set i 0} {$i < 50} {incr i} {
                r SET used:$i [string repeat x 1000]
                r SET idle:$i [string repeat x 1000]
            }
            wait_for {[r OBJECT IDLETIME idle:49] >= 2}
            for {set i 0} {$i < 50} {incr i} {
                r GET used:$i
            }
            leave_room 0
            write_until_evicted new
            assert {[llength [r KEYS used:*]] > [llength [r KEYS idle:*]]}
        }
    }

    test {allkeys-lfu keeps what is used often} {
        with_config {maxmemory-policy allkeys-lfu maxmemory 0 maxmemory-samples 64} {
            for {set i 0} {$i < 50} {incr i} {
                r SET often:$i [string repeat x 1000]
                r SET seldom:$i [string repeat x 1000]
            }
            for {set i 0} {$i < 50} {incr i} {
                client_pipeline r [lrepeat 100 [list GET often:$i]]
            }
            assert {[r OBJECT FREQ often:0] > [r OBJECT FREQ seldom:0]}
            leave_room 0
            write_until_evicted new
            assert {[llength [r KEYS often:*]] > [llength [r KEYS seldom:*]]}
        }
    }

    test {an eviction is announced as evicted and not as del} {
        with_config {maxmemory-policy allkeys-random maxmemory 0 notify-keyspace-events Eeg} {
            r SET k v
            set subscriber [events_subscriber]
            leave_room 100000
            set before [server_info evicted_keys]
            set written [write_until_evicted key]
            r CONFIG SET maxmemory 0
            set count [expr {[server_info evicted_keys] - $before}]
            set messages [messages_pending $subscriber]
            assert_equal $count [llength $messages]
            set gone {}
            foreach message $messages {
                assert_match {__keyevent@0__:evicted *} $message
                lappend gone [lindex $message 1]
            }
            assert_equal $count [llength [lsort -unique $gone]]
            assert_equal 0 [r EXISTS {*}$gone]
            assert_equal [expr {$written + 1 - $count}] [r DBSIZE]
        }
    }

    test {class letter e alone publishes evictions on both channels} {
        with_config {maxmemory-policy allkeys-lru maxmemory 0 notify-keyspace-events KEe} {
            set subscriber [events_subscriber]
            leave_room 100000
            write_until_evicted key
            set events [events_pending $subscriber]
            assert {[llength $events] > 0}
            assert_equal {} [lsearch -all -inline -not $events evicted(*)]
        }
    }

    test {keys of every database are evicted, with its number} {
        with_config {maxmemory-policy allkeys-random maxmemory 0 notify-keyspace-events Ee} {
            foreach db {0 5} {
                r SELECT $db
                for {set i 0} {$i < 100} {incr i} {
                    r SET key:$i [string repeat x 1000]
                }
            }
            set subscriber [events_subscriber]
            leave_room 0
            write_until_evicted new
            write_until_evicted more
            set channels [lsort -unique [lmap message [messages_pending $subscriber] {lindex $message 0}]]
            assert_equal {__keyevent@0__:evicted __keyevent@5__:evicted} $channels
        }
    }

    test {lowering maxmemory evicts at once} {
        with_config {maxmemory-policy allkeys-random maxmemory 0} {
            for {set i 0} {$i < 500} {incr i} {
                r SET key:$i [string repeat x 1000]
            }
            set used [server_info used_memory]
            r CONFIG SET maxmemory [expr {$used - 200000}]
            wait_for {[r DBSIZE] < 400}
        }
    }

    test {a watched key that is evicted aborts the transaction} {
        with_config {maxmemory-policy allkeys-random maxmemory 0} {
            r SET k v
            r WATCH k
            set other [client_new]
            $other CONFIG SET maxmemory 1kb
            wait_for {[$other DBSIZE] == 0}
            $other CONFIG SET maxmemory 0
            r MULTI
            r PING
            assert_equal (nil) [r EXEC]
        }
    }

    test {reading commands do not evict what they read below the limit} {
        with_config {maxmemory-policy allkeys-lru maxmemory 0} {
            r SET k v
            leave_room 1000000
            set before [server_info evicted_keys]
            for {set i 0} {$i < 100} {incr i} {
                assert_equal v [r GET k]
            }
            assert_equal $before [server_info evicted_keys]
        }
    }
}
