# Keyspace events, as a subscriber sees them.
#
#   messages_of {commands}   each message as "channel payload", in order
#   events_of {commands}     each event as event(key), or event(key@db) outside db 0
#
# events_of also checks that every event came as its two messages, __keyspace
# first. Both end when everything the commands caused has arrived, which they
# know from the subscriber's own PING; events_until waits for a given event
# (an expiry), and returns the events up to and including it.

proc events_subscriber {{pattern __key*__:*}} {
    set subscriber [client_new]
    $subscriber PSUBSCRIBE $pattern
    return $subscriber
}

proc messages_of {commands} {
    set subscriber [events_subscriber]
    uplevel 1 $commands
    set messages [messages_pending $subscriber]
    client_close $subscriber
    return $messages
}

# What the subscriber has been sent so far.
proc messages_pending {subscriber} {
    set messages {}
    client_send $subscriber PING
    while 1 {
        set message [client_read $subscriber]
        if {[lindex $message 0] eq "pong"} {
            return $messages
        }
        lappend messages "[lindex $message end-1] [lindex $message end]"
    }
}

proc events_of {commands} {
    return [events_paired [uplevel 1 [list messages_of $commands]]]
}

proc events_pending {subscriber} {
    return [events_paired [messages_pending $subscriber]]
}

proc events_until {event commands} {
    set subscriber [events_subscriber]
    uplevel 1 $commands
    set events [events_read_until $subscriber $event]
    client_close $subscriber
    return $events
}

proc events_read_until {subscriber event} {
    set messages {}
    while 1 {
        set message [client_read $subscriber]
        lappend messages "[lindex $message end-1] [lindex $message end]"
        if {[string match __keyevent@* [lindex $message end-1]] && [event_name [lindex $messages end]] eq $event} {
            return [events_paired $messages]
        }
    }
}

# "__keyevent@<db>__:<event> <key>" as event(key) or event(key@db)
proc event_name {message} {
    if {![regexp {^__keyevent@(\d+)__:(\S+) (.*)$} $message -> db event key]} {
        fail "not a __keyevent message: $message"
    }
    return "${event}($key[expr {$db == 0 ? "" : "@$db"}])"
}

proc events_paired {messages} {
    set events {}
    foreach {space event} $messages {
        lappend events [event_name $event]
        regexp {^__keyevent@(\d+)__:(\S+) (.*)$} $event -> db name key
        assert_equal "__keyspace@${db}__:$key $name" $space
    }
    return $events
}
