# Servers under test.
#
#   start_server {directive value ...} {body}
#
# starts a server on a free loopback port in a folder of its own, runs the body
# and stops the server. Blocks nest; [server port], [server pid], [server dir],
# [server log] tell about the innermost one, or about the handle given
# ([server handle] returns it). With --host/--port the one running server is
# used: directives are set by CONFIG SET for the time of the body, and a block
# whose directives it refuses is left out.

namespace eval server {
    variable stack {}
    variable last 0
    variable defaults {
        bind 127.0.0.1
        save {""}
        appendonly no
        enable-debug-command local
        enable-protected-configs local
        loglevel verbose
    }
}

# A field of the innermost server, or of the one named.
proc server {field {handle {}}} {
    if {$handle eq ""} {
        set handle [lindex $server::stack end]
    }
    if {$field eq "handle"} {
        return $handle
    }
    upvar #0 $handle state
    switch -- $field {
        log {return [server_file $state(dir)/log]}
        stderr {return [server_file $state(dir)/stderr]}
    }
    return $state($field)
}

proc server_file {path} {
    if {![file exists $path]} {
        return ""
    }
    set fd [open $path]
    fconfigure $fd -translation binary
    set text [read $fd]
    close $fd
    return $text
}

proc server_write_file {path text} {
    set fd [open $path w]
    fconfigure $fd -translation binary
    puts -nonewline $fd $text
    close $fd
}

# A folder that goes when the file's tests have passed.
proc server_new_dir {} {
    set dir [test_option dir]/[incr server::last]
    file mkdir $dir
    return $dir
}

# Outside of the kernel's range for outgoing connections.
proc server_free_port {} {
    while 1 {
        set port [expr {11000 + int(rand() * 20000)}]
        if {![catch {socket -server {} -myaddr 127.0.0.1 $port} fd]} {
            close $fd
            return $port
        }
    }
}

# One "directive value" line each; an empty value is written as "".
proc server_config_text {directives} {
    set text ""
    foreach {name value} $directives {
        if {$value eq ""} {
            set value {""}
        }
        append text "$name $value\n"
    }
    return $text
}

proc start_server {directives body} {
    if {[test_option port]} {
        tailcall server_borrow $directives $body
    }
    set handle [server_start $directives]
    lappend server::stack $handle
    set code [catch {uplevel 1 $body} result options]
    if {[catch {server_stop $handle} trouble]} {
        test_report fail "the server stops without a complaint" $trouble
        incr test::failed
    }
    set server::stack [lrange $server::stack 0 end-1]
    test_close_clients
    if {$code == 1 && [dict get $options -errorcode] eq "SERVERGONE"} {
        return
    }
    return -options $options $result
}

# A running server with a configuration file and the given directives.
proc server_start {directives} {
    for {set attempt 0} {$attempt < 10} {incr attempt} {
        set port [server_free_port]
        set dir [server_new_dir]
        set lines [concat [list port $port dir $dir] $server::defaults $directives]
        server_write_file $dir/redis.conf [server_config_text $lines]
        set handle [server_launch $dir $port [list $dir/redis.conf]]
        if {[server_wait_ready $handle]} {
            return $handle
        }
        set log [server log $handle][server stderr $handle]
        catch {server_stop $handle}
        if {![string match "*Failed listening on port*" $log]} {
            break
        }
    }
    error "the server did not start:\n$log"
}

# Runs the program; the log is its standard output. Returns a handle at once.
# With run.tcl --tls, the port that the arguments name becomes one of TLS.
proc server_launch {dir port arguments} {
    set handle ::server::process[incr server::last]
    upvar #0 $handle state
    if {[test_option tls] && $port} {
        lappend arguments {*}[server_words [tls_directives $port]]
    }
    set command [concat [leash] [list [test_option server]] $arguments]
    set state(chan) [open |[concat $command [list >$dir/log 2>$dir/stderr]] w]
    set state(pid) [pid $state(chan)]
    set state(host) 127.0.0.1
    set state(port) $port
    set state(dir) $dir
    set state(crash) 0
    test_report server $state(pid) $dir
    return $handle
}

proc server_running {pid} {
    if {[catch {server_file /proc/$pid/stat} stat] || $stat eq ""} {
        return 0
    }
    return [expr {[lindex [string range $stat [string last ) $stat]+2 end] 0] ne "Z"}]
}

# Waits until the server answers a PING; false if it exits before.
proc server_wait_ready {handle} {
    upvar #0 $handle state
    while {[server_running $state(pid)]} {
        if {![catch {client_new -host $state(host) -port $state(port)} client]} {
            set failed [catch {$client PING} reply]
            client_close $client
            if {!$failed || [string match NOAUTH* $reply]} {
                return 1
            }
        }
        after 5
    }
    return 0
}

# Directives as words of a command line.
proc server_words {directives} {
    set words {}
    foreach {name value} $directives {
        lappend words --$name $value
    }
    return $words
}

proc server_signal {name pid} {
    exec sh -c "kill -$name $pid" ;# the shell's own: a small system has no program of that name
}

# Waits for the end of the process and returns its exit status, or the signal's name.
proc server_wait_exit {handle} {
    upvar #0 $handle state
    set pid $state(pid)
    set status 0
    if {[catch {close $state(chan)} message options]} {
        set status [lindex [dict get $options -errorcode] 2]
    }
    test_report gone $pid
    set state(pid) 0
    return $status
}

# Ends the innermost server's process (KILL: as a crash would), and runs its program
# again in the same folder, with the same configuration and what arguments add.
# server_begin does not wait; server_restart returns when the data is loaded, with r
# connected, and fails if the server ends instead.
proc server_end {{signal TERM}} {
    upvar #0 [server handle] state
    if {$state(pid)} {
        catch {server_signal $signal $state(pid)}
        server_wait_exit [server handle]
    }
}

proc server_begin {args} {
    upvar #0 [server handle] state
    set handle [server_launch $state(dir) $state(port) [concat [list $state(dir)/redis.conf] $args]]
    array set state [array get $handle]
    unset $handle
}

proc server_restart {{signal TERM} args} {
    server_end $signal
    server_begin {*}$args
    if {![server_wait_ready [server handle]]} {
        fail "the server did not start again:\n[server log]"
    }
    client_new -name r
}

# Runs the program again where it must refuse to start: the log.
proc server_refuses {args} {
    server_end
    server_begin {*}$args
    if {[server_wait_ready [server handle]]} {
        fail "the server started:\n[server log]"
    }
    server_wait_exit [server handle]
    return [server log]
}

# Stops the server and complains of what its log and stderr should not hold.
proc server_stop {handle} {
    upvar #0 $handle state
    if {$state(pid)} {
        if {[server_running $state(pid)]} {
            catch {server_signal TERM $state(pid)}
        }
        server_wait_exit $handle
    }
    set trouble [server_trouble $handle]
    unset state
    if {$trouble ne ""} {
        error $trouble
    }
}

# A test that makes the server crash says so, lest the report fails it.
proc server_expect_crash {} {
    upvar #0 [server handle] state
    set state(crash) 1
}

proc server_trouble {handle} {
    upvar #0 $handle state
    set text [server log $handle][server stderr $handle]
    set signs {{AddressSanitizer} {LeakSanitizer} {runtime error:} {ThreadSanitizer}}
    if {!$state(crash)} {
        lappend signs {REDIS BUG REPORT START}
    }
    foreach sign $signs {
        set at [string first $sign $text]
        if {$at >= 0} {
            return "found \"$sign\" in $state(dir):\n[string range $text $at $at+1500]"
        }
    }
    return ""
}

# A server that is gone or silent fails its block once, not each of its tests.
proc server_check_alive {} {
    if {[llength $server::stack] == 0 || [test_option port]} {
        return
    }
    upvar #0 [server handle] state
    if {$state(pid) && [server_running $state(pid)]} {
        if {![catch {[client_new] PING} reply] || [string match NOAUTH* $reply]} {
            return
        }
        server_signal KILL $state(pid)
    }
    return -code error -errorcode SERVERGONE "the server is gone"
}

# The end of the log, if a connection failed.
proc server_last_words {details} {
    if {[dict get $details -errorcode] ni {SILENT CLOSED} || [llength $server::stack] == 0} {
        return ""
    }
    set lines [split [string trim [server log][server stderr]] \n]
    return "\nend of the server's log:\n[join [lrange $lines end-9 end] \n]"
}

# What every test starts from: a new connection r, nothing in the databases.
proc server_fresh {} {
    test_close_clients
    if {[llength $server::stack] == 0} {
        return
    }
    client_new -name r
    if {![catch {r FLUSHALL} message]} {
        return
    }
    if {![string match NOAUTH* $message]} {
        error $message
    }
}

# --- the running server of --host/--port --------------------------------------

proc server_borrow {directives body} {
    if {"own-server" in $test::tags} {
        return
    }
    set handle ::server::process[incr server::last]
    upvar #0 $handle state
    array set state [list host [test_option host] port [test_option port] dir "" pid 0 crash 0]
    lappend server::stack $handle
    set keeper [client_new]
    set code [catch {server_configured $keeper $directives $body 2} result options]
    set server::stack [lrange $server::stack 0 end-1]
    test_close_clients
    if {$code == 1 && [dict get $options -errorcode] eq "REFUSED"} {
        test_report skip $result
        return
    }
    return -options $options $result
}

proc server_configured {client directives body levels} {
    set old {}
    foreach {name value} $directives {
        lappend old $name [lindex [$client CONFIG GET $name] 1]
    }
    if {[llength $directives] > 0 && [catch {$client CONFIG SET {*}$directives} message]} {
        return -code error -errorcode REFUSED $message
    }
    set code [catch {uplevel $levels $body} result options]
    if {[llength $old] > 0} {
        set restorer [client_new]
        $restorer CONFIG SET {*}$old
        client_close $restorer
    }
    return -options $options $result
}

# --- small helpers -------------------------------------------------------------

# CONFIG SET for the time of the body.
proc with_config {directives body} {
    server_configured r $directives $body 2
}

# A field of INFO; empty if there is none of that name.
proc server_info {field {client r}} {
    if {[regexp -line "^[string map {. \\.} $field]:(.*)\r$" [$client INFO everything] -> value]} {
        return $value
    }
    return ""
}

# A field of a client's CLIENT LIST line.
proc client_field {field line} {
    if {![regexp "(?:^| )$field=(\\S*)" $line -> value]} {
        fail "no field $field in: $line"
    }
    return $value
}

# The server's clock.
proc server_time_ms {{client r}} {
    lassign [$client TIME] seconds micros
    return [expr {$seconds * 1000 + $micros / 1000}]
}

# A string whose deadline has passed; with DEBUG SET-ACTIVE-EXPIRE 0 it is still there.
proc set_expired {key value} {
    set deadline [expr {[server_time_ms] + 1}]
    r SET $key $value PXAT $deadline
    wait_for {[server_time_ms] > $deadline}
}

# Returns when the server has handled what was sent before, on any connection.
proc r_barrier {} {
    set client [client_new]
    $client PING
    client_close $client
}

# Runs the program until it ends by itself: its exit status and all it printed.
proc server_run {arguments} {
    set dir [server_new_dir]
    set handle [server_launch $dir 0 $arguments]
    set status [server_wait_exit $handle]
    set text [server log $handle][server stderr $handle]
    unset $handle
    return [list $status $text]
}

# The body runs beside a server that was launched with these arguments (and a
# port, a folder, no snapshots); r is connected to it.
proc with_launched {arguments body} {
    set dir [server_new_dir]
    set port [server_free_port]
    set handle [server_launch $dir $port [concat $arguments [list --port $port --bind 127.0.0.1 --dir $dir --save ""]]]
    lappend server::stack $handle
    set code [catch {
        if {![server_wait_ready $handle]} {
            fail "the server did not start:\n[server log]"
        }
        client_new -name r
        uplevel 1 $body
    } result options]
    test_close_clients
    set server::stack [lrange $server::stack 0 end-1]
    set trouble [catch {server_stop $handle} complaint]
    if {$code == 0 && $trouble} {
        fail $complaint
    }
    return -options $options $result
}
