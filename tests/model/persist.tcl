# What is kept on disk: after some thousand commands the server under test saves,
# reloads, rewrites and replays what it has, and its digest must stay; then each
# side reads the other's RDB file, and both must have the same data.

namespace eval persist {
    variable next 0        ;# the index of the command before which it is looked at again
    variable seen          ;# side -> bytes of its append only file that were looked at
    variable waits 300     ;# how often to look whether a child has ended, every 50 ms
}

proc persist_is_due {} {
    set every [dict get $model::options persist]
    if {!$every || $model::index < $persist::next} {
        return 0
    }
    set persist::next [expr {$model::index + $every}]
    return 1
}

proc persist_expect {what wanted found} {
    if {$wanted eq $found} {
        incr model::passed
        return
    }
    incr model::failed
    puts "FAIL  seed [dict get $model::options seed], command $model::index: $what"
    foreach {side these others} [list wanted $wanted $found found $found $wanted] {
        foreach one $these {
            if {$one ni $others} {
                puts "      $side: [string range $one 0 1000]"
            }
        }
    }
}

proc persist_wait {client field} {
    for {set i 0} {[server_info $field $client]} {incr i} {
        if {$i > $persist::waits} {
            error "the child does not end"
        }
        after 50
    }
}

# Everything that can be read of a key.
proc persist_describe {client key} {
    set type [$client TYPE $key]
    switch -- $type {
        string {set value [$client GET $key]}
        list {set value [$client LRANGE $key 0 -1]}
        set {set value [lsort [$client SMEMBERS $key]]}
        hash {set value [persist_sorted_pairs [$client HGETALL $key]]}
        zset {set value [$client ZRANGE $key 0 -1 WITHSCORES]}
        stream {set value [persist_describe_stream $client $key]}
        default {set value ""}
    }
    set encoding [$client OBJECT ENCODING $key]
    if {$type in {list set} && $encoding ne "intset" || $type eq "string"} {
        set encoding "" ;# the reference has no listpacks for these yet; a number may be held as text
    }
    return [list $key $type $encoding [$client PEXPIRETIME $key] $value]
}

proc persist_sorted_pairs {flat} {
    set pairs {}
    foreach {field value} $flat {
        lappend pairs [list $field $value]
    }
    return [lsort $pairs]
}

proc persist_describe_stream {client key} {
    set value [list [$client XRANGE $key - +]]
    foreach field {length last-generated-id max-deleted-entry-id entries-added} {
        lappend value [dict get [$client XINFO STREAM $key] $field]
    }
    foreach group [$client XINFO GROUPS $key] {
        set name [dict get $group name]
        lappend value $name [dict get $group last-delivered-id] [dict get $group entries-read]
        foreach pending [$client XPENDING $key $name - + 10000] {
            lassign $pending id consumer idle deliveries
            lappend value [list $id $consumer $deliveries]
        }
    }
    return $value
}

# The data of all databases; RESP2 keeps the shapes of both sides alike.
proc persist_content {client} {
    set content {}
    $client HELLO 2
    for {set db 0} {$db < 16} {incr db} {
        $client SELECT $db
        foreach key [lsort [$client KEYS *]] {
            lappend content [list $db [persist_describe $client $key]]
        }
    }
    $client SELECT 0
    $client HELLO $model::protocol
    return $content
}

# Where the digest is another, the data say why.
proc persist_same {what digest content} {
    set client $model::commander(server)
    set found [$client DEBUG DIGEST]
    if {$found ne $digest} {
        persist_expect "the data after $what" $content [persist_content $client]
    }
    persist_expect "the digest after $what" $digest $found
}

# The server under test alone: nothing of what it does may change its digest.
proc persist_check_own {} {
    set client $model::commander(server)
    set digest [$client DEBUG DIGEST]
    set content [persist_content $client]
    $client CONFIG SET rdb-version 12
    $client DEBUG RELOAD
    persist_same "a reload" $digest $content
    $client CONFIG SET rdb-version 10
    $client DEBUG LOADAOF
    persist_same "the AOF was replayed" $digest $content
    foreach preamble {no yes} {
        $client CONFIG SET aof-use-rdb-preamble $preamble
        $client BGREWRITEAOF
        persist_wait $client aof_rewrite_in_progress
        $client DEBUG LOADAOF
        persist_same "a rewrite (preamble $preamble)" $digest $content
    }
}

proc persist_hand_over {from to} {
    $model::commander($from) SAVE
    file copy -force [server dir $model::handles($from)]/dump.rdb [server dir $model::handles($to)]/dump.rdb
    set before [persist_content $model::commander($from)]
    $model::commander($to) DEBUG RELOAD NOSAVE
    persist_expect "what the $to makes of the RDB file of the $from" $before \
        [persist_content $model::commander($to)]
}

# --- the commands in the append only file ---------------------------------------------

# What was appended on a side since the last look, as a list of commands.
proc persist_appended {side} {
    set text ""
    foreach path [lsort [glob -nocomplain [server dir $model::handles($side)]/appendonlydir/*.incr.aof]] {
        append text [server_file $path]
    }
    set fresh [string range $text $persist::seen($side) end]
    set persist::seen($side) [string length $text]
    set commands {}
    set at 0
    while {$at < [string length $fresh]} {
        lappend commands [persist_read_command $fresh at]
    }
    return $commands
}

proc persist_read_count {text atVariable} {
    upvar 1 $atVariable at
    set end [string first \r\n $text $at]
    set count [string range $text $at+1 $end-1]
    set at [expr {$end + 2}]
    return $count
}

proc persist_read_command {text atVariable} {
    upvar 1 $atVariable at
    set words {}
    for {set left [persist_read_count $text at]} {$left > 0} {incr left -1} {
        set length [persist_read_count $text at]
        lappend words [string range $text $at [expr {$at + $length - 1}]]
        set at [expr {$at + $length + 2}]
    }
    return $words
}

# What may differ: the moment (of a deadline, of an ID), members that chance chose,
# how many of them a command removes, and what 7.2 says otherwise than 7.0: that a
# consumer is made. A transaction of one command is none.
proc persist_normal {commands} {
    set normal {}
    foreach words $commands {
        set name [string tolower [lindex $words 0]]
        set words [lreplace $words 0 0 $name]
        if {$name in {multi exec select}} {
            continue
        } elseif {$name eq "xgroup" && [string equal -nocase [lindex $words 1] createconsumer]} {
            continue
        } elseif {$name eq "srem" && [lindex $normal end] eq [list srem [lindex $words 1]]} {
            continue
        } elseif {$name eq "srem"} {
            set words [lrange $words 0 1]
        } elseif {$name in {geoadd zadd}} {
            set words [list zadd [lindex $words 1]] ;# the reference writes a GEOADD as the ZADD that it is
        } elseif {$name in {del unlink} && [llength $words] == 2} {
            set words [list del [lindex $words 1]]
        }
        lappend normal [lmap word $words {persist_normal_word $word}]
    }
    return $normal
}

proc persist_normal_word {word} {
    if {[regexp {^\d{13}(-\d+)?$} $word]} {
        return <moment>
    }
    return $word
}

proc persist_compare_appended {} {
    if {![dict get $model::options persist]} {
        return
    }
    set ours [persist_normal [persist_appended server]]
    set theirs [persist_normal [persist_appended reference]]
    if {$ours eq $theirs} {
        incr model::passed
        return
    }
    incr model::failed
    puts "FAIL  seed [dict get $model::options seed], batch at command $model::index: what is appended"
    foreach one $ours other $theirs {
        if {$one ne $other} {
            puts "      server:    [string range $one 0 500]"
            puts "      reference: [string range $other 0 500]"
            break
        }
    }
}

proc persist_check {} {
    persist_check_own
    persist_hand_over server reference
    persist_hand_over reference server
    connect_sides
}
