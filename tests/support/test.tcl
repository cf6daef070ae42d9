# Tests and assertions.
#
#   test {A sentence that says what holds} ?tags? {body}
#
# Each test starts with a fresh connection, the command r, and empty databases;
# connections it opens are closed and variables it sets are unset behind it. A failed assertion ends the test
# and the next one goes on.

namespace eval test {
    variable options        ;# what run.tcl was told
    variable tags {}        ;# of the enclosing tags blocks
    variable failed 0
}

# Blocks in the body carry these tags too.
proc tags {tags body} {
    set outer $test::tags
    lappend test::tags {*}$tags
    set code [catch {uplevel 1 $body} result options]
    set test::tags $outer
    return -options $options $result
}

proc test_option {name} {
    return [dict get $test::options $name]
}

# A line for run.tcl: a Tcl list. Without run.tcl there is nothing left to do.
proc test_report {args} {
    if {[catch {puts [list {*}$args]; flush stdout}]} {
        exit 1
    }
}

proc test_matches {patterns sentence} {
    foreach pattern $patterns {
        if {[string match -nocase *$pattern* $sentence]} {
            return 1
        }
    }
    return [expr {[llength $patterns] == 0}]
}

proc test_has_tag {wanted tags} {
    foreach tag $wanted {
        if {$tag in $tags} {
            return 1
        }
    }
    return 0
}

proc test_selected {sentence tags} {
    if {![test_matches [test_option only] $sentence]} {
        return 0
    }
    if {[test_has_tag [test_option skip-tags] $tags]} {
        return 0
    }
    if {"large-memory" in $tags && ![test_option large-memory]} {
        return 0
    }
    if {"own-server" in $tags && [test_option port]} {
        return 0
    }
    set wanted [test_option tags]
    return [expr {[llength $wanted] == 0 || [test_has_tag $wanted $tags]}]
}

proc test {sentence args} {
    set body [lindex $args end]
    set tags [concat $test::tags [test_option file-tags] {*}[lrange $args 0 end-1]]
    if {![test_selected $sentence $tags]} {
        test_report skip $sentence
        return
    }
    test_report start $sentence
    set variables [uplevel 1 {info vars}]
    set failed [catch {
        server_fresh
        uplevel 1 $body
    } result details]
    if {$failed == 2} {
        set failed 0
    }
    test_close_clients
    uplevel 1 [list unset -nocomplain -- {*}[lmap name [uplevel 1 {info vars}] {
        if {$name in $variables} continue
        set name
    }]]
    if {!$failed} {
        test_report pass $sentence
        return
    }
    test_report fail $sentence [test_explain $result $details][server_last_words $details]
    incr test::failed
    server_check_alive
}

# The message and the place in the test's body.
proc test_explain {message details} {
    if {![dict exists $details -errorinfo]} {
        return $message
    }
    set where ""
    foreach line [split [dict get $details -errorinfo] \n] {
        if {[regexp {^\s+\(.*line \d+\)} $line]} {
            append where "\n[string trim $line]"
        }
        if {[string match {*("uplevel" body*} $line]} {
            break
        }
    }
    return $message$where
}

proc test_close_clients {} {
    foreach name [client_names] {
        client_close $name
    }
}

proc fail {message} {
    return -code error -errorcode ASSERT $message
}

proc assert {condition} {
    if {![uplevel 1 [list expr $condition]]} {
        fail "does not hold: $condition\nthat is:       [test_shorten [uplevel 1 [list subst -nocommands $condition]]]"
    }
}

proc assert_equal {expected actual} {
    if {$expected ne $actual} {
        fail "expected: [test_shorten $expected]\nactual:   [test_shorten $actual]"
    }
}

proc assert_not_equal {unwanted actual} {
    if {$unwanted eq $actual} {
        fail "both are: [test_shorten $actual]"
    }
}

# The pattern is that of [string match].
proc assert_match {pattern actual} {
    if {![string match $pattern $actual]} {
        fail "pattern: [test_shorten $pattern]\nactual:  [test_shorten $actual]"
    }
}

proc assert_no_match {pattern actual} {
    if {[string match $pattern $actual]} {
        fail "unwanted: [test_shorten $pattern]\nactual:   [test_shorten $actual]"
    }
}

# The server answers the script with an error of this text; * and ? are wild.
proc assert_error {pattern script} {
    if {![catch {uplevel 1 $script} result details]} {
        fail "no error from: [test_shorten [uplevel 1 [list subst -nocommands $script]]]\nreply: [test_shorten $result]"
    }
    if {[lindex [dict get $details -errorcode] 0] ne "SERVER"} {
        return -options $details $result
    }
    if {![string match [string map {[ \\[ ] \\]} $pattern] $result]} {
        fail "expected error: $pattern\nactual error:   $result"
    }
}

proc assert_between {low high actual} {
    if {$actual < $low || $actual > $high} {
        fail "$actual is not between $low and $high"
    }
}

# A table of commands of r and their replies, sent in order; an error's text is
# its reply, with "(error) " before it.
proc assert_replies {table} {
    foreach {command expected} [uplevel 1 [list subst -nocommands -nobackslashes $table]] {
        set actual [client_value [r_typed {*}$command]]
        if {![string equal $expected $actual]} {
            fail "command:  [test_shorten $command]\nexpected: [test_shorten $expected]\nactual:   [test_shorten $actual]"
        }
    }
}

proc r_typed {args} {
    client_send r {*}$args
    return [client_read_typed r]
}

proc assert_same_elements {expected actual} {
    assert_equal [lsort $expected] [lsort $actual]
}

proc assert_closed {client} {
    wait_for {[client_closed $client]}
}

# Waits until the condition holds. The limit only ends a test that has failed.
proc wait_for {condition {limit_ms 20000}} {
    set deadline [expr {[clock milliseconds] + $limit_ms}]
    while {![uplevel 1 [list expr $condition]]} {
        if {[clock milliseconds] > $deadline} {
            fail "did not become true in $limit_ms ms: $condition"
        }
        after 5
    }
}

proc test_shorten {text} {
    regsub -all {[^\x20-\x7e\n]} $text . text
    if {[string length $text] > 1000} {
        return "[string range $text 0 499] ... [string range $text end-399 end] ([string length $text] characters)"
    }
    return $text
}

# --- random data ------------------------------------------------------------

proc random_int {below} {
    return [expr {int(rand() * $below)}]
}

proc random_of {list} {
    return [lindex $list [random_int [llength $list]]]
}

proc random_bytes {length} {
    set bytes ""
    for {set i 0} {$i < $length} {incr i} {
        append bytes [format %c [random_int 256]]
    }
    return $bytes
}
