# A RESP2/RESP3 client.
#
# client_new opens a connection and returns a command:  [client_new] SET k v
# sends one command and returns its reply, or throws the server's error (error
# code SERVER). Underneath, client_send and client_read do the two halves, so
# that a test can pipeline; client_write sends raw bytes.
#
# Replies as values: bulk, simple, integer and double as text; arrays and sets
# as lists; maps as flat lists of keys and values; null as (nil); booleans as
# (true) and (false); an error inside an array as "(error) text". Pushes are
# kept aside, in order, for client_push.
#
# Replies with their types (client_read_typed) are pairs {type payload}, where
# type is the protocol's character, and $- or *- for RESP2's two nulls.
# Arguments and replies are bytes; whoever wants UTF-8 converts.

namespace eval client {
    variable last 0
    variable patience_ms 30000      ;# how long a reply may take before it counts as missing
    variable ready                  ;# what client_await waits for
    variable fds
    variable peeked
    variable pushes
    variable ports
}

# To the innermost server, or to -host H -port P; a name is made up unless -name
# gives one. -tls {options of tls_connect} is a TLS connection, as all are with run.tcl --tls.
proc client_new {args} {
    if {![dict exists $args -port]} {
        lappend args -host [server host] -port [server port]
    }
    set address [list [dict get $args -host] [dict get $args -port]]
    if {[test_option tls] || [dict exists $args -tls]} {
        set options [expr {[dict exists $args -tls] ? [dict get $args -tls] : ""}]
        set fd [tls_connect {*}$address {*}$options]
    } else {
        set fd [socket {*}$address]
    }
    set name [expr {[dict exists $args -name] ? [dict get $args -name] : "client[incr client::last]"}]
    client_adopt $name $fd
    set client::ports($name) [lindex [fconfigure $fd -sockname] 2]
    return $name
}

# A client that reads the given bytes, as if a server had sent them.
proc client_from_bytes {bytes} {
    set fd [file tempfile path]
    file delete $path
    set name bytes[incr client::last]
    client_adopt $name $fd
    client_write $name $bytes
    seek $fd 0
    return $name
}

proc client_adopt {name fd} {
    fconfigure $fd -translation binary -buffering full -buffersize 65536 -blocking 0
    set client::fds($name) $fd
    set client::peeked($name) ""
    set client::pushes($name) {}
    set client::ports($name) 0
    interp alias {} $name {} client_call $name
}

proc client_close {name} {
    catch {close $client::fds($name)}
    unset client::fds($name) client::peeked($name) client::pushes($name) client::ports($name)
    interp alias {} $name {}
}

proc client_names {} {
    return [array names client::fds]
}

# The address by which the server knows this connection.
proc client_address {name} {
    return 127.0.0.1:$client::ports($name)
}

proc client_call {name args} {
    client_send $name {*}$args
    return [client_read $name]
}

proc client_encode {args} {
    set bytes "*[llength $args]\r\n"
    foreach argument $args {
        append bytes "\$[string length $argument]\r\n$argument\r\n"
    }
    return $bytes
}

# The bytes of a RESP3 push of bulk strings.
proc client_push_bytes {args} {
    return >[string range [client_encode {*}$args] 1 end]
}

proc client_send {name args} {
    client_write $name [client_encode {*}$args]
}

proc client_write {name bytes} {
    set fd $client::fds($name)
    fconfigure $fd -blocking 1
    puts -nonewline $fd $bytes
    flush $fd
    fconfigure $fd -blocking 0
}

# The next reply that is not a push; throws if it is an error.
proc client_read {name} {
    set reply [client_read_typed $name]
    if {[lindex $reply 0] eq "-"} {
        return -code error -errorcode SERVER [lindex $reply 1]
    }
    return [client_value $reply]
}

proc client_read_typed {name} {
    while 1 {
        set reply [client_parse $name]
        if {[lindex $reply 0] ne ">"} {
            return $reply
        }
        lappend client::pushes($name) [client_value $reply]
    }
}

# The replies to a batch of commands, errors as values. One write, many reads.
proc client_pipeline {name commands} {
    set bytes ""
    foreach command $commands {
        append bytes [client_encode {*}$command]
    }
    client_write $name $bytes
    set replies {}
    foreach command $commands {
        lappend replies [client_value [client_read_typed $name]]
    }
    return $replies
}

# The oldest push not yet taken; waits for one if there is none.
proc client_push {name} {
    if {[llength $client::pushes($name)] > 0} {
        set client::pushes($name) [lassign $client::pushes($name) push]
        return $push
    }
    set reply [client_parse $name]
    if {[lindex $reply 0] ne ">"} {
        return -code error "expected a push, got $reply"
    }
    return [client_value $reply]
}

# Pushes that arrived ahead of replies already read.
proc client_pushes {name} {
    set pushes $client::pushes($name)
    set client::pushes($name) {}
    return $pushes
}

# Is there something to read? Never waits.
proc client_pending {name} {
    if {$client::peeked($name) eq ""} {
        set client::peeked($name) [read $client::fds($name) 1]
    }
    return [expr {$client::peeked($name) ne ""}]
}

# Did the server close the connection? Never waits; drops what was still unread.
proc client_closed {name} {
    return [expr {[catch {read $client::fds($name)}] || [eof $client::fds($name)]}]
}

# The next bytes from the server are exactly these.
proc client_expect {name bytes} {
    set got $client::peeked($name)
    set client::peeked($name) ""
    append got [client_bytes $name [expr {[string length $bytes] - [string length $got]}]]
    assert_equal $bytes $got
}

# Everything the server sends until it closes the connection, as bytes.
proc client_drain {name} {
    set fd $client::fds($name)
    set bytes $client::peeked($name)
    while {![catch {read $fd} chunk]} {
        append bytes $chunk
        if {[eof $fd]} {
            break
        }
        client_await $name
    }
    return $bytes
}

# Waits until there is something to read, or the end.
proc client_await {name} {
    set fd $client::fds($name)
    if {[eof $fd]} {
        return -code error -errorcode CLOSED "the server closed the connection"
    }
    fileevent $fd readable {set client::ready 1}
    set timer [after $client::patience_ms {set client::ready 0}]
    vwait client::ready
    after cancel $timer
    fileevent $fd readable {}
    if {!$client::ready} {
        return -code error -errorcode SILENT "no reply in $client::patience_ms ms"
    }
}

# A line, without its end.
proc client_line {name} {
    set fd $client::fds($name)
    while {[client_try {gets $fd line}] < 0} {
        client_await $name
    }
    if {$client::peeked($name) ne ""} {
        set line $client::peeked($name)$line
        set client::peeked($name) ""
    }
    if {[string index $line end] ne "\r"} {
        return -code error "a line without CR: $line"
    }
    return [string range $line 0 end-1]
}

# So many bytes.
proc client_bytes {name count} {
    set fd $client::fds($name)
    set bytes ""
    while 1 {
        append bytes [client_try {read $fd [expr {$count - [string length $bytes]}]}]
        if {[string length $bytes] == $count} {
            return $bytes
        }
        client_await $name
    }
}

# A reset connection is a closed one.
proc client_try {script} {
    if {[catch {uplevel 1 $script} result]} {
        return -code error -errorcode CLOSED "the server closed the connection"
    }
    return $result
}

proc client_bulk {name length} {
    set bytes [client_bytes $name [expr {$length + 2}]]
    if {[string range $bytes end-1 end] ne "\r\n"} {
        return -code error "a bulk of $length bytes without CRLF"
    }
    return [string range $bytes 0 end-2]
}

# One reply or push as {type payload}.
proc client_parse {name} {
    set line [client_line $name]
    set type [string index $line 0]
    set rest [string range $line 1 end]
    switch -- $type {
        + - - - : - , - ( - \# - _ {
            return [list $type $rest]
        }
        $ - = - ! {
            if {$rest == -1} {
                return [list ${type}- {}]
            }
            return [list $type [client_bulk $name $rest]]
        }
        * - ~ - > - % {
            if {$rest == -1} {
                return [list ${type}- {}]
            }
            set count [expr {$type eq "%" ? 2 * $rest : $rest}]
            set elements {}
            for {set i 0} {$i < $count} {incr i} {
                lappend elements [client_parse $name]
            }
            return [list $type $elements]
        }
    }
    return -code error "not a reply: $line"
}

proc client_value {reply} {
    lassign $reply type payload
    switch -- $type {
        _ - $- - *- {
            return (nil)
        }
        \# {
            return [expr {$payload eq "t" ? "(true)" : "(false)"}]
        }
        - - ! {
            return "(error) $payload"
        }
        = {
            return [string range $payload 4 end]
        }
        * - ~ - > - % {
            return [lmap element $payload {client_value $element}]
        }
    }
    return $payload
}
