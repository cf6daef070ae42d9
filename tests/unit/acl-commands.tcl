# Every command there is, for users who lack its category, its keys or its channels: each is refused, with the error
# that fits, and ACL LOG names why.

proc walker {name args} {
    r ACL SETUSER $name reset on nopass {*}$args
    set client [client_new]
    $client AUTH $name any
    return $client
}

# name -> its COMMAND INFO, of commands and subcommands that can be called.
proc all_commands {} {
    set commands {}
    foreach info [r COMMAND] {
        set subcommands [lindex $info 9]
        if {[llength $subcommands] == 0 || [lindex $info 0] eq "command"} {
            dict set commands [lindex $info 0] $info
        }
        foreach subcommand $subcommands {
            dict set commands [lindex $subcommand 0] $subcommand
        }
    }
    return $commands
}

# The fewest words it takes, each argument being filler.
proc shortest_call {info filler} {
    set words [split [lindex $info 0] |]
    while {[llength $words] < abs([lindex $info 1])} {
        lappend words $filler
    }
    return $words
}

# A call whose only key, by this specification, is `key`; empty where no rule tells its place.
proc call_with_key {info spec} {
    set begin [dict get $spec begin_search]
    set find [dict get $spec find_keys]
    set words [shortest_call $info 1]
    switch -- [dict get $begin type] {
        index {set at [dict get $begin spec index]}
        keyword {
            set words [list {*}[lrange $words 0 [expr {abs([dict get $begin spec startfrom]) - 1}]] [dict get $begin spec keyword]]
            set at [llength $words]
        }
        default {return}
    }
    switch -- [dict get $find type] {
        range {set key $at}
        keynum {
            while {[llength $words] <= $at + [dict get $find spec keynumidx]} {
                lappend words 1
            }
            lset words [expr {$at + [dict get $find spec keynumidx]}] 1
            set key [expr {$at + [dict get $find spec firstkey]}]
        }
        default {return}
    }
    while {[llength $words] <= $key} {
        lappend words 1
    }
    lset words $key key
    # A 7.0 server looks for no key at all where one of two specifications finds none.
    if {[dict get $find type] eq "range" && ([dict get $find spec limit] > 1 || $words eq "pfmerge key")} {
        lappend words 1
    }
    return $words
}

# Is refused to this client with an error like this; the log says so.
proc refused {client name words error reason object} {
    set code [catch {$client {*}$words} reply]
    if {!$code || ![string match $error $reply]} {
        fail "$name: $words was answered $reply instead of $error"
    }
    set entry [lindex [r ACL LOG 1] 0]
    set logged [list [dict get $entry reason] [dict get $entry object]]
    if {$logged ne [list $reason $object]} {
        fail "$name: $words is in the log as $logged"
    }
}

start_server {enable-module-command local} {
    test {a user without a command's category may not run it} {
        set count 0
        foreach category [r ACL CAT] {
            set clients($category) [walker without:$category allkeys allchannels +@all -@$category]
        }
        dict for {name info} [all_commands] {
            if {"no_auth" in [lindex $info 2]} continue
            foreach category [lindex $info 6] {
                set category [string range $category 1 end]
                refused $clients($category) $name [shortest_call $info x] "*NOPERM *has no permissions to run the '$name' command" command $name
                incr count
            }
        }
        assert {$count > 500}
        foreach category [r ACL CAT] {
            r ACL DELUSER without:$category
        }
    }

    test {a user with a category alone may run what is in it, and nothing else} {
        foreach category [r ACL CAT] {
            r ACL SETUSER walker reset on nopass allkeys allchannels +@$category
            dict for {name info} [all_commands] {
                set allowed [expr {"no_auth" in [lindex $info 2] || "@$category" in [lindex $info 6]}]
                if {!$allowed && [string match *|* $name]} {
                    # A container that is in the category has its subcommands with it.
                    set container [lindex [r COMMAND INFO [lindex [split $name |] 0]] 0]
                    set allowed [expr {"@$category" in [lindex $container 6]}]
                }
                set answer [r ACL DRYRUN walker {*}[shortest_call $info x]]
                assert_equal [list $name $category $allowed] [list $name $category [expr {$answer eq "OK"}]]
            }
        }
        r ACL DELUSER walker
    }

    test {AUTH, HELLO, QUIT and RESET are everybody's} {
        foreach words {{RESET} {AUTH walker x} {HELLO 2} {QUIT}} {
            assert_equal 1 [regexp {^(RESET|OK|server .*)$} [[walker walker] {*}$words]]
        }
        r ACL DELUSER walker
    }

    test {a user without a command's keys may not run it, and each place of a key is looked at} {
        set client [walker walker +@all allchannels ~other ~1]
        set count 0
        dict for {name info} [all_commands] {
            foreach spec [lindex $info 8] {
                if {"not_key" in [dict get $spec flags]} continue
                set words [call_with_key $info $spec]
                if {[llength $words] == 0} continue
                if {[lindex $words 0] eq "xreadgroup"} {
                    set words {XREADGROUP GROUP g c STREAMS key 1}
                } elseif {[lindex $words 0] in {georadius georadiusbymember} && [string match -nocase STORE* [lindex $words end-1]]} {
                    set words [concat [lrange $words 0 end-2] m [lrange $words end-1 end]]
                } elseif {[lindex $words 0] eq "migrate" && [lsearch -nocase $words KEYS] > 0} {
                    set words {MIGRATE 127.0.0.1 1 "" 0 1 KEYS key}
                } elseif {[lindex $words 0] eq "xread"} {
                    set words {XREAD STREAMS key 1}
                }
                refused $client $name $words {NOPERM *o permissions to access *key*} key key
                incr count
            }
        }
        assert {$count > 150}
        r ACL DELUSER walker
    }

    test {a user who may only read does not write, and one who may only write does not read} {
        set reader [walker reader +@all allchannels %R~*]
        set writer [walker writer +@all allchannels %W~*]
        set reads 0
        set writes 0
        dict for {name info} [all_commands] {
            foreach spec [lindex $info 8] {
                set flags [dict get $spec flags]
                set words [call_with_key $info $spec]
                if {"not_key" in $flags || [llength $words] == 0 || [dict get $spec begin_search type] ne "index"} continue
                if {[lindex $words 0] in {xread xreadgroup} || "variable_flags" in $flags} continue
                if {"insert" in $flags || "update" in $flags || "delete" in $flags} {
                    assert_match "$name *o permissions to access the*key" "$name [r ACL DRYRUN reader {*}$words]"
                    incr writes
                }
                if {"access" in $flags} {
                    assert_match "$name *o permissions to access the*key" "$name [r ACL DRYRUN writer {*}$words]"
                    incr reads
                }
            }
        }
        assert {$reads > 50 && $writes > 50}
        r ACL DELUSER reader writer
    }

    test {a user without a command's channels may not run it} {
        set client [walker walker +@all allkeys &other]
        foreach {words channel} {
            {PUBLISH c m} c         {SPUBLISH c m} c        {SUBSCRIBE other c} c       {SSUBSCRIBE c} c
            {PSUBSCRIBE o*} o*      {PSUBSCRIBE other c*} c*
        } {
            set name [string tolower [lindex $words 0]]
            refused $client $name $words {NOPERM *o permissions to access *channel*} channel $channel
        }
        # There is no other command that would need one.
        dict for {name info} [all_commands] {
            if {$name in {publish spublish subscribe ssubscribe psubscribe}} continue
            assert_equal "$name OK" "$name [r ACL DRYRUN walker {*}[shortest_call $info x]]"
        }
        r ACL DELUSER walker
    }
}
