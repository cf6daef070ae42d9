# SIGKILL at random moments under load, with appendfsync always: what was
# acknowledged is there after the restart, and no transaction by halves.
# CRASH_ROUNDS in the environment sets the number of rounds.

proc crash_rounds {} {
    return [expr {[info exists ::env(CRASH_ROUNDS)] ? $::env(CRASH_ROUNDS) : 5}]
}

# Sends increments of counters and pairs until the server is gone. Returns the last
# acknowledged number of each.
proc load_until_death {number} {
    set acked $number
    set kill_after [random_int 60]
    after $kill_after [list catch [list server_signal KILL [server pid]]]
    catch {
        while 1 {
            incr number
            set commands [list [list SET single $number] [list RPUSH list $number] MULTI [list SET left $number] \
                              [list HSET right n $number] EXEC]
            if {$number % 50 == 0} {
                lappend commands BGREWRITEAOF
            }
            client_pipeline r $commands
            set acked $number
            update
        }
    }
    return $acked
}

tags own-server {
    start_server {appendonly yes appendfsync always} {
        test "what was acknowledged survives SIGKILL, in [crash_rounds] rounds" {
            set acked 0
            for {set round 1} {$round <= [crash_rounds]} {incr round} {
                set acked [load_until_death $acked]
                server_restart KILL
                set single [r GET single]
                if {$single eq "(nil)"} {
                    set single 0
                }
                set length [r LLEN list]
                lassign [list [r GET left] [r HGET right n]] left right
                assert_equal $left $right
                assert_between $acked [expr {$acked + 1}] $single
                assert_between $acked [expr {$acked + 1}] $length
                if {$acked > 0} {
                    assert_between $acked [expr {$acked + 1}] $left
                }
                set acked $single
                if {$length < $single} {
                    r RPUSH list $single
                }
            }
        }
    }
}
