# Are the two sides' answers the same?
#
# Bytes that are equal agree. Otherwise replies are compared one by one, and a
# rule may say that a command's replies agree although they are not identical.

namespace eval compare {
    # {command reason test}: the command matches the glob (on its words, joined,
    # whatever their case) and, with the replies a and b, the test holds.
    variable rules {
        {TTL *}             {the clocks are read at different moments}  {near 2 $a $b}
        {EXPIRETIME *}      {the clocks are read at different moments}  {near 2 $a $b}
        {PTTL *}            {the clocks are read at different moments}  {near 3000 $a $b}
        {PEXPIRETIME *}     {the clocks are read at different moments}  {near 3000 $a $b}
        {OBJECT IDLETIME *} {the clocks are read at different moments}  {near 3 $a $b}
        {TIME}              {the clocks are read at different moments}  {near 5 [lindex $a 1 0] [lindex $b 1 0]}
        {KEYS *}            {the order of keys is free}                 {same_elements $a $b}
        {SMEMBERS *}        {the order of members is free}              {same_elements $a $b}
        {SINTER *}          {the order of members is free}              {same_elements $a $b}
        {SUNION *}          {the order of members is free}              {same_elements $a $b}
        {SDIFF *}           {the order of members is free}              {same_elements $a $b}
        {SPOP *}            {the order of members is free}              {same_elements $a $b}
        {SRANDMEMBER *}     {any members will do}                       {same_draw $a $b}
        {SSCAN *}           {the order of members and the cursors are free}  {same_collection_scan 1 $command $a $b}
        {SORT * BY w_* ALPHA*}  {the order of equal texts is free}      {same_draw $a $b}
        {OBJECT ENCODING *} {since 7.2 a small set is a listpack}       {small_set $a $b}
        {OBJECT ENCODING *} {the reference's SORT makes a small sorted set a large one}  {sorted_zset $a $b}
        {PUBSUB *CHANNELS*} {the order of channels is free}             {same_elements $a $b}
        {CONFIG GET *}      {the order of directives is free}           {same_pairs $a $b}
        {OBJECT REFCOUNT *} {values are never shared}               {shared_there $a $b}
        {OBJECT ENCODING *} {since 7.2 a small list is a listpack}      {small_list $a $b}
        {LPOS *RANK -9223372036854775808*}  {since 7.2 the least integer is refused}
            {string match {- {ERR value is out of range, value must between*}} $a}
        {RANDOMKEY}         {any key will do}                           {both_keys $a $b}
        {SCAN *}            {the order of keys and the cursors are free}  {same_scan $command $a $b}
        {HGETALL *}         {the order of a large hash is free}         {same_pairs $a $b}
        {HKEYS *}           {the order of a large hash is free}         {same_elements $a $b}
        {HVALS *}           {the order of a large hash is free}         {same_elements $a $b}
        {HRANDFIELD *}      {any fields will do}                        {same_draw $a $b}
        {HSCAN *}           {the order of a large hash and the cursors are free}  {same_collection_scan 2 $command $a $b}
        {Z*}                {only a large sorted set keeps the sign of a zero, and not what was small before; 7.2 prints the fewest digits}
            {same_scores $a $b}
        {BZ*}               {the same; 7.2 has another text for a timeout that is too large}
            {same_scores $a $b}
        {ZSCAN *}           {the order of a large sorted set and the cursors are free}  {same_collection_scan 2 $command $a $b}
        {GEO*}              {without ASC or DESC the order is free}     {same_elements $a $b}
        {PF*}               {a run that is cut off is corrupt, the reference reads a byte beyond the end}
            {string match {- {INVALIDOBJ *}} $a}
        {BITCOUNT *}        {since 7.2 wrong arguments are refused for an absent key, too}  {refused_not {{: 0}} $a $b}
        {BITPOS *}          {since 7.2 wrong arguments are refused for an absent key, too}
            {refused_not {{: 0} {: -1}} $a $b}
        {CLIENT ID}         {numbers of connections are free}           {same_types $a $b}
        {CLIENT INFO*}      {numbers and sizes differ, 7.2 added lib-name and lib-ver}  {same_fields $a $b}
        {CLIENT LIST*}      {numbers and sizes differ, 7.2 added lib-name and lib-ver}  {same_fields $a $b}
        {HELLO*}            {the version and the connection's number differ}  {same_hello $a $b}
        {CONFIG GET *notify*}  {n is printed beside A, so that CONFIG REWRITE keeps it}
            {same_pairs [without_n $a] [without_n $b]}
        {ACL DRYRUN *}      {since 7.2 a refusal names the user; the reference ends a key at its first NUL}
            {same_denial $a $b}
        {ACL GETUSER *}     {since 7.2 rules for commands are kept as they were given, and sanitize-payload is the default; %RW~* is told from ~*}
            {same_user $a $b}
        {CONFIG SET *}      {the text for an unknown letter lists the letters known}
            {same_refusal $a $b}
    }
    # The same for answers behind which the two sides no longer hold the same: they
    # agree, but the rest of the batch is not compared and the databases are emptied.
    variable partings {
        {GEO*}  {at the edges of the map, where scores lie that are no points, the reference overlooks points}
            {overlooked $a $b}
        {SORT*} {the reference remembers that a number was out of range}  {stale_range $a $b}
    }
    # {event reason}: messages of these events are left out on both sides.
    variable silent_events {
        setbit  {published only if a bit changed or the string grew, as 7.2 does}
    }
    variable seen           ;# command name -> number of differences
    array set seen {}
}

# --- what the rules are made of -------------------------------------------------------

proc near {tolerance a b} {
    lassign $a type x
    lassign $b other y
    return [expr {$type eq $other && [string is entier -strict $x] && [string is entier -strict $y]
        && ($x < 0) == ($y < 0) && abs($x - $y) <= $tolerance}]
}

proc same_denial {a b} {
    set named [regsub {^User \S+ has} [lindex $a 1] {This user has}]
    return [expr {[regsub {\x00[^']*'} $named '] eq [lindex $b 1]}]
}

# A user but for its rules for commands, and those of its selectors.
proc same_user {a b} {
    foreach reply [list $a $b] {
        set user {}
        foreach {name value} [lindex $reply 1] {
            dict set user [lindex $name 1] $value
        }
        set rest [list [lsearch -all -inline -not [lmap flag [lindex [dict get $user flags] 1] {lindex $flag 1}] *sanitize*]]
        foreach name {passwords keys channels} {
            lappend rest [string map {%RW~* ~*} [dict get $user $name]]
        }
        foreach selector [lindex [dict get $user selectors] 1] {
            lappend rest [string map {%RW~* ~*} [lrange [lindex $selector 1] 2 end]]
        }
        lappend seen $rest
    }
    return [expr {[lindex $seen 0] eq [lindex $seen 1]}]
}

proc same_elements {a b} {
    return [expr {[lindex $a 0] eq [lindex $b 0] && [lsort [lindex $a 1]] eq [lsort [lindex $b 1]]}]
}

# Numbers of many digits by the double they stand for.
proc same_scores {a b} {
    set zeros {{, -0} {, 0} {{$} -0} {{$} 0}}
    foreach reply [list $a $b] {
        set reply [string map $zeros $reply]
        foreach range [lreverse [regexp -all -inline -indices -- {-?[0-9.]{16,}(?:e[-+]?[0-9]+)?|-?[0-9.]+e[-+]?[0-9]+} $reply]] {
            set digits [string range $reply {*}$range]
            if {[string is double -strict $digits]} {
                set reply [string replace $reply {*}$range [expr {double($digits)}]]
            }
        }
        lappend same $reply
    }
    return [expr {[lindex $same 0] eq [lindex $same 1] || [string match {*timeout is out of range*} $a]}]
}

proc same_pairs {a b} {
    if {[lindex $a 0] ni {* %} || [lindex $a 0] ne [lindex $b 0]} {
        return 0
    }
    return [expr {[lsort -stride 2 [lindex $a 1]] eq [lsort -stride 2 [lindex $b 1]]}]
}

proc without_n {reply} {
    return [list [lindex $reply 0] [lmap element [lindex $reply 1] {
        list [lindex $element 0] [expr {[string match A* [lindex $element 1]]
            ? [string map {n ""} [lindex $element 1]] : [lindex $element 1]}]
    }]]
}

proc same_refusal {a b} {
    foreach reply [list $a $b] {
        if {![string match {*'notify-keyspace-events') - Invalid event class character*} $reply]} {
            return 0
        }
    }
    return 1
}

proc both_keys {a b} {
    foreach reply [list $a $b] {
        if {[lindex $reply 0] ne "$" || [lindex $reply 1] ni [generate::allkeys]} {
            return 0
        }
    }
    return 1
}

# Only other families give members scores that are no points.
proc overlooked {a b} {
    set families [dict get $model::options family]
    lassign $a type x
    lassign $b other y
    return [expr {("zsets" in $families || "zset_combine" in $families) && $type eq $other
        && ($type eq ":" ? $x > $y : $type eq "*" && [llength $x] >= [llength $y])}]
}

proc refused_not {answers a b} {
    return [expr {[lindex $a 0] eq "-" && $b in $answers}]
}

# The reference shares small integers.
proc shared_there {a b} {
    return [expr {$a eq ": 1" && $b eq ": 2147483647"}]
}

proc small_list {a b} {
    return [expr {[lindex $a 1] eq "listpack" && [lindex $b 1] eq "quicklist"}]
}

# Alone, the family of SORT sees to it that none is.
proc stale_range {a b} {
    return [expr {[llength [dict get $model::options family]] > 1 && [lindex $a 0] ne "-"
        && $b eq {- {ERR One or more scores can't be converted into double}}}]
}

# A hash that is a listpack is one there, too: only sets may differ.
proc sorted_zset {a b} {
    return [expr {"sort" in [dict get $model::options family]
        && [lindex $a 1] eq "listpack" && [lindex $b 1] eq "skiplist"}]
}

proc small_set {a b} {
    set families [dict get $model::options family]
    return [expr {("sets" in $families || "zset_combine" in $families)
        && [lindex $a 1] eq "listpack" && [lindex $b 1] eq "hashtable"}]
}

# Elements at random: as many, and of the same types.
proc same_draw {a b} {
    if {[lindex $a 0] ne [lindex $b 0] || [lindex $a 0] eq "-"} {
        return 0
    }
    return [expr {[lindex $a 0] ne "*" || [lmap element [lindex $a 1] {lindex $element 0}] eq [lmap element [lindex $b 1] {lindex $element 0}]}]
}

proc sort_parts {parts elements} {
    return [expr {$parts > 1 ? [lsort -stride $parts $elements] : [lsort $elements]}]
}

# A walk over a collection whose elements are so many parts each; from 0 with a
# large COUNT it returns everything at once.
proc same_collection_scan {parts command a b} {
    foreach reply [list $a $b] {
        if {[lindex $reply 0] ne "*" || [llength [lindex $reply 1]] != 2
                || [llength [lindex $reply 1 1 1]] % $parts != 0} {
            return 0
        }
    }
    if {[lindex $command 2] == 0 && [lrange $command end-1 end] eq {COUNT 1000}} {
        return [expr {[lindex $a 1 0 1] == 0 && [lindex $b 1 0 1] == 0
            && [sort_parts $parts [lindex $a 1 1 1]] eq [sort_parts $parts [lindex $b 1 1 1]]}]
    }
    return 1
}

proc same_types {a b} {
    return [expr {[lindex $a 0] eq [lindex $b 0] && [lindex $a 0] ne "-"}]
}

# A scan from 0 with a large COUNT returns everything at once; of any other the
# reply has the right shape and real keys.
proc same_scan {command a b} {
    foreach reply [list $a $b] {
        if {[lindex $reply 0] ne "*" || [llength [lindex $reply 1]] != 2} {
            return 0
        }
        foreach element [lindex $reply 1 1 1] {
            if {[lindex $element 1] ni [generate::allkeys]} {
                return 0
            }
        }
    }
    if {[lindex $command 1] == 0 && [lrange $command end-1 end] eq {COUNT 1000}} {
        return [expr {[lindex $a 1 0 1] == [lindex $b 1 0 1] && [same_elements [lindex $a 1 1] [lindex $b 1 1]]}]
    }
    return 1
}

proc same_fields {a b} {
    foreach reply [list $a $b] {
        set line [regsub -all {(cmd|name|user|lib-name|lib-ver)=\S*} [lindex $reply 1] {\1=}]
        set names [lmap {- name} [regexp -all -inline {([a-z-]+)=} $line] {set name}]
        lappend fields [lindex $reply 0] [lsort -unique [lsearch -all -inline -not -glob $names lib-*]]
    }
    return [expr {[lrange $fields 0 1] eq [lrange $fields 2 3]}]
}

proc same_hello {a b} {
    foreach reply [list $a $b] {
        if {[lindex $reply 0] ni {* %}} {
            return 0
        }
        set values [lmap element [lindex $reply 1] {lindex $element 1}]
        lappend all [lindex $reply 0] [dict replace $values version x id x]
    }
    return [expr {[lrange $all 0 1] eq [lrange $all 2 3]}]
}

# --- replies --------------------------------------------------------------------------

# Bytes of a connection as a list of replies with their types.
proc parse_stream {bytes} {
    set name [client_from_bytes $bytes]
    set replies {}
    while {![catch {client_parse $name} reply]} {
        lappend replies $reply
    }
    client_close $name
    return $replies
}

# SUBSCRIBE and the like answer once per channel.
proc reply_count {command reply} {
    if {[regexp -nocase {^[ps]?(un)?subscribe$} [lindex $command 0]] && [lindex $reply 0] in {* >}} {
        return [expr {max(1, [llength $command] - 1)}]
    }
    return 1
}

# "yes", "no", or "parted".
proc agree {command a b} {
    if {$a eq $b} {
        return yes
    }
    set words [join $command " "]
    foreach {verdict rules} [list yes $compare::rules parted $compare::partings] {
        foreach {pattern reason test} $rules {
            if {[string match -nocase $pattern $words] && [eval $test]} {
                return $verdict
            }
        }
    }
    return no
}

# EXEC's elements are the replies of the queued commands.
proc agree_exec {command queue a b} {
    if {![string equal -nocase exec [lindex $command 0]] || [lindex $a 0] ne "*" || [lindex $b 0] ne "*"
            || [llength [lindex $a 1]] != [llength [lindex $b 1]]} {
        return no
    }
    foreach command $queue x [lindex $a 1] y [lindex $b 1] {
        set verdict [agree $command $x $y]
        if {$verdict ne "yes"} {
            return $verdict
        }
    }
    return yes
}

proc compare_replies {commands ours theirs} {
    if {$ours eq $theirs} {
        incr model::passed [llength $commands]
        return 1
    }
    set a [parse_stream $ours]
    set b [parse_stream $theirs]
    set at 0
    set number 0
    set queue {}
    foreach command $commands {
        set count [reply_count $command [lindex $b $at]]
        for {set i 0} {$i < $count} {incr i} {
            set x [lindex $a $at]
            set y [lindex $b $at]
            incr at
            set verdict [agree $command $x $y]
            if {$verdict eq "no"} {
                set verdict [agree_exec $command $queue $x $y]
            }
            if {$verdict eq "no"} {
                report_reply $commands $number $x $y
            }
            if {$verdict ne "yes"} {
                return 0
            }
        }
        if {$y eq "+ QUEUED"} {
            lappend queue $command
        } elseif {[string equal -nocase multi [lindex $command 0]] && $y eq "+ OK"} {
            set queue {}
        }
        incr number
        incr model::passed
    }
    return 1
}

# --- messages -------------------------------------------------------------------------

proc audible {messages} {
    set kept {}
    foreach message $messages {
        set words [lmap element [lindex $message 1] {lindex $element 1}]
        regsub {^__keyevent@\d+__:} [lindex $words 2] "" event
        if {![dict exists $compare::silent_events $event] && ![dict exists $compare::silent_events [lindex $words end]]} {
            lappend kept [list [lindex $message 0] $words]
        }
    }
    return $kept
}

proc compare_messages {commands ours theirs} {
    if {$ours eq $theirs} {
        return 1
    }
    set a [audible [parse_stream $ours]]
    set b [audible [parse_stream $theirs]]
    set at 0
    foreach x $a y $b {
        if {$x ne $y} {
            report_message $commands $at $a $b
            return 0
        }
        incr at
    }
    return 1
}

# --- reports --------------------------------------------------------------------------

proc show {words} {
    return [join [lmap word $words {
        set text [regsub -all {[^\x20-\x7e]} [test_shorten $word] .]
        if {$text eq "" || [string first " " $text] >= 0} {
            set text "\"$text\""
        }
        set text
    }] " "]
}

# Says whether to print this one: the first three of each command.
proc worth_reporting {name} {
    incr model::failed
    incr compare::seen($name)
    return [expr {$compare::seen($name) <= 3 && $model::failed <= [dict get $model::options max-reports]}]
}

# The last commands that mention one of the words, but for the lookups of all keys.
proc show_history {words} {
    set found {}
    foreach command [lreverse $model::history] {
        foreach word $words {
            if {$word in [lrange $command 1 end] && [llength $command] <= [llength $generate::keys]} {
                lappend found $command
                break
            }
        }
        if {[llength $found] == 10} {
            break
        }
    }
    foreach command [lreverse $found] {
        puts "        [show $command]"
    }
}

proc report_reply {commands number ours theirs} {
    set command [lindex $commands $number]
    set name [string toupper [lindex $command 0]]
    if {![worth_reporting $name]} {
        return
    }
    set index [expr {$model::index + $number}]
    puts "FAIL  seed [dict get $model::options seed], command $index, RESP$model::protocol: [show $command]"
    puts "      server:    [show [list $ours]]"
    puts "      reference: [show [list $theirs]]"
    set later [expr {[llength $commands] - $number - 1}]
    set model::history [lrange $model::history 0 end-$later]
    set keys [lsearch -all -inline -exact $generate::keys [lindex $command 1]]
    if {$name eq "EXEC"} {
        puts "      the transaction:"
        set start [lindex [lsearch -all -nocase -exact $model::history MULTI] end]
        foreach queued [lrange $model::history $start end] {
            puts "        [show $queued]"
        }
    } elseif {[llength $keys]} {
        puts "      the last commands on the key:"
        show_history $keys
    }
}

proc report_message {commands at ours theirs} {
    set x [lindex $ours $at]
    set y [lindex $theirs $at]
    set name [lindex $y 1 2]
    if {![worth_reporting "message [lindex [split $name :] 0] [lindex $x 1 end] [lindex $y 1 end]"]} {
        return
    }
    set last [expr {$model::index + [llength $commands] - 1}]
    puts "FAIL  seed [dict get $model::options seed], message $at of those for the commands $model::index to $last"
    foreach {side messages} [list "server   " $ours reference $theirs] {
        set around [lmap message [lrange $messages $at-2 $at+3] {show [lrange [lindex $message 1] 2 3]}]
        puts "      $side: [join $around " | "]"
    }
    set words {}
    foreach message [list $x $y] {
        regsub {^__keyspace@\d+__:} [lindex $message 1 2] "" key
        lappend words $key
    }
    puts "      the last commands on it:"
    show_history $words
}
