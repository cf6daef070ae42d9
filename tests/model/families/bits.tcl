# Strings as arrays of bits.

generator bit_offset {
    return [expr {rand() < 0.95 ? [random_int 200] : [random_of {-1 4294967296 9223372036854775807}]}]
}

generator bit_type {
    return [random_of {u8 i8 u1 i5 u16 i32 i64 u63 u64 i65 u0 x8}]
}

generator bit_operation {
    switch [random_int 5] {
        0 {return [list GET {*}[generate::bit_type] [random_of [list [random_int 40] #[random_int 4]]]]}
        1 {return [list SET {*}[generate::bit_type] [random_int 40] {*}[generate::integer]]}
        2 {return [list INCRBY {*}[generate::bit_type] #[random_int 4] {*}[generate::integer]]}
        3 {return [list OVERFLOW [random_of {WRAP SAT FAIL}] INCRBY u8 0 {*}[generate::integer]]}
        4 {return [list OVERFLOW [random_of {wrap sat fail x}]]}
    }
}

generator range_unit {
    return [random_of {BYTE BIT byte x}]
}

family bits {
    {SETBIT <key> <bit_offset> 0|1|2}
    {GETBIT <key> <bit_offset>}
    {BITCOUNT <key>}
    {BITCOUNT <key> <position> <position> <range_unit>?}
    {BITPOS <key> 0|1 <position>? <position>?}
    {BITPOS <key> 0|1 <position> <position> <range_unit>}
    {BITOP AND|OR|XOR|NOT <key> <key>+}
    {BITFIELD <key> <bit_operation>+}
    {BITFIELD_RO <key> GET u8|i5|u64 <bit_offset>}
    {SET <key> <value>}
    {GET <key>}
    {DEL <key>}
}
