# Limits on connections: their number, their idleness, what they may send and leave unread.

# A TLS client above maxclients is closed untold: unit/tls.
tags {own-server plain} {
    start_server {maxclients 10} {
        test {the connection above maxclients is told and closed} {
            set clients {}
            for {set i 0} {$i < 9} {incr i} {
                set client [client_new]
                assert_equal PONG [$client PING]
                lappend clients $client
            }
            set refused [client_new]
            assert_equal "-ERR max number of clients reached\r\n" [client_drain $refused]
            assert_equal 1 [server_info rejected_connections]
            assert_equal 10 [server_info connected_clients]
            client_close [lindex $clients 0]
            wait_for {[server_info connected_clients] == 9}
            set client [client_new]
            assert_equal PONG [$client PING]
            foreach client [concat $client [lrange $clients 1 end]] {
                client_close $client
            }
            wait_for {[server_info connected_clients] == 1}
        }

        test {maxclients can be raised and lowered while running} {
            r CONFIG SET maxclients 12
            set clients {}
            for {set i 0} {$i < 11} {incr i} {
                set client [client_new]
                assert_equal PONG [$client PING]
                lappend clients $client
            }
            r CONFIG SET maxclients 5
            assert_equal PONG [[lindex $clients 10] PING]
            set refused [client_new]
            assert_match "-ERR max number of clients*" [client_drain $refused]
            r CONFIG SET maxclients 10
        }
    }
}

start_server {} {
    test {timeout closes idle connections but not subscribers} {
        set idle [client_new]
        $idle PING
        set subscriber [client_new]
        $subscriber SUBSCRIBE a
        r CONFIG SET timeout 1
        wait_for {[r PING] eq "PONG" && [client_closed $idle]}
        assert_equal 1 [r PUBLISH a x]
        assert_equal {message a x} [client_read $subscriber]
        r CONFIG SET timeout 0
    }

    test {client-query-buffer-limit closes a connection that sends too much unparsed} {
        with_config {client-query-buffer-limit 1mb} {
            set client [client_new]
            catch {
                client_write $client "*3\r\n\$3\r\nSET\r\n\$1\r\nk\r\n\$5000000\r\n[string repeat x 3000000]"
            }
            assert_closed $client
            assert_equal 0 [r EXISTS k]
        }
        r SET k [string repeat x 5000000]
        assert_equal 5000000 [r STRLEN k]
    }

    test {a client that does not read its replies does not stop the others} {
        r SET k [string repeat x 1000000]
        set lazy [client_new]
        client_write $lazy [string repeat [client_encode GET k] 50]
        for {set i 0} {$i < 100} {incr i} {
            assert_equal PONG [r PING]
        }
        for {set i 0} {$i < 50} {incr i} {
            assert_equal 1000000 [string length [client_read $lazy]]
        }
    }

    test {many connections come and go} {
        for {set round 0} {$round < 5} {incr round} {
            set clients {}
            for {set i 0} {$i < 100} {incr i} {
                lappend clients [client_new]
            }
            foreach client $clients {
                assert_equal $client [$client ECHO $client]
            }
            foreach client $clients {
                client_close $client
            }
        }
        wait_for {[server_info connected_clients] == 1}
    }

    test {a connection may be closed by its client at any moment} {
        r SET k [string repeat x 100000]
        for {set i 0} {$i < 100} {incr i} {
            set client [client_new]
            client_write $client [string repeat [client_encode GET k] [random_int 20]]
            client_close $client
        }
        assert_equal PONG [r PING]
        wait_for {[server_info connected_clients] == 1}
    }
}

# --- memory of clients ---

start_server {} {
    # A client that keeps so many bytes of its own.
    proc hoarder {bytes} {
        set client [client_new]
        $client PING
        client_write $client "*2\r\n\$4\r\nECHO\r\n\$[expr {$bytes + 1000}]\r\n[string repeat x $bytes]"
        return $client
    }

    test {maxmemory-clients cuts off the largest first, and only as many as it takes} own-server {
        set evicted [server_info evicted_clients]
        set large [hoarder 6000000]
        set small [hoarder 1000000]
        assert_equal PONG [r PING]
        r CONFIG SET maxmemory-clients 5mb
        assert_closed $large
        assert_equal PONG [r PING]
        assert {![client_closed $small]}
        assert_equal [expr {$evicted + 1}] [server_info evicted_clients]
        assert_match "*Evicting client: id=*" [server log]
        r CONFIG SET maxmemory-clients 0
    }

    test {maxmemory-clients spares who asked for CLIENT NO-EVICT} {
        set spared [client_new]
        $spared CLIENT NO-EVICT ON
        client_write $spared "*2\r\n\$4\r\nECHO\r\n\$6001000\r\n[string repeat x 6000000]"
        set other [hoarder 3000000]
        r CLIENT NO-EVICT ON
        r CONFIG SET maxmemory-clients 4mb
        assert_closed $other
        r CONFIG SET maxmemory-clients 0
        client_write $spared [string repeat y 1000]\r\n
        assert_equal 6001000 [string length [client_read $spared]]
    }

    test {maxmemory-clients can be a percentage of maxmemory} {
        set client [hoarder 3000000]
        r CONFIG SET maxmemory 200mb maxmemory-clients 50%
        assert_equal PONG [r PING]
        assert {![client_closed $client]}
        r CONFIG SET maxmemory-clients 1%
        assert_closed $client
        r CONFIG SET maxmemory 0 maxmemory-clients 0
    }

    test {what waits to be sent counts, too} {
        r SET k [string repeat x 1000000]
        set lazy [client_new]
        r CONFIG SET maxmemory-clients 10mb
        client_write $lazy [string repeat [client_encode GET k] 100]
        wait_for {[r PING] eq "PONG" && [server_info evicted_clients] > 0}
        r CONFIG SET maxmemory-clients 0
    }

    test {an output buffer limit cuts off who does not read} {
        r SET k [string repeat x 1000000]
        with_config {client-output-buffer-limit {normal 2mb 0 0}} {
            set lazy [client_new]
            client_write $lazy [string repeat [client_encode GET k] 100]
            wait_for {[r PING] eq "PONG" && ![string match "*cmd=get*" [r CLIENT LIST]]}
        }
    }
}

# --- doors ---

# An address of this machine that is not loopback; empty if there is none.
proc outer_address {} {
    if {[catch {exec hostname -I} text]} {
        return ""
    }
    return [lindex [lsearch -all -inline -regexp $text {^\d+\.\d+\.\d+\.\d+$}] 0]
}

tags {own-server plain} {
    if {[outer_address] ne ""} {
        start_server {bind 0.0.0.0} {
            test {protected mode turns away whom no password keeps out} {
                set stranger [client_new -host [outer_address] -port [server port]]
                assert_match "-DENIED *protected mode*" [client_drain $stranger]
                r CONFIG SET requirepass secret
                set client [client_new -host [outer_address] -port [server port]]
                assert_error NOAUTH* {$client PING}
                assert_equal OK [$client AUTH secret]
                r CONFIG SET requirepass ""
                r CONFIG SET protected-mode no
                assert_equal PONG [[client_new -host [outer_address] -port [server port]] PING]
            }
        }

        start_server [concat bind 0.0.0.0 [lrange [tls_directives [set tls_port [server_free_port]]] 2 end] tls-port $tls_port] {
            test {protected mode over TLS tells why, in TLS} {
                set stranger [client_new -host [outer_address] -port $tls_port -tls {}]
                assert_match "-DENIED *protected mode*" [client_drain $stranger]
                assert_equal PONG [r PING]
            }
        }

        start_server {bind 0.0.0.0 protected-mode no enable-debug-command local enable-protected-configs local} {
            test {local means this machine's loopback: DEBUG and protected directives} {
                set outer [client_new -host [outer_address] -port [server port]]
                assert_error "ERR DEBUG command not allowed.*" {$outer DEBUG SLEEP 0}
                assert_error "*can't set protected config*" {$outer CONFIG SET dir /tmp}
                assert_equal OK [r DEBUG SLEEP 0]
                assert_equal OK [r CONFIG SET dir [server dir]]
            }
        }
    }
}

tags own-server {
    start_server {} {
        test {oom-score-adj changes what the kernel thinks of us} {
            set path /proc/[server pid]/oom_score_adj
            set before [string trim [server_file $path]]
            r CONFIG SET oom-score-adj absolute oom-score-adj-values "[expr {$before + 1}] 700 800"
            assert_equal [expr {$before + 1}] [string trim [server_file $path]]
            r CONFIG SET oom-score-adj relative oom-score-adj-values "50 700 800"
            assert_equal [expr {min($before + 50, 1000)}] [string trim [server_file $path]]
        }

        test {no password in MONITOR, SLOWLOG, CLIENT LIST or the log} {
            r CONFIG SET slowlog-log-slower-than 0
            set monitor [client_new]
            $monitor MONITOR
            catch {r AUTH mypassword}
            catch {r AUTH default mypassword}
            catch {r HELLO 2 AUTH default mypassword}
            r CONFIG SET masterauth mypassword
            r CONFIG SET requirepass mypassword
            r PING
            set seen ""
            while {![string match {*"PING"*} $seen]} {
                append seen [client_read $monitor]\n
            }
            assert_no_match *mypassword* $seen[r SLOWLOG GET -1][r CLIENT LIST][server log]
            r CONFIG SET requirepass "" masterauth "" slowlog-log-slower-than 10000
        }
    }

    start_server {maxclients 4000} {
        test {maxclients must fit the limit of open files} tocsin { # elsewhere it is tried, at length
            assert_error "*'maxclients')*operating system*" {r CONFIG SET maxclients 2000000000}
            assert_equal 4000 [lindex [r CONFIG GET maxclients] 1]
        }
    }
}
