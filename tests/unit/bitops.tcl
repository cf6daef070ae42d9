# Strings as bits and as arrays of small integers.

set syntax {(error) ERR syntax error}
set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set not_integer {(error) ERR value is not an integer or out of range}
set wrong_offset {(error) ERR bit offset is not an integer or out of range}
set wrong_bit {(error) ERR bit is not an integer or out of range}
set not_bit {(error) ERR The bit argument must be 1 or 0.}
set one_source {(error) ERR BITOP NOT must be called with a single source key.}
set wrong_field {(error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.}
set wrong_overflow {(error) ERR Invalid OVERFLOW type specified}
set only_get {(error) ERR BITFIELD_RO only supports the GET subcommand}

# --- the model: a string is a text of 0 and 1 ----------------------------------------

proc bits_of {bytes} {
    binary scan $bytes B* bits
    return $bits
}

# A range of such a text by the rules of start and end: {first last}, or {}.
proc bit_range {bits start end unit} {
    set size [expr {$unit eq "BIT" ? 1 : 8}]
    set units [expr {[string length $bits] / $size}]
    foreach name {start end} {
        if {[set $name] < 0} {
            set $name [expr {max(0, [set $name] + $units)}]
        }
    }
    set end [expr {min($end, $units - 1)}]
    return [expr {$start > $end ? {} : [list [expr {$start * $size}] [expr {$end * $size + $size - 1}]]}]
}

proc model_count {bits start end unit} {
    if {$start < 0 && $end < 0 && $start > $end} {
        return 0
    }
    set range [bit_range $bits $start $end $unit]
    return [expr {$range eq {} ? 0 : [string length [string map {0 {}} [string range $bits {*}$range]]]}]
}

proc model_find {bits bit start end unit} {
    set range [bit_range $bits $start $end $unit]
    if {$range eq {}} {
        return -1
    }
    set at [string first $bit [string range $bits {*}$range]]
    return [expr {$at < 0 ? -1 : $at + [lindex $range 0]}]
}

proc model_combine {operation sources} {
    set length [tcl::mathfunc::max {*}[lmap bits $sources {string length $bits}]]
    set result {}
    for {set at 0} {$at < $length} {incr at} {
        set column [lmap bits $sources {expr {[string index $bits $at] eq "1"}}]
        append result [switch $operation {
            AND {expr {0 ni $column}}
            OR {expr {1 in $column}}
            XOR {expr {[tcl::mathop::+ {*}$column] % 2}}
            NOT {expr {![lindex $column 0]}}
        }]
    }
    return $result
}

# The field's bits as a number; "f" is a list: i or u, width, offset.
proc model_get {bits f} {
    lassign $f sign width offset
    set part [string range $bits $offset [expr {$offset + $width - 1}]]
    append part [string repeat 0 [expr {$width - [string length $part]}]]
    return [model_wrap $f [expr "0b$part"]]
}

proc model_wrap {f number} {
    lassign $f sign width
    set number [expr {$number & ((1 << $width) - 1)}]
    return [expr {$sign eq "i" && $number >> ($width - 1) ? $number - (1 << $width) : $number}]
}

proc model_put {bits f number} {
    lassign $f sign width offset
    append bits [string repeat 0 [expr {max(0, ($offset + $width + 7) / 8 * 8 - [string length $bits])}]]
    set part [format %0${width}llb [expr {$number & ((1 << $width) - 1)}]]
    return [string replace $bits $offset [expr {$offset + $width - 1}] $part]
}

# What the field holds of a number, "" where that is nothing.
proc model_fit {f number overflow} {
    lassign $f sign width
    set max [expr {(1 << ($width - ($sign eq "i"))) - 1}]
    set min [expr {$sign eq "i" ? -$max - 1 : 0}]
    if {$number >= $min && $number <= $max} {
        return $number
    }
    switch $overflow {
        WRAP {return [model_wrap $f $number]}
        SAT {return [expr {$number < $min ? $min : $max}]}
        FAIL {return {}}
    }
}

proc random_bitmap {} {
    set bytes [string repeat [random_of [list \x00 \xff]] [random_int 30]]
    return $bytes[random_bytes [random_int 6]][string repeat [random_of [list \x00 \xff]] [random_int 30]]
}

proc random_position {} {
    return [expr {[random_int 700] - 350}]
}

start_server {} {
    # --- single bits ------------------------------------------------------------------

    test {SETBIT answers the old bit, and the string grows with zeros} {
        assert_replies {
            {SETBIT k 1 1}          0
            {SETBIT k 1 1}          1
            {GET k}                 @
            {SETBIT k 23 1}         0
            {STRLEN k}              3
            {GETBIT k 1}            1
            {GETBIT k 0}            0
            {GETBIT k 23}           1
            {GETBIT k 24}           0
            {GETBIT k 4294967295}   0
            {SETBIT k 1 0}          1
            {GETBIT none 5}         0
            {SETBIT new 15 0}       0
            {STRLEN new}            2
        }
    }

    test {a number is edited as its text, and becomes raw} {
        assert_replies {
            {SET n 1}               OK
            {GETBIT n 2}            1
            {BITCOUNT n}            3
            {OBJECT ENCODING n}     int
            {SETBIT n 6 1}          0
            {GET n}                 3
            {OBJECT ENCODING n}     raw
            {INCR n}                4
        }
    }

    test {SETBIT keeps the deadline} {
        r SET k v EX 1000
        r SETBIT k 100 1
        assert_between 990 1000 [r TTL k]
    }

    test {SETBIT and GETBIT refuse what is no bit, no offset, no string} {
        r RPUSH l x
        assert_replies {
            {SETBIT k 0 2}              {$wrong_bit}
            {SETBIT k 0 -1}             {$wrong_bit}
            {SETBIT k 0 x}              {$wrong_bit}
            {SETBIT k -1 2}             {$wrong_offset}
            {SETBIT k x 1}              {$wrong_offset}
            {SETBIT k 4294967296 1}     {$wrong_offset}
            {SETBIT k 9223372036854775808 1}    {$wrong_offset}
            {SETBIT k #1 1}             {$wrong_offset}
            {GETBIT k -1}               {$wrong_offset}
            {GETBIT l x}                {$wrong_offset}
            {GETBIT l 0}                {$wrong_type}
            {SETBIT l 0 2}              {$wrong_bit}
            {SETBIT l 0 1}              {$wrong_type}
            {EXISTS k}                  0
            {LRANGE l 0 -1}             x
        }
    }

    test {bits of a large string, which is an object of its own} {
        assert_replies {
            {SETBIT k 799999 1}         0
            {STRLEN k}                  100000
            {BITCOUNT k}                1
            {BITPOS k 1}                799999
            {BITPOS k 0}                0
            {SETBIT k 0 1}              0
            {BITFIELD k SET u16 #49998 65535 GET u16 #49999}    {0 1}
            {BITCOUNT k}                18
            {BITOP NOT d k}             100000
            {BITCOUNT d}                799982
            {BITOP AND d d k}           100000
            {BITCOUNT d}                0
        }
    }

    test {offsets end with proto-max-bulk-len} {
        with_config {proto-max-bulk-len 1048576} {
            assert_replies {
                {SETBIT k 8388608 1}            {$wrong_offset}
                {GETBIT k 8388608}              {$wrong_offset}
                {BITFIELD k GET u8 8388608}     {$wrong_offset}
                {BITFIELD k GET u8 #1048576}    {$wrong_offset}
                {EXISTS k}                      0
                {SETBIT k 8388607 1}            0
                {STRLEN k}                      1048576
                {BITFIELD k SET u8 8388607 3}   128
                {STRLEN k}                      1048577
            }
        }
    }

    # --- BITCOUNT, BITPOS -------------------------------------------------------------

    test {BITCOUNT counts a range from either end, in bytes or bits} {
        r SET s foobar
        r SET e ""
        assert_replies {
            {BITCOUNT s}                26
            {BITCOUNT s 0 0}            4
            {BITCOUNT s 1 1 BYTE}       6
            {BITCOUNT s 5 30 BIT}       17
            {BITCOUNT s -1 -1 bit}      0
            {BITCOUNT s 1 0}            0
            {BITCOUNT s -1 -3}          0
            {BITCOUNT s -100 -90}       4
            {BITCOUNT s -90 -100}       0
            {BITCOUNT s -100 100}       26
            {BITCOUNT s -9223372036854775808 9223372036854775807 BIT}   26
            {BITCOUNT e 0 -1}           0
            {BITCOUNT none}             0
            {BITCOUNT none 0 -1}        0
        }
    }

    test {BITPOS finds a bit; where no end is given, zeros follow the string} {
        r SET f "\xff\xff"
        r SET z "\x00\x00"
        r SET e ""
        assert_replies {
            {BITPOS f 1}                0
            {BITPOS f 0}                16
            {BITPOS f 0 1}              16
            {BITPOS f 0 0 -1}           -1
            {BITPOS f 0 2}              -1
            {BITPOS f 1 1}              8
            {BITPOS f 1 9 12 BIT}       9
            {BITPOS f 1 -7 -3 bit}      9
            {BITPOS f 0 0 -1 BIT}       -1
            {BITPOS z 1}                -1
            {BITPOS z 0 1 1 byte}       8
            {BITPOS e 0}                -1
            {BITPOS e 1}                -1
            {BITPOS none 0}             0
            {BITPOS none 0 5 6}         0
            {BITPOS none 1}             -1
        }
    }

    test {BITCOUNT and BITPOS refuse wrong arguments} {
        r SET s foobar
        r RPUSH l x
        assert_replies {
            {BITCOUNT s 0}              {$syntax}
            {BITCOUNT s 0 1 BITS}       {$syntax}
            {BITCOUNT s 0 1 BIT x}      {$syntax}
            {BITCOUNT s x 1}            {$not_integer}
            {BITCOUNT s 0 x BITS}       {$not_integer}
            {BITCOUNT l 0}              {$wrong_type}
            {BITPOS s 2}                {$not_bit}
            {BITPOS s x}                {$not_integer}
            {BITPOS l 2}                {$not_bit}
            {BITPOS l 1 x}              {$wrong_type}
            {BITPOS s 1 x}              {$not_integer}
            {BITPOS s 1 0 x}            {$not_integer}
            {BITPOS s 1 0 x BITS}       {$syntax}
            {BITPOS s 1 0 1 BIT x}      {$syntax}
            {BITPOS none 2}             {$not_bit}
        }
    }

    test {wrong arguments are refused for an absent key, too} since-7.2 {
        assert_replies {
            {BITCOUNT none 0}           {$syntax}
            {BITCOUNT none x 0}         {$not_integer}
            {BITPOS none 1 x}           {$not_integer}
            {BITPOS none 1 0 1 BITS}    {$syntax}
        }
    }

    test {BITCOUNT and BITPOS agree with a count bit by bit} {
        for {set i 0} {$i < 300} {incr i} {
            set bytes [random_bitmap]
            set bits [bits_of $bytes]
            r SET k $bytes
            for {set j 0} {$j < 8} {incr j} {
                set range [list [random_position] [random_position] [random_of {BYTE BIT}]]
                set bit [random_int 2]
                assert_equal [list $range [model_count $bits {*}$range] [model_find $bits $bit {*}$range]] \
                    [list $range [r BITCOUNT k {*}$range] [r BITPOS k $bit {*}$range]]
            }
        }
    }

    # --- BITOP ------------------------------------------------------------------------

    test {BITOP combines strings of any length, absent ones as zeros} {
        r SET a abc
        r SET b "\xff"
        assert_replies {
            {BITOP AND d a b}           3
            {BITOP or d a none}         3
            {GET d}                     abc
            {BITOP XOR d d a}           3
            {BITCOUNT d}                0
            {BITOP NOT a a}             3
            {BITOP NOT a a}             3
            {GET a}                     abc
            {OBJECT ENCODING a}         raw
        }
    }

    test {BITOP replaces a destination of any type and its deadline, or removes it} {
        r SET a 12
        r RPUSH d x
        assert_replies {
            {EXPIRE d 1000}             1
            {BITOP OR d a}              2
            {GET d}                     12
            {TTL d}                     -1
            {BITOP AND d none}          0
            {EXISTS d}                  0
            {BITOP NOT d none}          0
        }
    }

    test {BITOP refuses other operations, other types, two sources of NOT} {
        r SET a v
        r RPUSH l x
        assert_replies {
            {BITOP NAND d a}            {$syntax}
            {BITOP NOT d a a}           {$one_source}
            {BITOP NOT d l l}           {$one_source}
            {BITOP AND d a l}           {$wrong_type}
            {BITOP NOT d}               {(error) ERR wrong number of arguments for 'bitop' command}
            {EXISTS d}                  0
        }
    }

    test {BITOP agrees with an operation bit by bit} {
        for {set i 0} {$i < 200} {incr i} {
            set operation [random_of {AND OR XOR NOT}]
            set sources {}
            for {set j [expr {$operation eq "NOT" ? 1 : 1 + [random_int 4]}]} {$j > 0} {incr j -1} {
                lappend sources [random_bitmap]
                r SET source:$j [lindex $sources end]
            }
            set keys [lreverse [lmap source $sources {string cat source:[incr j]}]]
            set expected [model_combine $operation [lmap source $sources {bits_of $source}]]
            r BITOP $operation d {*}$keys
            assert_equal [list $operation $expected] [list $operation [bits_of [r GET d]]]
        }
    }

    # --- BITFIELD ---------------------------------------------------------------------

    test {BITFIELD does what it is told in order} {
        assert_replies {
            {BITFIELD k}                                        {}
            {EXISTS k}                                          0
            {BITFIELD k SET u8 0 255 GET u4 2 INCRBY i8 0 1 GET u8 0}   {0 15 0 0}
            {BITFIELD k set i8 #2 -1 get i8 #2 get u8 16 get u8 1000}   {0 -1 255 0}
            {STRLEN k}                                          3
            {BITFIELD k GET u63 0 GET i64 0}                    {140187732541440 280375465082880}
            {BITFIELD_RO k GET i8 16 GET u1 23}                 {-1 1}
            {BITFIELD_RO none GET i8 16}                        0
        }
    }

    test {OVERFLOW holds for the operations behind it} {
        assert_replies {
            {BITFIELD k INCRBY u2 0 5 OVERFLOW SAT INCRBY u2 0 5 OVERFLOW FAIL INCRBY u2 0 1 OVERFLOW WRAP INCRBY u2 0 1}
                {1 3 (nil) 0}
            {BITFIELD k OVERFLOW SAT SET i4 0 99 SET i4 0 -99 GET i4 0}         {0 7 -8}
            {BITFIELD k OVERFLOW SAT SET u4 0 -1 GET u4 0}                      {8 15}
            {BITFIELD k OVERFLOW FAIL SET u4 0 -1 SET u4 0 3 GET u4 0}          {(nil) 15 3}
            {BITFIELD k SET i64 0 9223372036854775807 INCRBY i64 0 1}           {3458764513820540928 -9223372036854775808}
            {BITFIELD k OVERFLOW SAT INCRBY i64 0 -9223372036854775808}         -9223372036854775808
            {BITFIELD k OVERFLOW FAIL INCRBY i64 0 -1}                          (nil)
            {BITFIELD k SET u63 0 -1 INCRBY u63 0 1}                            {4611686018427387904 0}
            {BITFIELD k OVERFLOW SAT}                                           {}
        }
    }

    test {BITFIELD that writes grows the string, even where OVERFLOW FAIL keeps it from writing} {
        assert_replies {
            {BITFIELD k OVERFLOW FAIL SET u4 33 16}             (nil)
            {STRLEN k}                                          5
            {SET n 12}                                          OK
            {BITFIELD n GET u8 0}                               49
            {OBJECT ENCODING n}                                 int
            {BITFIELD n SET u8 0 50}                            49
            {GET n}                                             22
            {OBJECT ENCODING n}                                 raw
        }
    }

    test {BITFIELD refuses wrong operations before it does any} {
        r RPUSH l x
        foreach type {u64 i65 u0 i0 u i U8 x8 u08 u8x u-1 u99999999999999999999} {
            assert_equal $wrong_field [client_value [r_typed BITFIELD k SET u8 0 1 GET $type 0]]
        }
        foreach offset {-1 x # #-1 #x 4294967296 #536870912 #9223372036854775807 9223372036854775807} {
            assert_equal $wrong_offset [client_value [r_typed BITFIELD k SET u8 0 1 GET u8 $offset]]
        }
        assert_replies {
            {BITFIELD k SET u8 0 1 GET u8}              {$syntax}
            {BITFIELD k SET u8 0}                       {$syntax}
            {BITFIELD k SET u8 0 1 OVERFLOW}            {$syntax}
            {BITFIELD k SET u8 0 1 FOO u8 0}            {$syntax}
            {BITFIELD k SET u8 0 1 OVERFLOW FOO}        {$wrong_overflow}
            {BITFIELD k SET u8 0 x}                     {$not_integer}
            {BITFIELD k INCRBY u8 0 9223372036854775808} {$not_integer}
            {BITFIELD_RO k GET u8 0 SET u8 0 1}         {$only_get}
            {BITFIELD_RO l INCRBY u8 0 1}               {$only_get}
            {BITFIELD_RO k SET x 0 1}                   {$wrong_field}
            {BITFIELD_RO k OVERFLOW SAT GET u8 0}       0
            {EXISTS k}                                  0
            {BITFIELD l FOO}                            {$syntax}
            {BITFIELD l}                                {$wrong_type}
            {BITFIELD l GET u8 0}                       {$wrong_type}
            {BITFIELD l SET u8 0 1}                     {$wrong_type}
            {BITFIELD_RO l GET u8 0}                    {$wrong_type}
        }
    }

    test {an offset in fields that is too large to count in bits is refused} tocsin {
        assert_equal $wrong_offset [client_value [r_typed BITFIELD k SET u8 #4611686018427387904 1]]
    }

    test {with OVERFLOW SAT the least integer is the field's least} tocsin {
        assert_equal {0 -128} [r BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775808 GET i8 0]
    }

    test {BITFIELD agrees with arithmetic on a text of bits} {
        set bits {}
        for {set i 0} {$i < 1500} {incr i} {
            set sign [random_of {i u}]
            set width [expr {1 + [random_int [expr {$sign eq "i" ? 64 : 63}]]}]
            set f [list $sign $width [random_int 200]]
            set field [list $sign$width [lindex $f 2]]
            set overflow [random_of {WRAP SAT FAIL}]
            set number [expr {(rand() < 0.5 ? 1 : -1) * (1 << [random_int 62]) + [random_int 5] - 2}]
            set old [model_get $bits $f]
            set operation [random_of {SET INCRBY}]
            set exact [expr {$operation eq "INCRBY" ? $old + $number
                : $sign eq "u" ? $number & ((1 << 64) - 1) : $number}]
            set value [model_fit $f $exact $overflow]
            set bits [model_put $bits $f [expr {$value eq {} ? $old : $value}]]
            set expected [expr {$value eq {} ? "(nil)" : $operation eq "SET" ? $old : $value}]
            set actual [lindex [r BITFIELD k OVERFLOW $overflow $operation {*}$field $number] 0]
            assert_equal [list $overflow $operation $field $number $expected] \
                [list $overflow $operation $field $number $actual]
            assert_equal [model_get $bits $f] [r BITFIELD_RO k GET {*}$field]
        }
        assert_equal $bits [bits_of [r GET k]]
    }

    # --- what the server knows of them ------------------------------------------------

    test {the keys of BITFIELD are read or written as its operations are} {
        foreach {operations flags} {
            {GET u8 0}                      {RO access}
            {}                              {RO access}
            {OVERFLOW SAT GET u8 0}         {RO access}
            {SET u8 0 1}                    {RW access update}
            {GET u8 0 INCRBY u8 0 1}        {RW access update}
            {GET u8}                        {RW access update}
        } {
            assert_equal [list [list k $flags]] [r COMMAND GETKEYSANDFLAGS BITFIELD k {*}$operations]
        }
        assert_equal {{d {OW update}} {a {RO access}} {b {RO access}}} [r COMMAND GETKEYSANDFLAGS BITOP AND d a b]
    }

    test {setbit is published only if a bit changed or the string grew} since-7.2 {
        r CONFIG SET notify-keyspace-events KEA
        assert_equal {setbit(k) setbit(k) setbit(k) setbit(k)} [events_of {
            r SETBIT k 3 1
            r SETBIT k 3 1
            r SETBIT k 2 0
            r SETBIT k 8 0
            r BITFIELD k SET u4 0 1
            r BITFIELD k SET u4 0 2 SET u4 4 0
            r BITFIELD k OVERFLOW FAIL SET u4 0 16
            r BITFIELD k OVERFLOW FAIL SET u4 96 16
        }]
        r CONFIG SET notify-keyspace-events ""
    }

    test {a transaction is not disturbed by a SETBIT that changes nothing} since-7.2 {
        r SETBIT k 3 1
        set other [client_new]
        r WATCH k
        $other SETBIT k 3 1
        r MULTI
        assert_equal {} [r EXEC]
        r WATCH k
        $other SETBIT k 4 1
        r MULTI
        r PING
        assert_equal (nil) [client_value [r_typed EXEC]]
        client_close $other
    }
}
