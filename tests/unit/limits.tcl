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
