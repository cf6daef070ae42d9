# HyperLogLogs: what they count, how they are held, what they refuse.

set no_hyperloglog {(error) WRONGTYPE Key is not a valid HyperLogLog string value.}
set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set corrupt {(error) INVALIDOBJ Corrupted HLL object detected}

# A text of that encoding with an estimate that is out of date.
proc text {encoding body} {
    return "HYLL[binary format c $encoding]\0\0\0\0\0\0\0\0\0\0\x80$body"
}

proc elements {from to} {
    set elements {}
    for {set i $from} {$i < $to} {incr i} {lappend elements element:$i}
    return $elements
}

proc value_of {args} {
    return [client_value [r_typed {*}$args]]
}

# How many changes the commands count for persistence.
proc changes_of {commands} {
    set before [server_info rdb_changes_since_last_save]
    uplevel 1 $commands
    return [expr {[server_info rdb_changes_since_last_save] - $before}]
}

# Whether a client that watches k could not execute its transaction.
proc is_seen_by_watchers {args} {
    r WATCH k
    set other [client_new]
    $other {*}$args
    client_close $other
    r MULTI
    r PING
    return [expr {[r EXEC] eq "(nil)"}]
}

start_server {} {
    test {PFADD counts distinct elements and says whether a register rose} {
        assert_replies {
            {PFADD k a b c}     1
            {PFADD k a b c}     0
            {PFADD k c d}       1
            {PFCOUNT k}         4
            {PFADD k ""}        1
            {PFCOUNT k}         5
            {PFCOUNT none}      0
        }
    }

    test {PFADD without elements makes an empty one, once} {
        assert_replies {
            {PFADD k}           1
            {PFADD k}           0
            {PFCOUNT k}         0
            {STRLEN k}          18
            {OBJECT ENCODING k} raw
        }
        assert_equal "HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff" [r GET k]
    }

    test {the estimate is within a few standard errors} {
        set count 0
        foreach to {10 100 1000 10000 50000} {
            while {$count < $to} {
                set next [expr {min($to, $count + 1000)}]
                r PFADD k {*}[elements $count $next]
                set count $next
            }
            set slack [expr {max(1, int($to * 0.04))}]
            assert_between [expr {$to - $slack}] [expr {$to + $slack}] [r PFCOUNT k]
        }
        assert_equal 12304 [r STRLEN k]
    }

    test {the bytes are those that every server of this protocol writes} {
        r PFADD k a b c
        assert_equal [text 1 "\x60\xf3\x80\x50\xb1\x84\x4b\xfb\x80\x42\x5a"] [r GET k]
        r PFCOUNT k
        assert_equal "HYLL\x01\0\0\0\x03\0\0\0\0\0\0\0\x60\xf3\x80\x50\xb1\x84\x4b\xfb\x80\x42\x5a" [r GET k]
        assert_equal {Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603} [r PFDEBUG DECODE k]
    }

    test {a value can be carried away and back by GET and SET} {
        r PFADD sparse {*}[elements 0 500]
        r PFADD dense {*}[elements 0 5000]
        foreach key {sparse dense} {
            r SET copy [r GET $key]
            assert_equal [r PFCOUNT $key] [r PFCOUNT copy]
            assert_equal 0 [r PFADD copy {*}[elements 0 500]]
        }
    }

    test {it becomes dense beyond hll-sparse-max-bytes, header included} {
        with_config {hll-sparse-max-bytes 30} {
            foreach {element length} {a 21 b 24 c 27 d 30 e 12304} {
                r PFADD k $element
                assert_equal [list $element $length] [list $element [r STRLEN k]]
            }
            assert_equal dense [r PFDEBUG ENCODING k]
            assert_equal 5 [r PFCOUNT k]
        }
    }

    test {sparse and dense count alike} {
        r PFADD sparse x
        r PFADD dense x
        r PFDEBUG TODENSE dense
        for {set i 0} {$i < 1000} {incr i 50} {
            foreach key {sparse dense} {r PFADD $key {*}[elements $i [expr {$i + 50}]]}
            assert_equal [r PFCOUNT dense] [r PFCOUNT sparse]
        }
        assert_equal {sparse dense} [list [r PFDEBUG ENCODING sparse] [r PFDEBUG ENCODING dense]]
        assert_equal [r PFDEBUG GETREG dense] [r PFDEBUG GETREG sparse]
    }

    test {PFCOUNT of several keys counts what they have together} {
        r PFADD a 1 2 3
        r PFADD b 3 4 5
        r PFDEBUG TODENSE b
        assert_replies {
            {PFCOUNT a b}       5
            {PFCOUNT a none}    3
            {PFCOUNT none no}   0
            {PFCOUNT a a}       3
            {PFCOUNT a}         3
        }
    }

    test {PFCOUNT believes the estimate that is kept until an element is added} {
        r PFADD k a
        r SETRANGE k 8 "\x2a\0\0\0\0\0\0\0"
        assert_replies {
            {PFCOUNT k}         42
            {PFADD k a}         0
            {PFCOUNT k}         42
            {PFADD k b}         1
            {PFCOUNT k}         2
        }
    }

    test {PFMERGE unites its sources with the destination} {
        r PFADD a 1 2 3
        r PFADD b 3 4 5
        r PFADD c 6
        assert_replies {
            {PFMERGE d a b none}    OK
            {PFCOUNT d}             5
            {PFMERGE d c}           OK
            {PFCOUNT d}             6
            {PFDEBUG ENCODING d}    sparse
            {PFMERGE new}           OK
            {PFCOUNT new}           0
            {PFMERGE d}             OK
            {PFMERGE a a}           OK
            {PFCOUNT a}             3
        }
        r PFMERGE other none
        assert_equal [text 1 "\x7f\xff"] [r GET other]
    }

    test {PFMERGE makes the destination dense if one of its sources is} {
        r PFADD a 1
        r PFADD b 2
        r PFDEBUG TODENSE b
        assert_replies {
            {PFMERGE a b}           OK
            {PFDEBUG ENCODING a}    dense
            {PFCOUNT a}             2
            {PFADD c 3}             1
            {PFMERGE b c}           OK
            {PFDEBUG ENCODING b}    dense
            {PFCOUNT b}             2
        }
    }

    test {PFADD and PFMERGE keep the deadline of the key} {
        r PFADD k a
        r PEXPIRE k 100000
        r PFADD k b
        r PFMERGE k none
        r PFCOUNT k
        assert_between 1 100000 [r PTTL k]
    }

    test {what is no HyperLogLog is refused and stays as it is} {
        r PFADD h a
        r RPUSH list a
        foreach value [list "" 123456 abc HYLL "HYLL\x01" [text 2 "\x7f\xff"] [text 0 "\x7f\xff"] \
            [text 0 [string repeat \0 12287]] [text 0 [string repeat \0 12289]] [string tolower [text 1 "\x7f\xff"]]] {
            r SET k $value
            foreach command {{PFADD k} {PFADD k a} {PFCOUNT k} {PFCOUNT h k} {PFMERGE k h} {PFMERGE h k} {PFDEBUG GETREG k}} {
                assert_equal [list $command $no_hyperloglog] [list $command [value_of {*}$command]]
            }
            assert_equal $value [r GET k]
        }
        foreach command {{PFADD list} {PFCOUNT list} {PFCOUNT h list} {PFMERGE list h} {PFMERGE h list} {PFDEBUG GETREG list}} {
            assert_equal [list $command $wrong_type] [list $command [value_of {*}$command]]
        }
        assert_equal 1 [r PFCOUNT h]
    }

    test {runs that are not 16384 registers are corrupt} {
        r PFADD h a
        foreach body [list "" "\x7f" "\x7f\xfe" "\x7f\xff\x80" "\x7f\xff\x00" "\x7f\xff\x7f" "\x7f\xfe\x83" \
            [string repeat "\x83" 5000] [string repeat "\x7f\xff" 1000] "\xff"] {
            r SET k [text 1 $body]
            foreach command {{PFCOUNT k} {PFCOUNT h k} {PFMERGE k h} {PFMERGE h k} {PFDEBUG GETREG k} {PFDEBUG TODENSE k}} {
                assert_equal [list $command $corrupt] [list $command [value_of {*}$command]]
            }
            assert_equal [text 1 $body] [r GET k]
        }
        r SET k [text 1 ""]
        assert_equal $corrupt [value_of PFADD k a]
        assert_equal [text 1 ""] [r GET k]
        assert_equal 1 [r PFCOUNT h]
    }

    test {a register beyond 32 needs the dense encoding, and 63 is beyond any hash} {
        r SET k [text 0 [string repeat \xff 12288]]
        assert_replies {
            {PFADD k a b c}     0
            {PFCOUNT k}         -9223372036854775808
            {PFMERGE d k}       OK
        }
        assert_equal [lrepeat 16384 63] [r PFDEBUG GETREG d]
    }

    test {PFDEBUG shows registers and runs, and makes dense} {
        r PFADD k a
        assert_replies {
            {PFDEBUG encoding k}    sparse
            {PFDEBUG DECODE k}      {Z:12711 v:2,1 Z:3672}
            {PFDEBUG TODENSE k}     1
            {PFDEBUG TODENSE k}     0
            {PFDEBUG ENCODING k}    dense
            {PFDEBUG DECODE k}      {(error) ERR HLL encoding is not sparse}
            {PFDEBUG nothing k}     {(error) ERR Unknown PFDEBUG subcommand 'nothing'}
            {PFDEBUG nothing none}  {(error) ERR The specified key does not exist}
            {PFDEBUG GETREG}        {(error) ERR wrong number of arguments for 'pfdebug' command}
        }
        set registers [r PFDEBUG GETREG k]
        assert_equal {16384 2} [list [llength $registers] [lindex $registers 12711]]
    }

    test {PFDEBUG GETREG leaves the key dense} {
        r PFADD k a
        r PFDEBUG GETREG k
        assert_equal dense [r PFDEBUG ENCODING k]
    }

    test {PFSELFTEST finds nothing wrong} {
        assert_equal OK [r PFSELFTEST]
    }

    test {a new key, a register that rises and an estimate that is kept count as changes} {
        assert_equal 4 [changes_of {r PFADD k a b c}]
        assert_equal 2 [changes_of {r PFADD k a d e}]
        assert_equal 1 [changes_of {r PFCOUNT k}]
        assert_equal 0 [changes_of {r PFCOUNT k}]
        assert_equal 0 [changes_of {r PFCOUNT k none}]
        assert_equal 1 [changes_of {r PFMERGE k}]
        assert_equal 1 [changes_of {r PFDEBUG TODENSE k}]
    }

    test {who watches a key sees PFADD if it changes it, PFMERGE, and a new estimate} {
        foreach {command seen} {
            {PFADD k a} 1   {PFADD k a} 0   {PFCOUNT k} 1   {PFCOUNT k} 0   {PFMERGE k} 1   {PFDEBUG GETREG k} 0
        } {
            assert_equal [list $command $seen] [list $command [is_seen_by_watchers {*}$command]]
        }
    }
}

start_server {notify-keyspace-events KEAmn} {
    test {PFADD tells pfadd if it changes something, PFMERGE always, PFCOUNT nothing} {
        assert_equal {new(k) pfadd(k)} [events_of {r PFADD k}]
        assert_equal {} [events_of {r PFADD k}]
        assert_equal pfadd(k) [events_of {r PFADD k a b}]
        assert_equal {} [events_of {r PFADD k b a}]
        assert_equal {} [events_of {r PFCOUNT k}]
        assert_equal {keymiss(d) keymiss(none) new(d) pfadd(d)} [events_of {r PFMERGE d none k}]
        assert_equal pfadd(d) [events_of {r PFMERGE d k}]
        assert_equal {keymiss(none) keymiss(no)} [events_of {r PFCOUNT none k no}]
        assert_equal {} [events_of {r PFDEBUG GETREG k}]
    }

    test {a PFMERGE that is refused tells nothing but misses} {
        r SET k abc
        assert_equal keymiss(d) [events_of {catch {r PFMERGE d k}}]
        assert_equal 0 [r EXISTS d]
    }
}
