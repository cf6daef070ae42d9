#!/usr/bin/env tclsh
# Runs the behaviour tests. Every file runs in a process of its own, several at
# a time; see usage below and README.md.

namespace eval run {
    variable root [file dirname [file normalize [info script]]]
    variable options {
        single {} only {} tags {} skip-tags {} seed 0 repeat 1 clients 0 host 127.0.0.1 port 0
        server {} timeout 120 verbose 0 large-memory 0 keep 0 tls 0
    }
    variable flags {verbose large-memory keep tls}
    variable lists {single only tags skip-tags}
    variable queue {}
    variable active 0
    variable passed 0
    variable failed 0
    variable skipped 0
    variable jobs           ;# per job: chan file dir test servers passed failed start watchdog
    variable finished 0
}

source $run::root/support/leash.tcl

proc usage {} {
    puts {usage: tests/run.tcl [options]
  --single FILE      only this file (unit/keys, unit/type/string, ...); may be repeated
  --only PATTERN     only tests whose sentence contains it (* and ? are wild); may be repeated
  --tags T[,T]       only tests with one of these tags; the file's name is a tag
  --skip-tags T[,T]  no tests with one of these tags
  --seed N           of the random tests (default: the clock)
  --repeat N         every file N times
  --clients N        files at a time (default: twice the processors)
  --server PATH      the program (default: src/redis-server)
  --host H --port P  use this running server instead of starting some
  --timeout S        seconds without progress after which a test counts as hung (default 120)
  --tls              over TLS, without what is tagged plain; needs openssl and Tcl's tls
  --large-memory     with the tests that need gigabytes
  --keep             keep the servers' folders of green files, too
  --verbose          a line for each test}
}

proc parse_arguments {arguments} {
    variable run::options
    while {[llength $arguments] > 0} {
        set arguments [lassign $arguments name]
        set name [string range $name 2 end]
        if {$name eq "help"} {
            usage
            exit 0
        }
        if {![dict exists $options $name] || ($name ni $run::flags && [llength $arguments] == 0)} {
            usage
            exit 2
        }
        if {$name in $run::flags} {
            dict set options $name 1
            continue
        }
        set arguments [lassign $arguments value]
        if {$name in {tags skip-tags}} {
            dict lappend options $name {*}[split $value ,]
        } elseif {$name in $run::lists} {
            dict lappend options $name $value
        } else {
            dict set options $name $value
        }
    }
    set_defaults
}

proc set_defaults {} {
    variable run::options
    if {[dict get $options server] eq ""} {
        dict set options server [file dirname $run::root]/src/redis-server
    }
    dict set options server [file normalize [dict get $options server]]
    if {![dict get $options port] && ![file executable [dict get $options server]]} {
        puts stderr "no such program: [dict get $options server]"
        exit 2
    }
    if {![dict get $options seed]} {
        dict set options seed [expr {[clock milliseconds] % 1000000 + 1}]
    }
    if {![dict get $options clients]} {
        dict set options clients [expr {2 * [exec getconf _NPROCESSORS_ONLN]}]
    }
    if {[dict get $options port]} {
        dict set options clients 1
    }
    if {[dict get $options tls]} {
        dict lappend options skip-tags plain
    }
}

proc all_files {} {
    set files [glob -directory $run::root unit/*.tcl unit/type/*.tcl integration/*.tcl]
    return [lmap file [lsort $files] {string range $file [string length $run::root]+1 end-4}]
}

proc chosen_files {} {
    set files {}
    foreach wanted [dict get $run::options single] {
        set wanted [regsub {\.tcl$} [regsub {^(\./)?tests/} $wanted ""] ""]
        if {![file exists $run::root/$wanted.tcl]} {
            puts stderr "no such file: $wanted"
            exit 2
        }
        lappend files $wanted
    }
    return [expr {[llength $files] ? $files : [all_files]}]
}

# --- jobs -----------------------------------------------------------------------

proc start_jobs {} {
    while {$run::active < [dict get $run::options clients] && [llength $run::queue] > 0} {
        set run::queue [lassign $run::queue file]
        start_job $file
    }
    if {$run::active == 0} {
        set run::finished 1
    }
}

proc start_job {file} {
    variable run::jobs
    set id [incr run::last]
    set dir $run::temp/$id
    file mkdir $dir
    set options [dict merge $run::options [list dir $dir file-tags [list [file tail $file]]]]
    dict incr options seed $id
    set worker [list [info nameofexecutable] $run::root/support/worker.tcl $run::root/$file.tcl $options]
    set chan [open |[concat [leash] $worker [list 2>$dir/stderr]] r]
    fconfigure $chan -blocking 0 -encoding utf-8
    set jobs($id) [dict create chan $chan file $file dir $dir test "" servers {} \
        passed 0 failed 0 done 0 start [clock milliseconds] watchdog ""]
    incr run::active
    feed_watchdog $id
    fileevent $chan readable [list read_report $id]
}

proc feed_watchdog {id} {
    variable run::jobs
    after cancel [dict get $jobs($id) watchdog]
    dict set jobs($id) watchdog [after [expr {[dict get $run::options timeout] * 1000}] [list hung $id]]
}

proc read_report {id} {
    variable run::jobs
    variable run::text
    set chan [dict get $jobs($id) chan]
    append text($id) [read $chan]
    while {[set at [next_list $text($id)]] >= 0} {
        set report [string range $text($id) 0 $at]
        set text($id) [string range $text($id) $at+1 end]
        feed_watchdog $id
        take_report $id $report
    }
    if {[eof $chan]} {
        end_job $id
    }
}

# Where the first report ends: at the first newline that leaves a complete list.
proc next_list {text} {
    set at -1
    while {[set at [string first \n $text $at+1]] >= 0} {
        if {[info complete [string range $text 0 $at]]} {
            return $at
        }
    }
    return -1
}

proc take_report {id report} {
    variable run::jobs
    lassign $report kind first second
    switch -- $kind {
        start {
            dict set jobs($id) test $first
        }
        pass {
            dict incr jobs($id) passed
            if {[dict get $run::options verbose]} {
                puts "  ok    [dict get $jobs($id) file]: $first"
            }
        }
        fail {
            failure $id $first $second
        }
        skip {
            incr run::skipped
        }
        server {
            dict set jobs($id) servers $first $second
        }
        gone {
            dict unset jobs($id) servers $first
        }
        done {
            dict set jobs($id) done 1
        }
    }
}

proc failure {id sentence message} {
    variable run::jobs
    dict incr jobs($id) failed
    puts "FAIL    [dict get $jobs($id) file]: $sentence"
    foreach line [split $message \n] {
        puts "        $line"
    }
    flush stdout
}

# No progress: name the test, show what its servers said last, and end them.
proc hung {id} {
    variable run::jobs
    set message "no progress in [dict get $run::options timeout] s"
    foreach dir [dict values [dict get $jobs($id) servers]] {
        append message "\nend of $dir/log:\n[log_tail $dir/log]"
    }
    failure $id [dict get $jobs($id) test] $message
    dict set jobs($id) done 1
    catch {exec sh -c "kill -KILL [pid [dict get $jobs($id) chan]]"}
}

proc log_tail {path} {
    if {[catch {open $path} fd]} {
        return "(none)"
    }
    set lines [split [string trimright [read $fd]] \n]
    close $fd
    return [join [lrange $lines end-14 end] \n]
}

proc end_job {id} {
    variable run::jobs
    after cancel [dict get $jobs($id) watchdog]
    catch {close [dict get $jobs($id) chan]}
    foreach pid [dict keys [dict get $jobs($id) servers]] {
        catch {exec sh -c "kill -KILL $pid"}
    }
    set dir [dict get $jobs($id) dir]
    if {![dict get $jobs($id) done]} {
        failure $id [dict get $jobs($id) test] "the test process ended early:\n[log_tail $dir/stderr]"
    }
    dict with jobs($id) {
        incr run::passed $passed
        incr run::failed $failed
        set seconds [format %.1f [expr {([clock milliseconds] - $start) / 1000.0}]]
        set verdict [expr {$failed ? "failed" : "ok"}]
        puts [format "%-7s %-26s %4d tests %6s s" $verdict $file [expr {$passed + $failed}] $seconds]
        if {$failed} {
            puts "        logs kept in $dir"
        } elseif {![dict get $run::options keep]} {
            file delete -force $dir
        }
    }
    unset jobs($id)
    incr run::active -1
    start_jobs
}

# The runner's own failure (its output was closed, say) ends everything.
proc bgerror {message} {
    catch {puts stderr $::errorInfo}
    exit 2
}

proc main {arguments} {
    fconfigure stdout -encoding utf-8 -buffering line
    parse_arguments $arguments
    set run::temp [string trim [exec mktemp -d [file join /tmp tocsin-tests.XXXXXX]]]
    set run::last 0
    dict set run::options tls-dir ""
    if {[dict get $run::options tls]} {
        dict set run::options tls-dir $run::temp/tls
        exec $run::root/support/tls-certs $run::temp/tls
    }
    set files [chosen_files]
    for {set i 0} {$i < [dict get $run::options repeat]} {incr i} {
        lappend run::queue {*}$files
    }
    puts "seed [dict get $run::options seed]"
    start_jobs
    if {!$run::finished} {
        vwait run::finished
    }
    if {!$run::failed && ![dict get $run::options keep]} {
        file delete -force $run::temp
    }
    puts "$run::skipped skipped"
    puts "$run::passed passed, $run::failed failed"
    exit [expr {$run::failed > 0}]
}

main $argv
