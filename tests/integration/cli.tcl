# redis-cli: what it sends, what it prints, how it ends.

# Each row: a command, its text on a terminal.
proc assert_prints {how table} {
    foreach {arguments expected} $table {
        assert_equal [list $arguments $expected] [list $arguments [$how {*}$arguments]]
    }
}

# The run fails with this status, and its complaint matches.
proc assert_complains {status pattern arguments {variables {}}} {
    lassign [program_run cli $arguments "" $variables] actual output errors
    assert_equal $status $actual
    assert_match $pattern $errors
    return $output
}

start_server {} {
    # --- replies as text ---

    foreach {type terminal raw csv json quoted} {
        string   {"Hello World"}     {Hello World}  {"Hello World"}  {"Hello World"}  {"Hello World"}
        integer  {(integer) 12345}   12345          12345            12345            12345
        double   {(double) 3.141}    3.141          3.141            3.141            3.141
        null     (nil)               {}             NULL             null             null
        true     (true)              (true)         true             true             true
        false    (false)             (false)        false            false            false
        array    "1) (integer) 0\n2) (integer) 1\n3) (integer) 2"
                 "0\n1\n2"           0,1,2          {[0,1,2]}        {[0,1,2]}
        set      "1~ (integer) 0\n2~ (integer) 1\n3~ (integer) 2"
                 "0\n1\n2"           0,1,2          {[0,1,2]}        {[0,1,2]}
        map      "1# (integer) 0 => (false)\n2# (integer) 1 => (true)\n3# (integer) 2 => (false)"
                 "0 (false)\n1 (true)\n2 (false)"   0,false,1,true,2,false
                 {{"0":false,"1":true,"2":false}}   {{"0":false,"1":true,"2":false}}
        verbatim "This is a verbatim\nstring"       "This is a verbatim\nstring"
                 {"This is a verbatim\nstring"}     {"This is a verbatim\nstring"}
                 {"This is a verbatim\\nstring"}
    } {
        test "a RESP3 reply of type $type has its text in every format" {
            assert_equal $terminal [cli_tty -3 DEBUG PROTOCOL $type]
            assert_equal $terminal [cli -3 --no-raw DEBUG PROTOCOL $type]
            assert_equal $raw [cli -3 DEBUG PROTOCOL $type]
            assert_equal $raw [cli_tty -3 --raw DEBUG PROTOCOL $type]
            assert_equal $csv [cli -3 --csv DEBUG PROTOCOL $type]
            assert_equal $json [cli --json DEBUG PROTOCOL $type]
            assert_equal $quoted [cli --quoted-json DEBUG PROTOCOL $type]
        }
    }

    test {big numbers and replies behind attributes are printed} tocsin {
        set number 1234567999999999999999999999999999999
        assert_prints cli_tty [list {-3 DEBUG PROTOCOL bignum} "(big number) $number"]
        foreach option {-3 --csv --json} {
            assert_equal $number [cli -3 $option DEBUG PROTOCOL bignum]
        }
        assert_equal {"Some real reply following the attribute"} [cli_tty -3 DEBUG PROTOCOL attrib]
    }

    test {a push is printed on a terminal, elsewhere only when asked for} {
        set push "1) \"server-cpu-usage\"\n2) (integer) 42\n"
        set reply {"Some real reply following the push reply"}
        assert_equal $push$reply [cli_tty -3 DEBUG PROTOCOL push]
        assert_equal $reply [cli_tty -3 --show-pushes no DEBUG PROTOCOL push]
        assert_equal "Some real reply following the push reply" [cli -3 DEBUG PROTOCOL push]
        assert_equal "server-cpu-usage\n42\nSome real reply following the push reply" \
            [cli -3 --show-pushes yes DEBUG PROTOCOL push]
    }

    test {RESP2 has its own texts for what RESP3 has types for} {
        assert_prints cli_tty {
            {DEBUG PROTOCOL double}     {"3.141"}
            {DEBUG PROTOCOL true}       {(integer) 1}
            {-2 DEBUG PROTOCOL null}    (nil)
            {-2 DEBUG PROTOCOL map}     "1) (integer) 0\n2) (integer) 0\n3) (integer) 1\n4) (integer) 1\n5) (integer) 2\n6) (integer) 0"
            {PING}                      PONG
            {GET nosuch}                (nil)
            {KEYS nosuch}               {(empty array)}
        }
    }

    test {the numbers of a long array are aligned, and nested arrays indented} {
        set lines {}
        for {set i 1} {$i <= 9} {incr i} {
            append lines " $i) (nil)\n"
        }
        assert_equal "${lines}10) (nil)" [cli_tty MGET 1 2 3 4 5 6 7 8 9 10]
        r SET k v
        assert_equal "1) \"0\"\n2) 1) \"k\"" [cli_tty SCAN 0]
    }

    test {bytes that do not print are escaped on a terminal and in CSV, and left alone when raw} {
        r SET k "a\"b\\\n\r\t\x00\xff"
        assert_equal {"a\"b\\\n\r\t\x00\xff"} [cli_tty GET k]
        assert_equal {"a\"b\\\n\r\t\x00\xff"} [cli --csv GET k]
        assert_equal "a\"b\\\n\r\t\x00\xff" [cli GET k]
        r SET k "a\"b\\\n\x01"
        assert_equal "\"a\\\"b\\\\\\n\\u0001\"" [cli --json GET k]
    }

    test {--quoted-json keeps to ASCII, --json does not} {
        r SET k "\xc3\xa9"
        assert_equal "\"\xc3\xa9\"" [cli --json GET k]
        assert_equal {"\\xc3\\xa9"} [cli --quoted-json GET k]
    }

    test {-d parts the items of a raw reply, -D ends it} {
        r MSET a 1 b 2
        assert_equal "1--2" [cli -d -- MGET a b]
        assert_equal "1\n2;" [cli -D ";" MGET a b]
        assert_equal "1,2;1,2;" [cli -d , -D ";" -r 2 MGET a b]
    }

    test {texts for people are printed as they are, on a terminal too} {
        assert_match "# Server\r\nredis_version:*" [cli_tty INFO server]
        assert_match "id=* addr=* cmd=client|list *" [cli_tty CLIENT LIST]
    }

    # --- what is sent ---

    test {-x sends standard input as the last argument, -X in the place of a tag} {
        assert_equal OK [cli_input "line 1\nline 2\n" -x SET k]
        assert_equal "line 1\nline 2\n" [r GET k]
        assert_equal OK [cli_input "\x00\xff" -X tag SET tag v]
        assert_equal v [r GET "\x00\xff"]
        assert_complains 1 "Using -X option but stdin tag not match.\n" {-X tag SET k v}
        assert_complains 1 "Options -x and -X are mutually exclusive.\n" {-x -X tag SET k}
    }

    test {--quoted-input understands escapes} {
        assert_equal OK [cli --quoted-input SET {"a\x00b"} {'it\'s'}]
        assert_equal it's [r GET "a\x00b"]
        assert_equal OK [cli SET {"a\x00b"} plain]
        assert_equal plain [r GET {"a\x00b"}]
    }

    test {quotes that do not close are refused} tocsin {
        assert_complains 1 "Invalid quoted string\n" {--quoted-input GET {"a}}
        assert_complains 1 "Invalid quoted string *\n" {--scan --quoted-pattern {"a}}
    }

    test {-r repeats a command, -i pauses between} {
        assert_equal "1\n2\n3" [cli -r 3 INCR k]
        assert_equal "4\n5" [cli -r 2 -i 0.001 INCR k]
    }

    test {-r -1 repeats a command for ever} {
        with_program cli {-r -1 -i 0.001 INCR k} {
            wait_for {[string match "1\n2\n3\n*" [program output]]}
        }
    }

    test {-n selects the database} {
        cli -n 3 SET k v
        assert_equal (nil) [r GET k]
        r SELECT 3
        assert_equal v [r GET k]
        assert_equal "PONG\n" [assert_complains 0 "SELECT 99 failed: ERR DB index is out of range\n" {-n 99 PING}]
    }

    test {-u brings host, port and database} {
        assert_equal OK [cli -p 1 -u redis://127.0.0.1:[server port]/4 SET k v]
        r SELECT 4
        assert_equal v [r GET k]
        assert_complains 1 "Invalid URI scheme\n" {-u http://localhost PING}
    }

    # --- errors ---

    test {an error reply has its text in every format} {
        assert_prints cli {
            {NOSUCH}            "ERR unknown command 'NOSUCH', with args beginning with: \n"
            {--csv NOSUCH}      {ERROR,"ERR unknown command 'NOSUCH', with args beginning with: "}
            {--json NOSUCH}     {error:"ERR unknown command 'NOSUCH', with args beginning with: "}
        }
        assert_equal {(error) ERR unknown command 'NOSUCH', with args beginning with: } [cli_tty NOSUCH]
    }

    test {-e sends error replies to standard error and makes the exit status 1} {
        assert_equal "" [assert_complains 1 "ERR unknown command 'NOSUCH'*" {-e NOSUCH}]
        assert_equal "OK\n" [assert_complains 0 "" {-e SET k v}]
        r SET k 1
        assert_equal "2\n" [assert_complains 0 "" {-e INCR k}]
        r SET k x
        assert_complains 1 "ERR value is not an integer*" {-e -r 3 INCR k}
    }

    test {a server that is not there ends the run with status 1} {
        set port [server_free_port]
        assert_complains 1 "Could not connect to Redis at 127.0.0.1:$port: Connection refused\n" [list -p $port PING]
        assert_complains 1 "Could not connect to Redis at /nonexistent/socket: No such file or directory\n" \
            {-s /nonexistent/socket PING}
    }

    test {options that are wrong are named} {
        assert_complains 1 "Unrecognized option or bad number of args for: '--nosuch'\n" {--nosuch PING}
        assert_complains 1 "Unrecognized option or bad number of args for: '-n'\n" -n
        assert_complains 1 "Options -2 and -3 are mutually exclusive.\n" {-2 -3 PING}
    }

    test {numbers that are wrong are named with their option} tocsin {
        foreach {option value} {-p 65536 -p x -r x -i -1 -n -1 --count 0} {
            assert_complains 1 "Invalid value for $option: '$value'*" [list $option $value PING]
        }
    }

    # --- commands from standard input ---

    test {commands are read from standard input, a line each} {
        assert_equal "OK\n1\nERR unknown command 'nosuch', with args beginning with: \n\n2\n3\n4" \
            [cli_input "set a 1\nget a\n\nnosuch\n3 incr a" ]
        assert_equal "Invalid argument(s)\n4" [cli_input "get \"a\nget 'a'"]
        assert_equal "" [cli_input ""]
    }

    test {a transaction's replies come with EXEC} {
        assert_equal "OK\nQUEUED\nQUEUED\nOK\n1\nOK\nOK\nERR EXEC without MULTI\n" \
            [cli_input "multi\nset a 0\nincr a\nexec\nmulti\ndiscard\nexec"]
    }

    test {SELECT and quit count among lines} {
        assert_equal "OK\nOK" [cli_input "select 5\nset k v\nquit\nset k w"]
        r SELECT 5
        assert_equal v [r GET k]
    }

    test {--pipe sends a mass insertion and counts the replies} {
        set input ""
        for {set i 0} {$i < 2000} {incr i} {
            append input [client_encode SET key:$i value:$i]
        }
        assert_equal "All data transferred. Waiting for the last reply...\nLast reply received from server.\nerrors: 0, replies: 2000" \
            [cli_input $input --pipe]
        assert_equal 2000 [r DBSIZE]
        assert_equal value:1999 [r GET key:1999]
    }

    test {--pipe takes inline commands, and tells and counts errors} {
        lassign [program_run cli --pipe "set a x\nincr a\nget\nget a\n"] status output errors
        assert_equal 1 $status
        assert_match "*\nerrors: 2, replies: 4\n" $output
        assert_equal "ERR value is not an integer or out of range\nERR wrong number of arguments for 'get' command\n" $errors
    }

    # --- surveys ---

    test {--scan prints every key, or those that match} {
        for {set i 0} {$i < 30} {incr i} {
            r SET key:$i v
        }
        r SET "other\n" v
        assert_equal 32 [llength [split [cli --scan] \n]]
        assert_same_elements {key:1 key:10 key:11 key:12 key:13 key:14 key:15 key:16 key:17 key:18 key:19} \
            [split [cli --scan --pattern key:1*] \n]
        assert_equal {"other\n"} [cli_tty --scan --quoted-pattern {"oth?r\n"}]
        assert_equal "" [cli --scan --pattern nosuch*]
    }

    test {--count is SCAN's} since-7.2 {
        r MSET a 1 b 2 c 3
        r CONFIG RESETSTAT
        assert_same_elements {a b c} [split [cli --scan --count 1000] \n]
        assert_match "calls=1,*" [server_info cmdstat_scan]
        assert_match "*Sampled 3 keys in the keyspace!*" [cli --bigkeys --count 1000]
        assert_match "calls=2,*" [server_info cmdstat_scan]
    }

    test {--bigkeys finds the biggest key of a type and ends with a summary} {
        r MSET small 1 "b\ng" [string repeat x 1000]
        set text [cli --bigkeys]
        foreach part {
            {-------- summary -------}
            {Sampled 2 keys in the keyspace!}
            {Total key length in bytes is 8 (avg len 4.00)}
            {Biggest string found '"b\ng"' has 1000 bytes}
            {2 strings with 1001 bytes (100.00% of keys, avg size 500.50)}
        } {
            assert {[string first $part $text] >= 0}
        }
        assert_match "*Sampled 1 keys in the keyspace!*" [cli --bigkeys --pattern small]
    }

    test {--memkeys measures memory and ends with a summary} {
        r MSET small 1 big [string repeat x 1000]
        set usage [r MEMORY USAGE big]
        foreach arguments {--memkeys {--memkeys-samples 0}} {
            set text [cli {*}$arguments]
            assert {[string first "Biggest string found '\"big\"' has $usage bytes" $text] >= 0}
            assert {[string first "Sampled 2 keys in the keyspace!" $text] >= 0}
        }
    }

    test {surveys of an empty database end, too} {
        foreach arguments {--bigkeys --memkeys} {
            assert_match "*Sampled 0 keys in the keyspace!*" [cli $arguments]
        }
        assert_equal "" [cli --scan]
    }

    # --- measurements ---

    test {--stat prints a header, and a line each interval} {
        r MSET a 1 b 2
        with_program cli {--stat -i 0.01} {
            wait_for {[llength [split [program output] \n]] > 4}
            lassign [split [program output] \n] data head first second
            assert_match "*data*load*child*" $data
            assert_match "keys*mem*clients*requests*" $head
            assert_match "2 * (+0) *" $first
            assert_match "2 * (+1) *" $second
        }
    }

    test {--latency prints one line of four numbers when nobody watches} {
        assert {[regexp {^\d+ \d+ \d+\.\d\d \d+$} [cli --latency -i 0.03]]}
        assert {[regexp {^\d+,\d+,\d+\.\d\d,\d+$} [cli --latency --csv -i 0.03]]}
        assert {[regexp {^\{"min": \d+, "max": \d+, "avg": \d+\.\d\d, "count": \d+\}$} [cli --latency --json -i 0.03]]}
    }

    # --- messages ---

    foreach {protocol variables confirmation message} {
        {}  {}          "subscribe\n__keyevent@0__:expired\n1\n"
                        "message\n__keyevent@0__:expired\nk\n"
        -3  {}          "subscribe\n__keyevent@0__:expired\n1\n"
                        "message\n__keyevent@0__:expired\nk\n"
        {}  {FAKETTY 1} "Reading messages... (press Ctrl-C to quit)\n1) \"subscribe\"\n2) \"__keyevent@0__:expired\"\n3) (integer) 1\n"
                        "1) \"message\"\n2) \"__keyevent@0__:expired\"\n3) \"k\"\n"
        -3  {FAKETTY 1} "Reading messages... (press Ctrl-C to quit)\n1) \"subscribe\"\n2) \"__keyevent@0__:expired\"\n3) (integer) 1\n"
                        "1) \"message\"\n2) \"__keyevent@0__:expired\"\n3) \"k\"\n"
    } {
        test "an expired key is announced to redis-cli $protocol [join $variables =] subscribe" {
            with_config {notify-keyspace-events Ex} {
                with_program cli [concat $protocol {subscribe __keyevent@0__:expired}] $variables {
                    wait_for {[program output] eq $confirmation}
                    r SET k v PX 20
                    wait_for {[program output] eq "$confirmation$message"}
                    assert_equal "" [program errors]
                }
            }
        }
    }

    test {psubscribe to several patterns confirms each and prints messages in the format asked for} {
        with_program cli {--csv psubscribe a* b*} {
            wait_for {[string match "*\"psubscribe\",\"b\\*\",2\n" [program output]]}
            r PUBLISH bell hello
            r PUBLISH nobody hello
            r PUBLISH alarm "two\nlines"
            wait_for {[string match "*\"pmessage\",\"b\\*\",\"bell\",\"hello\"\n\"pmessage\",\"a\\*\",\"alarm\",\"two\\\\nlines\"\n" [program output]]}
        }
    }

    test {MONITOR prints what the others do} {
        with_program cli MONITOR {
            wait_for {[program output] eq "OK\n"}
            r SET k "a b\n"
            wait_for {[regexp {^OK\n\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "a b\\n"\n$} [program output]]}
        }
    }

    test {a server that goes away ends a subscription with status 1} {
        with_program cli {subscribe a} {
            wait_for {[program output] ne ""}
            r CLIENT KILL TYPE pubsub
            wait_for {![server_running [program pid]]}
            assert_equal "Error: Server closed the connection\n" [program errors]
        }
    }

    # --- help ---

    tags tocsin {
        test {help of a command and of a group come from COMMAND DOCS} {
            set docs [lindex [r COMMAND DOCS set] 1]
            set text [cli help set]
            assert_match "\n  SET key value *\n  summary: [dict get $docs summary]\n  since: 1.0.0\n  group: string\n*" $text
            set text [cli_input "help @string\n"]
            foreach command [r COMMAND LIST FILTERBY ACLCAT string] {
                if {[dict get [lindex [r COMMAND DOCS $command] 1] group] eq "string"} {
                    assert {[string first "\n  [string toupper $command] " $text] >= 0}
                }
            }
            assert {[string first "\n  PUBLISH " $text] < 0}
            assert_equal "\n" [cli help nosuch]\n
        }

        test {--test_hint tells the arguments still to be typed} {
            assert_match "key value *" [cli --test_hint "set "]
            assert_match "value *" [cli --test_hint "SET k "]
            assert_equal "" [cli --test_hint "get k "]
        }

        test {--test_hint_file compares hints with a file} {
            set path [server_new_dir]/hints
            server_write_file $path "# a comment\n\"get \" \"key\"\n\"nosuch \" \"\"\n"
            assert_equal "SUCCESS: 2/2 passed" [cli --test_hint_file $path]
            server_write_file $path "\"get \" \"key\"\n\"get \" \"value\"\n"
            lassign [program_run cli [list --test_hint_file $path]] status output
            assert_equal 1 $status
            assert_equal "'get ': expected 'value', got 'key'\nFAILURE: 1/2 passed\n" $output
        }

        test {what is not offered is refused by name} {
            foreach option {--ldb --cluster} {
                assert_complains 1 "*($option*is not offered.\n" [list $option PING]
            }
        }
    }
}

# --- passwords ---

tags own-server {
    start_server {requirepass se:cret} {
        test {-a, --pass and REDISCLI_AUTH give the password; only the first two draw a warning} {
            set warning "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"
            set uri :se%3Acret@127.0.0.1:[server port]
            assert_equal "NOAUTH Authentication required.\n" [cli PING]
            foreach arguments [list {-a se:cret} {--pass se:cret} [list -u redis://default$uri]] {
                assert_equal "PONG\n" [assert_complains 0 $warning [concat $arguments PING]]
                assert_equal PONG [cli --no-auth-warning {*}$arguments PING]
            }
            assert_equal "PONG\n" [assert_complains 0 "" PING {REDISCLI_AUTH se:cret}]
            assert_equal "PONG\n" [assert_complains 0 $warning {-a se:cret PING} {REDISCLI_AUTH wrong}]
        }

        test {-u without a user logs in as the default one} since-7.2 {
            assert_equal PONG [cli --no-auth-warning -u redis://:se%3Acret@127.0.0.1:[server port] PING]
        }

        test {--user, and -u with a user, log in as that user} {
            set uri default:se%3acret@127.0.0.1:[server port]
            assert_equal PONG [cli --no-auth-warning --user default -a se:cret PING]
            assert_equal PONG [cli --no-auth-warning -u redis://$uri/2 PING]
            foreach arguments [list {--user nobody -a se:cret} [list -u redis://no$uri]] {
                assert_complains 0 "AUTH failed: WRONGPASS *\n" [concat --no-auth-warning $arguments PING]
            }
        }

        test {a wrong password is told, and the command goes on without} {
            assert_equal "NOAUTH Authentication required.\n\n" \
                [assert_complains 0 "AUTH failed: WRONGPASS *\n" {--no-auth-warning -a wrong PING}]
        }
    }
}
