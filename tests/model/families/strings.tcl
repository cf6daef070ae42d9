# Every command on strings.

generator set_option {
    switch [random_int 10] {
        0 {return [list EX [generate::seconds]]}
        1 {return [list PX [generate::milliseconds]]}
        2 {return [list EXAT [generate::at_seconds]]}
        3 {return [list PXAT [generate::at_ms]]}
        4 {return KEEPTTL}
        5 {return GET}
        6 - 7 {return NX}
        8 - 9 {return XX}
    }
}

generator getex_option {
    return [random_of [list PERSIST [list EX [generate::seconds]] [list PX [generate::milliseconds]] \
        [list EXAT [generate::at_seconds]] [list PXAT [generate::at_ms]]]]
}

generator lcs_option {
    return [random_of [list LEN IDX WITHMATCHLEN [list MINMATCHLEN [expr {[random_int 6] - 1}]]]]
}

generator pair {
    return [list {*}[generate::key] {*}[generate::value]]
}

generator set_offset {
    return [expr {rand() < 0.9 ? [random_int 70] : [random_of {-1 1048576 1048577 536870912 9223372036854775807}]}]
}

family strings {
    {SET <key> <value>}
    {SET <key> <integer>}
    {SET <key> <value> <set_option>}
    {SET <key> <value> <set_option>*}
    {SETNX <key> <value>}
    {SETEX <key> <seconds> <value>}
    {PSETEX <key> <milliseconds> <value>}
    {GET <key>}
    {GETSET <key> <value>}
    {GETDEL <key>}
    {GETEX <key>}
    {GETEX <key> <getex_option>}
    {MGET <key>+}
    {MSET <pair>+}
    {MSETNX <pair>+}
    {APPEND <key> <value>}
    {STRLEN <key>}
    {SETRANGE <key> <set_offset> <value>}
    {GETRANGE <key> <position> <position>}
    {SUBSTR <key> <position> <position>}
    {INCR <key>}
    {DECR <key>}
    {INCRBY <key> <integer>}
    {DECRBY <key> <integer>}
    {INCRBYFLOAT <key> <number>}
    {LCS <key> <key> <lcs_option>*}
    {OBJECT ENCODING <key>}
}
