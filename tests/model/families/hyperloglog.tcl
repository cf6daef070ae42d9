# HyperLogLogs, and the strings that they are. What is no HyperLogLog, or a
# corrupt one, is made by writing to the string.

# Few elements repeat often, many raise registers next to each other.
generator hll_element {
    return [random_int [random_of {10 1000 1000000000}]]
}

generator elements {
    set elements {}
    for {set n [random_int 200]} {$n > 0} {incr n -1} {lappend elements [random_int 1000000000]}
    return $elements
}

# A byte of the header: of the name, the encoding, what is unused, the cache.
generator header_byte {
    return [list [random_of {0 3 4 4 5 8 8 15 15}] [format %c [random_of {0 1 2 72 128 255}]]]
}

# Runs of registers that are 16384 together, as no PFADD would write them.
generator runs {
    set runs ""
    set left 16384
    while {$left > 0} {
        if {$left <= 8000 || rand() < 0.02} {
            append runs [binary format S [expr {0x4000 | ($left - 1)}]]
            break
        }
        switch [random_int 6] {
            0 {
                set n [expr {1 + [random_int 64]}]
                append runs [format %c [expr {$n - 1}]]
            }
            1 {
                set n [expr {1 + [random_int 700]}]
                append runs [binary format S [expr {0x4000 | ($n - 1)}]]
            }
            default {
                set n [expr {1 + [random_int 4]}]
                append runs [format %c [expr {0x80 | [random_int 6] << 2 | ($n - 1)}]]
            }
        }
        incr left [expr {-$n}]
    }
    return [list "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80$runs"]
}

generator dense {
    set registers ""
    for {set i 0} {$i < 96} {incr i} {append registers [format %c [random_int 256]]}
    return [list "HYLL\0\0\0\0\0\0\0\0\0\0\0\x80[string repeat $registers 128]"]
}

family hyperloglog {
    {PFADD <key> <hll_element>}
    {PFADD <key> <hll_element>}
    {PFADD <key> <hll_element>+}
    {PFADD <key> <hll_element>*}
    {PFADD <key> <value>+}
    {PFADD <key> <elements> ; GET <key>}
    {PFCOUNT <key>}
    {PFCOUNT <key>+}
    {PFMERGE <key> <key>*}
    {PFMERGE <key> <key> ; GET <key>}
    {PFDEBUG ENCODING|DECODE|decode|TODENSE|GETREG|nothing <key>}
    {GET <key>}
    {GET <key>}
    {STRLEN <key>}
    {OBJECT ENCODING <key>}
    {SET <key> <runs> ; PFADD <key> <hll_element>+ ; PFCOUNT <key>}
    {SET <key> <runs>}
    {SET <key> <dense>}
    {SET <key> <value>}
    {SETRANGE <key> <header_byte>}
    {COPY <key> <key> REPLACE}
    {DEL <key>}
    {DEL <key>+}
    {= CONFIG SET hll-sparse-max-bytes 0|20|40|300|3000|3000|3000|15000}
}
