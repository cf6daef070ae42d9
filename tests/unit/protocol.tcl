# The wire: framing, limits and refusals, byte by byte.

# What the server sends, up to its end, for the given bytes on a connection of their own.
proc answer_and_close {bytes} {
    set client [client_new]
    client_write $client $bytes
    set answer [client_drain $client]
    client_close $client
    return $answer
}

# What the server sends for the bytes and a PING after them.
proc answer {bytes} {
    set client [client_new]
    client_write $client $bytes[client_encode ECHO mark]
    set answer ""
    while {![string match "*\$4\r\nmark\r\n" $answer]} {
        append answer [read $client::fds($client) 1]
        if {[eof $client::fds($client)]} {
            fail "closed after: $answer"
        }
    }
    client_close $client
    return [string range $answer 0 end-10]
}

start_server {} {
    foreach {bytes reply} {
        "*1\r\n$4\r\nPING\r\n"                       "+PONG\r\n"
        "*2\r\n$4\r\nPING\r\n$0\r\n\r\n"             "$0\r\n\r\n"
        "*2\r\n$4\r\nping\r\n$4\r\na\r\nb\r\n"       "$4\r\na\r\nb\r\n"
        "*0\r\n"                                     ""
        "*-1\r\n"                                    ""
        "*-10\r\n"                                   ""
        "*1\r\n$0\r\n\r\n"                           "-ERR unknown command '', with args beginning with: \r\n"
        "PING\r\n"                                   "+PONG\r\n"
        "PING\n"                                     "+PONG\r\n"
        "  PING  \r\n"                               "+PONG\r\n"
        "\r\n"                                       ""
        "\r\n\r\n\n  \r\nPING\r\n"                   "+PONG\r\n"
        "PING hello\r\n"                             "$5\r\nhello\r\n"
        "PING \"a b\"\r\n"                           "$3\r\na b\r\n"
        "PING \"\\x41\\n\\t\\\"\\\\\\q\"\r\n"        "$6\r\nA\n\t\"\\q\r\n"
        "PING 'it\\'s \\n'\r\n"                      "$7\r\nit's \\n\r\n"
        "PING ''\r\n"                                "$0\r\n\r\n"
        "ECHO\ta\r\n"                                "$1\r\na\r\n"
        "GET\r\n"                                    "-ERR wrong number of arguments for 'get' command\r\n"
        "foo bar 'b z'\r\n"                          "-ERR unknown command 'foo', with args beginning with: 'bar' 'b z' \r\n"
    } {
        test "the request [string map {\r \\r \n \\n} $bytes] is answered" {
            assert_equal $reply [answer $bytes]
        }
    }

    foreach {bytes text} {
        "*x\r\n"                                "invalid multibulk length"
        "*\r\n"                                 "invalid multibulk length"
        "*1 \r\n"                               "invalid multibulk length"
        "*+1\r\n"                               "invalid multibulk length"
        "*1.0\r\n"                              "invalid multibulk length"
        "*9223372036854775808\r\n"              "invalid multibulk length"
        "*2147483648\r\n"                       "invalid multibulk length"
        "*1\r\nfoo\r\n"                         "expected '$', got 'f'"
        "*1\r\n:4\r\n"                          "expected '$', got ':'"
        "*1\r\n*1\r\n"                          "expected '$', got '*'"
        "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfoo\r\n" "expected '$', got 'f'"
        "*1\r\n$\r\n"                           "invalid bulk length"
        "*1\r\n$x\r\n"                          "invalid bulk length"
        "*1\r\n$-1\r\n"                         "invalid bulk length"
        "*1\r\n$04\r\n"                         "invalid bulk length"
        "*1\r\n$536870913\r\n"                  "invalid bulk length"
        "*1\r\n$2147483648\r\n"                 "invalid bulk length"
        "*1\r\n$99999999999999999999\r\n"       "invalid bulk length"
        "SET k \"abc\r\n"                       "unbalanced quotes in request"
        "SET k 'abc\r\n"                        "unbalanced quotes in request"
        "\"a\"b\r\n"                            "unbalanced quotes in request"
        "'a'b\r\n"                              "unbalanced quotes in request"
        "SET k \"\\x4\r\n"                      "unbalanced quotes in request"
    } {
        test "the request [string map {\r \\r \n \\n} $bytes] is refused: $text" {
            assert_equal "-ERR Protocol error: $text\r\n" [answer_and_close $bytes]
        }
    }

    test {replies to what came before a protocol error are still sent} {
        assert_equal "+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n" \
            [answer_and_close "PING\r\n*x\r\nPING\r\n"]
    }

    test {HTTP requests are cut without a reply} {
        foreach line {"POST / HTTP/1.1" "Host: example.org" "host: x"} {
            assert_equal "" [answer_and_close "$line\r\nPING\r\n"]
        }
    }

    test {an inline request may be long, but not endless} {
        set client [client_new]
        client_write $client "PING [string repeat x 60000]\r\n"
        assert_equal [string repeat x 60000] [client_read $client]
        assert_equal "-ERR Protocol error: too big inline request\r\n" [answer_and_close [string repeat x 70000]]
    }

    test {a line that should hold a count may not be endless} {
        assert_equal "-ERR Protocol error: too big mbulk count string\r\n" [answer_and_close "*[string repeat 1 70000]"]
        assert_equal "-ERR Protocol error: too big bulk count string\r\n" [answer_and_close "*1\r\n\$[string repeat 1 70000]"]
    }

    test {requests may arrive byte by byte} {
        set client [client_new]
        foreach byte [split "*2\r\n\$4\r\nECHO\r\n\$5\r\na\r\nbc\r\nPING\r\n" ""] {
            client_write $client $byte
        }
        assert_equal "a\r\nbc" [client_read $client]
        assert_equal PONG [client_read $client]
    }

    test {requests may be cut anywhere} {
        set request [client_encode SET key "some\r\nvalue"][client_encode GET key]
        for {set cut 1} {$cut < [string length $request]} {incr cut} {
            client_write r [string range $request 0 $cut-1]
            r_barrier
            client_write r [string range $request $cut end]
            client_expect r "+OK\r\n\$11\r\nsome\r\nvalue\r\n"
        }
    }

    test {a connection that ends in the middle of a request harms nobody} {
        foreach bytes [list "*" "*3\r\n" "*3\r\n\$3" "*3\r\n\$3\r\nSE" "*3\r\n\$3\r\nSET\r\n\$100000\r\nx" "PIN" "*1\r\n\$536870912\r\nx"] {
            set client [client_new]
            client_write $client $bytes
            client_close $client
        }
        assert_equal PONG [r PING]
        wait_for {[llength [split [string trim [r CLIENT LIST]] \n]] == 1}
    }

    test {a promised large argument does not take memory before it comes} tocsin {
        set before [server_info used_memory]
        set clients {}
        for {set i 0} {$i < 10} {incr i} {
            set client [client_new]
            client_write $client "*3\r\n\$3\r\nSET\r\n\$1\r\nx\r\n\$500000000\r\nabc"
            lappend clients $client
        }
        r PING
        assert {[server_info used_memory] - $before < 100000000}
    }

    test {a promised large number of arguments does not take memory before they come} {
        set before [server_info used_memory]
        set client [client_new]
        client_write $client "*1000000\r\n\$3\r\nDEL\r\n"
        r PING
        assert {[server_info used_memory] - $before < 100000000}
    }

    test {a command may have very many arguments} {
        set command DEL
        for {set i 0} {$i < 100000} {incr i} {
            lappend command k$i
        }
        r SET k99999 v
        assert_equal 1 [r {*}$command]
    }

    test {large arguments are read whole} {
        foreach length {16383 16384 32767 32768 65536 1000000 10000000} {
            set value [string repeat [format %c [random_int 256]] $length]
            r SET k $value
            assert_equal $value [r GET k]
        }
    }

    test {pipelined requests of all sizes keep their order} {
        set commands {}
        set expected {}
        for {set i 0} {$i < 3000} {incr i} {
            set text [string repeat [random_of {a b c}] [random_int [random_of {5 50 40000}]]]
            lappend commands [list ECHO $text]
            lappend expected $text
        }
        assert_equal $expected [client_pipeline r $commands]
    }

    test {proto-max-bulk-len is the limit for an argument} {
        with_config {proto-max-bulk-len 1048576} {
            r SET k [string repeat x 1048576]
            assert_equal "-ERR Protocol error: invalid bulk length\r\n" [answer_and_close "*1\r\n\$1048577\r\n"]
        }
    }

    test {random garbage never harms the server} {
        for {set i 0} {$i < 300} {incr i} {
            set client [client_new]
            set bytes ""
            for {set j [random_int 20]} {$j >= 0} {incr j -1} {
                append bytes [random_of [list * \$ \r\n 1 3 -1 GET SET \" ' " " "\x00" \\x [random_bytes 5] "*2\r\n" "\$3\r\n" 99999999]]
            }
            catch {client_write $client $bytes}
            client_close $client
        }
        assert_equal PONG [r PING]
    }

    test {unknown commands are quoted, and at most so much of them} {
        assert_error {ERR unknown command 'foo', with args beginning with: } {r foo}
        assert_error {ERR unknown command 'foo', with args beginning with: 'a' 'b' } {r foo a b}
        assert_error "ERR unknown command '[string repeat x 128]', with args beginning with: " {r [string repeat x 300]}
        catch {r foo [string repeat a 100] [string repeat b 100] c d} message
        assert_match "ERR unknown command 'foo', with args beginning with: '[string repeat a 100]' 'bbb*" $message
        assert {[string length $message] < 250}
        assert_error {ERR unknown command 'a  b', with args beginning with: 'c  d' } {r "a\r\nb" "c\r\nd"}
    }

    test {RESP2 and RESP3 name the same values differently} {
        r SET k v
        foreach {command two three} {
            {GET none}      "$-1\r\n"                      "_\r\n"
            {GET k}         "$1\r\nv\r\n"                  "$1\r\nv\r\n"
            {DBSIZE}        ":1\r\n"                       ":1\r\n"
            {MGET none}     "*1\r\n$-1\r\n"                "*1\r\n_\r\n"
            {CONFIG GET hz} "*2\r\n$2\r\nhz\r\n$2\r\n10\r\n"  "%1\r\n$2\r\nhz\r\n$2\r\n10\r\n"
        } {
            r HELLO 2
            client_send r {*}$command
            client_expect r $two
            r HELLO 3
            client_send r {*}$command
            client_expect r $three
        }
    }

    test {DEBUG PROTOCOL shows every type of both protocols} {
        foreach {type two three} {
            string   "$11\r\nHello World\r\n"  "$11\r\nHello World\r\n"
            integer  ":12345\r\n"              ":12345\r\n"
            double   "$5\r\n3.141\r\n"         ",3.141\r\n"
            null     "$-1\r\n"                 "_\r\n"
            array    "*3\r\n:0\r\n:1\r\n:2\r\n"  "*3\r\n:0\r\n:1\r\n:2\r\n"
            set      "*3\r\n:0\r\n:1\r\n:2\r\n"  "~3\r\n:0\r\n:1\r\n:2\r\n"
            map      "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n"  "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"
            true     ":1\r\n"                  "#t\r\n"
            false    ":0\r\n"                  "#f\r\n"
            verbatim "$25\r\nThis is a verbatim\nstring\r\n"  "=29\r\ntxt:This is a verbatim\nstring\r\n"
            bignum   "$37\r\n1234567999999999999999999999999999999\r\n"  "(1234567999999999999999999999999999999\r\n"
        } {
            r HELLO 2
            client_send r DEBUG PROTOCOL $type
            client_expect r $two
            r HELLO 3
            client_send r DEBUG PROTOCOL $type
            client_expect r $three
        }
    }
}
