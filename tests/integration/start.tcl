# Starting: the command line, configuration files, and what is refused at once.

proc config_file {text} {
    set path [server_new_dir]/test.conf
    server_write_file $path $text
    return $path
}

proc get {name} {
    return [lindex [r CONFIG GET $name] 1]
}

tags own-server {
    foreach {line reason} {
        {foo bar}                   {Bad directive or wrong number of arguments}
        {port}                      {wrong number of arguments}
        {hz 10 20}                  {wrong number of arguments}
        {hz x}                      {argument couldn't be parsed into an integer}
        {databases 0}               {argument must be between 1 and 2147483647 inclusive}
        {maxmemory 1x}              {argument must be a memory value}
        {maxmemory "1}              {Unbalanced quotes in configuration line}
        {maxmemory '1}              {Unbalanced quotes in configuration line}
        {save 1}                    {Invalid save parameters}
        {appendonly maybe}          {argument must be 'yes' or 'no'}
        {maxmemory-policy foo}      {argument(s) must be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction}
        {notify-keyspace-events KQ} {Invalid event class character.}
        {dir /nonexistent}          {No such file or directory}
        {unixsocketperm 9}          {argument couldn't be parsed as an octal number}
        {rename-command NOSUCH x}   {No such command in rename-command}
        {client-output-buffer-limit foo 1 2 3}  {Invalid client class specified in buffer limit configuration.}
    } {
        test "the line \"$line\" is refused with its number and the reason" {
            lassign [server_run [list [config_file "# comment\nhz 10\n$line\n"]]] status text
            assert_equal 1 $status
            foreach part [list "line 3" $line $reason] {
                assert {[string first $part $text] >= 0}
            }
        }
    }

    foreach {arguments part} {
        {--port}                        {wrong number of arguments}
        {--port abc}                    {argument couldn't be parsed into an integer}
        {--foo bar}                     {Bad directive or wrong number of arguments}
        {--loglevel foo}                {argument(s) must be one of the following: debug, verbose, notice, warning}
        {--port 1 2}                    {wrong number of arguments}
        {--hz 10 --maxmemory 1 2}       {wrong number of arguments}
    } {
        test "the command line $arguments is refused at once" {
            lassign [server_run $arguments] status text
            assert_equal 1 $status
            assert {[string first $part $text] >= 0}
            set name [string range [lindex [lsearch -all -inline $arguments --*] end] 2 end]
            assert {[string first $name $text] >= 0}
        }
    }

    test {a configuration file that is not there is named} {
        lassign [server_run /nonexistent/redis.conf] status text
        assert_equal 1 $status
        assert_match "*open config file '/nonexistent/redis.conf'*No such file*" $text
        lassign [server_run [list [config_file "include /nonexistent/other.conf\n"]]] status text
        assert_equal 1 $status
        assert_match "*'/nonexistent/other.conf'*No such file*" $text
    }

    test {--version and -v print the version and end} {
        foreach argument {--version -v} {
            lassign [server_run $argument] status text
            assert_equal 0 $status
            assert_match "*server v=\[0-9\]*.\[0-9\]* *bits=*" $text
        }
    }

    test {--help prints the usage} {
        lassign [server_run --help] status text
        assert_match "*redis-server*redis.conf*" $text
    }

    test {directives on the command line come after the file} {
        with_launched [list [config_file "hz 20\ntimeout 7\nmaxmemory-policy allkeys-lru\n"] --hz 30] {
            assert_equal {30 7 allkeys-lru} [list [get hz] [get timeout] [get maxmemory-policy]]
        }
    }

    test {a directive and its values may be one argument} {
        with_launched [list "--hz 33" "--client-output-buffer-limit pubsub 1mb 2mb 3" --maxmemory 1gb] {
            assert_equal {33 1073741824} [list [get hz] [get maxmemory]]
            assert_match {*pubsub 1048576 2097152 3} [get client-output-buffer-limit]
        }
    }

    test {a value may begin with two dashes} {
        with_launched [list --proc-title-template --my--title --hz 21] {
            assert_equal {--my--title 21} [list [get proc-title-template] [get hz]]
        }
    }

    test {several values follow one directive} {
        set dir [server_new_dir]
        set port [server_free_port]
        set handle [server_launch $dir $port [list --port $port --bind 127.0.0.1 --dir $dir --save 900 1 300 10 --hz 20]]
        assert {[server_wait_ready $handle]}
        set client [client_new -host 127.0.0.1 -port $port]
        assert_equal {save {900 1 300 10}} [$client CONFIG GET save]
        server_stop $handle
    }

    test {- reads directives from the standard input} plain {
        set dir [server_new_dir]
        set port [server_free_port]
        exec {*}[leash] [test_option server] - --port $port --dir $dir << "bind 127.0.0.1\nhz 44\ndaemonize yes\npidfile $dir/pid\nsave \"\"\n" > $dir/log 2> $dir/stderr
        wait_for {[server_file $dir/pid] ne ""}
        set daemon [string trim [server_file $dir/pid]]
        test_report server $daemon $dir
        wait_for {![catch {client_new -host 127.0.0.1 -port $port} client]}
        assert_equal {hz 44} [$client CONFIG GET hz]
        server_signal TERM $daemon
        wait_for {![server_running $daemon]}
        test_report gone $daemon
        assert_equal "" [server_file $dir/pid]
    }

    test {quotes, escapes and blanks in a file} {
        with_launched [list [config_file "  # indented comment\n\n\t maxmemory   \"100mb\"  \nproc-title-template 'a b'\nrequirepass \"s\\x65cr\\\"et\"\nHZ 25\n"]] {
            r AUTH "secr\"et"
            assert_equal {104857600 {a b} 25} [list [get maxmemory] [get proc-title-template] [get hz]]
        }
    }

    test {a file may include others, by name and by glob} {
        set dir [server_new_dir]
        server_write_file $dir/a.conf "hz 20\ntimeout 5\n"
        server_write_file $dir/part-1.inc "maxmemory-samples 7\n"
        server_write_file $dir/part-2.inc "maxmemory-policy allkeys-lfu\n"
        with_launched [list [config_file "timeout 3\ninclude $dir/a.conf\nhz 40\ninclude $dir/part-*.inc\ninclude $dir/none*.inc\n"]] {
            assert_equal {40 5 7 allkeys-lfu} [lmap name {hz timeout maxmemory-samples maxmemory-policy} {get $name}]
        }
    }

    test {old names of directives are accepted} {
        with_launched [list [config_file "slave-read-only no\nhash-max-ziplist-entries 99\nlist-max-ziplist-size -3\nslave-priority 7\n"]] {
            assert_equal {no 99 -3 7} [lmap name {replica-read-only hash-max-listpack-entries list-max-listpack-size replica-priority} {get $name}]
        }
    }

    test {rename-command renames and disables} {
        with_launched [list [config_file "rename-command GET FETCH\nrename-command FLUSHALL \"\"\n"]] {
            r SET k v
            assert_equal v [r FETCH k]
            assert_error {ERR unknown command 'GET'*} {r GET k}
            assert_error {ERR unknown command 'FLUSHALL'*} {r FLUSHALL}
        }
    }

    test {databases sets their number} {
        with_launched {--databases 3} {
            assert_equal OK [r SELECT 2]
            assert_error {ERR DB index is out of range} {r SELECT 3}
        }
    }

    test {a Unix socket is made with the mode asked for, and goes at the end} {
        set dir [server_new_dir]
        with_launched [list --unixsocket $dir/sock --unixsocketperm 700] {
            assert {[file exists $dir/sock]}
            assert_equal 700 [string range [file attributes $dir/sock -permissions] end-2 end]
            assert_equal $dir/sock [get unixsocket]
        }
        assert {![file exists $dir/sock]}
    }

    test {a taken port ends the second server with a clear message} {
        with_launched {} {
            lassign [server_run [list --port [server port] --bind 127.0.0.1]] status text
            assert_equal 1 $status
            assert_match "*Failed listening on port [server port]*" $text
            assert_equal PONG [r PING]
        }
    }

    test {an address that is not ours ends the server} {
        lassign [server_run [list --port [server_free_port] --bind 203.0.113.77]] status text
        assert_equal 1 $status
        assert_match "*203.0.113.77*" $text
    }

    test {daemonize leaves a pidfile and serves, the pidfile goes at the end} plain {
        set dir [server_new_dir]
        set port [server_free_port]
        lassign [server_run [list --port $port --bind 127.0.0.1 --dir $dir --save "" --daemonize yes --pidfile $dir/pid --logfile $dir/log]] status text
        assert_equal 0 $status
        wait_for {[server_file $dir/pid] ne ""}
        set daemon [string trim [server_file $dir/pid]]
        test_report server $daemon $dir
        wait_for {![catch {client_new -host 127.0.0.1 -port $port} client]}
        assert_match "*process_id:$daemon\r*" [$client INFO server]
        server_signal TERM $daemon
        wait_for {![server_running $daemon]}
        test_report gone $daemon
        assert {![file exists $dir/pid]}
    }

    test {the foreground server keeps its pid and writes a pidfile only if told} {
        set dir [server_new_dir]
        with_launched [list --pidfile $dir/pid] {
            assert_equal [server pid] [server_info process_id]
            assert_equal [server pid] [string trim [server_file $dir/pid]]
        }
        assert {![file exists $dir/pid]}
    }
}
