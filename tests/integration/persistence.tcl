# RDB files: writing them, starting from them, and what is refused. DUMP and RESTORE.

# A pipeline of SETs of size bytes each, which do not compress.
proc fill {count size {prefix key}} {
    set commands {}
    for {set i 0} {$i < $count} {incr i} {
        lappend commands [list SET $prefix:$i [random_bytes $size]]
    }
    client_pipeline r $commands
}

proc dump_path {} {
    return [server dir]/dump.rdb
}

proc wait_no_child {} {
    wait_for {[server_info rdb_bgsave_in_progress] == 0 && [server_info aof_rewrite_in_progress] == 0}
}

tags own-server {
    start_server {} {
        test {SAVE writes the file, and INFO says so} {
            r SET a 1
            assert_equal 1 [expr {[server_info rdb_changes_since_last_save] > 0}]
            assert_equal OK [r SAVE]
            assert_equal 0 [server_info rdb_changes_since_last_save]
            assert_equal ok [server_info rdb_last_bgsave_status]
            assert_equal REDIS [string range [server_file [dump_path]] 0 4]
        }

        test {BGSAVE saves in the background, LASTSAVE tells when} {
            set before [r LASTSAVE]
            wait_for {[lindex [r TIME] 0] > $before}
            r SET a 1
            assert_equal {Background saving started} [r BGSAVE]
            wait_for {[r LASTSAVE] > $before}
            wait_no_child
            assert_equal {ok 0} [list [server_info rdb_last_bgsave_status] [server_info rdb_changes_since_last_save]]
            assert_equal [r LASTSAVE] [server_info rdb_last_save_time]
            assert {[server_info rdb_last_bgsave_time_sec] >= 0}
            assert_match {*Background saving terminated with success*} [server log]
        }

        test {BGSAVE and LASTSAVE refuse what they do not know} {
            assert_error {ERR syntax error} {r BGSAVE foo}
            assert_error {ERR syntax error} {r BGSAVE SCHEDULE foo}
            assert_error {ERR wrong number of arguments for 'lastsave' command} {r LASTSAVE x}
            assert_error {ERR wrong number of arguments for 'save' command} {r SAVE x}
        }

        test {while one BGSAVE runs, SAVE and another are refused, a rewrite is scheduled} {
            fill 200 10
            with_config {rdb-key-save-delay 20000} {
                r BGSAVE
                assert_equal 1 [server_info rdb_bgsave_in_progress]
                assert {[server_info rdb_current_bgsave_time_sec] >= 0}
                assert_error {ERR Background save already in progress} {r BGSAVE}
                assert_error {ERR Background save already in progress} {r BGSAVE SCHEDULE}
                assert_error {ERR Background save already in progress} {r SAVE}
            }
            assert_equal {Background append only file rewriting scheduled} [r BGREWRITEAOF]
            assert_equal 1 [server_info aof_rewrite_scheduled]
            r FLUSHALL ;# kills the child
            wait_for {[server_info aof_rewrite_scheduled] == 0}
            wait_no_child
        }

        test {while a rewrite runs, BGSAVE is refused unless it may be scheduled} {
            fill 200 10
            with_config {rdb-key-save-delay 5000} {
                assert_equal {Background append only file rewriting started} [r BGREWRITEAOF]
                assert_error {ERR Background append only file rewriting already in progress} {r BGREWRITEAOF}
                assert_error {ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE*} {r BGSAVE}
                set saves [server_info rdb_saves]
                assert_equal {Background saving scheduled} [r BGSAVE SCHEDULE]
            }
            wait_for {[server_info aof_rewrite_in_progress] == 0}
            wait_for {[server_info rdb_last_bgsave_status] eq "ok" && [server_info rdb_bgsave_in_progress] == 0 && [server_info rdb_changes_since_last_save] == 0}
        }

        test {BGSAVE in a transaction waits for its end} {
            wait_no_child
            r MULTI
            r BGSAVE
            assert_equal {{Background saving scheduled}} [r EXEC]
            wait_for {[server_info rdb_changes_since_last_save] == 0}
            wait_no_child
        }

        test {a save point saves by itself} {
            wait_no_child
            with_config {save "1 5"} {
                set before [r LASTSAVE]
                wait_for {[lindex [r TIME] 0] > $before}
                for {set i 0} {$i < 10} {incr i} {
                    r SET k$i v
                }
                wait_for {[r LASTSAVE] > $before}
                assert_match {*5 changes in 1 seconds. Saving...*} [server log]
                wait_no_child
            }
        }

        test {stop-writes-on-bgsave-error refuses writes until a save succeeds} {
            wait_no_child
            file mkdir [server dir]/folder
            set old [lindex [r CONFIG GET save] 1]
            r CONFIG SET save "3600 1" dbfilename folder
            r SET k v
            r BGSAVE
            wait_for {[server_info rdb_last_bgsave_status] eq "err"}
            assert_error {MISCONF *} {r SET k v2}
            assert_error {MISCONF *} {r DEL k}
            assert_equal v [r GET k]
            assert_match {*Error moving temp DB file*} [server log]
            r CONFIG SET stop-writes-on-bgsave-error no
            assert_equal OK [r SET k v3]
            r CONFIG SET stop-writes-on-bgsave-error yes
            assert_error {MISCONF *} {r SET k v4}
            assert_error {ERR*} {r SAVE}
            assert_error {MISCONF *} {r SET k v4}
            r CONFIG SET dbfilename dump.rdb
            r SAVE
            assert_equal ok [server_info rdb_last_bgsave_status]
            assert_equal OK [r SET k v4]
            r CONFIG SET save $old
            assert_equal {} [glob -nocomplain [server dir]/temp-*]
        }

        test {SHUTDOWN SAVE saves without save points, SHUTDOWN NOSAVE does not with them} {
            r SET kept 1
            catch {r SHUTDOWN SAVE}
            server_restart
            assert_equal 1 [r GET kept]
            r CONFIG SET save "3600 1"
            r SET lost 1
            catch {r SHUTDOWN NOSAVE}
            server_restart
            assert_equal {1 0} [list [r EXISTS kept] [r EXISTS lost]]
        }
    }

    start_server {} {
        test {a restart keeps every type, in every database, with its deadlines} {
            r SET string value
            r SET number 12345678901234
            r SET long [string repeat abc 10000]
            r SET binary "\x00\r\n\xff"
            r RPUSH list a b 1 2 -7 [string repeat x 9000]
            r SADD intset 1 2 3 70000 5000000000
            r SADD set a b c
            r HSET hash f v g [string repeat y 500]
            r ZADD zset 1.5 a -inf b +inf c 0 d
            r XADD stream 1-1 f v
            r XADD stream 2-5 f v g w
            r XADD stream 3-0 f v
            r XDEL stream 2-5
            r XGROUP CREATE stream g 0
            r XREADGROUP GROUP g consumer COUNT 1 STREAMS stream >
            r PFADD hll a b c
            for {set i 0} {$i < 600} {incr i} {
                r SADD bigset m$i
                r HSET bighash f$i v$i
                r ZADD bigzset $i.25 m$i
                r RPUSH biglist element$i
            }
            r SET volatile v PXAT 4102444800123
            r EXPIREAT list 4102444801
            r SELECT 9
            r SET elsewhere 9
            r SELECT 0
            set digest [r DEBUG DIGEST]
            set group [r XINFO STREAM stream FULL]
            r SAVE
            server_restart
            assert_equal $digest [r DEBUG DIGEST]
            assert_equal {4102444800123 4102444801000 -1} [list [r PEXPIRETIME volatile] [r PEXPIRETIME list] [r PEXPIRETIME set]]
            assert_equal [llength $group] [llength [r XINFO STREAM stream FULL]]
            assert_equal {1 1-1 1-1 {{consumer 1}}} [r XPENDING stream g]
            assert_equal {3-0} [dict get [r XINFO STREAM stream] last-generated-id]
            r SELECT 9
            assert_equal 9 [r GET elsewhere]
            r SELECT 0
            assert_equal {intset hashtable} [list [r OBJECT ENCODING intset] [r OBJECT ENCODING bighash]]
        }
    }

    start_server {notify-keyspace-events KEA} {
        test {fields keep their deadlines} tocsin {
            r HSET h f v g w i x
            r HPEXPIREAT h 4102444800123 FIELDS 1 f
            r HPEXPIREAT h [expr {[server_time_ms] + 300}] FIELDS 1 g
            r SAVE
            server_end
            after 400
            server_restart
            assert_equal {4102444800123 -2 -1} [r HPEXPIRETIME h FIELDS 3 f g i]
            assert_equal {v (nil) x} [r HMGET h f g i]
        }

        test {a deadline in the file fires after the restart} tocsin {
            r SET k v PX 1500
            r SAVE
            server_end KILL
            server_begin
            assert {[server_wait_ready [server handle]]}
            client_new -name r
            set subscriber [events_subscriber]
            assert_equal expired(k) [lindex [events_read_until $subscriber expired(k)] end]
            assert_equal 0 [r EXISTS k]
        }
    }

    start_server {notify-keyspace-events KEA rdbcompression no key-load-delay 2000 loading-process-events-interval-bytes 1024} {
        test {while it loads, the server answers -LOADING, and INFO shows the progress} {
            fill 500 1000
            r SAVE
            server_end
            server_begin
            wait_for {![catch {client_new -host [server host] -port [server port] -name q}]}
            assert_error {LOADING *} {q GET key:1}
            assert_error {LOADING *} {q SET key:1 x}
            assert_error {LOADING *} {q SAVE}
            assert_error {LOADING *} {q PING}
            assert_equal 1 [server_info loading q]
            assert {[server_info loading_total_bytes q] > 500000}
            assert {[server_info loading_start_time q] > 1000000000}
            assert_between 0 [server_info loading_total_bytes q] [server_info loading_loaded_bytes q]
            assert_between 0 100 [server_info loading_loaded_perc q]
            assert {[server_info loading_eta_seconds q] ne ""}
            assert_equal {key-load-delay 2000} [q CONFIG GET key-load-delay]
            q CONFIG SET key-load-delay 0
            wait_for {[server_info loading q] == 0}
            assert_equal {500 {}} [list [q DBSIZE] [server_info loading_total_bytes q]]
            assert_equal 500 [server_info rdb_last_load_keys_loaded q]
        }

        test {what came due while the server was down is announced to who subscribed while it loaded} tocsin {
            fill 500 1000
            r DEBUG SET-ACTIVE-EXPIRE 0
            set deadline [expr {[server_time_ms] + 200}]
            r SET due v PXAT $deadline
            r SELECT 3
            r HSET due3 f v
            r PEXPIREAT due3 $deadline
            r SELECT 0
            r SET stays v PXAT 4102444800000
            r SAVE
            server_end
            wait_for {[clock milliseconds] > $deadline}
            server_begin
            wait_for {![catch {client_new -host [server host] -port [server port] -name q}]}
            q PSUBSCRIBE __key*__:*
            set s [client_new]
            $s CONFIG SET key-load-delay 0
            assert {[server_wait_ready [server handle]]}
            assert_same_elements {expired(due) expired(due3@3)} [events_pending q]
            assert_equal 2 [server_info rdb_last_load_keys_expired $s]
            assert_equal {0 1} [list [$s EXISTS due] [$s EXISTS stays]]
        }

        test {notify-expired-on-load no keeps silent about it} tocsin {
            fill 500 1000
            r DEBUG SET-ACTIVE-EXPIRE 0
            set deadline [expr {[server_time_ms] + 200}]
            r SET due v PXAT $deadline
            r SAVE
            server_end
            wait_for {[clock milliseconds] > $deadline}
            server_begin --notify-expired-on-load no
            wait_for {![catch {client_new -host [server host] -port [server port] -name q}]}
            q PSUBSCRIBE __key*__:*
            set s [client_new]
            $s CONFIG SET key-load-delay 0
            assert {[server_wait_ready [server handle]]}
            assert_equal {} [events_pending q]
            assert_equal 1 [server_info rdb_last_load_keys_expired $s]
        }
    }

    start_server {} {
        test {a truncated file refuses the start, with the offset and a reason in the log} {
            r SET k [string repeat v 100]
            r RPUSH l a b c
            r HSET h f v
            r ZADD z 1 a
            r SAVE
            set good [server_file [dump_path]]
            foreach length {3 8 9 12 40} {
                server_end
                server_write_file [dump_path] [string range $good 0 $length-1]
                assert_match {*rdb*} [string tolower [server_refuses]]
            }
            server_write_file [dump_path] [string range $good 0 end-9]
            assert_match {*offset*} [server_refuses]
            server_write_file [dump_path] $good
            server_restart
            assert_equal 4 [r DBSIZE]
        }

        test {a flipped bit refuses the start, wherever it is} tocsin {
            r SET k [random_bytes 30]
            r SADD s a b c
            r ZADD z 1 a 2 b
            r SAVE
            set good [server_file [dump_path]]
            for {set i 0} {$i < 20} {incr i} {
                set at [random_int [string length $good]]
                binary scan [string index $good $at] c byte
                server_end
                server_write_file [dump_path] [string replace $good $at $at [binary format c [expr {$byte ^ (1 << [random_int 8])}]]]
                assert_match {*reading offset * of dump.rdb: ?*} [server_refuses]
            }
            server_write_file [dump_path] $good
            server_restart
            assert_equal 3 [r DBSIZE]
        }

        test {a file of a version to come, or that is none, is refused} {
            r SAVE
            set good [server_file [dump_path]]
            server_end
            server_write_file [dump_path] [string replace $good 5 8 9999]
            assert_match {*Can't handle RDB format version 9999*} [server_refuses]
            server_write_file [dump_path] "HELLO0011[string range $good 9 end]"
            assert_match {*Wrong signature trying to load DB from file*} [server_refuses]
            server_write_file [dump_path] $good
            server_restart
        }

        test {rdbchecksum no writes none, and rdbcompression no does not compress} {
            r SET k [string repeat a 1000]
            r SAVE
            set file [server_file [dump_path]]
            r CONFIG SET rdbcompression no
            r SAVE
            assert {[string length [server_file [dump_path]]] > 1000 && [string length $file] < 1000}
            server_restart TERM --rdbchecksum no
            assert_equal [string repeat a 1000] [r GET k]
            r SAVE
            assert_equal [binary format w 0] [string range [server_file [dump_path]] end-7 end]
            server_restart
            assert_equal [string repeat a 1000] [r GET k]
            assert_match {*RDB file was saved with checksum disabled: no check performed.*} [server log]
        }
    }
}

start_server {notify-keyspace-events KEA} {
    test {DUMP and RESTORE keep a value of every type} {
        r SET s v
        r SET n 12
        r RPUSH l a b 1
        r SADD i 1 2 3
        r SADD m a b c
        r HSET h f v
        r ZADD z 1.5 a
        r XADD x 1-1 f v
        foreach key {s n l i m h z x} {
            set payload [r DUMP $key]
            set digest [r DEBUG DIGEST-VALUE $key]
            assert_equal OK [r RESTORE copy 0 $payload REPLACE]
            assert_equal $digest [r DEBUG DIGEST-VALUE copy]
            assert_equal [r OBJECT ENCODING $key] [r OBJECT ENCODING copy]
        }
        assert_equal (nil) [r DUMP missing]
    }

    test {RESTORE takes a time to live, from now or absolute} {
        r SET k v
        set payload [r DUMP k]
        r RESTORE a 0 $payload
        r RESTORE b 100000 $payload
        r RESTORE c 4102444800123 $payload ABSTTL
        assert_equal -1 [r PTTL a]
        assert_between 90000 100000 [r PTTL b]
        assert_equal 4102444800123 [r PEXPIRETIME c]
    }

    test {RESTORE with a time that has passed makes nothing, and REPLACE deletes} {
        r SET k v
        set payload [r DUMP k]
        assert_equal OK [r RESTORE a 1 $payload ABSTTL]
        assert_equal 0 [r EXISTS a]
        assert_equal del(k) [events_of {r RESTORE k 1 $payload ABSTTL REPLACE}]
        assert_equal 0 [r EXISTS k]
    }

    test {RESTORE takes IDLETIME} {
        r SET k v
        set payload [r DUMP k]
        r RESTORE a 0 $payload IDLETIME 1000
        assert_between 1000 1020 [r OBJECT IDLETIME a]
    }

    test {RESTORE takes FREQ} {
        with_config {maxmemory-policy allkeys-lfu} {
            r SET k v
            set payload [r DUMP k]
            r RESTORE a 0 $payload FREQ 100
            assert_between 95 100 [r OBJECT FREQ a]
        }
    }

    test {RESTORE refuses wrong options} {
        r SET k v
        set payload [r DUMP k]
        set bad ${payload}x
        foreach {command error} {
            {RESTORE k 0 PAYLOAD}                  {BUSYKEY Target key name already exists.}
            {RESTORE a -1 PAYLOAD}                 {ERR Invalid TTL value, must be >= 0}
            {RESTORE a x PAYLOAD}                  {ERR value is not an integer or out of range}
            {RESTORE a 0 PAYLOAD FOO}              {ERR syntax error}
            {RESTORE a 0 PAYLOAD IDLETIME}         {ERR syntax error}
            {RESTORE a 0 PAYLOAD IDLETIME x}       {ERR value is not an integer or out of range}
            {RESTORE a 0 PAYLOAD IDLETIME -1}      {ERR Invalid IDLETIME value, must be >= 0}
            {RESTORE a 0 PAYLOAD FREQ -1}          {ERR Invalid FREQ value, must be >= 0 and <= 255}
            {RESTORE a 0 PAYLOAD FREQ 256}         {ERR Invalid FREQ value, must be >= 0 and <= 255}
            {RESTORE a 0 PAYLOAD FREQ 1 IDLETIME 1} {ERR syntax error}
            {RESTORE a 0 PAYLOAD IDLETIME 1 FREQ 1} {ERR syntax error}
            {RESTORE a 0 {}}                        {ERR DUMP payload version or checksum are wrong}
            {RESTORE a 0 foo}                       {ERR DUMP payload version or checksum are wrong}
            {RESTORE a 0 BAD}               {ERR DUMP payload version or checksum are wrong}
            {RESTORE a}                             {ERR wrong number of arguments for 'restore' command}
        } {
            assert_error $error {r {*}[lmap word $command {string map [list PAYLOAD $payload BAD $bad] $word}]}
        }
        assert_equal 0 [r EXISTS a]
    }

    test {a payload with any bit flipped is refused} {
        r RPUSH k a b 1 2 [string repeat x 100]
        set payload [r DUMP k]
        for {set at 0} {$at < [string length $payload]} {incr at} {
            binary scan [string index $payload $at] c byte
            set bad [string replace $payload $at $at [binary format c [expr {$byte ^ (1 << [random_int 8])}]]]
            assert_error {ERR DUMP payload version or checksum are wrong} {r RESTORE a 0 $bad}
        }
    }

    test {a damaged payload whose checksum is not looked at crashes nothing} {
        r RPUSH l a b 1 2
        r HSET h f v g w
        r ZADD z 1 a 2 b
        r SADD s 1 2 3
        r XADD x 1-1 f v
        r DEBUG SET-SKIP-CHECKSUM-VALIDATION 1
        with_config {sanitize-dump-payload yes} {
            foreach key {l h z s x} {
                set payload [r DUMP $key]
                for {set i 0} {$i < 300} {incr i} {
                    set at [random_int [expr {[string length $payload] - 10}]]
                    set bad [string replace $payload $at $at [format %c [random_int 256]]]
                    if {![catch {r RESTORE a 0 $bad REPLACE}]} {
                        r DEBUG DIGEST-VALUE a
                    }
                }
            }
        }
        r DEBUG SET-SKIP-CHECKSUM-VALIDATION 0
        assert_equal PONG [r PING]
    }

    test {RESTORE is told as restore} {
        r SET k v
        set payload [r DUMP k]
        r DEL k
        assert_equal {restore(k)} [events_of {r RESTORE k 0 $payload}]
        assert_equal {restore(k)} [events_of {r RESTORE k 0 $payload REPLACE}]
    }

    test {RESTORE tells what is new, overwritten and of another type} tocsin {
        with_config {notify-keyspace-events KEAnoc} {
            r SET k v
            set payload [r DUMP k]
            r DEL k
            assert_equal {new(k) restore(k)} [events_of {r RESTORE k 0 $payload}]
            assert_equal {restore(k) overwritten(k)} [events_of {r RESTORE k 0 $payload REPLACE}]
            r DEL k
            r RPUSH k a
            assert_equal {restore(k) overwritten(k) type_changed(k)} [events_of {r RESTORE k 0 $payload REPLACE}]
        }
    }
}
