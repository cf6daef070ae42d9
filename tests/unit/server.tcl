# The server as a whole: databases, INFO, DEBUG, MEMORY, LATENCY, SLOWLOG, MONITOR and the like.

set syntax {(error) ERR syntax error}
set not_integer {(error) ERR value is not an integer or out of range}

proc sections {text} {
    return [lmap {- name} [regexp -all -inline -line {^# (\S+)} $text] {set name}]
}

start_server {} {
    test {FLUSHDB empties the selected database, FLUSHALL all} {
        foreach {command left} {FLUSHDB 1 {FLUSHDB ASYNC} 1 {FLUSHDB SYNC} 1 FLUSHALL 0 {FLUSHALL ASYNC} 0 {FLUSHALL sync} 0} {
            r SELECT 1
            r SET other v
            r SELECT 0
            r MSET a 1 b 2
            assert_equal OK [r {*}$command]
            assert_equal 0 [r DBSIZE]
            r SELECT 1
            assert_equal [list $command $left] [list $command [r DBSIZE]]
        }
        foreach command {FLUSHDB FLUSHALL} {
            assert_error {ERR syntax error} {r $command foo}
            assert_error {ERR syntax error} {r $command ASYNC SYNC}
        }
    }

    test {SWAPDB exchanges two databases for everyone} {
        set other [client_new]
        $other SELECT 3
        r SET k zero EX 1000
        r SET q x
        $other SET k three
        assert_equal OK [r SWAPDB 0 3]
        assert_equal {three zero} [list [r GET k] [$other GET k]]
        assert_equal {1 2} [list [r DBSIZE] [$other DBSIZE]]
        assert_between 1 1000 [$other TTL k]
        assert_equal -1 [r TTL k]
        assert_replies {
            {SWAPDB 0 0}    OK
            {SWAPDB 0 16}   {(error) ERR DB index is out of range}
            {SWAPDB -1 0}   {(error) ERR DB index is out of range}
            {SWAPDB x 0}    {(error) ERR invalid first DB index}
            {SWAPDB 0 x}    {(error) ERR invalid second DB index}
            {SWAPDB 0}      {(error) ERR wrong number of arguments for 'swapdb' command}
        }
    }

    test {TIME is the clock in seconds and microseconds} {
        set before [clock seconds]
        lassign [r TIME] seconds micros
        assert_between [expr {$before - 5}] [expr {[clock seconds] + 5}] $seconds
        assert_between 0 999999 $micros
    }

    test {ROLE of a master without replicas} {
        assert_match {master [0-9]* {}} [r ROLE]
    }

    test {LOLWUT ends with the version} {
        assert_match "*ver. *\n" [r LOLWUT]
        assert_match "*ver. *\n" [r LOLWUT VERSION 5 10 5 5]
        assert_error {ERR value is not an integer or out of range} {r LOLWUT VERSION x}
    }

    test {INFO has the default sections, and more on demand} {
        set default {Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace}
        assert_equal $default [lsearch -all -inline -not -exact [sections [r INFO]] Notifications]
        assert_equal [sections [r INFO]] [sections [r INFO default]]
        foreach section {Commandstats Latencystats} {
            assert {$section in [sections [r INFO all]]}
            assert {$section in [sections [r INFO everything]]}
        }
        assert_equal Server [sections [r INFO SERVER]]
        assert_equal {Server Clients} [sections [r INFO server clients server]]
        assert_equal {Clients Commandstats} [sections [r INFO clients commandstats]]
        assert_equal {} [r INFO nosuch]
    }

    test {INFO has the fields that monitoring reads} {
        foreach field {
            redis_version redis_mode os arch_bits process_id run_id tcp_port uptime_in_seconds uptime_in_days hz
            configured_hz executable config_file connected_clients blocked_clients tracking_clients maxclients
            used_memory used_memory_human used_memory_rss used_memory_peak used_memory_overhead used_memory_dataset
            used_memory_lua used_memory_scripts_eval maxmemory maxmemory_human maxmemory_policy
            mem_fragmentation_ratio mem_not_counted_for_evict mem_clients_normal mem_clients_slaves
            mem_total_replication_buffers mem_allocator allocator_allocated allocator_active allocator_resident
            number_of_cached_scripts lazyfree_pending_objects lazyfreed_objects active_defrag_running
            loading async_loading rdb_changes_since_last_save rdb_bgsave_in_progress rdb_last_save_time
            rdb_last_bgsave_status rdb_last_load_keys_expired rdb_last_load_keys_loaded rdb_last_cow_size
            current_cow_size current_fork_perc current_save_keys_processed current_save_keys_total aof_enabled
            aof_rewrite_in_progress aof_rewrite_scheduled aof_last_bgrewrite_status aof_last_write_status
            total_connections_received total_commands_processed instantaneous_ops_per_sec total_net_input_bytes
            total_net_output_bytes rejected_connections sync_full sync_partial_ok sync_partial_err expired_keys
            expired_stale_perc expired_time_cap_reached_count evicted_keys evicted_clients keyspace_hits keyspace_misses
            pubsub_channels pubsub_patterns latest_fork_usec total_forks total_error_replies tracking_total_keys
            tracking_total_items tracking_total_prefixes dump_payload_sanitizations total_reads_processed
            total_writes_processed reply_buffer_shrinks reply_buffer_expands
            role connected_slaves master_failover_state master_replid master_replid2 master_repl_offset
            second_repl_offset repl_backlog_active repl_backlog_size repl_backlog_first_byte_offset
            repl_backlog_histlen used_cpu_sys used_cpu_user used_cpu_sys_children used_cpu_user_children
            cluster_enabled
        } {
            if {[server_info $field] eq ""} {
                assert_equal config_file $field
            }
        }
        assert_equal [server port] [server_info tcp_port]
        assert_match {[0-9a-f]*} [server_info run_id]
        assert_equal 40 [string length [server_info run_id]]
        assert_equal 40 [string length [server_info master_replid]]
    }

    test {INFO has the fields that came with 7.2} since-7.2 {
        foreach field {
            total_blocking_keys total_blocking_keys_on_nokey pubsub_clients pubsubshard_channels
            acl_access_denied_auth acl_access_denied_cmd acl_access_denied_key acl_access_denied_channel
            eventloop_cycles eventloop_duration_sum eventloop_duration_cmd_sum instantaneous_eventloop_cycles_per_sec
            instantaneous_eventloop_duration_usec client_query_buffer_limit_disconnections
            client_output_buffer_limit_disconnections
        } {
            assert_not_equal "" [server_info $field]
        }
    }

    test {INFO has a section on notifications} tocsin {
        assert_equal Notifications [sections [r INFO notifications]]
        assert {"Notifications" in [sections [r INFO everything]]}
        assert_match {[0-9]*.[0-9]*.[0-9]*} [server_info tocsin_version]
    }

    test {INFO notifications counts what was published and what nobody could hear} tocsin {
        r CONFIG SET notify-keyspace-events KE\$
        r CONFIG RESETSTAT
        r SET k v
        assert_equal {1 0} [list [server_info events_skipped_string] [server_info events_published_string]]
        set other [client_new]
        client_call $other SUBSCRIBE __keyspace@0__:k
        client_call $other PSUBSCRIBE __key*@0__:*
        r SET k v
        r GET k
        assert_equal {1 1} [list [server_info events_skipped_string] [server_info events_published_string]]
        assert_equal {1 1} [list [server_info notification_channels] [server_info notification_patterns]]
        assert_equal 3 [server_info messages_delivered]
        assert_equal -1 [server_info next_deadline_ms]
        r SET k v PXAT 5000000000000
        assert_equal 5000000000000 [server_info next_deadline_ms]
        r CONFIG RESETSTAT
        assert_equal 0 [server_info events_published]
        r CONFIG SET notify-keyspace-events {}
    }

    test {INFO's lines are field:value with CRLF, sections are separated} {
        foreach line [split [string map {\r\n \n} [r INFO everything]] \n] {
            assert {$line eq "" || [regexp {^# \w+$} $line] || [regexp {^[^:]+:.*$} $line]}
        }
        assert {![regexp {[^\r]\n} [r INFO everything]]}
    }

    test {INFO keyspace lists the databases that hold keys} {
        assert_equal "# Keyspace\r\n" [r INFO keyspace]
        r MSET a 1 b 2
        r EXPIRE a 1000
        r SELECT 9
        r SET c 3
        assert_match "# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=*\r\ndb9:keys=1,expires=0,avg_ttl=0*\r\n" [r INFO keyspace]
    }

    test {INFO commandstats and errorstats count calls and failures} {
        r CONFIG RESETSTAT
        r SET k v
        r SET k v
        catch {r INCR k}
        catch {r SET k}
        catch {r nosuch}
        assert_match "*cmdstat_set:calls=2,usec=*,usec_per_call=*,rejected_calls=1,failed_calls=0\r\n*" [r INFO commandstats]
        assert_match "*cmdstat_incr:calls=1,usec=*,usec_per_call=*,rejected_calls=0,failed_calls=1\r\n*" [r INFO commandstats]
        assert_match "*errorstat_ERR:count=3\r\n*" [r INFO errorstats]
        assert_equal 3 [server_info total_error_replies]
        r CONFIG GET hz
        assert_match "*cmdstat_config|get:calls=1,*" [r INFO commandstats]
        assert_match "*latency_percentiles_usec_set:p50=*,p99=*,p99.9=*\r\n*" [r INFO latencystats]
    }

    test {keyspace hits and misses are counted by read lookups} {
        r CONFIG RESETSTAT
        r SET k v
        r GET k
        r GET none
        r MGET k none nil
        r EXISTS k none
        r TTL none
        assert_equal {3 5} [list [server_info keyspace_hits] [server_info keyspace_misses]]
    }

    test {changes since the last save are counted} {
        set before [server_info rdb_changes_since_last_save]
        r SET k v
        r GET k
        r DEL none
        r MSET a 1 b 2
        assert_equal [expr {$before + 3}] [server_info rdb_changes_since_last_save]
    }

    test {DEBUG SLEEP, SET-ACTIVE-EXPIRE and other switches answer OK} {
        assert_replies {
            {DEBUG SLEEP 0}                 OK
            {DEBUG SLEEP 0.001}             OK
            {DEBUG SET-ACTIVE-EXPIRE 1}     OK
            {DEBUG PAUSE-CRON 0}            OK
            {DEBUG REPLYBUFFER PEAK-RESET-TIME 100}     OK
            {DEBUG REPLYBUFFER PEAK-RESET-TIME RESET}   OK
            {DEBUG REPLYBUFFER RESIZING 1}  OK
        }
        assert_match {*FOO*DEBUG HELP*} [client_value [r_typed DEBUG FOO]]
        assert {[llength [r DEBUG HELP]] > 20}
    }

    test {DEBUG LOG writes to the log} own-server {
        assert_equal OK [r DEBUG LOG "a message for the log"]
        assert_match "*a message for the log*" [server log]
    }

    test {DEBUG POPULATE creates strings} {
        assert_equal OK [r DEBUG POPULATE 100]
        assert_equal {100 value:0 value:99} [list [r DBSIZE] [r GET key:0] [r GET key:99]]
        r DEBUG POPULATE 5 other 20
        assert_equal 105 [r DBSIZE]
        assert_equal 20 [r STRLEN other:4]
        r SET other:0 mine
        r DEBUG POPULATE 6 other 20
        assert_equal {mine 106} [list [r GET other:0] [r DBSIZE]]
        assert_match {(error) ERR value is*} [client_value [r_typed DEBUG POPULATE x]]
    }

    test {DEBUG DIGEST is equal for equal data, whatever the order} {
        assert_equal [string repeat 0 40] [r DEBUG DIGEST]
        r SET a 1
        r SET b 2 PXAT 5000000000000
        set digest [r DEBUG DIGEST]
        assert {[regexp {^[0-9a-f]{40}$} $digest]}
        r SET c 3
        assert_not_equal $digest [r DEBUG DIGEST]
        r FLUSHALL
        r SET b 2 PXAT 5000000000000
        r SET a 1
        assert_equal $digest [r DEBUG DIGEST]
    }

    test {DEBUG DIGEST tells databases, keys and values apart} {
        set digests {}
        foreach commands {
            {{SET a 1}} {{SET a 2}} {{SET b 1}} {{SELECT 1} {SET a 1} {SELECT 0}} {{SET a {}}}
        } {
            r FLUSHALL
            foreach command $commands {
                r {*}$command
            }
            lappend digests [r DEBUG DIGEST]
        }
        assert_equal [llength $digests] [llength [lsort -unique $digests]]
    }

    test {DEBUG DIGEST-VALUE answers one digest per key} {
        r MSET a x b x c y
        lassign [r DEBUG DIGEST-VALUE a b c none] a b c none
        assert_equal $a $b
        assert_not_equal $a $c
        assert_equal [string repeat 0 40] $none
    }

    test {DEBUG OBJECT tells encoding, length and age} {
        r SET k hello
        assert_match {Value at:0x* refcount:1 encoding:embstr serializedlength:[0-9]* lru:[0-9]* lru_seconds_idle:[0-9]*} [r DEBUG OBJECT k]
        assert_error {ERR no such key} {r DEBUG OBJECT none}
    }

    test {DEBUG HTSTATS answers for a database} {
        r MSET a 1 b 2
        assert {[string length [r DEBUG HTSTATS 0]] > 20}
        assert_match {(error) ERR *} [client_value [r_typed DEBUG HTSTATS 99]]
    }

    test {MEMORY USAGE grows with the value} {
        r SET small x
        r SET large [string repeat x 100000]
        assert_between 20 200 [r MEMORY USAGE small]
        assert_between 100000 200000 [r MEMORY USAGE large]
        assert_replies {
            {MEMORY USAGE none}                 (nil)
            {MEMORY USAGE small SAMPLES -1}     {$syntax}
            {MEMORY USAGE small SAMPLES x}      {$not_integer}
            {MEMORY USAGE small SAMPLES}        {$syntax}
            {MEMORY USAGE small FOO 3}          {$syntax}
            {MEMORY PURGE}                      OK
            {MEMORY FOO}                        {(error) ERR unknown subcommand 'FOO'. Try MEMORY HELP.}
        }
        assert_equal [r MEMORY USAGE small] [r MEMORY USAGE small SAMPLES 0]
    }

    test {MEMORY STATS, DOCTOR, MALLOC-STATS and HELP} {
        r SET k v
        set stats [r MEMORY STATS]
        foreach field {
            peak.allocated total.allocated startup.allocated replication.backlog clients.slaves clients.normal aof.buffer
            lua.caches db.0 overhead.total keys.count keys.bytes-per-key dataset.bytes dataset.percentage peak.percentage
            allocator.allocated allocator.active allocator.resident fragmentation fragmentation.bytes
        } {
            assert {[dict exists $stats $field]}
        }
        assert_equal 1 [dict get $stats keys.count]
        assert {[string length [r MEMORY DOCTOR]] > 20}
        assert {[string length [r MEMORY MALLOC-STATS]] > 20}
        assert {[llength [r MEMORY HELP]] > 5}
    }

    test {used_memory follows the data} {
        set before [server_info used_memory]
        r SET k [string repeat x 5000000]
        assert {[server_info used_memory] - $before > 4900000}
        r DEL k
        wait_for {[server_info used_memory] - $before < 1000000}
        assert {[server_info used_memory_peak] - $before > 4900000}
    }

    test {SLOWLOG records slow commands with who sent them} {
        with_config {slowlog-log-slower-than 0} {
            r SLOWLOG RESET
            r CLIENT SETNAME tester
            r SET k v
            set entry [lindex [r SLOWLOG GET 1] 0]
            assert_equal 6 [llength $entry]
            assert_equal {SET k v} [lindex $entry 3]
            assert_equal [client_address r] [lindex $entry 4]
            assert_equal tester [lindex $entry 5]
            assert_between [expr {[clock seconds] - 60}] [expr {[clock seconds] + 60}] [lindex $entry 1]
            r SET k [string repeat x 300]
            assert_equal "[string repeat x 128]... (172 more bytes)" [lindex [r SLOWLOG GET 1] 0 3 2]
            r DEL {*}[split [string repeat "a " 40] " "]
            set arguments [lindex [r SLOWLOG GET 1] 0 3]
            assert_equal {32 {... (11 more arguments)}} [list [llength $arguments] [lindex $arguments end]]
        }
    }

    test {SLOWLOG hides passwords and forgets the oldest} {
        with_config {slowlog-log-slower-than 0 slowlog-max-len 10} {
            r SLOWLOG RESET
            r CONFIG SET requirepass hunter2
            r CONFIG SET requirepass ""
            assert_no_match *hunter2* [r SLOWLOG GET 10]
            for {set i 0} {$i < 20} {incr i} {
                r ECHO $i
            }
            assert_equal 10 [r SLOWLOG LEN]
            assert_equal {ECHO 19} [lindex [r SLOWLOG GET] 1 3]
            set ids [lmap entry [r SLOWLOG GET -1] {lindex $entry 0}]
            assert_equal [lsort -integer -decreasing $ids] $ids
        }
    }

    test {SLOWLOG GET bounds its count, RESET empties, a negative threshold disables} {
        with_config {slowlog-log-slower-than -1} {
            assert_replies {
                {SLOWLOG RESET}     OK
                {SLOWLOG LEN}       0
                {SLOWLOG GET}       {}
                {SLOWLOG GET 0}     {}
                {SLOWLOG GET -2}    {(error) ERR count should be greater than or equal to -1}
                {SLOWLOG GET x}     {(error) ERR count should be greater than or equal to -1}
                {SLOWLOG FOO}       {(error) ERR unknown subcommand 'FOO'. Try SLOWLOG HELP.}
            }
            assert {[llength [r SLOWLOG HELP]] > 5}
        }
    }

    test {LATENCY records events that took longer than the threshold} {
        with_config {latency-monitor-threshold 1} {
            r LATENCY RESET
            r DEBUG SLEEP 0.02
            lassign [lindex [r LATENCY LATEST] 0] event at last max
            assert_equal command $event
            assert_between 20 60000 $last
            assert_between $last 60000 $max
            lassign [lindex [r LATENCY HISTORY command] 0] at value
            assert_between [expr {[clock seconds] - 60}] [expr {[clock seconds] + 60}] $at
            assert_match {*command*} [r LATENCY GRAPH command]
            assert {[string length [r LATENCY DOCTOR]] > 20}
            assert_equal 1 [r LATENCY RESET]
            assert_equal {} [r LATENCY LATEST]
        }
        assert_replies {
            {LATENCY HISTORY none}  {}
            {LATENCY RESET none}    0
            {LATENCY GRAPH none}    {(error) ERR No samples available for event 'none'}
            {LATENCY FOO}           {(error) ERR unknown subcommand 'FOO'. Try LATENCY HELP.}
        }
    }

    test {LATENCY HISTOGRAM counts calls per command} {
        r CONFIG RESETSTAT
        for {set i 0} {$i < 5} {incr i} {
            r SET k v
        }
        set histogram [r LATENCY HISTOGRAM set nosuch]
        assert_equal set [dict keys $histogram]
        assert_equal 5 [dict get $histogram set calls]
        assert_equal 5 [lindex [dict get $histogram set histogram_usec] end]
        assert_equal {} [r LATENCY HISTOGRAM nosuch]
    }

    test {MONITOR shows commands as they are executed} {
        set monitor [client_new]
        assert_equal OK [$monitor MONITOR]
        r SET "a b" "\x00\"\n"
        r SELECT 3
        r GET k
        assert_match {[0-9]*.[0-9]* \[0 127.0.0.1:*\] "SET" "a b" "\\x00\\"\\n"} [client_read $monitor]
        assert_match {* "SELECT" "3"} [client_read $monitor]
        assert_match {* \[3 127.0.0.1:*\] "GET" "k"} [client_read $monitor]
        r CONFIG SET requirepass secret
        r CONFIG SET requirepass ""
        r AUTH default hunter2
        r PING
        set seen ""
        while {![string match *PING* [set line [client_read $monitor]]]} {
            append seen $line
        }
        assert_no_match *hunter2* $seen
        assert_equal O [client_field flags [lsearch -inline [split [r CLIENT LIST] \n] *cmd=monitor*]]
        client_send $monitor RESET
        assert_equal RESET [client_read $monitor]
        r ECHO silence
        assert_equal PONG [$monitor PING]
    }

    test {MONITOR shows what transactions run, each at its turn} {
        set monitor [client_new]
        $monitor MONITOR
        r MULTI
        r SET k v
        r EXEC
        set names [list [lindex [client_read $monitor] 3] [lindex [client_read $monitor] 3] [lindex [client_read $monitor] 3]]
        assert_equal {MULTI SET EXEC} $names
    }

    test {SHUTDOWN refuses contradictions} {
        foreach arguments {FOO {SAVE NOSAVE} {NOW ABORT} {SAVE ABORT}} {
            assert_error {ERR syntax error} {r SHUTDOWN {*}$arguments}
        }
        assert_error {ERR No shutdown in progress.} {r SHUTDOWN ABORT}
        assert_equal PONG [r PING]
    }
}

start_server {enable-debug-command no} {
    test {DEBUG is refused where it is not enabled} own-server {
        catch {r DEBUG SLEEP 0} message
        assert_match {ERR DEBUG command not allowed. *enable-debug-command*} $message
    }
}
