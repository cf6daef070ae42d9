# Users in the configuration file and in an aclfile.

proc with_conf {text body} {
    upvar 1 dir dir client client
    set dir [server_new_dir]
    set port [server_free_port]
    server_write_file $dir/redis.conf "port $port\nbind 127.0.0.1\nsave \"\"\n[string map [list DIR $dir] $text]"
    set handle [server_launch $dir $port [list $dir/redis.conf]]
    if {![server_wait_ready $handle]} {
        fail "the server does not start: [server log $handle]"
    }
    set client [client_new -host 127.0.0.1 -port $port]
    uplevel 1 $body
    client_close $client
    server_stop $handle
}

# What a server that cannot start writes, to wherever.
proc refusal_of {text files} {
    set dir [server_new_dir]
    foreach {name content} $files {
        server_write_file $dir/$name $content
    }
    server_write_file $dir/redis.conf "port [server_free_port]\nbind 127.0.0.1\n[string map [list DIR $dir] $text]"
    lassign [server_run [list $dir/redis.conf]] status output
    assert_equal 1 $status
    return [string map [list $dir/ ""] $output]
}

proc rules {line} {
    return [string map {{sanitize-payload } {}} $line]
}

tags own-server {
    test {user lines of the configuration make users, whatever their order} {
        with_conf {user alice on >a +get ~k (+set ~x)
user default on nopass ~* &* +@all
user "bob" off nopass +@all &x ~"q"
acl-pubsub-default resetchannels
rename-command FLUSHALL ""
rename-command DEBUG GUBED
user carl +debug
user dora +flushall
} {
            assert_equal {alice bob carl default dora} [$client ACL USERS]
            assert_equal [list \
                {user alice on #ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb ~k resetchannels -@all +get (~x resetchannels -@all +set)} \
                {user bob off nopass ~q resetchannels &x +@all} \
                {user carl off resetchannels -@all +debug} \
                {user default on nopass ~* &* +@all} \
                {user dora off resetchannels -@all +flushall}] [lmap line [$client ACL LIST] {rules $line}]
            assert_equal OK [$client AUTH alice a]
            assert_equal (nil) [$client GET k]
        }
    }

    test {a user line for default begins from nothing, and outdoes requirepass} {
        with_conf {requirepass bar
user default on >foo ~* +@all
} {
            assert_error {WRONGPASS *} {$client AUTH bar}
            assert_equal OK [$client AUTH foo]
            assert_match {{user default on *~\* resetchannels +@all}} [$client ACL LIST]
        }
    }

    foreach {line reason} {
        {user bob off nosuch}           {Error in user declaration 'bob': Syntax error}
        {user bob on #abc}              {Error in user declaration 'bob': The password hash must be exactly 64 characters}
        {user alice on}                 {Error in user declaration 'alice': Duplicate user found. A user can only be defined once in config files}
        {user bob +config|get|x}        {Allowing first-arg of a subcommand is not supported}
    } {
        test "the line \"$line\" is refused with its number and the reason" {
            set text [refusal_of "user alice on\n$line\n" {}]
            foreach part [list "at line 4" $line $reason] {
                assert {[string first $part $text] >= 0}
            }
        }
    }

    foreach {line reason} {
        {user bob off +nosuch}          {Unknown command or category name in ACL}
        {user "a b" on}                 {Spaces not allowed in ACL usernames}
    } {
        test "with the line \"$line\" the server does not start" {
            assert {[string first $reason [refusal_of $line\n {}]] >= 0}
        }
    }

    test {unclosed parentheses are refused} tocsin {
        assert_match {*Error in user declaration 'bob': Unmatched parenthesis in selector definition.*} \
            [refusal_of "user bob on (+get\n" {}]
    }

    test {CONFIG REWRITE writes the users that there are} {
        with_conf {# users
user alice on >a +get ~k
user bob off
# the end
} {
            $client ACL SETUSER alice -get +set
            $client ACL SETUSER carl reset on nopass allkeys {(%R~x +@read)}
            $client ACL DELUSER bob
            assert_equal OK [$client CONFIG REWRITE]
            set lines [lsearch -all -inline [split [server_file $dir/redis.conf] \n] "user *"]
            assert_equal {alice carl default} [lsort [lmap line $lines {lindex [split $line] 1}]]
            assert_match {*# users*user alice *+set*# the end*} [server_file $dir/redis.conf]
        }
    }

    test {what CONFIG REWRITE has written is read again} tocsin {
        with_conf "" {
            $client ACL SETUSER alice reset on >a (+get ~x) +@all -debug &c
            $client ACL SETUSER "q\"u'o" ~a\"b %R~'c ~\\d {(~"x\"y)" ~"z'" +get)}
            $client ACL SETUSER "" on
            $client ACL SETUSER default >pw
            assert_equal OK [$client CONFIG REWRITE]
            set before [$client ACL LIST]
            set text [string map [list port "# port" bind "# bind"] [server_file $dir/redis.conf]]
        }
        with_conf $text {
            assert_error {NOAUTH *} {$client ACL LIST}
            $client AUTH pw
            assert_equal $before [$client ACL LIST]
        }
    }

    test {an aclfile is read at the start, by LOAD, and written by SAVE} {
        set path [server_new_dir]/users.acl
        server_write_file $path "user alice on >a +@all ~a:*\n\n  user default on nopass +@all ~* &*  \nuser bob off (+get ~x) ~z\r\n"
        start_server [list aclfile $path] {
            set client [client_new]
            assert_equal {alice bob default} [$client ACL USERS]
            assert_equal [list aclfile $path] [$client CONFIG GET aclfile]
            assert_match {user bob off *~z resetchannels -@all (~x resetchannels -@all +get)} [lindex [$client ACL LIST] 1]
            $client ACL SETUSER carl reset on nopass
            $client ACL DELUSER bob
            assert_equal OK [$client ACL SAVE]
            set saved [$client ACL LIST]
            assert_equal [join $saved \n]\n [server_file $path]
            $client ACL SETUSER dora on
            assert_equal OK [$client ACL LOAD]
            assert_equal $saved [$client ACL LIST]
            assert_equal {} [lsearch -all -inline [glob -directory [file dirname $path] *] *users.acl?*]
            client_close $client
        }
    }

    test {LOAD is all or nothing, and each wrong line is told} {
        set path [server_new_dir]/users.acl
        server_write_file $path "user alice on\nuser default on nopass +@all ~* &*\n"
        start_server [list aclfile $path] {
            set client [client_new]
            set before [$client ACL LIST]
            server_write_file $path {user alice on
foo
user bob +nosuch
user "x y" on

# a comment
user
user alice off
user d bad
user e (bad)
user f <p
user g +config|get|x ~* ~x +@zz
user h "on
}
            set expected "ERR "
            foreach {line text} {
                :2 { should start with user keyword followed by the username. }
                :3 {: Error in applying operation '+nosuch': Unknown command or category name in ACL. }
                :4 {: Syntax error. }
                :6 { should start with user keyword followed by the username. }
                :7 { should start with user keyword followed by the username. }
                "" {WARNING: Duplicate user 'alice' found on line 8. }
                :9 {: Syntax error. }
                :10 {: Syntax error. }
                :11 {: The password you are trying to remove from the user does not exist. }
                :12 {: Allowing first-arg of a subcommand is not supported. }
                :12 {: Error in applying operation '+@zz': Unknown command or category name in ACL. }
                :13 {: Syntax error. }
            } {
                append expected [expr {$line eq "" ? "" : $path}]$line$text
            }
            append expected "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
            catch {$client ACL LOAD} error
            assert_equal $expected $error
            assert_equal $before [$client ACL LIST]
            file delete $path
            assert_error "ERR Error loading ACLs, opening file '*users.acl': No such file or directory" {$client ACL LOAD}
            assert_equal $before [$client ACL LIST]
            client_close $client
        }
    }

    test {LOAD closes the clients of all users but default} {
        set path [server_new_dir]/users.acl
        server_write_file $path "user alice on nopass +@all ~* &*\nuser default on nopass +@all ~* &*\n"
        start_server [list aclfile $path] {
            set standard [client_new]
            set alice [client_new]
            set loader [client_new]
            $alice AUTH alice x
            $loader AUTH alice x
            client_send $loader ACL LOAD
            assert_equal "+OK\r\n" [client_drain $loader]
            assert_closed $alice
            assert_equal PONG [$standard PING]
            client_close $standard
        }
    }

    test {a default user who is not in the file may do everything, one who is loses what it lost} {
        set path [server_new_dir]/users.acl
        server_write_file $path "user alice on nopass +@all ~* &*\n"
        start_server [list aclfile $path requirepass zzz] {
            set client [client_new]
            assert_match {{user alice *} {user default on nopass *~\* &\* +@all}} [$client ACL LIST]
            server_write_file $path "user default on nopass +acl +get ~a\n"
            assert_equal OK [$client ACL LOAD]
            assert_error {NOPERM *} {$client GET b}
            assert_equal (nil) [$client GET a]
            server_write_file $path ""
            assert_equal OK [$client ACL LOAD]
            assert_equal (nil) [$client GET b]
            client_close $client
        }
    }

    test {a default user who loses its channels by LOAD is closed} tocsin {
        set path [server_new_dir]/users.acl
        server_write_file $path ""
        start_server [list aclfile $path] {
            set client [client_new]
            set listener [client_new]
            $listener SUBSCRIBE c
            server_write_file $path "user default on nopass +@all ~* &d\n"
            assert_equal OK [$client ACL LOAD]
            assert_closed $listener
            client_close $client
        }
    }

    test {without an aclfile there is none to load or save} {
        start_server {} {
            set client [client_new]
            foreach what {LOAD SAVE} {
                assert_error {ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.} {
                    $client ACL $what
                }
            }
            client_close $client
        }
    }

    test {the server does not start with an aclfile that is wrong, absent, or beside user lines} {
        set text [refusal_of "aclfile DIR/x.acl\n" {x.acl "user alice on\nfoo\n"}]
        assert_match {*Aborting Redis startup because of ACL errors: x.acl:2 should start with user keyword followed by the username. WARNING: ACL errors detected*} $text
        set text [refusal_of "aclfile DIR/nosuch.acl\n" {}]
        assert_match {*Aborting Redis startup because of ACL errors: Error loading ACLs, opening file 'nosuch.acl': No such file or directory*} $text
        set text [refusal_of "aclfile DIR/x.acl\nuser bob on\n" {x.acl ""}]
        assert_match {*aclfile*} [string tolower [string map {{ACL file} aclfile} $text]]
    }

    test {a name with newlines or blanks cannot break the file} {
        set path [server_new_dir]/users.acl
        server_write_file $path ""
        start_server [list aclfile $path] {
            set client [client_new]
            assert_error {ERR Usernames can't contain spaces or null characters} {$client ACL SETUSER "a\nuser b" on}
            assert_error {ERR *Syntax error} {$client ACL SETUSER a "~x\nuser b on nopass +@all"}
            assert_error {ERR *Syntax error} {$client ACL SETUSER a "&x y"}
            assert_equal OK [$client ACL SAVE]
            assert_equal 1 [llength [split [string trim [server_file $path]] \n]]
            client_close $client
        }
    }
}
