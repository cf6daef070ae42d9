# Servers to measure, and the load generator. Servers get a free loopback port
# and a folder of their own; each is stopped by its own pid.

namespace eval bench {
    variable root [file normalize [file join [file dirname [info script]] ../..]]
    variable program [file join $root src/redis-benchmark]
    variable running {}
    variable quick [expr {[info exists ::env(BENCH_QUICK)] && $::env(BENCH_QUICK) ni {{} 0}}]
}

proc bench::free_port {} {
    set probe [socket -server {} -myaddr 127.0.0.1 0]
    set port [lindex [fconfigure $probe -sockname] 2]
    close $probe
    return $port
}

# Progress goes to stderr, and only to people.
proc bench::progress {text} {
    if {![catch {fconfigure stderr -mode}] || [info exists ::env(BENCH_VERBOSE)]} {
        puts -nonewline stderr "\r$text\033\[K"
        flush stderr
    }
}

# Sends an inline command and returns the first line of the reply.
proc bench::ask {port command} {
    set channel [socket 127.0.0.1 $port]
    fconfigure $channel -translation crlf -buffering line
    puts $channel $command
    gets $channel line
    close $channel
    return $line
}

# Starts binary, under the words of wrapper if there are any; returns
# {pid N port N folder PATH}.
proc bench::start {binary {wrapper {}}} {
    variable running
    set port [free_port]
    set folder [exec mktemp -d]
    set wrapper [string map [list %folder% $folder] $wrapper]
    set pid [exec {*}$wrapper $binary --port $port --bind 127.0.0.1 --save {} --appendonly no --dir $folder \
        > $folder/log 2>@1 &]
    set server [dict create pid $pid port $port folder $folder]
    lappend running $server
    for {set i 0} {$i < 600} {incr i} {
        if {![catch {ask $port PING} reply] && $reply eq "+PONG"} {return $server}
        if {![alive $pid]} break
        after 100
    }
    set log [open $folder/log]
    set text [read $log]
    close $log
    error "$binary did not start:\n$text"
}

proc bench::alive {pid} {
    if {[catch {open /proc/$pid/stat} stat]} {return 0}
    set line [read $stat]
    close $stat
    return [expr {![regexp {\) [ZX] } $line]}]
}

proc bench::stop {server} {
    variable running
    set pid [dict get $server pid]
    catch {exec sh -c "kill $pid"}
    for {set i 0} {$i < 300 && [alive $pid]} {incr i} {after 20}
    if {[alive $pid]} {catch {exec sh -c "kill -KILL $pid"}}
    file delete -force [dict get $server folder]
    set at [lsearch -exact $running $server]
    set running [lreplace $running $at $at]
}

proc bench::stop_all {} {
    variable running
    foreach server $running {stop $server}
}

# Runs the load generator against a server and returns what it printed.
proc bench::load {server args} {
    variable program
    exec $program -p [dict get $server port] {*}$args 2>@1
}

proc bench::config {server name value} {
    set reply [ask [dict get $server port] "CONFIG SET $name \"$value\""]
    if {$reply ne "+OK"} {error "CONFIG SET $name $value: $reply"}
}

# The rows of what --csv printed: a list of dicts.
proc bench::csv {text} {
    set rows {}
    set names {}
    foreach line [split [string trim $text] \n] {
        set fields [lmap {whole field} [regexp -all -inline {"([^"]*)"} $line] {set field}]
        if {$names eq {}} {
            set names $fields
            continue
        }
        set row {}
        foreach name $names field $fields {dict set row $name $field}
        lappend rows $row
    }
    return $rows
}
