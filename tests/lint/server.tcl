# A server to ask, for the checks that compare files with what it answers.
# The program is $SERVER, or the one that was built.

proc server_program {} {
    global env
    if {[info exists env(SERVER)]} { return $env(SERVER) }
    if {[file executable src/redis-server]} { return src/redis-server }
    puts "src/redis-server is not built"
    exit 3
}

# Evaluates body with `sock` connected to a fresh server started with the
# arguments given, on a free port of the loopback; stops that server.
proc with_server {arguments body} {
    upvar 1 sock sock
    set listener [socket -server {apply {args {}}} -myaddr 127.0.0.1 0]
    set port [lindex [fconfigure $listener -sockname] 2]
    close $listener
    set folder [exec mktemp -d]
    set log [open $folder/log w]
    set pid [exec [server_program] {*}$arguments --port $port --dir $folder >@ $log 2>@ $log &]
    close $log
    for {set tries 0} {[catch {socket 127.0.0.1 $port} sock]} {incr tries} {
        if {$tries == 100} {
            puts "the server did not start:\n[read [open $folder/log]]"
            exit 1
        }
        after 50
    }
    fconfigure $sock -translation binary
    set status [catch {uplevel 1 $body} result options]
    close $sock
    exec sh -c "kill $pid" ;# not every system has the program
    file delete -force $folder
    if {$status == 1 && [dict get $options -errorcode] eq "SERVER"} {
        complain $result
        finish
    }
    return -options $options $result
}

# Sends a command and returns its reply: a list for an array, else a string.
proc ask {sock args} {
    puts -nonewline $sock "*[llength $args]\r\n"
    foreach arg $args { puts -nonewline $sock "$[string length $arg]\r\n$arg\r\n" }
    flush $sock
    reply $sock
}

proc reply {sock} {
    set line [string trimright [gets $sock] "\r"]
    set rest [string range $line 1 end]
    switch -- [string index $line 0] {
        + - : { return $rest }
        - { return -code error -errorcode SERVER "the server answers: $rest" }
        $ {
            if {$rest < 0} { return "" }
            set bytes [read $sock $rest]
            read $sock 2
            return $bytes
        }
        * {
            set list {}
            for {set i 0} {$i < $rest} {incr i} { lappend list [reply $sock] }
            return $list
        }
    }
    error "the server answered \"$line\""
}

# What a check finds wrong is printed, and makes its status 1.
set complaints 0
proc complain {what} {
    puts $what
    incr ::complaints
}

proc finish {} { exit [expr {$::complaints > 0}] }

proc lines {file} {
    set channel [open $file]
    set text [read $channel]
    close $channel
    return [split $text \n]
}
