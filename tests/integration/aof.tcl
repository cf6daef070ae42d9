# The append only file: its parts and their manifest, what is written, starting from it.

proc aof_file {name} {
    return [server dir]/appendonlydir/appendonly.aof.$name
}

proc manifest {} {
    return [server_file [aof_file manifest]]
}

# The commands in the bytes of a file, each as a list of words; annotations as they are.
proc aof_commands {bytes} {
    set commands {}
    set at 0
    while {$at < [string length $bytes]} {
        set end [string first \n $bytes $at]
        set line [string trimright [string range $bytes $at $end-1] \r]
        set at [expr {$end + 1}]
        if {[string index $line 0] eq "#"} {
            lappend commands $line
            continue
        }
        set words {}
        for {set count [string range $line 1 end]} {$count > 0} {incr count -1} {
            set end [string first \n $bytes $at]
            set length [string trim [string range $bytes $at+1 $end]]
            lappend words [string range $bytes $end+1 $end+$length]
            set at [expr {$end + $length + 3}]
        }
        lappend commands $words
    }
    return $commands
}

# What the script appends, without SELECTs.
proc appended_by {script} {
    set before [string length [last_increment]]
    uplevel 1 $script
    return [lsearch -all -inline -not -glob -nocase [aof_commands [string range [last_increment] $before end]] "SELECT *"]
}

proc last_path {} {
    return [server dir]/appendonlydir/[lindex [split [string trim [manifest]] "\n "] end-4]
}

proc last_increment {} {
    return [server_file [last_path]]
}

proc wait_no_rewrite {} {
    wait_for {[server_info aof_rewrite_in_progress] == 0 && [server_info aof_rewrite_scheduled] == 0}
}

tags own-server {
    start_server {appendonly yes appendfsync always auto-aof-rewrite-percentage 0 aof-use-rdb-preamble yes} {
        test {the first start makes a base, an increment and the manifest} {
            assert_equal "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n" [manifest]
            assert_equal REDIS [string range [server_file [aof_file 1.base.rdb]] 0 4]
            assert_equal {1 ok ok} [list [server_info aof_enabled] [server_info aof_last_write_status] [server_info aof_last_bgrewrite_status]]
        }

        test {with appendfsync always a reply means that it is in the file} {
            assert_equal {{SET k v}} [appended_by {r SET k v}]
            assert_equal {{DEL k}} [appended_by {r DEL k}]
            assert_equal {} [appended_by {r DEL k; r GET k}]
        }

        test {time-dependent and random commands are written as what they did} {
            r SET k v
            foreach {command forms} {
                {SET k v EX 100}           {{SET k v PXAT #}}
                {SET k v PXAT 4102444800000} {{SET k v PXAT 4102444800000}}
                {SETEX k 100 v}            {{SET k v PXAT #}}
                {PSETEX k 100000 v}        {{SET k v PXAT #}}
                {EXPIRE k 100}             {{PEXPIREAT k #}}
                {PEXPIRE k 100000}         {{PEXPIREAT k #}}
                {EXPIREAT k 4102444800}    {{PEXPIREAT k 4102444800000}}
                {GETEX k EX 100}           {{PEXPIREAT k #}}
                {GETEX k PERSIST}          {{PERSIST k}}
                {GETEX k}                  {}
                {EXPIRE k -1}              {{DEL k}}
                {INCRBYFLOAT f 1.5}        {{SET f 1.5 KEEPTTL}}
                {HINCRBYFLOAT h f 1.5}     {{HSET h f 1.5}}
                {SADD s a}                 {{SADD s a}}
                {SPOP s}                   {{SREM s a}}
                {XADD x * f v}             {{XADD x # f v}}
                {RPUSH l a b}              {{RPUSH l a b}}
                {BLPOP l 0}                {{LPOP l}}
                {BRPOP l 0}                {{RPOP l}}
                {ZADD z 1 a 2 b 3 c}       {{ZADD z 1 a 2 b 3 c}}
                {BZPOPMIN z 0}             {{ZPOPMIN z}}
                {RPUSH l a}                {{RPUSH l a}}
                {BLMOVE l m LEFT RIGHT 0}  {{LMOVE l m LEFT RIGHT}}
                {GETDEL f}                 {{DEL f}}
                {GETSET k w}               {{SET k w}}
                {UNLINK k}                 {{UNLINK k}}
            } {
                set got [appended_by {r {*}$command}]
                assert_equal [list $command $forms] [list $command [lmap form $got {
                    lmap word $form {expr {[regexp {^1[78]\d{11}(-\d+)?$} $word] ? "#" : $word}}
                }]]
            }
        }

        test {a transaction that changes several things is written between MULTI and EXEC} {
            assert_equal {MULTI {SET a 1} {SET b 2} EXEC} [appended_by {
                r MULTI
                r SET a 1
                r GET a
                r SET b 2
                r EXEC
            }]
            assert_equal {} [appended_by {
                r MULTI
                r GET a
                r EXEC
            }]
        }

        test {an expired key is written as its removal} {
            assert_equal {{SET k v PXAT #} {DEL k}} [lmap form [appended_by {
                r SET k v PX 20
                wait_for {[r EXISTS k] == 0 && [server_info expired_keys] > 0}
                after 20
            }] {lreplace $form end end [expr {[llength $form] == 5 ? "#" : [lindex $form end]}]}]
        }

        test {a restart executes what was written} {
            r SET a 1 PXAT 4102444800123
            r RPUSH l a b c
            r SELECT 7
            r HSET h f v
            r SELECT 0
            r XADD x * f v
            set digest [r DEBUG DIGEST]
            server_restart KILL
            assert_equal $digest [r DEBUG DIGEST]
            assert_equal 4102444800123 [r PEXPIRETIME a]
            assert_match {*DB loaded from append only file: * seconds*} [server log]
        }

        foreach preamble {yes no} suffix {rdb aof} {
            test "BGREWRITEAOF makes a new base (aof-use-rdb-preamble $preamble), and deletes what it replaces" {
                with_config [list aof-use-rdb-preamble $preamble] {
                    for {set i 0} {$i < 100} {incr i} {
                        r SET k $i
                    }
                    r RPUSH l a b c
                    r HSET h f v
                    r ZADD z 1.5 a
                    r SADD s a b
                    r XADD x 1-1 f v
                    r XGROUP CREATE x g 0
                    r XREADGROUP GROUP g c STREAMS x >
                    r SET volatile v PXAT 4102444800123
                    set digest [r DEBUG DIGEST]
                    set rewrites [server_info aof_rewrites]
                    r BGREWRITEAOF
                    wait_no_rewrite
                    assert_equal {ok} [server_info aof_last_bgrewrite_status]
                    assert_equal [expr {$rewrites + 1}] [server_info aof_rewrites]
                }
                assert_match "file appendonly.aof.*.base.$suffix seq * type b\nfile appendonly.aof.*.incr.aof seq * type i\n" [manifest]
                wait_for {[llength [glob [server dir]/appendonlydir/*]] == 3}
                r SET after 1
                r DEL after
                server_restart KILL
                assert_equal $digest [r DEBUG DIGEST]
                assert_equal {1 1-1 1-1 {{c 1}}} [r XPENDING x g]
            }
        }

        test {what is written while a rewrite runs is not lost} {
            for {set i 0} {$i < 100} {incr i} {
                r SET k$i $i
            }
            with_config {rdb-key-save-delay 20000} {
                r BGREWRITEAOF
                for {set i 0} {$i < 100} {incr i} {
                    r SET during$i $i
                    r DEL k$i
                }
                assert_equal 1 [server_info aof_rewrite_in_progress]
            }
            server_restart KILL ;# in the middle of it
            assert_equal 100 [r DBSIZE]
            r BGREWRITEAOF
            wait_no_rewrite
            server_restart KILL
            assert_equal 100 [r DBSIZE]
        }

        test {appendonly is switched off and on while the server runs} {
            r SET a 1
            r CONFIG SET appendonly no
            assert_equal 0 [server_info aof_enabled]
            set size [string length [last_increment]]
            r SET b 1
            assert_equal $size [string length [last_increment]]
            r CONFIG SET appendonly yes
            r SET c 1
            wait_no_rewrite
            wait_for {[server_info aof_enabled] == 1}
            server_restart KILL
            assert_equal {1 1 1} [list [r EXISTS a] [r EXISTS b] [r EXISTS c]]
        }

        test {WAITAOF counts this server} since-7.2 {
            r SET k v
            assert_equal {1 0} [r WAITAOF 1 0 0]
            assert_equal {1 0} [r WAITAOF 1 1 10]
            assert_error {ERR value is out of range, value must between 0 and 1} {r WAITAOF 2 0 0}
            assert_error {ERR timeout is negative} {r WAITAOF 1 0 -1}
        }

        test {timestamps are written when asked for, and read} {
            with_config {aof-timestamp-enabled yes} {
                lassign [appended_by {r SET k v}] stamp command
                assert_equal {SET k v} $command
                assert_match #TS:1* $stamp
            }
            server_restart KILL
            assert_equal v [r GET k]
        }

        test {the file rewrites itself when it has grown} {
            set value [string repeat x 1000]
            r CONFIG SET auto-aof-rewrite-min-size 64kb auto-aof-rewrite-percentage 100
            set rewrites [server_info aof_rewrites]
            for {set i 0} {$i < 200} {incr i} {
                r SET k $value
            }
            wait_for {[server_info aof_rewrites] > $rewrites}
            r CONFIG SET auto-aof-rewrite-percentage 0
            wait_no_rewrite
            assert_match {*Starting automatic rewriting of AOF on *% growth*} [server log]
        }

        test {a command cut off at the end is dropped, or stops the start, as aof-load-truncated says} {
            r SET a 1
            r SET b 2
            server_end
            set path [last_path]
            set bytes [server_file $path]
            server_write_file $path [string range $bytes 0 end-5]
            assert_match {*Unexpected end of file reading the append only file*} [server_refuses --aof-load-truncated no]
            assert_equal [string range $bytes 0 end-5] [server_file $path]
            server_restart
            assert_equal {1 (nil)} [r MGET a b]
            assert_match {*AOF * loaded anyway because aof-load-truncated is enabled*} [server log]
            r SET c 3
            server_restart KILL
            assert_equal {1 (nil) 3} [r MGET a b c]
        }

        # A 7.0 server whose file ends within the EXEC leaves the MULTI in it.
        foreach {missing where tag} {13 "before its EXEC" {} 2 "in its EXEC" tocsin} {
            test "a transaction cut off $where is dropped whole" {*}$tag {
                r SET a 1
                r MULTI
                r SET a 2
                r SET b 2
                r EXEC
                server_end
                set path [last_path]
                server_write_file $path [string range [server_file $path] 0 end-[expr {$missing + 1}]]
                server_restart
                assert_equal {1 (nil)} [r MGET a b]
                assert_match {*AOF * loaded anyway because aof-load-truncated is enabled*} [server log]
            }
        }

        test {damage in the middle stops the start, with the way out in the log} {
            r SET a 1
            r SET b 2
            server_end
            set path [last_path]
            set good [server_file $path]
            server_write_file $path [string map {*3 x3} $good]
            assert_match {*Bad file format reading the append only file*redis-check-aof --fix*} [server_refuses]
            server_write_file $path [string map {SET FOO} $good]
            assert_match {*Unknown command 'FOO' reading the append only file*} [server_refuses]
            server_write_file $path $good
            server_restart
            assert_equal {1 2} [r MGET a b]
        }

        test {a manifest that is wrong stops the start} {
            server_end
            set good [manifest]
            foreach {text reason} {
                {}                                          {Found an empty AOF manifest}
                {# only a comment}                          {}
                {rubbish}                                   {Invalid AOF manifest file format}
                {file a.aof seq 1}                          {Invalid AOF manifest file format}
                {file ../a.aof seq 1 type i}                {File can't be a path, just a filename}
                {file a.aof seq 1 type x}                   {Unknown AOF file type}
                "file a seq 1 type b\nfile b seq 2 type b"  {Found duplicate base file information}
                "file a seq 2 type i\nfile b seq 1 type i"  {Found a non-monotonic sequence number}
                {file missing.aof seq 1 type i}             {missing.aof}
            } {
                server_write_file [aof_file manifest] [expr {$text eq "" ? "" : "$text\n"}]
                if {$reason ne ""} {
                    assert_match "*$reason*" [server_refuses]
                }
            }
            server_write_file [aof_file manifest] $good
            server_restart
        }
    }

    start_server {} {
        test {a single file of older versions is taken over} {
            server_end
            set file [client_encode SELECT 0][client_encode SET old 1]
            server_write_file [server dir]/appendonly.aof $file
            server_restart TERM --appendonly yes
            assert_equal 1 [r GET old]
            assert {![file exists [server dir]/appendonly.aof]}
            assert_match "file appendonly.aof seq 1 type b\n*" [manifest]
            server_restart KILL --appendonly yes
            assert_equal 1 [r GET old]
        }

        test {taking it over goes on where a crash ended it} {
            server_end KILL
            file delete -force [server dir]/appendonlydir
            file mkdir [server dir]/appendonlydir
            server_write_file [aof_file manifest] "file appendonly.aof seq 1 type b\n"
            server_write_file [server dir]/appendonly.aof [client_encode SET old 2]
            server_restart TERM --appendonly yes
            assert_equal 2 [r GET old]
            assert {![file exists [server dir]/appendonly.aof]}
        }
    }
}
