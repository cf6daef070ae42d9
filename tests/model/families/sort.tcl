# SORT and SORT_RO, and what they read. Sets are not sorted by keys: the events of
# those that are not there tell in which order a set is held, which is free. No
# number is out of range, and what could become an element is not damaged: the
# reference remembers the failure and refuses what comes behind it.

generator sort_element {
    switch [random_int 10] {
        0 {return [random_of {a b "" x}]}
        1 {return [random_of {1.5 -0.5 1e2 01 1.0 0x10 " 3" inf -inf}]}
        2 {return [generate::integer]}
        default {return [random_int 20]}
    }
}

generator sort_number {
    return [random_of [list [random_int 20] [random_int 1000] -[random_int 9] [expr {[random_int 100] / 8.0}]]]
}

generator weight_key {
    return w_[random_int 20]
}

generator hash_key {
    return h_[random_int 20]
}

generator sort_pattern {
    return [random_of {w_* w_* w_* h_*->f h_*->f h_*->g h_* w_*->f h_*-> none * *->f none_* "w_*\x00x"}]
}

generator sort_limit {
    return [random_of {-9223372036854775808 9223372036854775807 -5 -1 0 0 0 1 2 3 5 10 30 x}]
}

# By numbers: the order is total. Elements whose texts are equal come in any.
generator sort_option {
    switch [random_int 11] {
        0 {return ASC}
        1 - 2 {return DESC}
        3 - 4 {return [generate::text_option]}
        5 - 6 {return [list LIMIT [generate::sort_limit] [generate::sort_limit]]}
        7 {return {BY nosort}}
        default {return [list BY [generate::sort_pattern]]}
    }
}

generator text_option {
    switch [random_int 6] {
        0 {return ASC}
        1 - 2 {return DESC}
        3 {return [list LIMIT [generate::sort_limit] [generate::sort_limit]]}
        4 {return {GET #}}
        5 {return [list GET [generate::sort_pattern]]}
    }
}

generator list_key {
    return [random_of {l1 l2 l3 l4}]
}

generator set_key {
    return [random_of {s1 s2 s3}]
}

family sort {
    {= RPUSH <list_key> <sort_number>+}
    {= RPUSH <list_key> <sort_number>+ <sort_number>+ <sort_number>+}
    {= RPUSH <list_key> <sort_element>+}
    {DEL <list_key>}
    {DEL <list_key>}
    {= SADD <set_key> <sort_number>+}
    {= SADD <set_key> <sort_element>+}
    {DEL <set_key>}
    {= MSET <weight_key> <sort_number> <weight_key> <sort_number> <weight_key> <sort_number>}
    {= SET <weight_key> <sort_element>}
    {DEL <weight_key>}
    {= HSET <hash_key> f <sort_number> g <sort_element>}
    {= HSET <hash_key> f <sort_element>}
    {DEL <hash_key>}
    {SORT <list_key>}
    {SORT <list_key> <sort_option>}
    {SORT <list_key> <sort_option>*}
    {SORT <list_key> <sort_option>+ <sort_option>+}
    {SORT <list_key> ALPHA <text_option>*}
    {SORT <list_key> ALPHA BY nosort <text_option>*}
    {= SORT <list_key> BY w_* ALPHA ASC|DESC}
    {SORT <list_key> <sort_option>* STORE <list_key>}
    {SORT <list_key> ALPHA <text_option>* STORE <list_key>}
    {SORT <list_key> BY w_* <sort_option>*}
    {SORT <list_key> BY h_*->f <sort_option>* STORE <key>}
    {SORT <list_key> <sort_option>* STORE <key> <sort_option>*}
    {SORT_RO <list_key> <sort_option>*}
    {SORT_RO <list_key> <sort_option>* STORE <key>}
    {= SORT <set_key> <text_option>*}
    {= SORT <set_key> ALPHA <text_option>*}
    {= SORT <set_key> <text_option>* STORE <key>}
    {= SORT <set_key> BY nosort <text_option>* STORE <key>}
    {= SORT_RO <set_key> ALPHA <text_option>*}
    {= SORT <key> <text_option>*}
    {SORT <weight_key> <sort_option>*}
    {SORT none <sort_option>* STORE <list_key>}
    {LRANGE <list_key> 0 -1}
    {LRANGE <list_key> 0 -1}
    {LRANGE <key> 0 -1}
    {TYPE <key>}
    {COMMAND GETKEYS SORT <list_key> <sort_option>* STORE <key> <sort_option>*}
    {COMMAND GETKEYSANDFLAGS SORT_RO <list_key> <sort_option>*}
    {EXPIRE <weight_key> <seconds>}
    {= SET <key> <sort_element>}
    {RENAME <list_key> <list_key>}
}
