# CONFIG: reading, setting, rewriting. Files and the command line: integration/start.

proc get {name} {
    return [lindex [r CONFIG GET $name] 1]
}

proc refused {name reason} {
    return "ERR CONFIG SET failed (possibly related to argument '$name') - $reason"
}

start_server {} {
    test {CONFIG GET answers pairs for every pattern, each directive once} {
        assert_equal {maxmemory-policy noeviction} [r CONFIG GET maxmemory-policy]
        set pairs [r CONFIG GET maxmemory* *-policy hz HZ nosuch]
        foreach {name value} {maxmemory 0 maxmemory-policy noeviction maxmemory-samples 5 hz 10} {
            assert_equal $value [dict get $pairs $name]
            assert_equal 1 [llength [lsearch -all -exact $pairs $name]]
        }
        assert_equal {} [r CONFIG GET nosuch]
        assert_equal {} [r CONFIG GET nosuch nothing*]
        assert_error {ERR wrong number of arguments for 'config|get' command} {r CONFIG GET}
    }

    test {CONFIG GET is a map in RESP3} {
        r HELLO 3
        client_send r CONFIG GET hz
        client_expect r "%1\r\n\$2\r\nhz\r\n\$2\r\n10\r\n"
    }

    test {CONFIG GET * lists every directive of a stock configuration} {
        set names [dict keys [r CONFIG GET *]]
        foreach name {
            acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-expire-effort activedefrag
            activerehashing always-show-logo aof-load-truncated aof-timestamp-enabled aof-use-rdb-preamble appenddirname
            appendfilename appendfsync appendonly auto-aof-rewrite-min-size auto-aof-rewrite-percentage bind
            busy-reply-threshold client-output-buffer-limit client-query-buffer-limit cluster-enabled
            cluster-node-timeout daemonize databases dbfilename dir enable-debug-command enable-module-command
            enable-protected-configs hash-max-listpack-entries hash-max-listpack-value hash-max-ziplist-entries
            hll-sparse-max-bytes hz io-threads jemalloc-bg-thread latency-monitor-threshold latency-tracking
            latency-tracking-info-percentiles lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del
            lazyfree-lazy-user-del lazyfree-lazy-user-flush lfu-decay-time lfu-log-factor list-compress-depth
            list-max-listpack-size logfile loglevel lua-time-limit masterauth maxclients maxmemory maxmemory-clients
            maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag min-replicas-to-write
            no-appendfsync-on-rewrite notify-keyspace-events oom-score-adj oom-score-adj-values pidfile port
            proc-title-template proto-max-bulk-len protected-mode rdb-del-sync-files rdbchecksum rdbcompression
            repl-backlog-size repl-backlog-ttl repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync
            repl-diskless-sync-delay repl-ping-replica-period repl-timeout replica-announce-ip replica-lazy-flush
            replica-priority replica-read-only replica-serve-stale-data replicaof requirepass save
            set-max-intset-entries set-proc-title shutdown-timeout slave-priority slave-read-only
            slowlog-log-slower-than slowlog-max-len stop-writes-on-bgsave-error stream-node-max-bytes
            stream-node-max-entries supervised syslog-enabled tcp-backlog tcp-keepalive timeout tls-port
            unixsocket unixsocketperm zset-max-listpack-entries zset-max-listpack-value zset-max-ziplist-entries
        } {
            assert {$name in $names}
        }
    }

    test {CONFIG GET * lists the directives of 7.2, too} since-7.2 {
        set names [dict keys [r CONFIG GET *]]
        foreach name {set-max-listpack-entries set-max-listpack-value locale-collate cluster-announce-human-nodename} {
            assert {$name in $names}
        }
    }

    test {defaults are those of a stock server} own-server {
        foreach {name value} {
            timeout 0 databases 16 hz 10 maxclients 10000 maxmemory-samples 5 maxmemory-policy noeviction
            proto-max-bulk-len 536870912 client-query-buffer-limit 1073741824 tcp-keepalive 300 tcp-backlog 511
            hash-max-listpack-entries 128 hash-max-listpack-value 64 list-max-listpack-size -2 set-max-intset-entries 512
            zset-max-listpack-entries 128 zset-max-listpack-value 64 stream-node-max-entries 100 slowlog-max-len 128
            slowlog-log-slower-than 10000 lfu-log-factor 10 lfu-decay-time 1 notify-keyspace-events {}
            client-output-buffer-limit {normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60}
            appendfsync everysec rdbcompression yes replica-priority 100 latency-tracking-info-percentiles {50 99 99.9}
        } {
            if {$name ne "hash-max-listpack-entries"} {
                assert_equal [list $name $value] [r CONFIG GET $name]
            }
        }
        assert {[get hash-max-listpack-entries] in {128 512}}
    }

    test {values of each kind are set and read back} {
        foreach {name value shown} {
            hz 50 50                                maxmemory 100mb 104857600           maxmemory 1gb 1073741824
            maxmemory 1k 1000                       maxmemory 1kb 1024                  maxmemory 1m 1000000
            maxmemory 1MB 1048576                   maxmemory 1g 1000000000             maxmemory 512b 512
            maxmemory 0 0                           maxmemory-policy ALLKEYS-LRU allkeys-lru
            maxmemory-policy noeviction noeviction  appendfsync always always           lazyfree-lazy-expire yes yes
            lazyfree-lazy-expire NO no              timeout 0 0                         save "900 1 300 10" "900 1 300 10"
            save "" ""                              maxmemory-clients 5% 5%             maxmemory-clients 1gb 1073741824
            maxmemory-clients 0 0                   list-max-listpack-size -5 -5        list-max-listpack-size -2 -2
            loglevel debug debug                    loglevel verbose verbose            oom-score-adj-values "0 100 200" "0 100 200"
            latency-tracking-info-percentiles "50 99.99" "50 99.99"                     latency-tracking-info-percentiles "" ""
            latency-tracking-info-percentiles "50 99 99.9" "50 99 99.9"
            hz 10 10
        } {
            assert_equal OK [r CONFIG SET $name $value]
            assert_equal [list $name $shown] [r CONFIG GET $name]
        }
    }

    test {values out of bounds or of the wrong kind are refused with the reason} {
        foreach {name value reason} {
            hz x                    {argument couldn't be parsed into an integer}
            hz ""                   {argument couldn't be parsed into an integer}
            timeout -1              {argument must be between 0 and 2147483647 inclusive}
            timeout 2147483648      {argument must be between 0 and 2147483647 inclusive}
            maxmemory-samples 0     {argument must be between 1 and 2147483647 inclusive}
            maxclients 0            {argument must be between 1 and 4294967295 inclusive}
            port 65536              {argument must be between 0 and 65535 inclusive}
            active-expire-effort 11 {argument must be between 1 and 10 inclusive}
            proto-max-bulk-len 100  {argument must be between 1048576 and 9223372036854775807 inclusive}
            repl-backlog-size 0     {argument must be between 1 and 9223372036854775807 inclusive}
            maxmemory 1x            {argument must be a memory value}
            maxmemory -1            {argument must be a memory value}
            maxmemory 10%           {argument must be a memory value}
            maxmemory-clients 200%  {percentage argument must be less or equal to 100}
            appendonly maybe        {argument must be 'yes' or 'no'}
            lazyfree-lazy-expire 1  {argument must be 'yes' or 'no'}
            maxmemory-policy foo    {argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction}
            loglevel foo            {argument(s) must be one of the following: debug, verbose, notice, warning*}
            save foo                {Invalid save parameters}
            save "900"              {Invalid save parameters}
            save "0 1"              {Invalid save parameters}
            save "10 -1"            {Invalid save parameters}
            client-output-buffer-limit "foo 1 2 3"      {Invalid client class specified in buffer limit configuration.}
            client-output-buffer-limit "normal 1 2"     {Wrong number of arguments in buffer limit configuration.}
            client-output-buffer-limit "normal x 2 3"   {Error in hard, soft or soft_seconds setting in buffer limit configuration.}
            oom-score-adj-values "0 1"                  {wrong number of arguments}
            latency-tracking-info-percentiles "50 101"  {latency-tracking-info-percentiles parameters should sit between [0.0,100.0]}
        } {
            set before [get $name]
            assert_error [refused $name $reason] {r CONFIG SET $name $value}
            assert_equal $before [get $name]
        }
    }

    test {CONFIG SET counts its arguments} {
        foreach arguments {{} {hz}} {
            assert_error {ERR wrong number of arguments for 'config|set' command} {r CONFIG SET {*}$arguments}
        }
    }

    test {CONFIG SET refuses unknown directives} {
        assert_error {ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'} {r CONFIG SET nosuch 1}
        assert_error {ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'} {r CONFIG SET hz 20 nosuch 1}
        assert_equal 10 [get hz]
    }

    test {CONFIG SET sets several directives or none} {
        assert_equal OK [r CONFIG SET hz 20 timeout 5 maxmemory-samples 7]
        assert_equal {20 5 7} [list [get hz] [get timeout] [get maxmemory-samples]]
        assert_error [refused maxclients "argument couldn't be parsed into an integer"] {r CONFIG SET hz 30 timeout 6 maxclients x}
        assert_error [refused databases "can't set immutable config"] {r CONFIG SET hz 30 databases 3}
        assert_error [refused maxmemory "argument must be a memory value"] {r CONFIG SET notify-keyspace-events KEA maxmemory 5x}
        assert_equal {20 5 7 {}} [list [get hz] [get timeout] [get maxmemory-samples] [get notify-keyspace-events]]
        r CONFIG SET hz 10 timeout 0 maxmemory-samples 5
    }

    test {what fails only when applied is rolled back, and what was set with it} {
        r CONFIG SET maxmemory-samples 5
        assert_error "ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating system is not able to handle the specified number of clients, try with *" {
            r CONFIG SET maxmemory-samples 9 maxclients 3000000 timeout 7
        }
        assert_equal {5 10000 0} [list [get maxmemory-samples] [get maxclients] [get timeout]]
        assert_error [refused bind "Failed to bind to specified addresses."] {r CONFIG SET maxmemory-samples 9 bind 203.0.113.77}
        assert_equal {5 127.0.0.1} [list [get maxmemory-samples] [get bind]]
        set client [client_new]
        assert_equal PONG [$client PING]
    }

    test {a directive may be given once} {
        assert_error [refused hz "duplicate parameter"] {r CONFIG SET hz 10 hz 20}
        assert_error [refused HZ "duplicate parameter"] {r CONFIG SET hz 10 timeout 0 HZ 20}
    }

    test {immutable directives are refused} {
        foreach {name value} {
            databases 5 daemonize yes logfile /tmp/x unixsocketperm 700 supervised no cluster-enabled yes appendfilename x
            io-threads 2 tcp-backlog 100 rdbchecksum no aclfile x always-show-logo no syslog-enabled no
            enable-debug-command no enable-protected-configs no enable-module-command yes pidfile x
        } {
            assert_error [refused $name "can't set immutable config"] {r CONFIG SET $name $value}
        }
    }

    test {both names of a directive mean the same} {
        foreach {old new value} {
            slave-priority replica-priority 50              slave-read-only replica-read-only no
            list-max-ziplist-size list-max-listpack-size 100    hash-max-ziplist-entries hash-max-listpack-entries 77
            zset-max-ziplist-value zset-max-listpack-value 33   min-slaves-to-write min-replicas-to-write 2
            lua-time-limit busy-reply-threshold 1234        repl-ping-slave-period repl-ping-replica-period 7
        } {
            set before [get $new]
            r CONFIG SET $old $value
            assert_equal [list $old $value] [r CONFIG GET $old]
            assert_equal [list $new $value] [r CONFIG GET $new]
            r CONFIG SET $new $before
            assert_equal $before [get $old]
        }
    }

    test {client-output-buffer-limit changes the classes that are named} {
        r CONFIG SET client-output-buffer-limit "pubsub 1mb 2mb 30"
        assert_equal {normal 0 0 0 slave 268435456 67108864 60 pubsub 1048576 2097152 30} [get client-output-buffer-limit]
        r CONFIG SET client-output-buffer-limit "normal 0 0 0 replica 100mb 1mb 9"
        assert_equal {normal 0 0 0 slave 104857600 1048576 9 pubsub 1048576 2097152 30} [get client-output-buffer-limit]
        r CONFIG SET client-output-buffer-limit "slave 256mb 64mb 60 pubsub 32mb 8mb 60"
    }

    test {CONFIG RESETSTAT starts the counting anew} {
        r SET k v
        r GET k
        r GET none
        catch {r nosuch}
        assert {[server_info keyspace_hits] > 0 && [server_info keyspace_misses] > 0}
        assert_equal OK [r CONFIG RESETSTAT]
        assert_equal {0 0 0 0 0} [lmap field {keyspace_hits keyspace_misses expired_keys evicted_keys total_error_replies} {server_info $field}]
        assert_no_match *cmdstat_get* [r INFO commandstats]
        assert_no_match *errorstat* [r INFO errorstats]
        assert_error {ERR wrong number of arguments for 'config|resetstat' command} {r CONFIG RESETSTAT x}
    }

    test {CONFIG has help and refuses other subcommands} {
        assert {[llength [r CONFIG HELP]] >= 10}
        assert_error {ERR unknown subcommand 'FOO'. Try CONFIG HELP.} {r CONFIG FOO}
        assert_error {ERR wrong number of arguments for 'config' command} {r CONFIG}
    }
}

start_server {enable-protected-configs no} {
    test {protected directives are refused where they are not enabled} own-server {
        foreach {name value} {dir /tmp dbfilename x.rdb} {
            assert_error [refused $name "can't set protected config"] {r CONFIG SET $name $value}
        }
    }
}

tags own-server {
    start_server {} {
        test {dir and dbfilename are checked} {
            assert_equal OK [r CONFIG SET dir [server dir]]
            assert_equal [server dir] [get dir]
            assert_error [refused dir "No such file or directory"] {r CONFIG SET dir /nonexistent/folder}
            assert_error [refused dbfilename "dbfilename can't be a path, just a filename"] {r CONFIG SET dbfilename a/b}
            assert_equal OK [r CONFIG SET dbfilename other.rdb]
        }

        test {the port can change, and old connections stay} plain {
            set port [server_free_port]
            set old [server port]
            assert_equal OK [r CONFIG SET port $port]
            set client [client_new -host 127.0.0.1 -port $port]
            assert_equal PONG [$client PING]
            assert_equal PONG [r PING]
            assert {[catch {client_new -host 127.0.0.1 -port $old}]}
            assert_equal $port [server_info tcp_port]
            r CONFIG SET port $old
            set client [client_new]
            assert_equal PONG [$client PING]
        }
    }
}

tags own-server {
    test {CONFIG REWRITE without a file is refused} {
        set dir [server_new_dir]
        set port [server_free_port]
        set handle [server_launch $dir $port [list --port $port --bind 127.0.0.1 --save "" --dir $dir]]
        assert {[server_wait_ready $handle]}
        set client [client_new -host 127.0.0.1 -port $port]
        assert_error {ERR The server is running without a config file} {$client CONFIG REWRITE}
        server_stop $handle
    }

    test {CONFIG REWRITE changes nothing that it has written itself} tocsin {
        set dir [server_new_dir]
        set port [server_free_port]
        server_write_file $dir/redis.conf "port $port\nbind 127.0.0.1\nsave \"\"\nclient-output-buffer-limit pubsub 1mb 512kb 10\n"
        set handle [server_launch $dir $port [list $dir/redis.conf]]
        assert {[server_wait_ready $handle]}
        set client [client_new -host 127.0.0.1 -port $port]
        $client CONFIG SET hz 20 notify-keyspace-events KEA
        $client CONFIG REWRITE
        set first [server_file $dir/redis.conf]
        $client CONFIG REWRITE
        assert_equal $first [server_file $dir/redis.conf]
        server_stop $handle
    }

    test {CONFIG REWRITE keeps comments, order and what it does not know to be different} {
        set dir [server_new_dir]
        set port [server_free_port]
        server_write_file $dir/redis.conf [string map [list PORT $port DIR $dir] {# the first comment
port PORT
bind 127.0.0.1

# about memory
maxmemory 100mb
maxmemory-policy "allkeys-lru"
   # indented
save ""
dir DIR
hz 10
slave-priority 42
client-output-buffer-limit pubsub 1mb 512kb 10
# the last comment
}]
        set handle [server_launch $dir $port [list $dir/redis.conf]]
        assert {[server_wait_ready $handle]}
        set client [client_new -host 127.0.0.1 -port $port]
        $client CONFIG SET maxmemory 200mb hz 20 timeout 33 notify-keyspace-events KEx save "100 5"
        assert_equal OK [$client CONFIG REWRITE]
        set lines [split [server_file $dir/redis.conf] \n]
        assert_equal {{# the first comment} {# about memory} {# the last comment}} \
            [lsearch -all -inline -regexp $lines {^# (the|about)}]
        set at -1
        foreach pattern {{# the first comment} {port *} {bind 127.0.0.1} {# about memory} {maxmemory 200mb} {maxmemory-policy *allkeys-lru*}
                {save 100 5} {dir *} {hz 20} {*-priority 42} {# the last comment} {timeout 33}} {
            set next [lsearch -glob $lines $pattern]
            assert {$next > $at}
            set at $next
        }
        assert {[lsearch -glob $lines {notify-keyspace-events *xKE*}] > 0}
        assert {[lsearch -glob $lines {client-output-buffer-limit pubsub 1mb 512kb 10}] > 0}
        client_close $client
        server_stop $handle

        set handle [server_launch $dir $port [list $dir/redis.conf]]
        assert {[server_wait_ready $handle]}
        set client [client_new -host 127.0.0.1 -port $port]
        foreach {name value} {maxmemory 209715200 hz 20 timeout 33 notify-keyspace-events xKE save {100 5} replica-priority 42} {
            assert_equal [list $name $value] [$client CONFIG GET $name]
        }
        $client CONFIG SET save ""
        $client CONFIG REWRITE
        client_close $client
        server_stop $handle
        assert_match "*\nsave \"\"\n*" [server_file $dir/redis.conf]
    }
}
