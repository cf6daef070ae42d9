#!/usr/bin/env tclsh
# The differential model: the same random commands go to the server under test
# and to a reference; replies and notifications must agree. What may differ is
# listed, with reasons, in compare.tcl; the commands are in families/.

set folder [file dirname [file normalize [info script]]]
foreach name {leash client test server} {
    source $folder/../support/$name.tcl
}
foreach name {generate compare persist} {
    source $folder/$name.tcl
}

namespace eval model {
    variable options {
        server {} reference /usr/bin/redis-server commands 20000 seed 0 family {} batch 200 protocol {2 3}
        set {} config {} max-reports 20 persist 0
    }
    variable sides {server reference}
    variable passed 0
    variable failed 0
    variable index 0            ;# of the first command of the batch
    variable history {}         ;# commands since the databases were last emptied
    variable longest_history 3000
    variable handles            ;# side -> server
    variable commander          ;# side -> the connection that sends the commands
    variable subscriber         ;# side -> the connection that listens
    variable protocol           ;# of the run
    variable remains            ;# what a side has sent so far of the batch's replies or messages
}

proc usage {} {
    puts {usage: tests/model/run.tcl [options]
  --server PATH          the server under test (default: src/redis-server)
  --reference PATH       the server to compare with (default: /usr/bin/redis-server)
  --commands N           how many commands in all (default 20000)
  --seed S               of the random commands (default: the clock)
  --family F[,F]         only these families of commands (default: all)
  --protocol 2|3         only this protocol (default: half of the commands in each)
  --batch N              commands in flight at a time (default 200)
  --set NAME=VALUE       a directive for the server under test alone
  --config "NAME VALUE"  a directive for both, such as a threshold that is seldom reached otherwise
  --persist N            every N commands save, reload, rewrite, replay, and exchange RDB files
  --max-reports N        differences to print in full (default 20)}
    puts "families: [join [model_families] ", "]"
}

proc parse_arguments {arguments} {
    variable model::options
    foreach {name value} $arguments {
        set name [string range $name 2 end]
        if {![dict exists $options $name] || $value eq ""} {
            usage
            exit 2
        }
        if {$name eq "set"} {
            dict lappend options set {*}[split $value =]
        } elseif {$name eq "config"} {
            dict lappend options config {*}$value
        } else {
            dict set options $name [split $value ,]
        }
    }
    if {[dict get $options server] eq ""} {
        dict set options server [file normalize $::folder/../../src/redis-server]
    }
    if {![dict get $options seed]} {
        dict set options seed [expr {[clock milliseconds] % 1000000 + 1}]
    }
    if {[dict get $options family] eq ""} {
        dict set options family [model_families]
    }
}

# --- servers ----------------------------------------------------------------------

# The runner of the suites is not there to be told.
proc test_report {args} {
}

proc start_sides {} {
    foreach side $model::sides {
        dict set test::options server [dict get $model::options $side]
        set directives [concat proto-max-bulk-len 1mb [dict get $model::options config]]
        if {[dict get $model::options persist]} {
            lappend directives appendonly yes
        }
        if {$side eq "server"} {
            lappend directives {*}[dict get $model::options set]
            if {[dict get $model::options persist]} {
                lappend directives notify-expired-on-load no rdb-version 10
            }
        }
        set model::handles($side) [server_start $directives]
    }
}

proc stop_sides {} {
    foreach side $model::sides {
        if {[catch {server_stop $model::handles($side)} trouble]} {
            puts "FAIL  $side: $trouble"
            incr model::failed
        }
    }
}

# Fresh connections, empty databases, every event on, expiry only by access.
proc connect_sides {} {
    test_close_clients
    set model::history {}
    set generate::strays {}
    array set persist::seen {server 0 reference 0}
    foreach side $model::sides {
        set port [server port $model::handles($side)]
        set commander [client_new -host 127.0.0.1 -port $port]
        set subscriber [client_new -host 127.0.0.1 -port $port]
        $commander FLUSHALL
        $commander CONFIG SET notify-keyspace-events KEAmn
        $commander DEBUG SET-ACTIVE-EXPIRE 0
        $commander HELLO $model::protocol
        $subscriber HELLO $model::protocol
        foreach pattern {__key*__:* pub:*} {
            client_send $subscriber PSUBSCRIBE $pattern
            client_parse $subscriber
        }
        set model::commander($side) $commander
        if {[dict get $model::options persist]} {
            persist_appended $side
        }
        set model::subscriber($side) $subscriber
    }
}

# --- batches ----------------------------------------------------------------------

# Bytes up to and including the marker; what came instead is left in model::remains.
proc read_until {client marker} {
    set fd $client::fds($client)
    set last [expr {[string length $marker] - 1}]
    set model::remains ""
    while 1 {
        append model::remains [client_try {read $fd}]
        if {[string range $model::remains end-$last end] eq $marker} {
            return $model::remains
        }
        client_await $client
    }
}

# Sends one batch to both sides; the replies and the messages of each side, as bytes.
proc exchange {commands} {
    set marker marker:$model::index
    set bytes ""
    foreach command $commands {
        append bytes [client_encode {*}$command]
    }
    append bytes [client_encode RESET] [client_encode HELLO $model::protocol] [client_encode ECHO $marker]
    foreach side $model::sides {
        client_write $model::commander($side) $bytes
    }
    foreach side $model::sides {
        lappend replies [read_until $model::commander($side) $marker\r\n]
        client_send $model::subscriber($side) PING $marker
        lappend messages [read_until $model::subscriber($side) $marker\r\n]
    }
    return [list $replies $messages]
}

proc run_batch {} {
    set commands [generate_batch [dict get $model::options batch]]
    lappend model::history {*}$commands
    if {[catch {exchange $commands} result]} {
        report_silence $result $commands
        return 0
    }
    lassign $result replies messages
    persist_compare_appended
    set agreed [expr {[compare_replies $commands {*}$replies] && [compare_messages $commands {*}$messages]}]
    incr model::index [llength $commands]
    if {!$agreed || [llength $model::history] > $model::longest_history} {
        connect_sides
    }
    return 1
}

# The commands a side had answered tell which one it was busy with.
proc report_silence {message commands} {
    incr model::failed
    set answered [llength [parse_stream $model::remains]]
    puts "FAIL  seed [dict get $model::options seed]: $message"
    puts "      after $answered replies of the batch at command $model::index; the next commands:"
    foreach command [lrange $commands $answered-2 $answered+2] {
        puts "        [show $command]"
    }
    foreach side $model::sides {
        puts "      end of the $side's log:\n[string range [server log $model::handles($side)] end-1500 end]"
    }
}

proc run_protocol {protocol commands} {
    set model::protocol $protocol
    connect_sides
    set end [expr {$model::index + $commands}]
    while {$model::index < $end} {
        if {![run_batch]} {
            return 0
        }
        if {[persist_is_due]} {
            persist_check
        }
    }
    return 1
}

proc main {arguments} {
    set client::patience_ms 20000
    fconfigure stdout -encoding utf-8 -buffering line
    parse_arguments $arguments
    variable model::options
    set seed [dict get $options seed]
    puts "seed $seed, families [join [dict get $options family] ,]"
    expr {srand($seed)}
    foreach family [dict get $options family] {
        source $::folder/families/$family.tcl
    }
    set dir [exec mktemp -d [file join /tmp tocsin-model.XXXXXX]]
    set test::options [dict create dir $dir port 0 tls 0]
    start_sides
    set protocols [dict get $options protocol]
    foreach protocol $protocols {
        if {[catch {run_protocol $protocol [expr {[dict get $options commands] / [llength $protocols]}]} more]} {
            puts "FAIL  $::errorInfo"
            incr model::failed
            break
        } elseif {!$more} {
            break
        }
    }
    test_close_clients
    stop_sides
    file delete -force $dir
    puts "$model::passed passed, $model::failed failed"
    exit [expr {$model::failed > 0}]
}

main $argv
