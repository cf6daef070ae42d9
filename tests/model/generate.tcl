# Random commands from tables.
#
# A family file calls
#
#   family NAME { row row ... }
#
# where a row is one command (or several, with ; between them) as words:
#   SET              itself
#   EX|PX|EXAT       one of these
#   <key>            what the generator of that name returns, a list of words
#   <key>? <key>* <key>+    none or one; none to three; one to four of them
# A command that begins with = is sent as it is; the others are damaged now and
# then: an argument lost, doubled, swapped or replaced by junk.
#
# generator NAME {body} defines <NAME>. Deadlines are far away or past, never
# near, so that no reply depends on how fast the servers run.

namespace eval generate {
    variable rows {}            ;# per family: a list of compiled rows
    variable keys [list a b c key:1 key:2 key:3 "sp ace" "bin\x00\xff" "\[x\]*?" "" n {{curly}}]
    variable more_keys {}       ;# that families use beside these
    variable junk [list "" abc -1 0 1.5 -0 +1 99999999999999999999 9223372036854775807 -9223372036854775808 nan inf \
        "\x00\xff\r\n" " 1" 0x10 * 1e400 [string repeat z 300]]
    variable strays {}          ;# words of damaged commands, which may have become keys (a dict)
    variable damage 0.07
    variable multi 0.04         ;# how often a row is executed as a transaction
}

proc model_families {} {
    return [lsort [lmap path [glob -directory $::folder/families *.tcl] {file rootname [file tail $path]}]]
}

proc family {name table} {
    lappend generate::rows [lmap row $table {compile_row $row}]
}

proc generator {name body} {
    if {[info commands generate::$name] ne ""} {
        error "two families define <$name>"
    }
    proc generate::$name {} $body
}

# A list of commands: {exact parts}, a part being {kind payload}.
proc compile_row {row} {
    set commands {}
    set command {}
    foreach word [concat $row ";"] {
        if {$word eq ";"} {
            set exact [expr {[lindex $command 0] eq "word ="}]
            lappend commands [list $exact [lrange $command $exact end]]
            set command {}
        } elseif {[regexp {^<(.+)>([?*+]?)$} $word -> name times]} {
            lappend command [list draw$times $name]
        } elseif {[string match ?*|?* $word]} {
            lappend command [list choose [split $word |]]
        } else {
            lappend command [list word $word]
        }
    }
    return $commands
}

proc fill {parts} {
    set words {}
    foreach part $parts {
        lassign $part kind payload
        switch -- $kind {
            word {
                lappend words $payload
                continue
            }
            choose {
                lappend words [random_of $payload]
                continue
            }
            draw {set times 1}
            draw? {set times [random_int 2]}
            draw* {set times [random_int 4]}
            draw+ {set times [expr {1 + [random_int 4]}]}
        }
        while {[incr times -1] >= 0} {
            lappend words {*}[generate::$payload]
        }
    }
    return $words
}

proc damage {words} {
    set count [llength $words]
    set at [expr {1 + [random_int [expr {max(1, $count - 1)}]]}]
    set other [expr {1 + [random_int [expr {max(1, $count - 1)}]]}]
    switch [random_int 6] {
        0 {return [lreplace $words $at $at]}
        1 {return [linsert $words $at [random_of $generate::junk]]}
        2 {return [linsert $words $at [lindex $words $at]]}
        3 {return [lreplace $words $at $at [random_of $generate::junk]]}
        4 {return [lreplace [lreplace $words $at $at [lindex $words $other]] $other $other [lindex $words $at]]}
        5 {return [lreplace $words $at $at [string tolower [lindex $words $at]]]}
    }
}

proc generate_batch {count} {
    set batch {}
    while {[llength $batch] < $count} {
        set in_multi [expr {rand() < $generate::multi}]
        if {$in_multi} {
            lappend batch MULTI
        }
        foreach command [random_of [random_of $generate::rows]] {
            lassign $command exact parts
            set words [fill $parts]
            if {!$exact && rand() < $generate::damage} {
                set damaged [damage $words]
                # An ID that each side's own clock would choose.
                if {[lindex $words 0] ne "XADD" || "*" ni $damaged} {
                    set words $damaged
                }
                foreach word [lrange $words 1 end] {
                    dict set generate::strays $word 1
                }
            }
            lappend batch $words
        }
        if {$in_multi} {
            lappend batch EXEC
        }
    }
    return $batch
}

# --- generators every family may use ------------------------------------------------

generator key {
    return [list [random_of $generate::keys]]
}

# The empty string, integers of every size, numbers, short and long text, bytes.
generator value {
    switch [random_int 8] {
        0 {return [generate::integer]}
        1 {return [generate::number]}
        2 {return [list [string repeat [random_of {a b xy}] [random_int 60]]]}
        3 {return [list [random_bytes [random_int 12]]]}
        4 {return [list [string repeat v [random_of {43 44 45 46 64 200}]]]}
        5 {return [random_of $generate::junk]x}
        default {return [random_of {hello world ohmytext mynewtext foo 10 3 0}]}
    }
}

generator integer {
    switch [random_int 6] {
        0 {return [random_of {9223372036854775807 -9223372036854775808 9223372036854775806 -9223372036854775807}]}
        1 {return [expr {[random_int 2000000] - 1000000}]}
        2 {return [random_of {2147483647 2147483648 -2147483649 4294967296 1000000000000}]}
        default {return [expr {[random_int 21] - 10}]}
    }
}

generator number {
    switch [random_int 4] {
        0 {return [random_of {0.5 -0.25 3.0e3 1e2 .5 5. 0.1 -1.5 1e-5 1234567.875}]}
        1 {return [expr {[random_int 2000] / 8.0}]}
        2 {return [random_of {inf -inf nan 1e308 1e17 0.000001}]}
        default {return [generate::integer]}
    }
}

# A position in a short string, from either end, or beyond any.
generator position {
    if {rand() < 0.9} {
        return [expr {[random_int 50] - 20}]
    }
    return [random_of {-9223372036854775808 9223372036854775807 1000000 -1000000}]
}

# The one of this run.
generator protocol {
    return $model::protocol
}

generator database {
    return [random_of {0 1 2 3 15 1 2 16 -1 x}]
}

generator glob {
    return [list [random_of [list * key:* ?* {[a-c]} a* {[^a]} *1 {\[x*} none "bin*" {*[*} "*\xff" key:\[12\] **]]]
}

# All the keys are looked up, so that those whose deadline has passed are gone.
generator allkeys {
    return [concat $generate::keys $generate::more_keys [dict keys $generate::strays]]
}

generator far_seconds {
    return [expr {1000000 + [random_int 1000000000]}]
}

generator far_ms {
    return [expr {1000000000 + [random_int 1000000000] * 1000}]
}

# The number of seconds, or -1 .. 0 for the past, or what overflows.
generator seconds {
    if {rand() < 0.8} {
        return [generate::far_seconds]
    }
    return [random_of {0 -1 -1000 9223372036854775807 9223372036854775 -9223372036854775808}]
}

generator milliseconds {
    if {rand() < 0.8} {
        return [generate::far_ms]
    }
    return [random_of {0 -1 -1000 9223372036854775807 -9223372036854775808}]
}

# Moments, far in the future or past.
generator at_seconds {
    if {rand() < 0.8} {
        return [expr {5000000000 + [random_int 1000]}]
    }
    return [random_of {1 0 -1 1000000000 9223372036854775807}]
}

generator at_ms {
    if {rand() < 0.8} {
        return [expr {5000000000000 + [random_int 100000]}]
    }
    return [random_of {1 0 -1 1000000000000 9223372036854775807}]
}
