# Strings as bits and as arrays of small integers.

generator bit_offset {
    return [expr {rand() < 0.95 ? [random_int [random_of {8 70 700}]]
        : [random_of {-1 1000000 4294967296 9223372036854775807}]}]
}

generator bits {
    switch [random_int 4] {
        0 {return [list [random_bytes [random_int 40]]]}
        1 {return [list [string repeat [random_of [list \x00 \xff]] [random_int 40]]]}
        2 {return [list [string repeat \xff [random_int 30]]\xfe\x01[string repeat \x00 [random_int 30]]]}
        default {return [generate::value]}
    }
}

generator bit_unit {
    return [random_of {BYTE BIT byte bit BITS}]
}

generator bit_position {
    return [expr {rand() < 0.9 ? [random_int 400] - 200 : [generate::position]}]
}

generator bit_field {
    set width [random_of [list 1 2 [random_int 66] [random_int 66] 8 31 32 63 64]]
    set at [expr {rand() < 0.95 ? [random_int [random_of {8 70 200}]] : [random_of {-1 x 4294967296 1000000}]}]
    return [list [random_of {u i}]$width [random_of {{} {} #}]$at]
}

generator field_get {
    return [list GET {*}[generate::bit_field]]
}

# Not the least integers: with OVERFLOW SAT the reference takes them for too large.
generator field_value {
    return [expr {max([generate::integer], -(2**62))}]
}

generator field_operation {
    switch [random_int 5] {
        0 {return [generate::field_get]}
        1 {return [list OVERFLOW [random_of {WRAP SAT FAIL sat fail}]]}
        2 - 3 {return [list INCRBY {*}[generate::bit_field] [generate::integer]]}
        4 {return [list SET {*}[generate::bit_field] [generate::field_value]]}
    }
}

# A string that only grew, by an operation that failed, is none the reference tells
# watchers of: nobody watches what a BITFIELD did.
family bitmaps {
    {SET <key> <bits>}
    {SET <key> <bits>}
    {SET <key> <integer>}
    {SETBIT <key> <bit_offset> 0|1}
    {SETBIT <key> <bit_offset> 0|1}
    {SETBIT <key> <bit_offset> 0|1|2}
    {GETBIT <key> <bit_offset>}
    {BITCOUNT <key>}
    {BITCOUNT <key> <position> <position>}
    {BITCOUNT <key> <bit_position> <bit_position> <bit_unit>}
    {BITPOS <key> 0|1}
    {BITPOS <key> 0|1|2 <position>}
    {BITPOS <key> 0|1 <position> <position>}
    {BITPOS <key> 0|1 <bit_position> <bit_position> <bit_unit>}
    {BITOP AND|OR|XOR|NOT|NAND <key> <key>}
    {BITOP AND|OR|XOR <key> <key>+}
    {BITOP NOT <key> <key>}
    {BITFIELD <key> <field_operation> ; = UNWATCH}
    {BITFIELD <key> <field_operation>* ; = UNWATCH}
    {BITFIELD <key> <field_operation> <field_operation> <field_operation> <field_operation> ; = UNWATCH}
    {BITFIELD <key> <field_get>*}
    {BITFIELD_RO <key> <field_get>*}
    {BITFIELD_RO <key> <field_operation>*}
    {GET <key>}
    {APPEND <key> <bits>}
    {OBJECT ENCODING <key>}
    {COMMAND GETKEYSANDFLAGS BITFIELD <key> <field_operation>*}
    {DEL <key>}
    {LPUSH <key> x}
}
