# The nth write, sync, rename, creation of a file or fork fails: the files that were
# good stay good, INFO and the log say what happened, and the server goes on or
# stops writes as configured. tests/fault/fault.c is what makes calls fail.

proc fault_library {} {
    set path [file dirname [file dirname [file dirname [file normalize [info script]]]]]/build/fault.so
    return [expr {[info exists ::env(FAULT_LIBRARY)] ? $::env(FAULT_LIBRARY) : $path}]
}
set library [fault_library]

# Arms, or with none of it disarms.
proc fault {{call none} {nth 0} {errno ENOSPC} {persists 0}} {
    set number [lsearch -exact {none write sync rename create fork} $call]
    set code [dict get {ENOSPC 28 EIO 5 EACCES 13 EAGAIN 11 ENOMEM 12} $errno]
    set fd [open $::fault_path r+]
    fconfigure $fd -translation binary
    puts -nonewline $fd [binary format iiii $number $nth $code $persists]
    close $fd
}

# Did the armed call come about?
proc fault_happened {} {
    binary scan [server_file $::fault_path] iiii call left code persists
    return [expr {$left <= 0}]
}

proc with_faults {directives body} {
    set ::fault_path [server_new_dir]/fault
    server_write_file $::fault_path [binary format iiii 0 0 0 0]
    set ::env(FAULT_FILE) $::fault_path
    set ::env(LD_PRELOAD) $::library
    set ::env(ASAN_OPTIONS) verify_asan_link_order=0
    set code [catch {uplevel 1 [list start_server $directives $body]} result options]
    unset ::env(LD_PRELOAD) ::env(FAULT_FILE) ::env(ASAN_OPTIONS)
    return -options $options $result
}

proc wait_no_child {} {
    wait_for {[server_info rdb_bgsave_in_progress] == 0 && [server_info aof_rewrite_in_progress] == 0
        && [server_info aof_rewrite_scheduled] == 0}
}

# Runs the script with the 1st, 2nd, ... call failing until it is one too many; after
# each, check is run. Fails if no call failed at all.
proc each_fault {call errno script check} {
    for {set n 1} {$n < 30} {incr n} {
        fault $call $n $errno
        uplevel 1 $script
        set happened [fault_happened]
        fault
        if {!$happened} break
        uplevel 1 $check
    }
    assert {$n > 1 && $n < 30}
}

tags {own-server tocsin} {
    if {[file exists $library]} {
        with_faults {} {
            foreach {call errno} {write ENOSPC sync EIO rename EACCES create ENOSPC} {
                test "SAVE, with any $call failing: the old file stays good, or is the new one" {
                    r SET k old
                    r SAVE
                    each_fault $call $errno {
                        r SET k new
                        set failed [catch {r SAVE} message]
                    } {
                        assert_match "ERR *" $message
                        assert {[regexp {Write error saving DB on disk|Error moving temp DB file} [server log]]}
                        assert_equal {} [glob -nocomplain [server dir]/temp-*]
                        server_restart KILL
                        assert {[r GET k] in {old new}}
                        r SET k old
                        r SAVE
                    }
                }

                test "BGSAVE, with any $call failing: the old file stays good, INFO says err" {
                    r SET k old
                    r SAVE
                    each_fault $call $errno {
                        r SET k new
                        r BGSAVE
                        wait_no_child
                    } {
                        assert_equal err [server_info rdb_last_bgsave_status]
                        assert_match {*Background saving error*} [server log]
                        assert_equal {} [glob -nocomplain [server dir]/temp-*]
                        server_restart KILL
                        assert {[r GET k] in {old new}}
                        r SET k old
                        r SAVE
                    }
                }
            }

            test {BGSAVE that cannot fork says so, and the next one is tried} {
                fault fork 1 EAGAIN
                assert_error {ERR *} {r BGSAVE}
                assert_equal err [server_info rdb_last_bgsave_status]
                assert_match {*Can't save in background: fork: *} [server log]
                assert_equal {Background saving started} [r BGSAVE]
                wait_no_child
                assert_equal ok [server_info rdb_last_bgsave_status]
            }
        }

        with_faults {appendonly yes appendfsync everysec auto-aof-rewrite-percentage 0} {
            foreach {call errno} {write ENOSPC sync EIO rename EACCES create ENOSPC fork EAGAIN} {
                test "BGREWRITEAOF, with any $call failing: nothing is lost" {
                    r SET k 1
                    set number 1
                    each_fault $call $errno {
                        catch {r BGREWRITEAOF}
                        wait_no_child
                    } {
                        wait_for {![catch {r SET k [incr number]}]}
                        r SET after $number
                        server_restart KILL
                        assert_equal [list $number $number] [r MGET k after]
                    }
                }
            }

            test {a full disk refuses writes until there is room, and loses nothing before it} {
                r SET k 1
                fault write 1 ENOSPC 1
                catch {r SET k 2}
                wait_for {[server_info aof_last_write_status] eq "err"}
                assert_error {MISCONF Errors writing to the AOF file: No space left on device} {r SET k 3}
                assert {[r GET k] in {1 2}}
                assert_match {*Error writing the AOF file: No space left on device*} [server log]
                fault
                wait_for {![catch {r SET k 4}]}
                assert_equal ok [server_info aof_last_write_status]
                assert_match {*AOF write error looks solved*} [server log]
                r SET l 5
                server_restart KILL
                assert_equal {4 5} [r MGET k l]
            }
        }

        foreach {call errno} {write ENOSPC sync EIO} {
            with_faults {appendonly yes appendfsync always} {
                test "with appendfsync always a $call that fails ends the server before it replies" {
                    r SET k 1
                    fault $call 1 $errno
                    assert {[catch {r SET k 2}]}
                    fault
                    assert_match {*Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...*} [server log]
                    server_restart
                    assert {[r GET k] in {1 2}}
                }
            }
        }
    }
}
