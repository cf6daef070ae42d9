# The programs beside the server under test, connected to the innermost one.
#
#   cli ARGUMENT ...            what redis-cli prints, without the last newline; complaints fail
#   cli_tty ARGUMENT ...        the same, as on a terminal
#   cli_input TEXT ARGUMENT ... the same as cli, with a standard input
#   program_run NAME ARGUMENTS ?INPUT? ?{VARIABLE value ...}?
#                               runs redis-NAME to its end: {status output errors}
#   with_program NAME ARGUMENTS ?{VARIABLE value ...}? BODY
#                               the body runs beside redis-NAME, which is ended behind it;
#                               [program output] is what it has printed so far
#
# An argument that begins with one of < > | & is the shell's, as in [exec].

namespace eval program {
    variable running {}         ;# of the innermost with_program: pid, dir
}

proc program_command {name arguments variables} {
    set command [concat [leash] {env -u REDISCLI_AUTH -u FAKETTY}]
    foreach {variable value} $variables {
        lappend command $variable=$value
    }
    lappend command [file dirname [test_option server]]/redis-$name -h [server host] -p [server port]
    if {[test_option tls]} {
        lappend command {*}[tls_arguments]
    }
    return [concat $command $arguments]
}

proc program_run {name arguments {input ""} {variables {}}} {
    set dir [server_new_dir]
    server_write_file $dir/stdin $input
    set command [program_command $name $arguments $variables]
    set status 0
    if {[catch {exec {*}$command <$dir/stdin >$dir/stdout 2>$dir/stderr} message details]} {
        set status [lindex [dict get $details -errorcode] 2]
    }
    return [list $status [server_file $dir/stdout] [server_file $dir/stderr]]
}

# The output of a run without complaint.
proc program_text {name arguments {input ""} {variables {}}} {
    lassign [program_run $name $arguments $input $variables] status output errors
    if {$status ne "0" || $errors ne ""} {
        fail "redis-$name $arguments: status $status, complaint: $errors$output"
    }
    return [regsub {\n$} $output ""]
}

proc cli {args} {
    return [program_text cli $args]
}

proc cli_tty {args} {
    return [program_text cli $args "" {FAKETTY 1}]
}

proc cli_input {input args} {
    return [program_text cli $args $input]
}

proc benchmark {args} {
    return [program_text benchmark $args]
}

proc program {field} {
    switch -- $field {
        output {return [server_file [dict get $program::running dir]/stdout]}
        errors {return [server_file [dict get $program::running dir]/stderr]}
    }
    return [dict get $program::running $field]
}

proc with_program {name arguments args} {
    set body [lindex $args end]
    set variables [lindex [linsert $args 0 {}] end-1]
    set dir [server_new_dir]
    set outer $program::running
    set command [program_command $name $arguments $variables]
    set chan [open |[concat $command [list >$dir/stdout 2>$dir/stderr]] w]
    set pid [pid $chan]
    test_report server $pid $dir
    set program::running [dict create pid $pid dir $dir]
    set code [catch {uplevel 1 $body} result options]
    set program::running $outer
    if {[server_running $pid]} {
        server_signal TERM $pid
    }
    catch {close $chan}
    test_report gone $pid
    return -options $options $result
}
