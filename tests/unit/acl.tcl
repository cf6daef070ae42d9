# ACL: users, their rules, and what becomes of those who may not.

# Makes the user anew, logs a connection in as it, and returns that.
proc user_client {name args} {
    r ACL SETUSER $name reset on nopass {*}$args
    set client [client_new]
    $client AUTH $name any
    return $client
}

# What ACL LIST says of a user that these rules have made, from its rights on.
proc described {args} {
    r ACL SETUSER described reset {*}$args
    foreach line [r ACL LIST] {
        if {[string match "user described *" $line]} {
            return [string map {{off sanitize-payload } {}} [string range $line 15 end]]
        }
    }
}

proc commands_of {args} {
    r ACL SETUSER described reset {*}$args
    return [dict get [r ACL GETUSER described] commands]
}

proc newest_refusal {args} {
    set entry [lindex [r ACL LOG 1] 0]
    return [lmap field $args {dict get $entry $field}]
}

proc forget_users {} {
    foreach name [r ACL USERS] {
        if {$name ne "default"} {
            r ACL DELUSER $name
        }
    }
    r ACL LOG RESET
}

proc sha256 {text} {
    return [lindex [exec printf %s $text | sha256sum] 0]
}

set no_command {NOPERM *has no permissions to run the '%s' command}
set no_key {NOPERM *o permissions to access *key*}
set no_channel {NOPERM *o permissions to access *channel*}

start_server {} {
    test {there is a user called default who may do everything} {
        forget_users
        assert_equal default [r ACL WHOAMI]
        assert_equal default [r ACL USERS]
        assert_match {{user default on nopass *~\* &\* +@all}} [r ACL LIST]
        assert_match {* user=default *} "[r CLIENT INFO] "
    }

    test {a fresh user may do nothing, and not even log in} {
        forget_users
        assert_equal OK [r ACL SETUSER alice]
        assert_match "user alice off *resetchannels -@all" [lindex [r ACL LIST] 0]
        assert_error {WRONGPASS invalid username-password pair or user is disabled.} {r AUTH alice x}
        r ACL SETUSER alice on >pw
        assert_error {WRONGPASS *} {r AUTH alice x}
        set client [client_new]
        assert_equal OK [$client AUTH alice pw]
        assert_error [format $::no_command get] {$client GET x}
        assert_error [format $::no_command acl|whoami] {$client ACL WHOAMI}
    }

    test {users are listed by their names} {
        forget_users
        foreach name {zoe bob alice {} a.b} {
            r ACL SETUSER $name on
        }
        assert_equal {{} a.b alice bob default zoe} [r ACL USERS]
        assert_equal 2 [r ACL DELUSER zoe nobody bob]
        assert_equal {{} a.b alice default} [r ACL USERS]
        assert_replies {
            {ACL DELUSER default}       {(error) ERR The 'default' user cannot be removed}
            {ACL DELUSER nobody}        0
            {ACL SETUSER {a b} on}      {(error) ERR Usernames can't contain spaces or null characters}
            {ACL SETUSER "a\0b" on}     {(error) ERR Usernames can't contain spaces or null characters}
            {ACL SETUSER}               {(error) ERR wrong number of arguments for 'acl|setuser' command}
            {ACL FOO}                   {(error) ERR unknown subcommand 'FOO'. Try ACL HELP.}
            {ACL}                       {(error) ERR wrong number of arguments for 'acl' command}
            {ACL WHOAMI x}              {(error) ERR wrong number of arguments for 'acl|whoami' command}
        }
        assert {[llength [r ACL HELP]] > 20}
        assert_equal 1 [r ACL DELUSER ""]
    }

    test {rules for keys and channels are described as they were given} {
        forget_users
        foreach {rules expected} {
            {}                          {resetchannels -@all}
            {~a ~b}                     {~a ~b resetchannels -@all}
            {%R~a %W~b %RW~c %wr~d}     {%R~a %W~b ~c ~d resetchannels -@all}
            {%R~a %W~a}                 {~a resetchannels -@all}
            {~a %R~a}                   {~a resetchannels -@all}
            {%R~*}                      {%R~* resetchannels -@all}
            {%R~* ~b}                   {%R~* ~b resetchannels -@all}
            {%RW~*}                     {~* resetchannels -@all}
            {~a allkeys}                {~* resetchannels -@all}
            {allkeys resetkeys ~b}      {~b resetchannels -@all}
            {&a &a &b}                  {resetchannels &a &b -@all}
            {&a allchannels}            {&* -@all}
            {&* resetchannels &x}       {resetchannels &x -@all}
            {ALLKEYS AllChannels}       {~* &* -@all}
            {allcommands allkeys}       {~* resetchannels +@all}
            {+@all nocommands}          {resetchannels -@all}
            {~a reset}                  {resetchannels -@all}
            {{} ~a {}}                  {~a resetchannels -@all}
        } {
            assert_equal $expected [described {*}$rules]
        }
    }

    test {a pattern for all keys beside others is not taken for allkeys when it is read again} tocsin {
        forget_users
        foreach {rules expected} {
            {%RW~* ~b}          {%RW~* ~b resetchannels -@all}
            {%R~* ~b %W~*}      {%RW~* ~b resetchannels -@all}
        } {
            assert_equal $expected [described {*}$rules]
        }
    }

    test {selectors are rules of their own, in parentheses} {
        forget_users
        foreach {rules expected} {
            {(+get ~x)}                     {resetchannels -@all (~x resetchannels -@all +get)}
            {{(+get ~x)} {(%R~y &c +@all)}} {resetchannels -@all (~x resetchannels -@all +get) (%R~y resetchannels &c +@all)}
            {(~a %R~b +get)}                {resetchannels -@all (~a %R~b resetchannels -@all +get)}
            {( +get )}                      {resetchannels -@all (resetchannels -@all +get)}
            {()}                            {resetchannels -@all (resetchannels -@all)}
            {{(+get "~x")}}                 {resetchannels -@all (~x resetchannels -@all +get)}
            {(allkeys allchannels allcommands)} {resetchannels -@all (~* &* +@all)}
            {(+get) clearselectors ~a}      {~a resetchannels -@all}
        } {
            assert_equal $expected [described {*}$rules]
        }
        foreach rule {(foo) (on) (>x) (clearselectors) (reset) (nopass) ((+get)) (+nosuch) )} {
            assert_error "ERR Error in ACL SETUSER modifier '$rule': *" {r ACL SETUSER described $rule}
        }
        assert_error {ERR Unmatched parenthesis in acl selector starting at '(+get'.} {r ACL SETUSER described (+get ~x}
        r ACL SETUSER described reset on ~a (+get ~x) {(+set %W~y &z)}
        set selectors [dict get [r ACL GETUSER described] selectors]
        assert_equal {{commands {-@all +get} keys ~x channels {}} {commands {-@all +set} keys %W~y channels &z}} $selectors
    }

    test {a rule that is wrong is named, and then none has been applied} {
        forget_users
        r ACL SETUSER alice reset on ~a
        set before [r ACL GETUSER alice]
        set syntax {Syntax error}
        set unknown {Unknown command or category name in ACL}
        set after_keys {Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns}
        set after_channels {Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels}
        set hash {The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters}
        foreach {rules reason} [list \
            bad $syntax                 {{on }} $syntax             %X~a $syntax            %~a $syntax \
            %RR~a $syntax               {{~a b}} $syntax            [list ~a\tb] $syntax    {{&a b}} $syntax \
            +nosuch $unknown            -nosuch $unknown        +@nosuch $unknown \
            +@ $unknown                 + $unknown                  - $unknown              +| $unknown \
            +config|nosuch $unknown     -select|0 $unknown          +select|0|1 $unknown    +get| $syntax \
            +config| $syntax            +config|get|x {Allowing first-arg of a subcommand is not supported} \
            #abc $hash                  !abc $hash                  #[string repeat A 64] $hash \
            #[string repeat x 64] $hash <none {The password you are trying to remove from the user does not exist} \
            ![string repeat 0 64] {The password you are trying to remove from the user does not exist} \
            {~* ~b} $after_keys         {allchannels &b} $after_channels \
        ] {
            assert_error "ERR Error in ACL SETUSER modifier '[string map {\\ \\\\ [ \\[ * \\*} [lindex $rules end]]': [string map {* \\*} $reason]" {
                r ACL SETUSER alice off {*}$rules
            }
            assert_equal $before [r ACL GETUSER alice]
        }
    }

    test {rules for commands are kept as they were given, each where it came last} since-7.2 {
        forget_users
        foreach {rules expected} {
            {+@all -@hash -@slow +hget}                 {+@all -@hash -@slow +hget}
            {+@all -@hash -@slow +hget -@hash}          {+@all -@slow +hget -@hash}
            {+@all -@slow +hget -@hash +@hash}          {+@all -@slow +hget +@hash}
            {+@all -@slow -@all}                        -@all
            {-@string -@slow +@all}                     +@all
            {+@HASH +@hash +@HaSh}                      {-@all +@hash}
            {+HGET +hget +hGeT}                         {-@all +hget}
            {+hget -hset +hset -hget}                   {-@all +hset -hget}
            {+client|list +client|list +config|get +config +acl|list -acl} {-@all +client|list +config -acl}
            {-@dangerous}                               {-@all -@dangerous}
            {+config +config|get -config|set +config}   {-@all +config}
            {+config -config|set}                       {-@all +config -config|set}
            {+select|0 +select|1 +SELECT|0}             {-@all +select|1 +select|0}
            {+select|0 +select}                         {-@all +select}
            {+get|A}                                    {-@all +get|a}
            {+debug|digest}                             {-@all +debug|digest}
            {allcommands -get nocommands +set}          {-@all +set}
        } {
            assert_equal $expected [commands_of {*}$rules]
        }
        foreach category [r ACL CAT] {
            assert_equal "+@all -@$category" [commands_of +@all -@$category]
            assert_equal "-@all +@$category" [commands_of +@$category]
        }
    }

    test {what describes a user makes the same user} {
        forget_users
        foreach rules {
            {on >a >b ~x %R~y &c +@all -@dangerous +config|get -get (+set %W~z) {(~q +@read)}}
            {nopass off allkeys allchannels +get|a skip-sanitize-payload}
        } {
            r ACL SETUSER one reset {*}$rules
            set line [lsearch -inline [r ACL LIST] {user one *}]
            r ACL SETUSER two reset {*}[lrange $line 2 end]
            assert_equal [r ACL GETUSER one] [r ACL GETUSER two]
        }
    }

    test {passwords are kept as SHA-256, and several do} {
        forget_users
        set client [client_new]
        r ACL SETUSER alice reset on >one >two #[sha256 three] >one
        assert_equal [list [sha256 one] [sha256 two] [sha256 three]] [dict get [r ACL GETUSER alice] passwords]
        foreach password {one two three} {
            assert_equal OK [$client AUTH alice $password]
        }
        assert_error {WRONGPASS *} {$client AUTH alice four}
        assert_error {WRONGPASS *} {$client AUTH alice [sha256 one]}
        r ACL SETUSER alice <one ![sha256 two]
        assert_equal [list [sha256 three]] [dict get [r ACL GETUSER alice] passwords]
        assert_error {WRONGPASS *} {$client AUTH alice one}
        r ACL SETUSER alice nopass
        assert_equal {} [dict get [r ACL GETUSER alice] passwords]
        assert {"nopass" in [dict get [r ACL GETUSER alice] flags]}
        assert_equal OK [$client AUTH alice whatever]
        r ACL SETUSER alice >five
        assert {"nopass" ni [dict get [r ACL GETUSER alice] flags]}
        assert_error {WRONGPASS *} {$client AUTH alice whatever}
        r ACL SETUSER alice resetpass
        assert_error {WRONGPASS *} {$client AUTH alice five}
        r ACL SETUSER alice >
        assert_equal OK [$client AUTH alice ""]
        r ACL SETUSER alice "> a\0b"
        assert_equal OK [$client AUTH alice " a\0b"]
    }

    test {GETUSER tells everything, in both protocols} {
        forget_users
        r ACL SETUSER alice reset on >pw %R~a ~b &c +@all -config {(+get ~x)}
        set hash [sha256 pw]
        assert_equal [list flags {on sanitize-payload} passwords $hash commands {+@all -config} keys {%R~a ~b} channels &c \
            selectors {{commands {-@all +get} keys ~x channels {}}}] [r ACL GETUSER alice]
        assert_equal (nil) [r ACL GETUSER nobody]
        client_send r ACL GETUSER nobody
        client_expect r "\$-1\r\n"
        r HELLO 3
        client_send r ACL GETUSER alice
        client_expect r "%6\r\n\$5\r\nflags\r\n~2\r\n\$2\r\non\r\n\$16\r\nsanitize-payload\r\n\$9\r\npasswords\r\n*1\r\n\$64\r\n$hash\r\n"
        client_expect r "\$8\r\ncommands\r\n\$13\r\n+@all -config\r\n\$4\r\nkeys\r\n\$7\r\n%R~a ~b\r\n\$8\r\nchannels\r\n\$2\r\n&c\r\n"
        client_expect r "\$9\r\nselectors\r\n*1\r\n%3\r\n\$8\r\ncommands\r\n\$10\r\n-@all +get\r\n\$4\r\nkeys\r\n\$2\r\n~x\r\n\$8\r\nchannels\r\n\$0\r\n\r\n"
        client_send r ACL GETUSER nobody
        client_expect r "_\r\n"
    }

    test {a command is allowed by its name, its category, its container or its first argument} {
        forget_users
        set alice [user_client alice ~* +get +@hash +config|get +client +select|1 -hlen -client|kill]
        foreach command {{GET k} {HSET h f v} {HGETALL h} {CONFIG GET port} {CLIENT LIST} {CLIENT ID} {SELECT 1}} {
            $alice {*}$command
        }
        foreach {command name} {
            {SET k v} set           {HLEN h} hlen       {CONFIG SET hz 10} config|set   {CLIENT KILL ID 1} client|kill
            {SELECT 0} select       {PING} ping         {ACL LIST} acl|list             {SUBSCRIBE c} subscribe
        } {
            assert_error [format $::no_command $name] {$alice {*}$command}
            assert_equal "command $name alice toplevel" [newest_refusal reason object username context]
        }
        $alice RESET
        assert_equal OK [$alice AUTH alice x]
        assert_equal alice [client_field user [$alice CLIENT INFO]]
    }

    test {what is wrong anyway is told before what is forbidden} {
        forget_users
        set alice [user_client alice]
        assert_error {ERR unknown command 'nosuch'*} {$alice nosuch}
        assert_error {ERR wrong number of arguments for 'get' command} {$alice GET}
        assert_error {ERR unknown subcommand 'nosuch'. Try CONFIG HELP.} {$alice CONFIG nosuch}
        assert_error {ERR wrong number of arguments for 'config' command} {$alice CONFIG}
    }

    test {keys are read and written by who may} {
        forget_users
        set alice [user_client alice +@all ~k:* %R~r:* %W~w:* (+get ~s:*)]
        foreach command {
            {SET k:1 v} {GET k:1} {GET r:1} {SET w:1 v} {GET s:1} {COPY r:1 w:1} {STRLEN w:1} {EXISTS w:1} {EXISTS r:1}
            {DEL w:1} {RPUSH w:1 x} {LLEN w:1} {DEL w:1} {ZADD w:1 1 a} {DEL w:1} {MGET k:1 r:1} {MSET k:1 a w:1 b}
            {PING} {KEYS *} {SET w:1 x KEEPTTL} {BITFIELD r:1 GET u8 0} {SUNION k:3 r:1} {XREAD STREAMS k:4 r:1 0 0}
        } {
            $alice {*}$command
        }
        foreach {command key} {
            {GET z} z               {SET r:1 v} r:1         {GET w:1} w:1       {SET s:1 v} s:1         {MGET k:1 z} z
            {MSET k:1 v z v} z      {RENAME r:1 w:1} r:1    {COPY w:1 r:1} w:1  {SET w:1 v GET} w:1     {GETEX r:1 PERSIST} r:1
            {DEL r:1} r:1           {GETDEL w:1} w:1        {INCR w:1} w:1      {BITFIELD r:1 SET u8 0 1} r:1
            {EXISTS z} z            {LMPOP 2 k:1 z LEFT} z  {ZUNIONSTORE k:1 2 k:2 z} z                 {SORT k:3 STORE r:1} r:1
            {XREAD STREAMS k:1 z 0 0} z                     {MEMORY USAGE z} z  {OBJECT ENCODING z} z   {BLPOP k:3 z 0} z
            {LMOVE r:1 w:1 LEFT LEFT} r:1                   {TOUCH z} z         {EXPIRE r:1 1} r:1
        } {
            assert_error $::no_key {$alice {*}$command}
            assert_equal "key $key alice" [newest_refusal reason object username]
        }
    }

    test {a selector allows a command as a whole or not at all} {
        forget_users
        set alice [user_client alice +get ~a {(+set ~b)} {(+mget ~a)} {(+mget ~b)}]
        assert_equal OK [$alice SET b 1]
        assert_equal (nil) [$alice GET a]
        assert_equal 1 [lindex [$alice MGET b] 0]
        foreach command {{GET b} {SET a 1} {MGET a b}} {
            assert_error $::no_key {$alice {*}$command}
        }
        assert_error [format $::no_command del] {$alice DEL a}
    }

    test {channels are allowed by patterns, and patterns by their text} {
        forget_users
        set alice [user_client alice +@all &c:* &x]
        foreach command {{PUBLISH c:1 m} {PUBLISH x m} {SPUBLISH x m} {UNSUBSCRIBE d} {PUBSUB CHANNELS *}} {
            $alice {*}$command
        }
        foreach {command channel} {
            {PUBLISH d m} d             {SUBSCRIBE c:1 d} d         {SSUBSCRIBE d} d        {SPUBLISH d m} d
            {PSUBSCRIBE c:1} c:1        {PSUBSCRIBE c:[12]} c:[12]  {PSUBSCRIBE *} *        {PSUBSCRIBE x c*} c*
        } {
            assert_error $::no_channel {$alice {*}$command}
            assert_equal [list channel $channel alice] [newest_refusal reason object username]
        }
        assert_equal {psubscribe c:* 1} [$alice PSUBSCRIBE c:*]
        assert_equal {subscribe c:1 2} [$alice SUBSCRIBE c:1]
        assert_equal 2 [r PUBLISH c:1 m]
    }

    test {the errors name the user and the command} since-7.2 {
        forget_users
        set alice [user_client alice +get +publish ~a]
        assert_error {NOPERM User alice has no permissions to run the 'config|set' command} {$alice CONFIG SET a b}
        assert_error {NOPERM No permissions to access a key} {$alice GET b}
        assert_error {NOPERM No permissions to access a channel} {$alice PUBLISH b m}
        assert_replies {
            {ACL DRYRUN alice CONFIG SET a b}   {User alice has no permissions to run the 'config|set' command}
            {ACL DRYRUN alice GET b}            {User alice has no permissions to access the 'b' key}
            {ACL DRYRUN alice PUBLISH b m}      {User alice has no permissions to access the 'b' channel}
        }
    }

    test {DRYRUN tells without running} {
        forget_users
        r ACL SETUSER alice reset +@all -set ~k
        r SET k v
        assert_replies {
            {ACL DRYRUN alice DEL k}        OK
            {ACL DRYRUN alice SHUTDOWN}     OK
            {ACL DRYRUN alice AUTH x}       OK
            {GET k}                         v
            {ACL DRYRUN default FLUSHALL}   OK
            {ACL DRYRUN nobody GET k}       {(error) ERR User 'nobody' not found}
            {ACL DRYRUN alice nosuch}       {(error) ERR Command 'nosuch' not found}
            {ACL DRYRUN alice CONFIG x}     {(error) ERR Command 'CONFIG' not found}
            {ACL DRYRUN alice CONFIG}       {(error) ERR wrong number of arguments for 'config' command}
            {ACL DRYRUN alice GET}          {(error) ERR wrong number of arguments for 'get' command}
            {ACL DRYRUN alice}              {(error) ERR wrong number of arguments for 'acl|dryrun' command}
        }
        assert_match {*has no permissions to run the 'set' command} [r ACL DRYRUN alice SET k v]
        assert_match {*has no permissions to access the 'z' key} [r ACL DRYRUN alice GET z]
        assert_match {*has no permissions to access the 'c' channel} [r ACL DRYRUN alice SUBSCRIBE c]
        assert_equal {} [r ACL LOG]
    }

    test {SORT by other keys is for those who may read all keys} {
        forget_users
        r RPUSH a1 1
        set alice [user_client alice +@all ~a*]
        foreach options {{BY nosort} {BY x} {}} {
            assert_equal 1 [$alice SORT a1 {*}$options]
        }
        assert_error {ERR BY option of SORT denied due to insufficient ACL permissions.} {$alice SORT a1 BY w*}
        assert_error {ERR BY option of SORT denied due to insufficient ACL permissions.} {$alice SORT_RO a1 BY w*}
        assert_error {ERR GET option of SORT denied due to insufficient ACL permissions.} {$alice SORT a1 GET x*}
        assert_error {ERR GET option of SORT denied due to insufficient ACL permissions.} {$alice SORT a1 GET #}
        r ACL SETUSER alice {(%R~* +get)}
        assert_error {ERR BY option of SORT denied*} {$alice SORT a1 BY w*}
        r ACL SETUSER alice {(%R~* +sort)}
        assert_equal 1 [$alice SORT a1 BY w*]
        assert_equal 1 [$alice SORT a1 GET #]
    }

    test {EXEC checks again what was permitted when it was queued} {
        forget_users
        set alice [user_client alice +@all ~k:* &c]
        assert_equal OK [$alice MULTI]
        foreach command {{SET k:1 v} {GET k:1} {PUBLISH c m} {PING}} {
            $alice {*}$command
        }
        r ACL SETUSER alice -get resetchannels
        set changed {(error) NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: }
        lassign [$alice EXEC] set get publish ping
        assert_equal {OK PONG} [list $set $ping]
        assert_equal "${changed}no permission to execute the command or subcommand" $get
        assert_match "${changed}no permission to access one of the channels used as arguments*" $publish
        assert_equal {channel c multi} [newest_refusal reason object context]
        $alice MULTI
        $alice SET k:1 v
        r ACL SETUSER alice resetkeys
        assert_equal [list "${changed}no permission to touch the specified keys"] [$alice EXEC]
        r ACL SETUSER alice ~k:*
        $alice MULTI
        assert_error $::no_key {$alice SET z 1}
        assert_error {EXECABORT Transaction discarded because of previous errors.} {$alice EXEC}
        $alice MULTI
        r ACL SETUSER alice -exec
        assert_error {EXECABORT Transaction discarded because of: NOPERM *'exec' command} {$alice EXEC}
        assert_error {ERR DISCARD without MULTI} {$alice DISCARD}
    }

    test {a client that waits is checked again when it would be served} since-7.2 {
        forget_users
        set alice [user_client alice +@all ~k]
        client_send $alice BLPOP k 0
        wait_for {[server_info blocked_clients] == 1}
        r ACL SETUSER alice -blpop
        r RPUSH k x
        assert_error {NOPERM User alice has no permissions to run the 'blpop' command} {client_read $alice}
        assert_equal x [r LPOP k]
        assert_equal PONG [$alice PING]
        assert_equal 0 [server_info blocked_clients]
    }

    test {a user's clients go with the user} {
        forget_users
        set alice [user_client alice +@all]
        set other [user_client bob +@all]
        assert_equal 1 [r ACL DELUSER alice]
        assert_closed $alice
        client_send $other ACL DELUSER bob
        assert_equal ":1\r\n" [client_drain $other]
        assert_equal PONG [r PING]
    }

    test {to be switched off does not end a connection, but keeps the next one out} {
        forget_users
        set alice [user_client alice +@all]
        r ACL SETUSER alice off
        assert_equal PONG [$alice PING]
        assert_error {WRONGPASS *} {[client_new] AUTH alice x}
    }

    test {who listens to what it may no more is closed} {
        forget_users
        set alice [user_client alice +@all &a &b* {(+@all &c)}]
        set bob [user_client bob +@all &a]
        $alice SUBSCRIBE a
        $alice SUBSCRIBE c
        $alice PSUBSCRIBE b*
        $bob SUBSCRIBE a
        r ACL SETUSER alice -get &d
        r ACL SETUSER alice resetchannels &a &b*
        r ACL SETUSER bob -get
        client_write $alice [client_encode PING]
        assert_equal {pong {}} [client_read $alice]
        r ACL SETUSER alice clearselectors
        assert_closed $alice
        assert_equal 1 [r PUBLISH a m]
        assert_equal {message a m} [client_read $bob]
        r ACL SETUSER bob resetchannels
        assert_closed $bob
    }

    test {who takes its own channels away is answered, and then closed} tocsin {
        forget_users
        set alice [user_client alice +@all &a]
        $alice HELLO 3
        client_send $alice SUBSCRIBE a
        client_push $alice
        client_send $alice ACL SETUSER alice resetchannels
        assert_equal "+OK\r\n" [client_drain $alice]
        assert_equal {resetchannels} [lindex [regexp -inline {resetchannels} [r ACL LIST]] 0]
    }

    test {rules taken away inside a transaction hold for what follows in it} {
        forget_users
        set alice [user_client alice +@all ~*]
        $alice MULTI
        $alice SET k v
        $alice ACL SETUSER alice -get
        $alice GET k
        assert_match {OK OK {(error) NOPERM ACLs rules changed*}} [$alice EXEC]
        $alice MULTI
        $alice ACL DELUSER alice
        $alice SET k w
        client_send $alice EXEC
        assert_match "\*2\r\n:1\r\n*" [client_drain $alice]
    }

    test {ACL LOG counts what is the same, newest first} {
        forget_users
        set alice [user_client alice +get ~a]
        foreach command {{GET b} {SET a 1} {GET b} {GET c}} {
            catch {$alice {*}$command}
        }
        catch {[client_new] AUTH bob x}
        set entries [r ACL LOG]
        assert_equal {{auth AUTH bob 1} {key c alice 1} {key b alice 2} {command set alice 1}} [lmap entry $entries {
            lmap field {reason object username count} {dict get $entry $field}
        }]
        set entry [lindex $entries 1]
        assert_between 0 20 [dict get $entry age-seconds]
        assert_match "id=* addr=[client_address $alice] * cmd=get user=alice *" [dict get $entry client-info]
        assert_equal 2 [llength [r ACL LOG 2]]
        assert_equal {0 0 4} [list [llength [r ACL LOG 0]] [llength [r ACL LOG -1]] [llength [r ACL LOG 1000]]]
        assert_replies {
            {ACL LOG x}             {(error) ERR value is not an integer or out of range}
            {ACL LOG RESET x}       {(error) ERR unknown subcommand or wrong number of arguments for 'LOG'. Try ACL HELP.}
            {ACL LOG reset}         OK
            {ACL LOG}               {}
        }
    }

    test {entries of ACL LOG have ids and times, and maps in RESP3} since-7.2 {
        forget_users
        set alice [user_client alice]
        catch {$alice GET a}
        catch {$alice SET a b}
        set now [server_time_ms]
        lassign [r ACL LOG] second first
        assert_equal [expr {[dict get $first entry-id] + 1}] [dict get $second entry-id]
        catch {$alice GET a}
        set again [lindex [r ACL LOG] 0]
        assert_equal [dict get $first entry-id] [dict get $again entry-id]
        assert_equal [dict get $first timestamp-created] [dict get $again timestamp-created]
        assert {[dict get $again timestamp-last-updated] >= [dict get $again timestamp-created]}
        assert_between [expr {$now - 20000}] $now [dict get $first timestamp-created]
        r HELLO 3
        lassign [lindex [lindex [r_typed ACL LOG 1] 1] 0] type
        assert_equal % $type
    }

    test {acllog-max-len bounds the log} {
        forget_users
        set alice [user_client alice +get]
        with_config {acllog-max-len 3} {
            for {set i 0} {$i < 10} {incr i} {
                catch {$alice GET key:$i}
            }
            assert_equal {key:9 key:8 key:7} [lmap entry [r ACL LOG 100] {dict get $entry object}]
        }
    }

    test {a long key does not stay in the log} tocsin {
        forget_users
        set alice [user_client alice +get]
        catch {$alice GET [string repeat k 100000]}
        assert_equal 1024 [string length [newest_refusal object]]
    }

    test {INFO counts refusals by their reason} since-7.2 {
        forget_users
        r CONFIG RESETSTAT
        set alice [user_client alice +get +publish]
        catch {[client_new] AUTH alice2 x}
        foreach command {{SET a b} {SET a b} {GET a} {PUBLISH a b} {PUBLISH a b} {PUBLISH a b}} {
            catch {$alice {*}$command}
        }
        assert_equal {1 2 1 3} [lmap what {auth cmd key channel} {server_info acl_access_denied_$what}]
        r CONFIG RESETSTAT
        assert_equal {0 0 0 0} [lmap what {auth cmd key channel} {server_info acl_access_denied_$what}]
    }

    test {ACL CAT lists categories and their commands} {
        assert_same_elements {keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast
            slow blocking dangerous connection transaction scripting} [r ACL CAT]
        set commands [r ACL CAT Dangerous]
        foreach name {flushall config|set keys acl|setuser shutdown} {
            assert {$name in $commands}
        }
        assert {"get" ni $commands}
        assert_error {ERR Unknown category 'nosuch'} {r ACL CAT nosuch}
        assert_error {ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.} {r ACL CAT a b}
    }

    test {ACL GENPASS makes up passwords} {
        assert_match [string repeat {[0-9a-f]} 64] [r ACL GENPASS]
        assert_not_equal [r ACL GENPASS] [r ACL GENPASS]
        foreach {bits digits} {1 1 4 1 5 2 128 32 4096 1024} {
            assert_equal $digits [string length [r ACL GENPASS $bits]]
        }
        foreach bits {0 -1 4097 9223372036854775807} {
            assert_error {ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096} {
                r ACL GENPASS $bits
            }
        }
        assert_error {ERR value is not an integer or out of range} {r ACL GENPASS x}
        assert_error {ERR unknown subcommand or wrong number of arguments for 'GENPASS'. Try ACL HELP.} {r ACL GENPASS 5 5}
    }

    test {acl-pubsub-default says what a new user may listen to} {
        forget_users
        with_config {acl-pubsub-default allchannels} {
            assert_equal {&* -@all} [described]
            assert_equal {&* -@all (&* -@all +get)} [described (+get)]
            assert_equal {resetchannels &a -@all} [described resetchannels &a]
        }
        assert_equal {resetchannels -@all} [described]
    }

    test {CLIENT KILL USER closes a user's clients} {
        forget_users
        set alice [user_client alice]
        set bob [user_client bob +ping]
        assert_equal 1 [r CLIENT KILL USER alice]
        assert_closed $alice
        assert_equal PONG [$bob PING]
        assert_error {ERR No such user 'nobody'} {r CLIENT KILL USER nobody}
    }

    test {passwords are in no log and not in MONITOR} {
        forget_users
        r CONFIG SET slowlog-log-slower-than 0
        r SLOWLOG RESET
        set monitor [client_new]
        $monitor MONITOR
        set alice [user_client alice +@all]
        r ACL SETUSER alice >hidden
        $alice AUTH alice hidden
        $alice HELLO 3 AUTH alice hidden
        r ACL SETUSER alice >hidden2
        r ECHO end
        set text ""
        while {![string match *ECHO*end* $text]} {
            append text [client_read $monitor]
        }
        append text [r SLOWLOG GET 100]
        r CONFIG SET slowlog-log-slower-than 10000
        assert_match *SETUSER* $text
        assert_no_match *hidden* $text[r ACL LOG][r CLIENT LIST]
        forget_users
    }
}

tags own-server {
    start_server {} {
        test {the default user with a password, without, switched off, and restricted} {
            r ACL SETUSER default resetpass
            set client [client_new]
            assert_error {NOAUTH *} {$client PING}
            assert_error {WRONGPASS *} {$client AUTH x}
            r ACL SETUSER default >pw
            assert_equal OK [$client AUTH pw]
            r ACL SETUSER default nopass
            assert_error {ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?} {
                $client AUTH pw
            }
            assert_equal OK [$client AUTH default pw]
            r ACL SETUSER default off
            assert_equal PONG [$client PING]
            assert_error {NOAUTH *} {[client_new] PING}
            r ACL SETUSER default on -@all +get +acl resetkeys ~a
            assert_error [format $::no_command set] {$client SET a b}
            assert_error $::no_key {$client GET b}
            assert_equal (nil) [[client_new] GET a]
            r ACL SETUSER default allcommands allkeys allchannels
            assert_equal OK [$client SET a b]
        }

        test {requirepass is the default user's password} {
            r CONFIG SET requirepass one
            assert_equal [list [sha256 one]] [dict get [r ACL GETUSER default] passwords]
            r ACL SETUSER default >two
            foreach password {one two} {
                assert_equal OK [r AUTH $password]
            }
            r CONFIG SET requirepass three
            assert_equal [list [sha256 three]] [dict get [r ACL GETUSER default] passwords]
            r CONFIG SET requirepass ""
            assert {"nopass" in [dict get [r ACL GETUSER default] flags]}
        }

        test {HELLO logs in, and RESET is the default user again} {
            r ACL SETUSER alice reset on >pw +@all
            assert_equal 3 [dict get [r HELLO 3 AUTH alice pw] proto]
            assert_equal alice [r ACL WHOAMI]
            assert_error {WRONGPASS *} {r HELLO 3 AUTH alice x}
            assert_equal {auth HELLO alice} [newest_refusal reason object username]
            assert_equal alice [r ACL WHOAMI]
            r RESET
            assert_equal default [r ACL WHOAMI]
            r ACL DELUSER alice
        }
    }
}
