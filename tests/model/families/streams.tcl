# Every command on streams. IDs are small and given, since a clock would choose
# others on each side. A consumer is made before it reads or claims: where it
# gets nothing, a 7.0 server does not make it.

generator stream_id {
    return [random_of [list 0 0-0 1 [random_int 40] "[random_int 40]-[random_int 4]" "[random_int 40]-1" \
        "[random_int 40]-*" 18446744073709551615-18446744073709551615 -1 1-1-1 +3 007]]
}

generator entry_id {
    return [expr {rand() < 0.9 ? "[random_int 40]-[random_int 4]" : [generate::stream_id]}]
}

generator range_start {
    return [random_of [list - - [generate::stream_id] ([generate::entry_id] +]]
}

generator range_end {
    return [random_of [list + + [generate::stream_id] ([generate::entry_id] -]]
}

generator range_count {
    return [expr {rand() < 0.5 ? {} : [list COUNT [random_of {1 2 5 0 -1 100}]]}]
}

generator group {
    return [random_of {g1 g1 g2 g3}]
}

generator consumer {
    return [random_of {alice alice bob {}}]
}

generator field_pairs {
    set pairs {}
    for {set i [expr {1 + [random_int 3]}]} {$i > 0} {incr i -1} {
        lappend pairs [random_of {f f g temp 7}] {*}[generate::value]
    }
    return $pairs
}

generator trim_option {
    set mark [random_of {{} = ~}]
    set threshold [expr {rand() < 0.6 ? [list MAXLEN {*}$mark [random_int 12]] : [list MINID {*}$mark [generate::entry_id]]}]
    return [concat $threshold [expr {rand() < 0.2 ? [list LIMIT [random_of {0 1 10 -1}]] : {}}]]
}

generator claim_option {
    return [random_of [list JUSTID FORCE [list RETRYCOUNT [random_int 5]] [list LASTID [generate::entry_id]] \
        [list TIME 1000] [list IDLE 100000]]]
}

family streams {
    {XADD <key> <entry_id> <field_pairs>}
    {XADD <key> <entry_id> <field_pairs> ; XADD <key> <entry_id> <field_pairs>}
    {XADD <key> <entry_id> f <value>}
    {XADD <key> <trim_option> <entry_id> <field_pairs>}
    {XADD <key> NOMKSTREAM <entry_id> f <value>}
    {XADD <key> <stream_id> <field_pairs>}
    {XLEN <key>}
    {XRANGE <key> <range_start> <range_end> <range_count>}
    {XREVRANGE <key> <range_end> <range_start> <range_count>}
    {XDEL <key> <entry_id>+}
    {XTRIM <key> <trim_option>}
    {XSETID <key> <stream_id>}
    {XSETID <key> <entry_id> ENTRIESADDED <integer> MAXDELETEDID <entry_id>}
    {XREAD <range_count> STREAMS <key> <stream_id>}
    {XREAD <range_count> STREAMS <key> <key> <entry_id> <entry_id>}
    {= XREAD BLOCK 1 STREAMS <key> $}
    {XGROUP CREATE <key> <group> <stream_id>}
    {XGROUP CREATE <key> <group> 0|$ MKSTREAM}
    {XGROUP CREATE <key> <group> <entry_id> ENTRIESREAD <integer>}
    {XGROUP SETID <key> <group> <entry_id>}
    {XGROUP SETID <key> <group> $}
    {XGROUP DESTROY <key> <group>}
    {XGROUP CREATECONSUMER <key> <group> <consumer>}
    {XGROUP DELCONSUMER <key> <group> <consumer>}
    {= XGROUP CREATECONSUMER a g1 alice ; = XREADGROUP GROUP g1 alice <range_count> STREAMS a >}
    {= XGROUP CREATECONSUMER a g1 bob ; = XREADGROUP GROUP g1 bob COUNT 1 STREAMS a >}
    {= XGROUP CREATECONSUMER a g1 bob ; = XREADGROUP GROUP g1 bob NOACK COUNT 1 STREAMS a >}
    {= XGROUP CREATECONSUMER a g1 alice ; = XREADGROUP GROUP g1 alice <range_count> STREAMS a <entry_id>}
    {= XGROUP CREATECONSUMER b g1 alice ; = XGROUP CREATECONSUMER a g1 alice ; = XREADGROUP GROUP g1 alice STREAMS a b > >}
    {= XGROUP CREATECONSUMER b g2 bob ; = XREADGROUP GROUP g2 bob <range_count> STREAMS b >}
    {XREADGROUP GROUP nogroup bob STREAMS <key> >}
    {XACK <key> <group> <entry_id>+}
    {XPENDING <key> <group>}
    {XPENDING <key> <group> <range_start> <range_end> 0}
    {XPENDING <key> <group> IDLE 1000000 <range_start> <range_end> 10 <consumer>}
    {= XGROUP CREATECONSUMER a g1 bob ; = XCLAIM a g1 bob 0 <entry_id> <entry_id> <claim_option>}
    {= XGROUP CREATECONSUMER a g1 alice ; = XCLAIM a g1 alice 0 <entry_id> <claim_option> <claim_option>}
    {= XGROUP CREATECONSUMER a g1 bob ; = XCLAIM a g1 bob 1000000 <entry_id>}
    {= XGROUP CREATECONSUMER a g1 alice ; = XAUTOCLAIM a g1 alice 0 <range_start> <range_count>}
    {= XGROUP CREATECONSUMER a g1 alice ; = XAUTOCLAIM a g1 alice 0 <entry_id> JUSTID}
    {= XGROUP CREATECONSUMER a g1 bob ; = XAUTOCLAIM a g1 bob 1000000 0}
    {XINFO GROUPS <key>}
    {XINFO STREAM <key>}
    {OBJECT ENCODING <key>}
    {COPY <key> <key> REPLACE}
    {RENAME <key> <key>}
    {DEL <key>}
}
