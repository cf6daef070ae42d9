# Commands on streams and consumer groups, and those that wait for entries.

set wrong_id {(error) ERR Invalid stream ID specified as stream command argument}
set syntax {(error) ERR syntax error}
set not_integer {(error) ERR value is not an integer or out of range}
set too_small {(error) ERR The ID specified in XADD is equal or smaller than the target stream top item}

# Entries 1-1, 2-1, ... count-1, each {f v<number>}.
proc fill {key count} {
    for {set i 1} {$i <= $count} {incr i} {
        r XADD $key $i-1 f v$i
    }
}

proc ids {entries} {
    return [lmap entry $entries {lindex $entry 0}]
}

proc range_ids {from to} {
    set ids {}
    for {set i $from} {$i <= $to} {incr i} {
        lappend ids $i-1
    }
    return $ids
}

proc stream_waits {client args} {
    set id [$client CLIENT ID]
    client_send $client {*}$args
    wait_for {[string match *b* [client_field flags [r CLIENT LIST ID $id]]]}
}

start_server {} {
    test {XADD takes IDs that grow, and makes them} {
        assert_replies [subst {
            {XADD s 5-5 f v}        5-5
            {XADD s 5-5 f v}        {$too_small}
            {XADD s 4 f v}          {$too_small}
            {XADD s 5-* f v}        5-6
            {XADD s 6-* f v}        6-0
            {XADD s 7 a 1 b 2}      7-0
            {XADD n 0-* f v}        0-1
            {XADD o 0-0 f v}        {(error) ERR The ID specified in XADD must be greater than 0-0}
            {XADD s 7-1-1 f v}      {$wrong_id}
            {XADD s abc f v}        {$wrong_id}
            {XADD s - f v}          {$wrong_id}
            {XADD s 18446744073709551616 f v} {$wrong_id}
            {XADD s 8-0 f}          {(error) ERR wrong number of arguments for 'xadd' command}
            {XADD s 8-0 f v g}      {(error) ERR wrong number of arguments for 'xadd' command}
            {EXISTS o}              0
            {XLEN s}                4
            {XRANGE s 7 7}          {{7-0 {a 1 b 2}}}
            {TYPE s}                stream
            {OBJECT ENCODING s}     stream
        }]
        assert_match {[1-9]*-0} [r XADD t * f v]
        set first [r XADD t * f v]
        set second [r XADD t * f v]
        assert_equal [list $first $second] [lrange [ids [r XRANGE t - +]] 1 2]
    }

    test {the highest ID can be used, and is the last} {
        assert_replies {
            {XADD s 18446744073709551615-18446744073709551615 f v} 18446744073709551615-18446744073709551615
            {XADD s 18446744073709551615-* f v}
                {(error) ERR The stream has exhausted the last possible ID, unable to add more items}
            {XLEN s} 1
        }
    }

    test {an XADD that fails makes no stream} {
        assert_replies {
            {XADD s NOMKSTREAM 1-1 f v} (nil)
            {EXISTS s} 0
        }
        r XADD s 1-1 f v
        assert_equal 2-1 [r XADD s NOMKSTREAM 2-1 f v]
    }

    test {XADD and XTRIM keep the last entries or those from an ID on} {
        assert_replies [subst {
            {XADD s MAXLEN 2 1-1 f v}       1-1
            {XADD s MAXLEN 2 2-1 f v}       2-1
            {XADD s MAXLEN = 2 3-1 f v}     3-1
            {XLEN s}                        2
            {XADD s MINID 3 4-1 f v}        4-1
            {XRANGE s - +}                  {{3-1 {f v}} {4-1 {f v}}}
            {XADD s MAXLEN 0 5-1 f v}       5-1
            {XLEN s}                        0
            {XADD s MAXLEN x 6-1 f v}       {$not_integer}
            {XADD s MAXLEN -1 6-1 f v}      {(error) ERR The MAXLEN argument must be >= 0.}
            {XADD s MAXLEN 1 MINID 1 6-1 f v}
                {(error) ERR syntax error, MAXLEN and MINID options at the same time are not compatible}
            {XADD s LIMIT 1 6-1 f v}
                {(error) ERR syntax error, LIMIT cannot be used without specifying a trimming strategy}
            {XADD s MAXLEN 1 LIMIT 1 6-1 f v}
                {(error) ERR syntax error, LIMIT cannot be used without the special ~ option}
            {XADD s MAXLEN ~ 1 LIMIT -1 6-1 f v} {(error) ERR The LIMIT argument must be >= 0.}
            {XTRIM s FOO 1}                 {$syntax}
            {XTRIM s MAXLEN 1 2}            {$syntax}
            {XTRIM none MAXLEN 1}           0
        }]
        fill t 10
        assert_replies {
            {XTRIM t MAXLEN 7}      3
            {XTRIM t MINID 6-0}     2
            {XTRIM t MINID 6-0}     0
            {XTRIM t MAXLEN 99}     0
        }
        assert_equal [range_ids 6 10] [ids [r XRANGE t - +]]
    }

    test {an approximate trimming removes whole nodes, no more than LIMIT entries} {
        with_config {stream-node-max-entries 10} {
            fill s 100
            assert_replies {
                {XTRIM s MAXLEN ~ 55}           40
                {XTRIM s MAXLEN ~ 5 LIMIT 25}   20
                {XTRIM s MAXLEN ~ 0 LIMIT 0}    40
                {XLEN s}                        0
                {EXISTS s}                      1
            }
        }
    }

    test {nodes hold as many entries and bytes as configured} {
        with_config {stream-node-max-entries 10 stream-node-max-bytes 0} {
            fill s 25
            assert_equal 3 [dict get [r XINFO STREAM s] radix-tree-keys]
        }
        with_config {stream-node-max-entries 0 stream-node-max-bytes 100} {
            r DEL s
            fill s 25
            assert {[dict get [r XINFO STREAM s] radix-tree-keys] > 2}
        }
        with_config {stream-node-max-entries 0 stream-node-max-bytes 0} {
            r DEL s
            fill s 500
            assert_equal 1 [dict get [r XINFO STREAM s] radix-tree-keys]
        }
    }

    test {ranges in both directions have bounds that may be excluded} {
        fill s 5
        assert_equal [range_ids 1 5] [ids [r XRANGE s - +]]
        assert_equal [lreverse [range_ids 1 5]] [ids [r XREVRANGE s + -]]
        assert_equal [range_ids 2 4] [ids [r XRANGE s 2 4]]
        assert_equal [range_ids 3 3] [ids [r XRANGE s (2-1 (4-1]]
        assert_equal {4-1 3-1} [ids [r XREVRANGE s (5-1 2-2]]
        assert_equal [range_ids 1 2] [ids [r XRANGE s - + COUNT 2]]
        assert_replies [subst {
            {XRANGE s - (0-0}       {(error) ERR invalid end ID for the interval}
            {XRANGE s (18446744073709551615-18446744073709551615 +} {(error) ERR invalid start ID for the interval}
            {XRANGE s ( +}          {$wrong_id}
            {XRANGE s - + COUNT}    {$syntax}
            {XRANGE s - + FOO 1}    {$syntax}
            {XRANGE s - + COUNT x}  {$not_integer}
            {XRANGE s + -}          {}
            {XRANGE none - +}       {}
            {XREVRANGE none + -}    {}
        }]
    }

    test {entries with other fields, numbers and large values come back as they were} {
        set big [string repeat x 100000]
        set entries [list {1-1 {a 1 b 2}} {1-2 {a -5 b 007}} {2-0 {c {} {} d}} [list 3-7 [list a $big b 9223372036854775807]] \
            {4-0 {a 1 a 2 a 3}} {18446744073709551615-5 {a 1 b 2}}]
        foreach entry $entries {
            r XADD s [lindex $entry 0] {*}[lindex $entry 1]
        }
        assert_equal $entries [r XRANGE s - +]
        assert_equal [lreverse $entries] [r XREVRANGE s + -]
        r COPY s t
        assert_equal $entries [r XRANGE t - +]
    }

    test {XDEL deletes what is there, and the IDs stay used} {
        fill s 5
        assert_replies [subst {
            {XDEL s 2-1 9-9}    1
            {XDEL s 2-1}        0
            {XDEL s 5-1 abc}    {$wrong_id}
            {XLEN s}            4
            {XDEL s 5-1}        1
            {XADD s 5-1 f v}    {$too_small}
            {XDEL s 1-1 3-1 4-1} 3
            {EXISTS s}          1
            {XLEN s}            0
            {XDEL none 1-1}     0
        }]
        set info [r XINFO STREAM s]
        assert_equal {5-1 5-1 5 0-0 {} {}} [lmap field {
            last-generated-id max-deleted-entry-id entries-added recorded-first-entry-id first-entry last-entry
        } {string map {(nil) {}} [dict get $info $field]}]
    }

    test {XSETID moves the last ID, not behind what is there} {
        fill s 3
        assert_replies [subst {
            {XSETID s 2-1}      {(error) ERR The ID specified in XSETID is smaller than the target stream top item}
            {XSETID s 9-9}      OK
            {XADD s 9-9 f v}    {$too_small}
            {XSETID s 10 ENTRIESADDED 2} {(error) ERR The entries_added specified in XSETID is smaller than the target stream length}
            {XSETID s 10 ENTRIESADDED -1} {(error) ERR entries_added must be positive}
            {XSETID s 10 ENTRIESADDED 5 MAXDELETEDID 11}
                {(error) ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id}
            {XSETID s 10 ENTRIESADDED 5 MAXDELETEDID 4-0} OK
            {XSETID none 1-1}   {(error) ERR no such key}
            {XSETID s 10 FOO 1} {$syntax}
        }]
        assert_equal {5 4-0} [lmap field {entries-added max-deleted-entry-id} {dict get [r XINFO STREAM s] $field}]
    }

    test {XREAD returns what is behind each ID} {
        fill s 4
        r XADD t 7-7 x y
        assert_replies [subst {
            {XREAD STREAMS s 3}             {{s {{3-1 {f v3}} {4-1 {f v4}}}}}
            {XREAD COUNT 1 STREAMS s t 1-1 0} {{s {{2-1 {f v2}}}} {t {{7-7 {x y}}}}}
            {XREAD STREAMS s t 9 0}         {{t {{7-7 {x y}}}}}
            {XREAD STREAMS s t none 9 9 0}  (nil)
            {XREAD STREAMS s $}             (nil)
            {XREAD STREAMS s >}
                {(error) ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.}
            {XREAD STREAMS s t 0}
                {(error) ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.}
            {XREAD GROUP g c STREAMS s 0}
                {(error) ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.}
            {XREAD NOACK STREAMS s 0}
                {(error) ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.}
            {XREAD COUNT x STREAMS s 0}     {$not_integer}
            {XREAD BLOCK x STREAMS s 0}     {(error) ERR timeout is not an integer or out of range}
            {XREAD BLOCK -1 STREAMS s 0}    {(error) ERR timeout is negative}
            {XREAD COUNT 1 FOO s 0}         {$syntax}
            {XREAD STREAMS s abc}           {$wrong_id}
        }]
    }

    test {XREAD answers a map in RESP3} {
        r XADD s 1-1 f v
        r HELLO 3
        assert_equal {% {{{$} s} {* {{* {{{$} 1-1} {* {{{$} f} {{$} v}}}}}}}}} [r_typed XREAD STREAMS s 0]
        assert_equal {_ {}} [r_typed XREAD STREAMS s 1-1]
        r HELLO 2
    }

    test {XREAD waits for what comes behind the last ID of that moment} {
        fill s 2
        set w [client_new]
        stream_waits $w XREAD BLOCK 0 STREAMS none s $ $
        r XADD s 3-1 f v3
        assert_equal {{s {{3-1 {f v3}}}}} [client_read $w]
        stream_waits $w XREAD COUNT 1 BLOCK 0 STREAMS s 7
        r XADD s 6-1 f v
        r XADD s 7-0 f v
        r XADD s 8-1 f v
        assert_equal {{s {{8-1 {f v}}}}} [client_read $w]
        assert_equal (nil) [$w XREAD BLOCK 10 STREAMS s $]
    }

    test {a stream that is made wakes those who wait for it, all of them} {
        set clients [list [client_new] [client_new] [client_new]]
        foreach w $clients {
            stream_waits $w XREAD BLOCK 0 STREAMS s 0
        }
        r XADD s 1-1 f v
        foreach w $clients {
            assert_equal {{s {{1-1 {f v}}}}} [client_read $w]
        }
    }

    test {a list where a stream is waited for wakes nobody} {
        set w [client_new]
        stream_waits $w XREAD BLOCK 0 STREAMS s 0
        r RPUSH s a
        r DEL s
        r XADD s 1-1 f v
        assert_equal {{s {{1-1 {f v}}}}} [client_read $w]
    }

    test {groups are made, set, described and destroyed} {
        set none {(error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.}
        fill s 3
        assert_replies [subst {
            {XGROUP CREATE none g 0}            {$none}
            {XGROUP CREATE s g 0}               OK
            {XGROUP CREATE s g 0}               {(error) BUSYGROUP Consumer Group name already exists}
            {XGROUP CREATE s h \$ ENTRIESREAD 3} OK
            {XGROUP CREATE s i \$ ENTRIESREAD -2} {(error) ERR value for ENTRIESREAD must be positive or -1}
            {XGROUP CREATE s i abc}             {$wrong_id}
            {XGROUP CREATE new g \$ MKSTREAM}   OK
            {XLEN new}                          0
            {XGROUP SETID s none 0}             {(error) NOGROUP No such consumer group 'none' for key name 's'}
            {XGROUP SETID s g 2-1}              OK
            {XGROUP CREATECONSUMER s g bob}     1
            {XGROUP CREATECONSUMER s g bob}     0
            {XGROUP DELCONSUMER s g none}       0
            {XGROUP DESTROY s none}             0
            {XGROUP DESTROY s g}                1
            {XGROUP DESTROY none g}             {$none}
        }]
        set groups [r XINFO GROUPS s]
        assert_equal {h 0 0 3-1 3 0} [dict values [lindex $groups 0]]
        assert_equal 1 [llength $groups]
        assert_match {*CREATE*MKSTREAM*} [r XGROUP HELP]
        assert_match {*STREAM <key>*} [r XINFO HELP]
        assert_error {ERR no such key} {r XINFO STREAM none}
        assert_error {ERR no such key} {r XINFO CONSUMERS none g}
    }

    test {a group is given each entry once, and remembers who has it} {
        fill s 5
        r XGROUP CREATE s g 0
        assert_replies {
            {XREADGROUP GROUP g alice COUNT 2 STREAMS s >}  {{s {{1-1 {f v1}} {2-1 {f v2}}}}}
            {XREADGROUP GROUP g bob STREAMS s >}            {{s {{3-1 {f v3}} {4-1 {f v4}} {5-1 {f v5}}}}}
            {XREADGROUP GROUP g bob STREAMS s >}            (nil)
            {XREADGROUP GROUP g alice STREAMS s 0}          {{s {{1-1 {f v1}} {2-1 {f v2}}}}}
            {XREADGROUP GROUP g alice STREAMS s 1-1}        {{s {{2-1 {f v2}}}}}
            {XPENDING s g}                                  {5 1-1 5-1 {{alice 2} {bob 3}}}
            {XACK s g 1-1 1-1 9-9}                          1
            {XACK s none 1-1}                               0
            {XPENDING s g}                                  {4 2-1 5-1 {{alice 1} {bob 3}}}
            {XDEL s 2-1}                                    1
            {XREADGROUP GROUP g alice STREAMS s 0}          {{s {{2-1 (nil)}}}}
            {XGROUP DELCONSUMER s g bob}                    3
            {XPENDING s g}                                  {1 2-1 2-1 {{alice 1}}}
        }
    }

    test {NOACK leaves nothing pending; XREADGROUP refuses what has no group} {
        fill s 1
        r XGROUP CREATE s g 0
        assert_replies {
            {XREADGROUP GROUP g c NOACK STREAMS s >}    {{s {{1-1 {f v1}}}}}
            {XPENDING s g}                              {0 (nil) (nil) (nil)}
            {XREADGROUP GROUP none c STREAMS s >}
                {(error) NOGROUP No such key 's' or consumer group 'none' in XREADGROUP with GROUP option}
            {XREADGROUP GROUP g c STREAMS none >}
                {(error) NOGROUP No such key 'none' or consumer group 'g' in XREADGROUP with GROUP option}
            {XREADGROUP COUNT 1 BLOCK 1 STREAMS s >}    {(error) ERR Missing GROUP option for XREADGROUP}
        }
        assert_error {ERR The $ ID is meaningless in the context of XREADGROUP*} {r XREADGROUP GROUP g c STREAMS s $}
    }

    test {XPENDING lists what is pending, by range, idle time and consumer} {
        fill s 4
        r XGROUP CREATE s g 0
        r XREADGROUP GROUP g alice COUNT 2 STREAMS s >
        r XREADGROUP GROUP g bob STREAMS s >
        assert_equal {{1-1 alice 1} {2-1 alice 1} {3-1 bob 1} {4-1 bob 1}} \
            [lmap row [r XPENDING s g - + 10] {lreplace $row 2 2}]
        assert_equal {2-1 3-1} [ids [r XPENDING s g (1-1 + 2]]
        assert_equal {3-1 4-1} [ids [r XPENDING s g - + 10 bob]]
        assert_equal {3-1} [ids [r XPENDING s g IDLE 0 - + 1 bob]]
        assert_replies [subst {
            {XPENDING s g IDLE 1000000 - + 10}  {}
            {XPENDING s g - + 10 none}          {}
            {XPENDING s g - +}                  {$syntax}
            {XPENDING s g - + x}                {$not_integer}
            {XPENDING s none}                   {(error) NOGROUP No such key 's' or consumer group 'none'}
            {XPENDING none g}                   {(error) NOGROUP No such key 'none' or consumer group 'g'}
        }]
    }

    test {XCLAIM takes over what others have} {
        fill s 4
        r XGROUP CREATE s g 0
        r XREADGROUP GROUP g alice COUNT 3 STREAMS s >
        assert_replies [subst {
            {XCLAIM s g bob 0 1-1 9-9}                  {{1-1 {f v1}}}
            {XCLAIM s g bob 1000000 2-1}                {}
            {XCLAIM s g bob 0 2-1 JUSTID}               {2-1}
            {XCLAIM s g bob 0 4-1}                      {}
            {XCLAIM s g bob 0 4-1 FORCE}                {{4-1 {f v4}}}
            {XCLAIM s g bob 0 3-1 RETRYCOUNT 7 IDLE 5000 LASTID 4-1} {{3-1 {f v3}}}
            {XCLAIM s g bob 0 3-1 FOO}                  {(error) ERR Unrecognized XCLAIM option 'FOO'}
            {XCLAIM s g bob x 3-1}                      {(error) ERR Invalid min-idle-time argument for XCLAIM}
            {XCLAIM s g bob 0 3-1 IDLE x}               {(error) ERR Invalid IDLE option argument for XCLAIM}
            {XCLAIM s none bob 0 3-1}                   {(error) NOGROUP No such key 's' or consumer group 'none'}
            {XPENDING s g}                              {4 1-1 4-1 {{bob 4}}}
            {XDEL s 1-1}                                1
            {XCLAIM s g alice 0 1-1}                    {}
            {XPENDING s g}                              {3 2-1 4-1 {{bob 3}}}
        }]
        set row [lindex [r XPENDING s g 3-1 3-1 1] 0]
        assert_equal 7 [lindex $row 3]
        assert {[lindex $row 2] >= 5000}
    }

    test {XAUTOCLAIM takes over what has been idle, some at a time} {
        fill s 5
        r XGROUP CREATE s g 0
        r XREADGROUP GROUP g alice STREAMS s >
        r XDEL s 2-1
        assert_replies [subst {
            {XAUTOCLAIM s g bob 1000000 0}          {0-0 {} 2-1}
            {XAUTOCLAIM s g bob 0 0 COUNT 2}        {4-1 {{1-1 {f v1}} {3-1 {f v3}}} {}}
            {XAUTOCLAIM s g bob 0 4-1 JUSTID}       {0-0 {4-1 5-1} {}}
            {XAUTOCLAIM s g bob 0 (4-1 COUNT 1}     {0-0 {{5-1 {f v5}}} {}}
            {XAUTOCLAIM s g bob 0 0 COUNT 0}        {(error) ERR COUNT must be > 0}
            {XAUTOCLAIM s g bob 0 0 FOO}            {$syntax}
            {XAUTOCLAIM s g bob x 0}                {(error) ERR Invalid min-idle-time argument for XAUTOCLAIM}
            {XAUTOCLAIM s none bob 0 0}             {(error) NOGROUP No such key 's' or consumer group 'none'}
        }]
    }

    test {entries read and the lag are told as far as they can be} {
        fill s 5
        r XGROUP CREATE s g 0
        set read_and_lag {lmap field {entries-read lag} {dict get [lindex [r XINFO GROUPS s] 0] $field}}
        assert_equal {(nil) 5} [eval $read_and_lag]
        r XREADGROUP GROUP g c COUNT 2 STREAMS s >
        assert_equal {2 3} [eval $read_and_lag]
        r XDEL s 4-1
        assert_equal {2 (nil)} [eval $read_and_lag]
        r XREADGROUP GROUP g c STREAMS s >
        assert_equal {5 0} [eval $read_and_lag]
        r XGROUP SETID s g 1-1
        assert_equal {(nil) (nil)} [eval $read_and_lag]
    }

    test {XINFO STREAM FULL shows groups, consumers and what is pending} {
        fill s 12
        r XGROUP CREATE s g 0
        r XREADGROUP GROUP g alice COUNT 11 STREAMS s >
        set full [r XINFO STREAM s FULL]
        assert_equal 10 [llength [dict get $full entries]]
        set group [lindex [dict get $full groups] 0]
        assert_equal {g 11-1 11 1 11} [lmap field {name last-delivered-id entries-read lag pel-count} {dict get $group $field}]
        assert_equal [range_ids 1 10] [ids [dict get $group pending]]
        assert_equal {alice 1} [lmap index {1 3} {lindex [dict get $group pending] 0 $index}]
        set consumer [lindex [dict get $group consumers] 0]
        assert_equal {alice 11} [lmap field {name pel-count} {dict get $consumer $field}]
        set full [r XINFO STREAM s FULL COUNT 0]
        assert_equal {12 11} [list [llength [dict get $full entries]] \
            [llength [dict get [lindex [dict get $full groups] 0] pending]]]
        assert_equal [range_ids 1 3] [ids [dict get [r XINFO STREAM s FULL COUNT 3] entries]]
        assert_error {ERR value is not an integer*} {r XINFO STREAM s FULL COUNT x}
    }

    test {a consumer is made by its first command, whatever it gets} since-7.2 {
        fill s 1
        r XGROUP CREATE s g $
        assert_equal (nil) [r XREADGROUP GROUP g a STREAMS s >]
        r XCLAIM s g b 0 1-1
        r XAUTOCLAIM s g c 0 0
        set consumers [r XINFO CONSUMERS s g]
        assert_equal {a b c} [lmap consumer $consumers {dict get $consumer name}]
        assert_equal {-1 -1 -1} [lmap consumer $consumers {dict get $consumer inactive}]
        set full [r XINFO STREAM s FULL]
        set group [lindex [dict get $full groups] 0]
        assert_equal {name seen-time active-time pel-count pending} [dict keys [lindex [dict get $group consumers] 0]]
    }

    test {XREADGROUP waits, and one client gets each entry} {
        r XGROUP CREATE s g $ MKSTREAM
        set first [client_new]
        set second [client_new]
        stream_waits $first XREADGROUP GROUP g a BLOCK 0 STREAMS s >
        stream_waits $second XREADGROUP GROUP g b BLOCK 0 STREAMS s >
        r XADD s 1-1 f v
        assert_equal {{s {{1-1 {f v}}}}} [client_read $first]
        r XADD s 2-1 f v
        assert_equal {{s {{2-1 {f v}}}}} [client_read $second]
        assert_equal {2 1-1 2-1 {{a 1} {b 1}}} [r XPENDING s g]
    }

    test {who waits for a group learns that the stream or the group is gone} since-7.2 {
        foreach command {{DEL s} {XGROUP DESTROY s g} {FLUSHALL} {PEXPIREAT s 1}} {
            r XGROUP CREATE s g $ MKSTREAM
            set w [client_new]
            stream_waits $w XREADGROUP GROUP g a BLOCK 0 STREAMS s >
            r {*}$command
            assert_error {NOGROUP*} {client_read $w}
            r DEL s
        }
    }

    test {streams in the place of other values, and the other way round} {
        r SET k v
        foreach command {
            {XADD k 1-1 f v} {XLEN k} {XRANGE k - +} {XREVRANGE k + -} {XDEL k 1-1} {XTRIM k MAXLEN 1} {XREAD STREAMS k 0}
            {XGROUP CREATE k g 0} {XGROUP DESTROY k g} {XREADGROUP GROUP g c STREAMS k >} {XACK k g 1-1} {XPENDING k g}
            {XCLAIM k g c 0 1-1} {XAUTOCLAIM k g c 0 0} {XINFO STREAM k} {XINFO GROUPS k} {XINFO CONSUMERS k g} {XSETID k 1-1}
        } {
            assert_error {WRONGTYPE *} {r {*}$command}
        }
        r DEL k
        r XADD k 1-1 f v
        assert_error {WRONGTYPE *} {r GET k}
    }

    test {the events of streams} {
        r CONFIG SET notify-keyspace-events KEAn
        foreach {command events} {
            {XADD s 1-1 f v}                        {new(s) xadd(s)}
            {XADD s MAXLEN 1 2-1 f v}               {xadd(s) xtrim(s)}
            {XADD s MAXLEN 5 3-1 f v}               xadd(s)
            {XTRIM s MAXLEN 1}                      xtrim(s)
            {XTRIM s MAXLEN 1}                      {}
            {XGROUP CREATE s g 0}                   xgroup-create(s)
            {XGROUP CREATE t g $ MKSTREAM}          {new(t) xgroup-create(t)}
            {XGROUP SETID s g 0}                    xgroup-setid(s)
            {XREADGROUP GROUP g c STREAMS s >}      xgroup-createconsumer(s)
            {XREADGROUP GROUP g c STREAMS s 0}      {}
            {XACK s g 3-1}                          {}
            {XGROUP CREATECONSUMER s g d}           xgroup-createconsumer(s)
            {XGROUP CREATECONSUMER s g d}           {}
            {XGROUP DELCONSUMER s g d}              xgroup-delconsumer(s)
            {XGROUP DESTROY s g}                    xgroup-destroy(s)
            {XSETID s 9-9}                          xsetid(s)
            {XDEL s 3-1}                            xdel(s)
            {XDEL s 3-1}                            {}
            {DEL s}                                 del(s)
        } {
            assert_equal $events [events_of {r {*}$command}]
        }
        r CONFIG SET notify-keyspace-events ""
    }

    test {random commands leave what a list of entries holds} {
        with_config {stream-node-max-entries 7} {
            set entries {}
            set last 0
            for {set i 0} {$i < 2000} {incr i} {
                switch [random_int 6] {
                    0 - 1 - 2 {
                        set fields [random_of {{f 1} {f 1} {g x h y} {f 1 g 2}}]
                        incr last
                        r XADD s $last-0 {*}$fields
                        lappend entries [list $last-0 $fields]
                    }
                    3 {
                        set id [random_int [expr {$last + 2}]]-0
                        set at [lsearch -index 0 -exact $entries $id]
                        assert_equal [expr {$at >= 0}] [r XDEL s $id]
                        set entries [lreplace $entries $at $at]
                    }
                    4 {
                        set length [expr {[llength $entries] - [random_int 4]}]
                        if {$length >= 0} {
                            r XTRIM s MAXLEN $length
                            set entries [lrange $entries end-[expr {$length - 1}] end]
                        }
                    }
                    5 {
                        set from [random_int [expr {$last + 2}]]
                        set expected [lsearch -all -inline -not -exact [lmap entry $entries {
                            expr {[scan [lindex $entry 0] %d] >= $from ? $entry : "none"}
                        }] none]
                        assert_equal $expected [r XRANGE s $from +]
                        assert_equal [lreverse $expected] [r XREVRANGE s + $from]
                    }
                }
            }
            assert_equal [llength $entries] [r XLEN s]
        }
    }
}
