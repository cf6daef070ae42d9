# The server as a process: title, limits, watchdog, sockets, the end by signal.

# What ps shows.
proc process_title {} {
    set text [server_file /proc/[server pid]/cmdline]
    return [string trimright $text \0]
}

# A Unix socket that a dead process has left behind.
proc leave_stale_socket {path} {
    with_launched [list --unixsocket $path] {
        server_expect_crash
        server_signal KILL [server pid]
        server_wait_exit [server handle]
    }
    assert {[file exists $path]}
}

tags own-server {
    test {the title follows proc-title-template, port and address} plain {
        with_launched [list --proc-title-template "{title} {listen-addr} {port} {server-mode}"] {
            set port [server port]
            assert_match "*redis-server 127.0.0.1:$port $port" [process_title]
            r CONFIG SET proc-title-template "x {title}"
            assert_match "x *redis-server" [process_title]
            r CONFIG SET proc-title-template "{listen-addr}" bind "* -::*"
            assert_equal "*:$port" [process_title]
        }
    }

    test {set-proc-title no leaves the arguments as they are} {
        with_launched {--set-proc-title no} {
            assert_match "*redis-server\0--set-proc-title\0no\0--port\0*" [process_title]
        }
    }

    test {CONFIG SET maxclients beyond what the system permits is refused and names what is possible} {
        with_launched {--maxclients 100} {
            if {[catch {r CONFIG SET maxclients 2000000000} message]} {
                assert_match "*The operating system is not able to handle the specified number of clients, try with *" $message
                assert_equal {maxclients 100} [r CONFIG GET maxclients]
            }
        }
    }

    test {a stale Unix socket is replaced, a living one and another file are not} {
        set path [server_new_dir]/socket
        leave_stale_socket $path
        with_launched [list --unixsocket $path] {
            lassign [server_run [list --port 0 --unixsocket $path]] status text
            assert_equal 1 $status
            assert_match "*Failed opening Unix socket*$path*Address already in use*" $text
            assert_equal PONG [r PING]
        }
        server_write_file $path "not a socket"
        lassign [server_run [list --port 0 --unixsocket $path]] status text
        assert_equal 1 $status
        assert_equal "not a socket" [server_file $path]
    }

    test {a server that listens nowhere does not start} {
        lassign [server_run {--port 0}] status text
        assert_equal 1 $status
        assert_match "*Configured to not listen anywhere*" $text
    }

    test {the watchdog writes the stack of a command that takes too long, and only of that} {
        with_launched {--enable-debug-command yes} {
            r CONFIG SET watchdog-period 200
            r PING
            assert_no_match "*WATCHDOG TIMER EXPIRED*" [server log]
            r DEBUG SLEEP 0.5
            assert_match "*WATCHDOG TIMER EXPIRED*STACK TRACE*debug*" [server log]
            assert_equal 1 [regexp -all "WATCHDOG TIMER EXPIRED" [server log]]
            r CONFIG SET watchdog-period 0
            r DEBUG SLEEP 0.5
            assert_equal 1 [regexp -all "WATCHDOG TIMER EXPIRED" [server log]]
        }
    }

    test {use-exit-on-panic turns the abort into status 1} {
        with_launched {--enable-debug-command yes --use-exit-on-panic yes} {
            server_expect_crash
            client_send r DEBUG PANIC
            assert_equal 1 [server_wait_exit [server handle]]
        }
    }

    test {a server on a Unix socket alone says so in its title} {
        set path [server_new_dir]/socket
        set handle [server_launch [file dirname $path] 0 [list --port 0 --unixsocket $path --save ""]]
        lappend server::stack $handle
        wait_for {[string match "*Ready to accept*" [server log]]}
        assert_match "*redis-server unixsocket:$path" [process_title]
        set server::stack [lrange $server::stack 0 end-1]
        server_stop $handle
        assert {![file exists $path]}
    }

    test {SHUTDOWN takes its modes in any order, ABORT alone, and not inside MULTI} {
        with_launched {} {
            assert_error "ERR syntax error" {r SHUTDOWN SAVE NOSAVE}
            assert_error "ERR syntax error" {r SHUTDOWN ABORT NOW}
            assert_error "ERR syntax error" {r SHUTDOWN quickly}
            assert_error "ERR No shutdown in progress." {r SHUTDOWN ABORT}
            r MULTI
            assert_error "*not allowed inside a transaction*" {r SHUTDOWN NOSAVE}
            r DISCARD
            client_send r shutdown force now nosave now
            assert_equal 0 [server_wait_exit [server handle]]
        }
    }

    test {a password given later binds new clients, and lifts when it goes} {
        with_launched {} {
            client_new -name early
            r CONFIG SET requirepass secret
            assert_equal PONG [early PING]
            client_new -name late
            assert_error "NOAUTH*" {late PING}
            r CONFIG SET requirepass ""
            assert_equal PONG [late PING]
            r CONFIG SET requirepass secret
            assert_error "NOAUTH*" {late PING}
            assert_equal PONG [early PING]
        }
    }
}
