# TLS: who is let in, with what, and what CONFIG SET changes while running.

# A TLS client; options as of tls_connect. A certificate that is not wanted
# shows with TLS 1.3 only when the server answers, so the PING belongs to it.
proc tls_client {args} {
    set client [client_new -host 127.0.0.1 -port $::tls_port -tls $args]
    assert_equal PONG [$client PING]
    return $client
}

proc assert_refused {args} {
    if {![catch {tls_client {*}$args} trouble]} {
        fail "was let in: $args"
    }
}

proc peer {client} {
    return [dict get [tls::status $client::fds($client)] subject]
}

proc no_certificate {} {
    return {-certfile "" -keyfile ""}
}

proc pair {name} {
    return [list -certfile [tls_file $name.crt] -keyfile [tls_file $name.key]]
}

proc with_tls {args} {
    return [concat -h 127.0.0.1 -p $::tls_port --cacert [tls_file ca.crt] $args]
}

# What openssl s_client prints; the script's output is its input.
proc s_client {script args} {
    set command [list openssl s_client -connect 127.0.0.1:$::tls_port -CAfile [tls_file ca.crt] {*}$args]
    catch {exec sh -c "$script" | timeout 20 {*}$command 2>@1} text
    return $text
}

# Both ports, so that r and what follows each test speak plainly; --tls does not change that.
proc both_ports {directives body} {
    set ::tls_port [server_free_port]
    set listening [list tls-port $::tls_port tls-cert-file [tls_file server.crt] tls-key-file [tls_file server.key] \
        tls-ca-cert-file [tls_file ca.crt]]
    uplevel 1 [list start_server [concat $listening $directives] $body]
}

tags {own-server plain} {
    both_ports {} {
        test {one server answers on its port and on its tls-port} {
            assert_equal OK [[tls_client] SET k v]
            assert_equal v [r GET k]
            assert_equal [server port] [server_info tcp_port]
        }

        test {INFO names both listeners} since-7.2 {
            assert_equal "name=tcp,bind=127.0.0.1,port=[server port]" [server_info listener0]
            assert_equal "name=tls,bind=127.0.0.1,port=$tls_port" [server_info listener1]
        }

        test {CLIENT LIST shows a TLS client with its addresses} {
            set client [tls_client]
            set line [$client CLIENT INFO]
            assert_equal 127.0.0.1:$tls_port [client_field laddr $line]
            assert_equal [client_address $client] [client_field addr $line]
        }

        test {what does not speak TLS is closed, and nobody else} {
            set other [tls_client]
            foreach garbage [list "PING\r\n" "*1\r\n\$4\r\nPING\r\n" [string repeat \x16 100] "\x16\x03\x01\xff\xff" [random_bytes 2000]] {
                set sock [socket 127.0.0.1 $tls_port]
                client_adopt raw $sock
                client_write raw $garbage[random_bytes 40]
                assert_equal PONG [$other PING]
                client_close raw
            }
            assert_equal PONG [[tls_client] PING]
            wait_for {[regexp -all {laddr} [r CLIENT LIST]] == 3}
        }

        test {clients that stop in the middle of a handshake keep nobody waiting} {
            for {set i 0} {$i < 50} {incr i} {
                client_adopt stuck$i [socket 127.0.0.1 $tls_port]
                client_write stuck$i [string range "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03[random_bytes 32]" 0 $i]
            }
            assert_equal PONG [[tls_client] PING]
            assert_equal PONG [r PING]
            assert_equal 52 [regexp -all {laddr} [r CLIENT LIST]]
        }

        test {a client above maxclients is closed, and waits for nothing} {
            set rejected [server_info rejected_connections]
            r CONFIG SET maxclients 2
            set client [tls_client]
            assert_refused
            assert_equal PONG [$client PING]
            r CONFIG SET maxclients 10000
            assert_equal [expr {$rejected + 1}] [server_info rejected_connections]
        }

        test {values much larger than a record go both ways} {
            set client [tls_client]
            foreach size {1 16383 16384 16385 65536 100000 1000000} {
                set value [random_bytes [expr {$size < 1000 ? $size : 1000}]]
                set value [string range [string repeat $value [expr {$size / 1000 + 1}]] 0 $size-1]
                assert_equal OK [$client SET k $value]
                assert {[$client GET k] eq $value}
                assert {[r GET k] eq $value}
            }
        }

        test {of a long pipeline every request is answered, without another byte from the client} {
            foreach length {100 5000 60000} {
                set client [tls_client]
                client_write $client [string repeat "PING\r\n" $length]
                client_expect $client [string repeat "+PONG\r\n" $length]
                client_close $client
            }
        }

        test {requests larger than the buffer, back to back, are all answered} {
            set client [tls_client]
            set value [string repeat x 70000]
            client_write $client [string repeat [client_encode SET k $value] 20][client_encode GET k]
            client_expect $client [string repeat "+OK\r\n" 20]
            assert {[client_read $client] eq $value}
        }

        test {a paused client goes on with what it had sent before} {
            set client [tls_client]
            r CLIENT PAUSE 100000 WRITE
            set request [client_encode SET k v]
            client_write $client [string repeat $request 9000]
            assert_equal {} [r KEYS *]
            r CLIENT UNPAUSE
            client_expect $client [string repeat "+OK\r\n" 9000]
        }

        test {a client that does not read its replies does not stop the others} {
            r SET k [string repeat x 1000000]
            set lazy [tls_client]
            client_write $lazy [string repeat [client_encode GET k] 6]
            set other [tls_client]
            for {set i 0} {$i < 100} {incr i} {
                assert_equal PONG [$other PING]
            }
            for {set i 0} {$i < 6} {incr i} {
                assert_equal 1000000 [string length [client_read $lazy]]
            }
        }

        test {a subscriber receives keyspace events over TLS} {
            with_config {notify-keyspace-events KEA} {
                set subscriber [tls_client]
                $subscriber PSUBSCRIBE __key*__:*
                r SET k v PX 10
                set events {}
                while {"expired" ni [lindex $events end]} {
                    lappend events [lrange [client_read $subscriber] 2 3]
                }
                assert_equal {__keyspace@0__:k set} [lindex $events 0]
                assert_equal {__keyevent@0__:expired k} [list __keyevent@0__:expired k]
                assert_equal {message {__keyevent@0__:expired k}} [list message [lrange [client_read $subscriber] 2 3]]
            }
        }

        test {the server says farewell when it closes} {
            set client [tls_client]
            client_send $client QUIT
            assert_equal OK [client_read $client]
            assert_closed $client
        }
    }

    both_ports {} {
        test {a client must show a certificate that we trust} {
            assert_equal PONG [[tls_client] PING]
            assert_refused {*}[no_certificate]
            assert_refused {*}[pair stranger]
            assert_refused {*}[pair expired]
            assert_equal PONG [[tls_client {*}[pair server2]] PING]
        }

        test {tls-auth-clients optional asks for a certificate, and refuses a bad one only} {
            with_config {tls-auth-clients optional} {
                assert_equal PONG [[tls_client {*}[no_certificate]] PING]
                assert_equal PONG [[tls_client] PING]
                assert_refused {*}[pair stranger]
            }
        }

        test {tls-auth-clients no asks for none} {
            with_config {tls-auth-clients no} {
                assert_equal PONG [[tls_client {*}[no_certificate]] PING]
                assert_equal PONG [[tls_client {*}[pair stranger]] PING]
            }
        }

        test {whom to trust can be a folder, and then needs no file} {
            r CONFIG SET tls-ca-cert-dir [tls_file ca-dir] tls-ca-cert-file ""
            assert_equal PONG [[tls_client] PING]
            assert_refused {*}[pair stranger]
            r CONFIG SET tls-ca-cert-file [tls_file ca.crt] tls-ca-cert-dir ""
        }

        test {a new certificate is shown to new connections, and old ones stay} {
            set old [tls_client]
            assert_match CN=server,* [peer $old]
            r CONFIG SET tls-cert-file [tls_file server2.crt] tls-key-file [tls_file server2.key]
            assert_match CN=server2,* [peer [tls_client]]
            assert_equal PONG [$old PING]
            r CONFIG SET tls-cert-file [tls_file server.crt] tls-key-file [tls_file server.key]
            assert_match CN=server,* [peer [tls_client]]
            assert_equal PONG [$old PING]
        }

        test {setting the same file name again reads the file anew} {
            set folder [server_new_dir]
            file copy [tls_file server.crt] $folder/now.crt
            file copy [tls_file server.key] $folder/now.key
            r CONFIG SET tls-cert-file $folder/now.crt tls-key-file $folder/now.key
            assert_match CN=server,* [peer [tls_client]]
            file copy -force [tls_file server2.crt] $folder/now.crt
            file copy -force [tls_file server2.key] $folder/now.key
            assert_match CN=server,* [peer [tls_client]]
            r CONFIG SET tls-cert-file $folder/now.crt
            assert_match CN=server2,* [peer [tls_client]]
            r CONFIG SET tls-cert-file [tls_file server.crt] tls-key-file [tls_file server.key]
        }

        test {a key under a passphrase needs tls-key-file-pass} {
            assert_error "*'tls-key-file'*Unable to update TLS configuration*" {r CONFIG SET tls-key-file [tls_file locked.key]}
            assert_error "*Unable to update TLS configuration*" {
                r CONFIG SET tls-key-file [tls_file locked.key] tls-key-file-pass wrong
            }
            r CONFIG SET tls-key-file [tls_file locked.key] tls-key-file-pass secret
            assert_equal PONG [[tls_client] PING]
            r CONFIG SET tls-key-file [tls_file server.key] tls-key-file-pass ""
        }

        foreach {name value} {
            tls-cert-file /nonexistent
            tls-cert-file ""
            tls-key-file /nonexistent
            tls-key-file @client.key
            tls-ca-cert-file /nonexistent
            tls-ca-cert-file ""
            tls-dh-params-file /nonexistent
            tls-dh-params-file @ca.crt
            tls-protocols SSLv3
            tls-protocols TLSv1.2,TLSv1.3
            tls-ciphers nosuch
            tls-ciphersuites nosuch
            tls-client-cert-file /nonexistent
        } {
            test "$name \"$value\" is refused and changes nothing" {
                set value [regsub {^@} $value [tls_file ""]]
                set before [r CONFIG GET $name]
                set file_errors [server_info total_error_replies]
                assert_error "ERR CONFIG SET failed (possibly related to argument '$name') - Unable to update TLS\
                    configuration. Check server logs." {r CONFIG SET $name $value}
                assert_equal $before [r CONFIG GET $name]
                assert_equal PONG [[tls_client] PING]
            }
        }

        test {Diffie-Hellman parameters can come from a file} {
            r CONFIG SET tls-dh-params-file [tls_file redis.dh] tls-protocols TLSv1.2
            assert_equal PONG [[tls_client] PING]
            r CONFIG SET tls-dh-params-file "" tls-protocols ""
        }

        test {tls-protocols decides which versions are spoken} {
            foreach {protocols only spoken} {
                TLSv1.2           {} TLSv1.2
                TLSv1.3           {} TLSv1.3
                "TLSv1.2 TLSv1.3" {} TLSv1.3
                "tlsv1.3  TLSV1.2" {-tls1.3 0} TLSv1.2
                ""                {} TLSv1.3
            } {
                r CONFIG SET tls-protocols $protocols
                set client [tls_client {*}$only]
                assert_equal $spoken [dict get [tls::status $client::fds($client)] version]
            }
            r CONFIG SET tls-protocols TLSv1.3
            assert_refused -tls1.3 0
            r CONFIG SET tls-protocols TLSv1.2
            assert_refused -tls1.2 0
            r CONFIG SET tls-protocols ""
        }

        test {tls-ciphers and tls-ciphersuites decide what is used} {
            r CONFIG SET tls-ciphers ECDHE-ECDSA-AES128-GCM-SHA256 tls-ciphersuites TLS_CHACHA20_POLY1305_SHA256
            assert_equal TLS_CHACHA20_POLY1305_SHA256 [dict get [tls::status $client::fds([tls_client])] cipher]
            set client [tls_client -tls1.3 0]
            assert_equal ECDHE-ECDSA-AES128-GCM-SHA256 [dict get [tls::status $client::fds($client)] cipher]
            assert_refused -tls1.3 0 -cipher ECDHE-ECDSA-AES256-GCM-SHA384
            r CONFIG SET tls-ciphers "" tls-ciphersuites ""
        }

        test {tls-prefer-server-ciphers makes our order count} {
            set ours ECDHE-ECDSA-AES256-GCM-SHA384
            set theirs ECDHE-ECDSA-AES128-GCM-SHA256
            r CONFIG SET tls-ciphers $ours:$theirs
            foreach {preference chosen} [list no $theirs yes $ours] {
                r CONFIG SET tls-prefer-server-ciphers $preference
                set client [tls_client -tls1.3 0 -cipher $theirs:$ours]
                assert_equal $chosen [dict get [tls::status $client::fds($client)] cipher]
            }
            r CONFIG SET tls-ciphers "" tls-prefer-server-ciphers no
        }

        test {a session is resumed unless tls-session-caching is off} {
            r CONFIG SET tls-auth-clients no
            foreach {caching expected} {yes 5 no 0} {
                r CONFIG SET tls-session-caching $caching
                assert_equal $expected [regexp -all -line {^Reused, } [s_client "true" -tls1_2 -reconnect]]
            }
            r CONFIG SET tls-session-caching yes tls-session-cache-size 5 tls-session-cache-timeout 60
            assert_equal 5 [regexp -all -line {^Reused, } [s_client "true" -tls1_2 -reconnect]]
            r CONFIG SET tls-session-cache-size 20480 tls-session-cache-timeout 300 tls-auth-clients yes
        }

        test {renegotiation is refused} {
            r CONFIG SET tls-auth-clients no
            set text [s_client {echo R; sleep 0.3; echo PING; sleep 0.3} -tls1_2]
            assert_match *RENEGOTIATING*renegotiation* $text
            assert_no_match *PONG* $text
            assert_equal PONG [[tls_client] PING]
            r CONFIG SET tls-auth-clients yes
        }

        test {tls-port can change, go and come while running} {
            set old $tls_port
            set client [tls_client]
            set ::tls_port [server_free_port]
            r CONFIG SET tls-port $::tls_port
            assert_equal PONG [[tls_client] PING]
            assert_equal PONG [$client PING]
            assert {[catch {socket 127.0.0.1 $old}]}
            r CONFIG SET tls-port 0
            assert {[catch {socket 127.0.0.1 $::tls_port}]}
            assert_equal PONG [$client PING]
            r CONFIG SET tls-port $::tls_port
            assert_equal PONG [[tls_client] PING]
        }

        test {a tls-port that is taken is refused, and the old one stays} {
            set busy [socket -server {} -myaddr 127.0.0.1 0]
            set port [lindex [fconfigure $busy -sockname] 2]
            assert_error "*'tls-port') - Unable to listen on this port. Check server logs." {r CONFIG SET tls-port $port}
            close $busy
            assert_equal $::tls_port [lindex [r CONFIG GET tls-port] 1]
            assert_equal PONG [[tls_client] PING]
        }

        test {CONFIG REWRITE keeps the TLS settings} {
            r CONFIG SET tls-ciphersuites TLS_AES_128_GCM_SHA256 tls-auth-clients optional
            r CONFIG REWRITE
            set text [server_file [server dir]/redis.conf]
            foreach line [list "tls-port $::tls_port" {tls-auth-clients optional} {tls-ciphersuites "?TLS_AES_128_GCM_SHA256"?}] {
                assert {[regexp -line "^$line\$" $text]}
            }
            r CONFIG SET tls-ciphersuites "" tls-auth-clients yes
        }
    }

    test {a server whose TLS settings do not do says why and ends} {
        set pair [list tls-cert-file [tls_file server.crt] tls-key-file [tls_file server.key]]
        foreach {directives reason} [list \
            {} {No tls-cert-file configured!} \
            [lrange $pair 0 1] {No tls-key-file configured!} \
            $pair {Either tls-ca-cert-file or tls-ca-cert-dir must be specified} \
            [list tls-cert-file /nonexistent {*}[lrange $pair 2 3]] {Failed to load certificate: /nonexistent*No such file} \
            [concat $pair {tls-auth-clients no tls-protocols bla}] {Invalid tls-protocols specified} \
        ] {
            lassign [server_run [server_words [concat [list port 0 tls-port [server_free_port] save ""] $directives]]] status text
            assert_equal 1 $status
            assert_match "*$reason*Failed to configure TLS*" $text
        }
    }

    both_ports {tls-auth-clients optional} {
        test {redis-cli --tls} {
            assert_equal OK [cli {*}[with_tls --tls SET k v]]
            assert_equal v [r GET k]
            assert_equal v [cli {*}[with_tls --tls --cert [tls_file client.crt] --key [tls_file client.key] GET k]]
            assert_equal v [cli --cacert [tls_file ca.crt] -u rediss://localhost:$tls_port/0 GET k]
            assert_equal v [cli -p $tls_port --tls --cacertdir [tls_file ca-dir] GET k]
            assert_equal v [cli -p $tls_port --tls --insecure --sni some.name GET k]
            assert_equal v [cli {*}[with_tls --tls --tls-ciphersuites TLS_AES_128_GCM_SHA256 --tls-ciphers HIGH GET k]]
        }

        test {redis-cli says why TLS fails} {
            foreach {arguments reason} [list \
                [list -p $tls_port --tls PING] {SSL_connect failed: certificate verify failed} \
                [list -p $tls_port --tls --cacert [tls_file other-ca.crt] PING] {SSL_connect failed: certificate verify failed} \
                [list -p [server port] --tls --insecure PING] {SSL_connect failed: *wrong version number} \
                [list -p $tls_port --tls --cacert /nonexistent PING] {*/nonexistent*} \
                [list -p $tls_port --tls --insecure --tls-ciphers nosuch PING] {*nosuch*} \
            ] {
                lassign [program_run cli $arguments] status output errors
                assert_equal 1 $status
                assert_match "Could not connect to Redis at 127.0.0.1:*: $reason*" $errors
            }
        }

        test {redis-cli --tls in its other modes} {
            r SET k v
            set requests [string repeat [client_encode INCR counter] 50000]
            assert_match "*errors: 0, replies: 50000*" [program_text cli [with_tls --tls --pipe] $requests]
            assert_equal 50000 [r GET counter]
            assert_same_elements {counter k} [cli {*}[with_tls --tls --scan]]
            assert_equal "v\nPONG" [cli_input "GET k\nPING\n" {*}[with_tls --tls]]
            r SET large [string repeat x 2000000]
            assert_equal 2000000 [string length [cli {*}[with_tls --tls GET large]]]
            with_program cli [with_tls --tls SUBSCRIBE channel] {
                wait_for {[r PUBLISH channel hello] == 1}
                wait_for {[string match *hello* [program output]]}
                after 20
                r PUBLISH channel again
                wait_for {[string match *again* [program output]]}
            }
        }

        test {redis-benchmark --tls} tocsin {
            foreach arguments {
                {-t ping,set,get -n 2000 -c 5}
                {-t set -n 20000 -P 100 -c 3 --threads 2 -d 2000}
                {-t get -n 2000 -c 3 -P 50 -d 40000}
            } {
                assert_match "*requests per second*" [benchmark {*}[with_tls --tls -q {*}$arguments]]
            }
            assert_match "*requests per second*" [benchmark -u rediss://127.0.0.1:$tls_port --insecure -q -t ping -n 100]
            assert_match "*announced*" [benchmark {*}[with_tls --tls --notify expired --probes 50 --window 200 --background 100]]
            lassign [program_run benchmark [with_tls --tls -q -t get -n 50 -k 0 -c 2]] status output
            assert_match "*requests per second*" $output
            lassign [program_run benchmark [list -p $tls_port --tls -t ping -n 10]] status output errors
            assert_equal 1 $status
            assert_match "*certificate verify failed*" $errors
        }
    }
}
