# Hostile clients: whatever one of them does, the others are served, and what
# it costs is bounded. Nothing here measures speed: `served` would fail by the
# runner's patience alone, which no lag of an honest server uses up.

# Another client gets its answers now.
proc served {} {
    set value [random_int 1000000]
    foreach {command expected} [list {PING} PONG "SET bystander $value" OK {GET bystander} $value] {
        assert_equal $expected [r {*}$command]
    }
}

proc raw_connection {bytes} {
    set client [client_new]
    catch {client_write $client $bytes}
    return $client
}

proc requests {} {
    return [list \
        [client_encode SET k v] \
        [client_encode MSET a 1 b 2 c 3] \
        "PING\r\n" \
        "SET \"a b\" 'c'\r\n" \
        [client_encode EVAL "return 1" 0] \
        [client_encode HELLO 3 AUTH default x SETNAME y] \
        [client_encode CLIENT TRACKING ON BCAST PREFIX p]]
}

proc memory_used {} {
    return [server_info used_memory]
}

start_server {} {
    # --- malformed requests ---

    test {a request cut off at every byte leaves nothing behind} plain {
        foreach request [requests] {
            for {set i 0} {$i < [string length $request]} {incr i} {
                client_close [raw_connection [string range $request 0 $i-1]]
            }
            served
        }
        wait_for {[server_info connected_clients] == 1}
    }

    test {a wrong byte at every place of a request harms its sender alone} plain {
        foreach request [requests] {
            for {set i 0} {$i < [string length $request]} {incr i} {
                foreach byte [list \x00 \xff - * \$ \r \n 9 [format %c [random_int 256]]] {
                    client_close [raw_connection [string replace $request $i $i $byte]]
                }
            }
            served
        }
        wait_for {[server_info connected_clients] == 1}
    }

    test {hostile counts and lengths are refused, or wait for what they promise} {
        foreach number {-1 -2 0 1 2147483647 2147483648 4294967295 4294967296 9223372036854775807
                        9223372036854775808 -9223372036854775808 99999999999999999999999 1e3 0x10 "" " 1" 1.5 +1} {
            foreach bytes [list "*$number\r\n" "*2\r\n\$$number\r\n" "*$number\r\n\$4\r\nPING\r\n" "*1\r\n\$4\r\nPING\r\n*$number\r\n"] {
                set client [raw_connection $bytes]
                served
                client_close $client
            }
        }
        wait_for {[server_info connected_clients] == 1}
    }

    test {what is promised takes no memory before it comes} {
        set before [memory_used]
        for {set i 0} {$i < 100} {incr i} {
            raw_connection "*1000000\r\n\$500000000\r\n"
        }
        served
        assert {[memory_used] - $before < 50000000}
    }

    test {random bytes are no request, and no harm} {
        for {set i 0} {$i < 200} {incr i} {
            client_close [raw_connection [random_bytes [random_int 300]]]
        }
        served
    }

    # --- slow and many ---

    test {clients that send a byte now and then keep nobody waiting} {
        set request [client_encode SET k v]
        set slow {}
        for {set i 0} {$i < 100} {incr i} {
            lappend slow [client_new]
        }
        for {set i 0} {$i < [string length $request]} {incr i} {
            foreach client $slow {
                client_write $client [string index $request $i]
            }
            served
        }
        foreach client $slow {
            assert_equal OK [client_read $client]
        }
    }

    test {a storm of connections is accepted and dropped, and others are served} plain {
        set before [server_info total_connections_received]
        for {set round 0} {$round < 20} {incr round} {
            set storm {}
            for {set i 0} {$i < 100} {incr i} {
                lappend storm [client_new]
            }
            served
            foreach client $storm {
                client_close $client
            }
            served
        }
        wait_for {[server_info connected_clients] == 1}
        assert {[server_info total_connections_received] - $before >= 2000}
    }

    test {a storm above maxclients is turned away, and who is in is served} own-server plain {
        r CONFIG SET maxclients 20
        for {set round 0} {$round < 10} {incr round} {
            set storm {}
            for {set i 0} {$i < 50} {incr i} {
                catch {client_new} client
                lappend storm $client
            }
            served
            foreach client $storm {
                catch {client_close $client}
            }
        }
        r CONFIG SET maxclients 10000
        assert {[server_info rejected_connections] > 0}
    }

    # --- subscriptions ---

    test {100,000 subscriptions of one client cost memory, and nobody else} {
        set client [client_new]
        set before [memory_used]
        for {set i 0} {$i < 100} {incr i} {
            set channels {}
            for {set k 0} {$k < 1000} {incr k} {
                lappend channels channel:[expr {1000 * $i + $k}]
            }
            client_send $client SUBSCRIBE {*}$channels
            for {set k 0} {$k < 1000} {incr k} {
                set last [client_read $client]
            }
            served
        }
        assert_equal 100000 [lindex $last 2]
        assert {[memory_used] - $before < 60000000}
        assert_equal 1 [r PUBLISH channel:99999 hello]
        assert_equal {message channel:99999 hello} [client_read $client]
        client_close $client
        wait_for {[llength [r PUBSUB CHANNELS channel:5*]] == 0}
        served
    }

    test {20,000 patterns of one client do not slow those who publish elsewhere} {
        set client [client_new]
        for {set i 0} {$i < 20} {incr i} {
            set patterns {}
            for {set k 0} {$k < 1000} {incr k} {
                lappend patterns p:[expr {1000 * $i + $k}]:*
            }
            client_send $client PSUBSCRIBE {*}$patterns
            for {set k 0} {$k < 1000} {incr k} {
                client_read $client
            }
        }
        for {set i 0} {$i < 100} {incr i} {
            assert_equal 0 [r PUBLISH other x]
        }
        assert_equal 1 [r PUBLISH p:777:x y]
        assert_equal {pmessage p:777:* p:777:x y} [client_read $client]
        served
    }

    # --- patterns and keys that are made to hurt ---

    test {a pattern that makes others backtrack is matched at once} {
        set name [string repeat a 5000]
        set pattern [string repeat a* 200]b
        r SET $name v
        assert_equal {} [r KEYS $pattern]
        assert_equal {} [lindex [r SCAN 0 MATCH $pattern COUNT 1000] 1]
        set client [client_new]
        $client PSUBSCRIBE $pattern [string repeat *a 200]b [string repeat {[a-z]*} 100]b [string repeat ?* 100]b
        for {set i 0} {$i < 3} {incr i} {
            client_read $client
        }
        for {set i 0} {$i < 20} {incr i} {
            assert_equal 0 [r PUBLISH $name x]
        }
        assert_equal {} [r CONFIG GET $pattern]
        served
    }

    test {keys that collide in a table without a secret are like any other} {
        # Equal under multiply-by-33 hashes: each pair of letters may be swapped for another.
        set keys {}
        for {set i 0} {$i < 4096} {incr i} {
            set key ""
            for {set bit 0} {$bit < 12} {incr bit} {
                append key [expr {$i >> $bit & 1 ? "Ez" : "FY"}]
            }
            lappend keys $key
        }
        foreach key $keys {
            lappend pairs $key $key
        }
        assert_equal OK [r MSET {*}$pairs]
        assert_equal 4096 [r HSET h {*}$pairs]
        assert_equal 4096 [r SADD s {*}$keys]
        assert_equal $keys [r MGET {*}$keys]
        assert_equal $keys [r HMGET h {*}$keys]
        served
    }

    test {patterns with hostile brackets end} {
        foreach pattern [list {[} {[^} "\[a-" {\\} "[string repeat {[} 10000]" "[string repeat * 10000]x" {[z-a]} {[]} "a\\"] {
            r KEYS $pattern
            r SCAN 0 MATCH $pattern
            served
        }
    }

    # --- amplification ---

    test {a pipeline whose replies are much larger than itself is cut off at the limit} own-server {
        r SET large [string repeat x 1000000]
        set before [memory_used]
        r CONFIG SET client-output-buffer-limit "normal 20mb 0 0"
        set lazy {}
        for {set i 0} {$i < 5} {incr i} {
            lappend lazy [raw_connection [string repeat [client_encode GET large] 2000]]
        }
        served
        wait_for {[memory_used] - $before < 150000000}
        served
        wait_for {[llength [split [string trim [r CLIENT LIST]] \n]] == 1}
        r CONFIG SET client-output-buffer-limit "normal 0 0 0"
    }

    test {a transaction with replies beyond the limit runs to its end, without piling them up} own-server {
        r SET large [string repeat x 1000000]
        r CONFIG SET client-output-buffer-limit "normal 20mb 0 0"
        r CONFIG RESETSTAT
        set before [server_info used_memory_peak]
        set client [client_new]
        client_write $client [client_encode MULTI][string repeat [client_encode GET large] 200][client_encode SET done 1][client_encode EXEC]
        assert_closed $client
        assert_equal 1 [r GET done]
        assert {[server_info used_memory_peak] - $before < 100000000}
        r CONFIG SET client-output-buffer-limit "normal 0 0 0"
    }

    test {a transaction that grows without end is bounded by the query and not by luck} {
        set client [client_new]
        $client MULTI
        for {set i 0} {$i < 20} {incr i} {
            client_write $client [string repeat [client_encode PING] 500]
            served
        }
        client_close $client
        served
    }

    test {a tracker of more keys than the table may hold stays within it} own-server {
        r CONFIG SET tracking-table-max-keys 1000
        set client [client_new]
        $client HELLO 3
        $client CLIENT TRACKING ON
        for {set i 0} {$i < 20} {incr i} {
            client_pipeline $client [lmap k [lrange [split [string repeat "x " 500]] 0 499] {list GET key[incr count]}]
            served
        }
        wait_for {[server_info tracking_total_keys] <= 1000}
        r CONFIG SET tracking-table-max-keys 1000000
    }
}

# --- passwords ---

tags own-server {
    start_server {requirepass right} {
        test {guessing passwords gets nowhere, and those who know it are served} {
            set guesser [client_new]
            set r [client_new]
            $r AUTH right
            for {set i 0} {$i < 20} {incr i} {
                set guesses {}
                for {set k 0} {$k < 100} {incr k} {
                    lappend guesses [list AUTH guess$i:$k]
                }
                foreach reply [client_pipeline $guesser $guesses] {
                    assert_equal "(error) WRONGPASS invalid username-password pair or user is disabled." $reply
                }
                assert_equal PONG [$r PING]
            }
            assert_error NOAUTH* {$guesser GET k}
            foreach password [list "" righ rightt RIGHT [string repeat right 3000]] {
                assert_error WRONGPASS* {$guesser AUTH $password}
            }
            assert_equal OK [$guesser AUTH right]
        }

        test {a stranger cannot make the server keep much} {
            set r [client_new]
            $r AUTH right
            set before [server_info used_memory $r]
            for {set i 0} {$i < 50} {incr i} {
                raw_connection "*10\r\n\$16384\r\n[string repeat x 16000]"
                raw_connection "*1000000\r\n[string repeat "\$1\r\nx\r\n" 5000]"
            }
            assert_equal PONG [$r PING]
            assert {[server_info used_memory $r] - $before < 20000000}
        }
    }
}
