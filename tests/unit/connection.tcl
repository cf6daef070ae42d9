# The connection: PING, HELLO, AUTH, SELECT, QUIT, RESET and CLIENT.

set list_fields {id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp
    obl oll omem tot-mem events cmd user redir resp}

# The line of CLIENT LIST for a client.
proc list_line {client} {
    foreach line [split [string trim [r CLIENT LIST]] \n] {
        if {[client_field addr $line] eq [client_address $client]} {
            return $line
        }
    }
    return ""
}

start_server {} {
    test {PING answers PONG or its argument} {
        client_send r PING
        client_expect r "+PONG\r\n"
        client_send r PING "a\r\nb"
        client_expect r "\$4\r\na\r\nb\r\n"
        assert_error {ERR wrong number of arguments for 'ping' command} {r PING a b}
    }

    test {ECHO answers its argument} {
        set bytes [random_bytes 1000]
        assert_equal $bytes [r ECHO $bytes]
        assert_error {ERR wrong number of arguments for 'echo' command} {r ECHO}
        assert_error {ERR wrong number of arguments for 'echo' command} {r ECHO a b}
    }

    test {SELECT chooses a database for this connection alone} {
        set other [client_new]
        r SET k zero
        r SELECT 5
        assert_equal (nil) [r GET k]
        assert_equal zero [$other GET k]
        assert_replies {
            {SELECT 15}             OK
            {SELECT 16}             {(error) ERR DB index is out of range}
            {SELECT -1}             {(error) ERR DB index is out of range}
            {SELECT x}              {(error) ERR value is not an integer or out of range}
            {SELECT 1.5}            {(error) ERR value is not an integer or out of range}
            {SELECT}                {(error) ERR wrong number of arguments for 'select' command}
        }
        assert_match {* db=15 *} [r CLIENT INFO]
    }

    test {QUIT is answered and closes the connection} {
        set client [client_new]
        client_write $client [client_encode PING][client_encode QUIT][client_encode PING]
        assert_equal "+PONG\r\n+OK\r\n" [client_drain $client]
    }

    test {HELLO describes the server and switches the protocol} {
        set hello [r HELLO]
        assert_equal {server version proto id mode role modules} [dict keys $hello]
        assert_equal {redis 2 standalone master} [lmap field {server proto mode role} {dict get $hello $field}]
        assert_equal [r CLIENT ID] [dict get $hello id]
        assert_match {[0-9]*.[0-9]*.[0-9]*} [dict get $hello version]
        client_send r HELLO 3
        client_expect r "%7\r\n"
        set client [client_new]
        assert_equal 3 [dict get [$client HELLO 3] proto]
        assert_match {*resp=3*} [$client CLIENT INFO]
        assert_equal 3 [dict get [$client HELLO] proto]
        assert_equal 2 [dict get [$client HELLO 2] proto]
        client_send $client HELLO 2
        client_expect $client "*14\r\n"
    }

    test {HELLO refuses other protocols and bad options, and then changes nothing} {
        assert_replies {
            {HELLO 1}               {(error) NOPROTO unsupported protocol version}
            {HELLO 4}               {(error) NOPROTO unsupported protocol version}
            {HELLO x}               {(error) ERR Protocol version is not an integer or out of range}
            {HELLO 3 AUTH}          {(error) ERR Syntax error in HELLO option 'AUTH'}
            {HELLO 3 AUTH a}        {(error) ERR Syntax error in HELLO option 'AUTH'}
            {HELLO 3 SETNAME}       {(error) ERR Syntax error in HELLO option 'SETNAME'}
            {HELLO 3 foo}           {(error) ERR Syntax error in HELLO option 'foo'}
            {HELLO 3 AUTH no no}    {(error) WRONGPASS invalid username-password pair or user is disabled.}
            {HELLO 3 SETNAME {a b}} {(error) ERR Client names cannot contain spaces, newlines or special characters.}
            {CLIENT GETNAME}        (nil)
        }
        assert_match {*resp=2*} [r CLIENT INFO]
    }

    test {HELLO sets a name and authenticates on the way} {
        r HELLO 3 AUTH default anything SETNAME bob
        assert_equal bob [r CLIENT GETNAME]
        assert_match {* name=bob * user=default *resp=3*} [r CLIENT INFO]
    }

    test {AUTH without a password is told so} {
        assert_replies {
            {AUTH foo}          {(error) ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?}
            {AUTH default foo}  OK
            {AUTH nobody foo}   {(error) WRONGPASS invalid username-password pair or user is disabled.}
            {AUTH a b c}        {(error) ERR syntax error}
            {AUTH}              {(error) ERR wrong number of arguments for 'auth' command}
        }
    }

    test {RESET returns the connection to its first state} {
        r HELLO 3 SETNAME bob
        r SELECT 4
        r WATCH k
        r MULTI
        r PING
        client_send r RESET
        client_expect r "+RESET\r\n"
        assert_match {* name= * flags=N db=0 * multi=-1 * resp=2*} [r CLIENT INFO]
        assert_error {ERR EXEC without MULTI} {r EXEC}
        r SUBSCRIBE a
        r PSUBSCRIBE b*
        client_send r RESET
        client_expect r "+RESET\r\n"
        assert_match {* flags=N db=0 sub=0 psub=0 *} [r CLIENT INFO]
        assert_equal (nil) [r GET k]
    }

    test {RESET ends NO-EVICT and NO-TOUCH} since-7.2 {
        r CLIENT NO-EVICT on
        r CLIENT NO-TOUCH on
        r RESET
        assert_equal N [client_field flags [r CLIENT INFO]]
    }

    test {RESET brings the replies back that CLIENT REPLY OFF took away} {
        client_write r [client_encode CLIENT REPLY OFF][client_encode PING][client_encode RESET][client_encode ECHO a]
        client_expect r "+RESET\r\n\$1\r\na\r\n"
    }

    test {names of connections are set, listed and dropped} {
        assert_equal (nil) [r CLIENT GETNAME]
        assert_replies {
            {CLIENT SETNAME worker-1}   OK
            {CLIENT GETNAME}            worker-1
            {CLIENT SETNAME {}}         OK
            {CLIENT GETNAME}            (nil)
            {CLIENT SETNAME {a b}}      {(error) ERR Client names cannot contain spaces, newlines or special characters.}
            {CLIENT SETNAME}            {(error) ERR wrong number of arguments for 'client|setname' command}
            {CLIENT GETNAME x}          {(error) ERR wrong number of arguments for 'client|getname' command}
        }
        foreach bad [list "a\nb" "\x00" "\x7f" "caf\xe9" "\t"] {
            assert_error {ERR Client names cannot contain spaces, newlines or special characters.} {r CLIENT SETNAME $bad}
        }
        r CLIENT SETNAME ~!@#%^&*()
        assert_match {* name=~!@#%^&\*() *} [r CLIENT LIST]
    }

    test {numbers of connections grow} {
        set first [client_new]
        set second [client_new]
        assert {[$second CLIENT ID] > [$first CLIENT ID]}
        assert_error {ERR wrong number of arguments for 'client|id' command} {r CLIENT ID x}
    }

    test {CLIENT LIST has its fields in the documented order} {
        set names [lmap field [split [string trim [r CLIENT LIST]]] {lindex [split $field =] 0}]
        assert_equal [list {*}$list_fields] [lrange $names 0 [llength $list_fields]-1]
    }

    test {CLIENT LIST ends with the library's name and version} since-7.2 {
        set names [lmap field [split [string trim [r CLIENT LIST]]] {lindex [split $field =] 0}]
        assert_equal [list {*}$list_fields lib-name lib-ver] $names
    }

    test {CLIENT INFO is one's own line of CLIENT LIST} {
        set line [r CLIENT INFO]
        assert_equal [r CLIENT ID] [client_field id $line]
        assert_equal [client_address r] [client_field addr $line]
        assert_equal [server host]:[server port] [client_field laddr $line]
        assert_equal {0 0 0 0 -1 N client|info default -1 2} \
            [lmap field {db sub psub ssub multi flags cmd user redir resp} {client_field $field $line}]
        assert_match "*\n" $line
    }

    test {CLIENT LIST tells what a connection does} {
        set client [client_new]
        $client SELECT 7
        $client MULTI
        $client PING
        $client PING
        set line [list_line $client]
        assert_equal {7 2 x ping} [lmap field {db multi flags cmd} {client_field $field $line}]
        set subscriber [client_new]
        $subscriber SUBSCRIBE a
        $subscriber SUBSCRIBE b
        $subscriber PSUBSCRIBE c*
        set line [list_line $subscriber]
        assert_equal {2 1 0 P psubscribe} [lmap field {sub psub ssub flags cmd} {client_field $field $line}]
        set watcher [client_new]
        $watcher CLIENT NO-EVICT on
        assert_equal e [client_field flags [list_line $watcher]]
    }

    test {CLIENT LIST selects by type and by number} {
        set subscriber [client_new]
        $subscriber SUBSCRIBE a
        set id [r CLIENT ID]
        set lines [split [string trim [r CLIENT LIST TYPE pubsub]] \n]
        assert_equal 1 [llength $lines]
        assert_equal [client_address $subscriber] [client_field addr [lindex $lines 0]]
        assert_equal $id [client_field id [r CLIENT LIST TYPE normal]]
        assert_equal {} [r CLIENT LIST TYPE replica]
        assert_equal {} [r CLIENT LIST TYPE slave]
        assert_equal {} [r CLIENT LIST TYPE master]
        assert_equal $id [client_field id [r CLIENT LIST ID $id]]
        assert_equal 2 [llength [split [string trim [r CLIENT LIST ID $id 999999 [expr {$id + 1}]]] \n]]
        assert_replies {
            {CLIENT LIST ID 999999}     {}
            {CLIENT LIST ID}            {(error) ERR syntax error}
            {CLIENT LIST ID x}          {(error) ERR Invalid client ID}
            {CLIENT LIST TYPE foo}      {(error) ERR Unknown client type 'foo'}
            {CLIENT LIST TYPE}          {(error) ERR syntax error}
            {CLIENT LIST foo bar}       {(error) ERR syntax error}
        }
    }

    test {CLIENT KILL by address, the old form} {
        set victim [client_new]
        $victim PING
        assert_equal OK [r CLIENT KILL [client_address $victim]]
        assert_closed $victim
        assert_error {ERR No such client} {r CLIENT KILL 127.0.0.1:1}
    }

    test {CLIENT KILL by number, address, type and user answers how many} {
        foreach filter {{ID [$victim CLIENT ID]} {ADDR [client_address $victim]}} {
            set victim [client_new]
            $victim PING
            assert_equal 1 [r CLIENT KILL {*}[subst $filter]]
            assert_closed $victim
        }
        set victims {}
        for {set i 0} {$i < 3} {incr i} {
            set victim [client_new]
            $victim SUBSCRIBE a
            lappend victims $victim
        }
        assert_equal 3 [r CLIENT KILL TYPE pubsub]
        foreach victim $victims {
            assert_closed $victim
        }
        set victim [client_new]
        $victim PING
        assert_equal 1 [r CLIENT KILL USER default]
        assert_closed $victim
        assert_equal PONG [r PING]
        set victim [client_new]
        $victim PING
        assert_equal 1 [r CLIENT KILL LADDR [server host]:[server port]]
        assert_closed $victim
    }

    test {CLIENT KILL combines filters and spares the caller unless told} {
        set victim [client_new]
        set id [$victim CLIENT ID]
        assert_equal 0 [r CLIENT KILL ID $id TYPE pubsub]
        assert_equal 0 [r CLIENT KILL ID [r CLIENT ID]]
        assert_equal 0 [r CLIENT KILL ID [r CLIENT ID] SKIPME yes]
        assert_equal 1 [r CLIENT KILL ID $id TYPE normal ADDR [client_address $victim] USER default SKIPME no]
        assert_closed $victim
        set self [client_new]
        client_send $self CLIENT KILL ID [$self CLIENT ID] SKIPME no
        assert_equal 1 [client_read $self]
        assert_closed $self
    }

    test {CLIENT KILL refuses bad filters} {
        assert_replies {
            {CLIENT KILL}               {(error) ERR wrong number of arguments for 'client|kill' command}
            {CLIENT KILL ID x}          {(error) ERR client-id should be greater than 0}
            {CLIENT KILL ID 0}          {(error) ERR client-id should be greater than 0}
            {CLIENT KILL ID -1}         {(error) ERR client-id should be greater than 0}
            {CLIENT KILL TYPE foo}      {(error) ERR Unknown client type 'foo'}
            {CLIENT KILL USER nobody}   {(error) ERR No such user 'nobody'}
            {CLIENT KILL SKIPME maybe}  {(error) ERR syntax error}
            {CLIENT KILL foo bar}       {(error) ERR syntax error}
            {CLIENT KILL ID 5 ADDR}     {(error) ERR syntax error}
        }
    }

    test {CLIENT REPLY OFF silences, SKIP silences once, ON ends it} {
        client_write r [client_encode CLIENT REPLY OFF][client_encode PING][client_encode SET k v]
        client_write r [client_encode CLIENT REPLY ON][client_encode GET k]
        client_expect r "+OK\r\n\$1\r\nv\r\n"
        client_write r [client_encode CLIENT REPLY SKIP][client_encode PING][client_encode ECHO a]
        client_expect r "\$1\r\na\r\n"
        assert_error {ERR syntax error} {r CLIENT REPLY x}
    }

    test {CLIENT PAUSE WRITE holds writes and lets reads pass} {
        set writer [client_new]
        set publisher [client_new]
        r CLIENT PAUSE 100000 WRITE
        client_send $writer SET k v
        client_send $publisher PUBLISH a b
        wait_for {[server_info blocked_clients] == 2}
        assert_equal (nil) [r GET k]
        assert_equal PONG [r PING]
        r CLIENT UNPAUSE
        assert_equal OK [client_read $writer]
        assert_equal 0 [client_read $publisher]
        assert_equal v [r GET k]
    }

    test {CLIENT PAUSE ALL holds every other command} {
        foreach mode {{} ALL} {
            set reader [client_new]
            set start [clock milliseconds]
            r CLIENT PAUSE 100 {*}$mode
            client_send $reader GET k
            assert_equal (nil) [client_read $reader]
            assert {[clock milliseconds] - $start >= 99}
        }
    }

    test {a transaction with a write is held as a whole} {
        set client [client_new]
        $client MULTI
        $client INCR n
        $client GET n
        r CLIENT PAUSE 100000 WRITE
        client_send $client EXEC
        wait_for {[server_info blocked_clients] == 1}
        assert_equal (nil) [r GET n]
        r CLIENT UNPAUSE
        assert_equal {1 1} [client_read $client]
    }

    test {CLIENT PAUSE and UNPAUSE refuse bad arguments} {
        assert_replies {
            {CLIENT PAUSE}          {(error) ERR wrong number of arguments for 'client|pause' command}
            {CLIENT PAUSE x}        {(error) ERR timeout is not an integer or out of range}
            {CLIENT PAUSE -1}       {(error) ERR timeout is negative}
            {CLIENT PAUSE 1 foo}    {(error) ERR CLIENT PAUSE mode must be WRITE or ALL}
            {CLIENT UNPAUSE x}      {(error) ERR wrong number of arguments for 'client|unpause' command}
        }
    }

    test {CLIENT NO-EVICT takes on and off} {
        assert_replies {
            {CLIENT NO-EVICT on}        OK
            {CLIENT NO-EVICT off}       OK
            {CLIENT NO-EVICT x}         {(error) ERR syntax error}
            {CLIENT FOO}                {(error) ERR unknown subcommand 'FOO'. Try CLIENT HELP.}
            {CLIENT}                    {(error) ERR wrong number of arguments for 'client' command}
        }
        assert {[llength [r CLIENT HELP]] > 20}
    }

    test {CLIENT NO-TOUCH takes on and off} since-7.2 {
        assert_replies {
            {CLIENT NO-TOUCH on}        OK
            {CLIENT NO-TOUCH off}       OK
            {CLIENT NO-TOUCH x}         {(error) ERR syntax error}
            {CLIENT NO-TOUCH}           {(error) ERR wrong number of arguments for 'client|no-touch' command}
        }
        r CLIENT NO-TOUCH on
        assert_match *T* [client_field flags [r CLIENT INFO]]
    }

    test {CLIENT SETINFO records the library} since-7.2 {
        assert_replies {
            {CLIENT SETINFO LIB-NAME redis-tcl}     OK
            {CLIENT SETINFO lib-ver 1.2.3}          OK
            {CLIENT SETINFO LIB-NAME {a b}}         {(error) ERR lib-name cannot contain spaces, newlines or special characters.}
            {CLIENT SETINFO LIB-VER {a b}}          {(error) ERR lib-ver cannot contain spaces, newlines or special characters.}
            {CLIENT SETINFO FOO bar}                {(error) ERR Unrecognized option 'FOO'}
            {CLIENT SETINFO LIB-NAME}               {(error) ERR wrong number of arguments for 'client|setinfo' command}
        }
        assert_match {* lib-name=redis-tcl lib-ver=1.2.3*} [r CLIENT INFO]
        r CLIENT SETINFO LIB-NAME ""
        assert_match {* lib-name= lib-ver=1.2.3*} [r CLIENT INFO]
        r RESET
        assert_match {* lib-ver=1.2.3*} [r CLIENT INFO]
    }

    test {INFO counts connections and commands} {
        set before [server_info total_connections_received]
        set client [client_new]
        $client PING
        assert_equal 2 [server_info connected_clients]
        assert_equal [expr {$before + 1}] [server_info total_connections_received]
        client_close $client
        wait_for {[server_info connected_clients] == 1}
    }
}

tags own-server {
    start_server {requirepass secret} {
        test {before AUTH only a few commands are answered} {
            foreach command {{GET k} {PING} {ECHO x} {SUBSCRIBE a} {CLIENT LIST} {COMMAND} {MULTI} {FLUSHALL} {SELECT 1}} {
                assert_error {NOAUTH Authentication required.} {r {*}$command}
            }
            assert_error {NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO *AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time} {
                r HELLO 3
            }
            assert_equal RESET [r RESET]
            assert_equal OK [r QUIT]
        }

        test {AUTH with the right password opens, with a wrong one not} {
            assert_error {WRONGPASS invalid username-password pair or user is disabled.} {r AUTH wrong}
            assert_error {WRONGPASS invalid username-password pair or user is disabled.} {r AUTH default wrong}
            assert_error {NOAUTH Authentication required.} {r PING}
            assert_equal OK [r AUTH secret]
            assert_equal PONG [r PING]
            assert_equal OK [r AUTH default secret]
            assert_error {WRONGPASS *} {r AUTH wrong}
            assert_equal PONG [r PING]
        }

        test {HELLO authenticates} {
            assert_error {WRONGPASS *} {r HELLO 3 AUTH default wrong}
            assert_equal 3 [dict get [r HELLO 3 AUTH default secret] proto]
            assert_equal PONG [r PING]
        }

        test {RESET takes the authentication away} {
            r AUTH secret
            assert_equal RESET [r RESET]
            assert_error {NOAUTH Authentication required.} {r PING}
        }

        test {an unauthenticated connection may not send much} {
            foreach bytes [list "*11\r\n" "*1\r\n\$16385\r\n"] error {
                "-ERR Protocol error: unauthenticated multibulk length\r\n"
                "-ERR Protocol error: unauthenticated bulk length\r\n"
            } {
                set client [client_new]
                client_write $client $bytes
                assert_equal $error [client_drain $client]
            }
            r AUTH secret
            assert_equal [string repeat x 20000] [r ECHO [string repeat x 20000]]
            assert_equal 0 [r DEL a b c d e f g h i j k l m]
        }

        test {a password set at run time does not lock out who is in} {
            r AUTH secret
            r CONFIG SET requirepass other
            assert_equal PONG [r PING]
            set client [client_new]
            assert_error {NOAUTH *} {$client PING}
            assert_error {WRONGPASS *} {$client AUTH secret}
            assert_equal OK [$client AUTH other]
            r CONFIG SET requirepass ""
            set client [client_new]
            assert_equal PONG [$client PING]
            r CONFIG SET requirepass secret
        }
    }
}
