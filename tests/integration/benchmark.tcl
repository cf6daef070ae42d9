# redis-benchmark: it does as many requests as it was told, and its counts of
# notifications are right. How fast is nothing for a test.

proc assert_refused {pattern arguments} {
    lassign [program_run benchmark $arguments] status output errors
    assert_equal 1 $status
    assert_match $pattern $output$errors
}

# How often a command ran since CONFIG RESETSTAT.
proc calls {command} {
    regexp {^calls=(\d+)} [server_info cmdstat_$command] -> count
    return $count
}

# A CSV of a header and one row, as a dict.
proc csv_dict {text} {
    lassign [split $text \n] names values
    set result {}
    foreach name [regexp -all -inline {"[^"]*"} $names] value [regexp -all -inline {"[^"]*"} $values] {
        dict set result [string trim $name \"] [string trim $value \"]
    }
    return $result
}

proc assert_fields {expected csv} {
    set actual [csv_dict $csv]
    dict for {name value} $expected {
        assert_equal [list $name $value] [list $name [dict get $actual $name]]
    }
}

# As many as the system permits a process to have connections, at most 10000.
proc subscribers_permitted {} {
    set limit [exec sh -c {ulimit -Hn}]
    return [expr {$limit eq "unlimited" ? 10000 : min(10000, $limit - 200)}]
}

start_server {} {
    test {-q prints a line for each test} {
        set titles {}
        foreach line [split [benchmark -q -t set,get -n 100 -c 2] \r\n] {
            if {[regexp {^(\w+): \d+\.\d\d requests per second, p50=\d+\.\d{3} msec *$} $line -> title]} {
                lappend titles $title
            }
        }
        assert_equal {SET GET} $titles
    }

    test {--csv prints a header and a row for each test} {
        set lines [split [benchmark --csv -t set,get,ping_mbulk -n 100 -c 2] \n]
        assert_equal {"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"} \
            [lindex $lines 0]
        foreach title {PING_MBULK SET GET} line [lrange $lines 1 end] {
            assert {[regexp "^\"$title\"(,\"\\d+\\.\\d+\"){7}$" $line]}
        }
    }

    test {the full report names what was done} {
        set text [benchmark -t set -n 100 -c 2 -d 7]
        foreach part {
            "====== SET ======"
            "100 requests completed in "
            "2 parallel clients"
            "7 bytes payload"
            "keep alive: 1"
            "latency summary (msec):"
        } {
            assert {[string first $part $text] >= 0}
        }
        assert_equal 7 [r STRLEN key:__rand_int__]
    }

    foreach options {{-c 1 -P 1} {-c 10 -P 1} {-c 10 -P 10} {-c 7 -P 10 --threads 2} {-c 5 -k 0}} {
        test "exactly -n requests are done with $options" {
            r CONFIG RESETSTAT
            lassign [program_run benchmark [concat $options {-q -n 1000 -t set}]] status
            assert_equal 0 $status
            assert_equal 1000 [calls set]
        }
    }

    test {exactly -n requests are done though the pipeline does not divide them} tocsin {
        foreach {requests clients pipeline} {1000 7 16 5 3 16 1 50 1} {
            r CONFIG RESETSTAT
            benchmark -q -n $requests -c $clients -P $pipeline INCR counter
            assert_equal $requests [calls incr]
        }
        assert_equal 1006 [r GET counter]
    }

    test {__rand_int__ is another number in each request, without -r it is not replaced} {
        benchmark -q -n 500 -c 5 -P 5 -r 1000000000 SET key:__rand_int__ v
        assert_between 490 500 [r DBSIZE]
        foreach key [r KEYS *] {
            assert {[regexp {^key:000\d{9}$} $key]}
        }
        r FLUSHALL
        benchmark -q -n 500 -c 5 -r 3 SET key:__rand_int__ v
        assert_same_elements {key:000000000000 key:000000000001 key:000000000002} [r KEYS *]
        r FLUSHALL
        benchmark -q -n 10 -c 2 SET key:__rand_int__ v
        assert_equal key:__rand_int__ [r KEYS *]
    }

    tags tocsin {
        test {--sequential counts, __rand_<n>__ has a range of its own, --seed repeats} {
            benchmark -q -n 100 -c 4 -P 5 -r 100 --sequential SET key:__rand_int__ v
            assert_equal 100 [r DBSIZE]
            r FLUSHALL
            benchmark -q -n 100 -c 1 -r 1000000 SET key:__rand_2__ v
            assert_same_elements {key:000000000000 key:000000000001} [r KEYS *]
            r FLUSHALL
            foreach round {1 2} {
                benchmark -q -n 100 -c 1 -r 1000000000 --seed 7 SET key:__rand_int__ v
                set keys($round) [r KEYS *]
                r FLUSHALL
            }
            assert_same_elements $keys(1) $keys(2)
        }
    }

    test {-x takes the last argument from standard input} {
        program_text benchmark {-q -n 1 -c 1 -x SET k} "a\nb"
        assert_equal "a\nb" [r GET k]
    }

    test {--dbnum selects the database} {
        benchmark -q -n 1 -c 1 --dbnum 5 SET k v
        assert_equal (nil) [r GET k]
        r SELECT 5
        assert_equal v [r GET k]
    }

    test {an error reply ends the run with its text} {
        r SET k x
        assert_refused "*value is not an integer*" {-q -n 10 -c 1 INCR k}
    }

    test {--show-server-errors prints errors and goes on} tocsin {
        r SET k x
        r CONFIG RESETSTAT
        lassign [program_run benchmark {-q -n 10 -c 1 --show-server-errors INCR k}] status output errors
        assert_equal 0 $status
        assert_match "*value is not an integer*" $output$errors
        assert_equal 10 [calls incr]
    }

    test {a server that is not there is named} tocsin {
        set port [server_free_port]
        assert_refused "*Could not connect to Redis at 127.0.0.1:$port: Connection refused*" [list -q -n 1 -p $port PING]
    }

    tags tocsin {
        test {options that are wrong are named} {
            foreach {arguments name} {
                --nosuch                --nosuch
                -n                      -n
                {-n 0}                  -n
                {-n x}                  -n
                {-c 0}                  -c
                {-P -1}                 -P
                {-p 65536}              -p
                {-k 2}                  -k
                {--threads 501}         --threads
                {--probes 0}            --probes
                {--subscribers x}       --subscribers
                {-x}                    -x
                {--user me}             --user
                {-t set,nosuch}         nosuch
                {--notify nosuch}       "--notify nosuch"
                {--notify fanout PING}  --notify
            } {
                assert_refused "*$name*" $arguments
            }
        }

        test {the limit of open files is raised as far as the system permits} {
            set command [program_command benchmark {-q -n 100 -c 100 PING} {}]
            assert_match "PING: *" [exec sh -c {ulimit -Sn 64 && exec "$0" "$@"} {*}$command]
        }

        # --- notifications ---

        foreach options {{} -3} {
            test "--notify expired [join $options] hears of every key, of none too early, and removes its keys" {
                with_config {notify-keyspace-events KA} {
                    r SET mine v
                    set text [benchmark {*}$options --csv --notify expired --background 1000 --probes 50 --window 200]
                    assert_fields {background 1000 keys 50 announced 50 missing 0 early 0 again 0} $text
                    assert_equal mine [r KEYS *]
                    assert_equal {notify-keyspace-events AK} [r CONFIG GET notify-keyspace-events]
                }
            }
        }

        test {--notify expired has a report for people} {
            set text [benchmark --notify expired --background 10 --probes 20 --window 50]
            assert_match "====== expired: 20 keys due one by one, 10 more volatile keys ======\n*" $text
            assert {[regexp {\n  announced: 20\n  missing:   0 .*\n  early:     0\n} $text]}
        }

        test {--notify expired --fields hears of every field of many hashes} tocsin {
            set text [benchmark --csv --notify expired --background 10 --probes 40 --fields 5 --window 100]
            assert_fields {test "expired, fields" keys 200 announced 200 missing 0 early 0 again 0} $text
            assert_equal 0 [r DBSIZE]
            assert_match "====== expired: 100 fields of hashes due in one millisecond, 10 more*" \
                [benchmark --notify expired --background 10 --mass 20 --fields 5]
        }

        test {--notify expired --mass announces keys that are all due at once} {
            set text [benchmark --csv --notify expired --background 10 --mass 500]
            assert_fields {test "expired, mass" keys 500 announced 500 missing 0 early 0 again 0} $text
            assert_equal 0 [r DBSIZE]
        }

        foreach {options per_set} {{} 1 -3 1 --pattern 2 {--pattern -3} 2} {
            test "--notify fanout [join $options] delivers to 100 subscribers, none missing" {
                set text [benchmark {*}$options --csv --notify fanout -n 200]
                assert_fields [list subscribers 100 sets 200 deliveries [expr {20000 * $per_set}] missing 0] $text
                assert_equal {notify-keyspace-events {}} [r CONFIG GET notify-keyspace-events]
            }
        }

        test {--notify patterns and --notify overhead do their SETs} {
            r CONFIG RESETSTAT
            benchmark -q --notify patterns --patterns 100 -n 50 -c 2
            assert_equal 50 [calls set]
            benchmark -q --notify overhead -n 50 -c 2
            assert_equal 150 [calls set]
        }

        test {notify-keyspace-events is restored when a signal ends the benchmark} {
            with_config {notify-keyspace-events Kg} {
                foreach signal {TERM INT} {
                    with_program benchmark {--notify fanout -n 1000000000} {
                        wait_for {[server_info pubsub_clients] == 100}
                        assert_not_equal {notify-keyspace-events gK} [r CONFIG GET notify-keyspace-events]
                        server_signal $signal [program pid]
                        wait_for {![server_running [program pid]]}
                    }
                    assert_equal {notify-keyspace-events gK} [r CONFIG GET notify-keyspace-events]
                }
            }
        }
    }
}

tags {tocsin own-server} {
    start_server {maxclients 10100} {
        test {--notify fanout delivers to as many subscribers as the system permits, none missing} plain {
            set subscribers [subscribers_permitted]
            set text [benchmark --csv --notify fanout --subscribers $subscribers -n 20]
            assert_fields [list subscribers $subscribers deliveries [expr {20 * $subscribers}] missing 0] $text
        }
    }
}
