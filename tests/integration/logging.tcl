# The log, the ends of a server, and its crash report.

tags own-server {
    foreach level {notice debug} {
        test "the log at level $level tells of the start, in order" {
            with_launched [list --loglevel $level] {
                assert_match "*Server initialized*Ready to accept connections*" [server log]
            }
        }
    }

    test {the log names the pid before anything else of the start} tocsin {
        with_launched {} {
            set log [server log]
            assert {[string first "PID: [server pid]" $log] >= 0}
            assert {[string first "PID: [server pid]" $log] < [string first "Server initialized" $log]}
        }
    }

    test {every line has pid, role, time and level} {
        with_launched {} {
            set pid [server pid]
            set lines [split [string trim [server log]] \n]
            assert {[llength $lines] >= 2}
            foreach line $lines {
                assert {[regexp "^$pid:\[CMSX\] \\d\\d \[A-Z\]\[a-z\]\[a-z\] \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} \[-.*#\] " $line]}
            }
            assert_match "*:M *" [lindex $lines end]
        }
    }

    test {loglevel warning leaves the ordinary lines of the start out} {
        with_launched {--loglevel warning} {
            assert_no_match "*Ready to accept connections*" [server log]
        }
    }

    test {logfile is appended to, and written anew when it was moved away} {
        set dir [server_new_dir]
        server_write_file $dir/log.txt "an old line\n"
        with_launched [list --logfile $dir/log.txt --enable-debug-command yes] {
            assert_match "an old line\n*Ready to accept connections*" [server_file $dir/log.txt]
            file rename $dir/log.txt $dir/moved.txt
            r DEBUG LOG hello
            assert_match "*hello*" [server_file $dir/log.txt]
        }
    }

    test {a log file that cannot be opened ends the start} {
        lassign [server_run [list --port [server_free_port] --logfile /nonexistent/log]] status text
        assert_equal 1 $status
        assert_match "*log file*No such file*" $text
    }

    foreach signal {TERM INT} {
        test "SIG$signal shuts down cleanly" {
            with_launched {} {
                r SET k v
                server_signal $signal [server pid]
                assert_equal 0 [server_wait_exit [server handle]]
                assert_match "*ready to exit, bye bye*" [server log]
                assert {![file exists [server dir]/dump.rdb]}
            }
        }
    }

    test {SHUTDOWN closes connections and ends with status 0} {
        foreach arguments {{} NOSAVE {NOSAVE NOW FORCE}} {
            with_launched {} {
                set other [client_new]
                r SET k v
                client_send r SHUTDOWN {*}$arguments
                assert_equal 0 [server_wait_exit [server handle]]
                assert_closed $other
                assert {![file exists [server dir]/dump.rdb]}
            }
        }
    }

    test {SIGSTOP and SIGCONT are survived} {
        with_launched {--notify-keyspace-events Ex} {
            set subscriber [client_new]
            $subscriber SUBSCRIBE __keyevent@0__:expired
            r SET k v PX 100
            server_signal STOP [server pid]
            set start [clock milliseconds]
            wait_for {[clock milliseconds] > $start + 200}
            client_send r PING
            server_signal CONT [server pid]
            assert_equal PONG [client_read r]
            assert_equal {message __keyevent@0__:expired k} [client_read $subscriber]
        }
    }

    foreach {command signal phrases} {
        SEGFAULT    SIGSEGV     {{crashed by signal: 11}}
        ASSERT      SIGABRT     {{ASSERTION FAILED}}
        PANIC       SIGABRT     {{Guru Meditation}}
    } {
        test "DEBUG $command ends with a report" {
            with_launched {--enable-debug-command yes --crash-memcheck-enabled no} {
                server_expect_crash
                r SET k v
                client_send r DEBUG $command
                assert_equal $signal [server_wait_exit [server handle]]
                set log [server log]
                set at -1
                foreach phrase [concat {{REDIS BUG REPORT START}} $phrases {{STACK TRACE} {INFO OUTPUT} {CLIENT LIST OUTPUT} {CURRENT CLIENT INFO} {REDIS BUG REPORT END}}] {
                    set next [string first $phrase $log]
                    assert {$next > $at}
                    set at $next
                }
                assert_match "*redis_version:*" $log
                assert_match "*$command*" [string range $log [string first "CURRENT CLIENT INFO" $log] end]
            }
        }
    }

    test {the report of a signal shows the registers} {
        with_launched {--enable-debug-command yes --crash-memcheck-enabled no} {
            server_expect_crash
            client_send r DEBUG SEGFAULT
            server_wait_exit [server handle]
            assert_match "*REGISTERS*" [server log]
        }
    }

    test {crash-log-enabled no leaves the report out} {
        with_launched {--enable-debug-command yes --crash-log-enabled no} {
            client_send r DEBUG SEGFAULT
            assert_equal SIGSEGV [server_wait_exit [server handle]]
            assert_no_match "*REDIS BUG REPORT START*" [server log]
        }
    }
}
