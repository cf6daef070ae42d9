# Scripts: EVAL and its kin, the cache, the sandbox.

# The text of the error that a command is answered; nothing if it is none.
proc error_of {args} {
    expr {[catch {r {*}$args} reply] ? $reply : {}}
}

proc assert_fails {pattern body} {
    if {[catch {uplevel 1 $body} error] == 0} {error "no error, but: $error"}
    if {![string match $pattern $error]} {error "the error is: $error"}
}

start_server {} {
    test {a value of Lua becomes a reply} {
        assert_replies {
            {EVAL {return 'text'} 0}            text
            {EVAL {return 3.99} 0}              3
            {EVAL {return true} 0}              1
            {EVAL {return false} 0}             (nil)
            {EVAL {return {1, 2, nil, 3}} 0}    {1 2}
            {EVAL {return {ok = 'fine', 1}} 0}  fine
            {EVAL {return {double = 3.5}} 0}    3.5
            {EVAL {return {err = 'MY own'}} 0}  {(error) MY own}
            {EVAL {return redis.error_reply('Single')} 0} {(error) ERR Single}
            {EVAL {return redis.error_reply('-CODE text')} 0} {(error) CODE text}
            {EVAL {return redis.status_reply("a\r\nb")} 0} {a  b}
        }
    }

    test {keys and arguments reach a script} {
        assert_equal {a b c d} [r EVAL {return {KEYS[1], KEYS[2], ARGV[1], ARGV[2]}} 2 a b c d]
        assert_replies {
            {EVAL {return 1} 1}     {(error) ERR Number of keys can't be greater than number of args}
            {EVAL {return 1} -1}    {(error) ERR Number of keys can't be negative}
            {EVAL {return 1} x}     {(error) ERR value is not an integer or out of range}
        }
    }

    test {a script runs commands and sees their replies} {
        assert_replies {
            {EVAL {return redis.call('set', KEYS[1], ARGV[1])} 1 k v}       OK
            {EVAL {return redis.call('get', KEYS[1])} 1 k}                  v
            {EVAL {return redis.call('get', 'none') == false} 0}            1
            {EVAL {return redis.call('ping').ok} 0}                         PONG
            {EVAL {return redis.call('incr', 'n') + 1} 0}                   2
            {EVAL {return redis.call('rpush', 'l', 1.5, 10, 1e15)} 0}       3
            {EVAL {return redis.call('lrange', 'l', 0, -1)} 0}              {1.5 10 1000000000000000}
            {EVAL {return redis.pcall('lpush', 'k', 1).err} 0}
                {WRONGTYPE Operation against a key holding the wrong kind of value}
        }
    }

    test {the database that a script selects is its own} {
        r EVAL {redis.call('select', 3) redis.call('set', 'there', 1)} 0
        assert_equal 0 [r EXISTS there]
        r SELECT 3
        assert_equal 1 [r EXISTS there]
        r SELECT 0
    }

    test {a large reply reaches a script whole} {
        r SET big [string repeat x 300000]
        assert_equal 300000 [r EVAL {return #redis.call('get', 'big')} 0]
        r EVAL {for i = 1, 20000 do redis.call('rpush', 'long', i) end} 0
        assert_equal 20000 [r EVAL {local l = redis.call('lrange', 'long', 0, -1) return l[20000]} 0]
    }

    test {an error says where it arose} {
        foreach {code error} {
            {return redis.call()}       {ERR Please specify at least one argument for this redis lib call}
            {return redis.call('nosuch')}   {ERR Unknown Redis command called from script}
            {return redis.call('get')}  {ERR Wrong number of args calling Redis command from script}
            {return redis.call('multi')}    {ERR This Redis command is not allowed from script}
            {return redis.call('get', {})}  {ERR Lua redis lib command arguments must be strings or integers}
            {error('x')}                {ERR user_script:1: x}
            {error({err = 'MY x'})}     {MY x}
            {error()}                   {ERR nil}
            {return foo}    {ERR user_script:1: Script attempted to access nonexistent global variable 'foo'}
            {foo = 1}                   {ERR user_script:1: Attempt to modify a readonly table}
            {redis.x = 1}               {ERR user_script:1: Attempt to modify a readonly table}
            {return redis.sha1hex()}    {ERR wrong number of arguments}
            {redis.setresp(4)}          {ERR RESP version must be 2 or 3.}
            {redis.log(9, 'y')}         {ERR Invalid debug level.}
            {redis.acl_check_cmd('nosuch')} {ERR Invalid command passed to redis.acl_check_cmd()}
        } {
            set sha [r EVAL {return redis.sha1hex(ARGV[1])} 0 $code]
            assert_equal "$error script: $sha, on @user_script:1." [error_of EVAL $code 0]
        }
        assert_match {ERR Error compiling script (new function): user_script:1: *} [error_of EVAL {return (} 0]
    }

    test {what was written before an error stays} {
        assert_match {ERR*} [error_of EVAL {redis.call('set', 'before', 1) redis.call('nosuch')} 0]
        assert_equal 1 [r GET before]
    }

    test {a script that only reads cannot write} {
        r SET k v
        set refused {ERR Write commands are not allowed from read-only scripts.*}
        assert_match $refused [error_of EVAL_RO {return redis.call('set', 'ro', 1)} 0]
        assert_match $refused [error_of EVAL "#!lua flags=no-writes\nreturn redis.call('set', 'ro', 1)" 0]
        assert_equal 0 [r EXISTS ro]
        assert_equal v [r EVAL_RO {return redis.call('get', KEYS[1])} 1 k]
        assert_equal {ERR Can not execute a script with write flag using *_ro command.} \
            [error_of EVAL_RO "#!lua\nreturn 1" 0]
    }

    test {the first line of a script is checked} {
        foreach {line error} {
            {#!lua name=x|}    {ERR Unknown lua shebang option: name=x}
            {#!lua flags=foo|} {ERR Unexpected flag in script shebang: foo}
            {#!py|}            {ERR Unexpected engine in script shebang: #!py}
            {#!lua}             {ERR Invalid script shebang}
        } {
            assert_equal $error [error_of EVAL [string map {| "\n"} $line] 0]
        }
        assert_equal 1 [r EVAL "#!lua flags=allow-oom,allow-stale,no-cluster\nreturn 1" 0]
    }

    test {scripts are cached by their digest} {
        set sha [r SCRIPT LOAD {return 'cached'}]
        assert_equal cached [r EVALSHA $sha 0]
        assert_equal cached [r EVALSHA_RO [string toupper $sha] 0]
        assert_equal {1 0} [r SCRIPT EXISTS $sha xx]
        assert_equal OK [r SCRIPT FLUSH]
        assert_equal 0 [r SCRIPT EXISTS $sha]
        assert_equal {NOSCRIPT No matching script. Please use EVAL.} [error_of EVALSHA $sha 0]
        assert_equal {ERR SCRIPT FLUSH only support SYNC|ASYNC option} [error_of SCRIPT FLUSH foo]
    }

    test {of many different scripts the last are kept, and those that were loaded} {since-7.2} {
        r SCRIPT FLUSH
        set loaded [r SCRIPT LOAD {return 'loaded'}]
        for {set i 0} {$i < 1200} {incr i} {r EVAL "return $i" 0}
        assert_equal loaded [r EVALSHA $loaded 0]
        assert_equal 1199 [r EVALSHA [r EVAL {return redis.sha1hex('return 1199')} 0] 0]
        assert {[server_info number_of_cached_scripts] <= 501}
    }

    test {random numbers follow from the seed, and go on from script to script} {
        set code {math.randomseed(7) return tostring(math.random()) .. math.random(100)}
        assert_equal [r EVAL $code 0] [r EVAL $code 0]
        assert_equal 0.17082803611217 [r EVAL {math.randomseed(0) return tostring(math.random())} 0]
        assert_not_equal 0.17082803611217 [r EVAL {return tostring(math.random())} 0]
    }

    test {RESP3 values go both ways} {
        r HSET h f v
        assert_equal v [r EVAL {redis.setresp(3) return redis.call('hgetall', 'h').map.f} 0]
        r SADD s m
        assert_equal 1 [r EVAL {redis.setresp(3) return redis.call('smembers', 's').set.m} 0]
        r ZADD z 1.5 m
        assert_equal 1.5 [r EVAL {redis.setresp(3) return tostring(redis.call('zscore', 'z', 'm').double)} 0]
        client_send r HELLO 3
        client_read r
        client_send r EVAL {redis.setresp(3) return {true, {map = {a = 1}}, {set = {b = true}}}} 0
        client_expect r "*3\r\n#t\r\n%1\r\n\$1\r\na\r\n:1\r\n~1\r\n\$1\r\nb\r\n"
        r HELLO 2
    }

    test {nothing outside of the sandbox can be reached} {tocsin} {
        foreach code {
            {return loadfile('/etc/passwd')} {return dofile('/etc/passwd')} {return os.exit()}
            {return io.open('/etc/passwd')} {return require('os')} {return print(1)} {return setfenv(1, {})}
            {string.rep = nil} {getmetatable('').__index = nil} {setmetatable(_G, {})} {rawset(_G, 'x', 1)}
            {rawset(redis, 'call', 1)} {table.insert(redis, 1)} {_G.x = 1}
            {return string.rep('x', 2^31)} {return unpack({}, 1, 2^30)}
            {local function f() return 1 + f() end return f()}
            {return loadstring('\27Lua')()}
        } {
            assert_no_match {} [error_of EVAL $code 0]
        }
        assert_equal PONG [r PING]
    }

    test {a table within itself is an error in the reply, not the end} {tocsin} {
        set other [client_new]
        client_send $other EVAL {local t = {} t[1] = t return t} 0
        client_expect $other "*1\r\n*1\r\n"
        client_close $other
        assert_equal PONG [r PING]
    }

    test {the rights of who runs a script hold within} {
        r ACL SETUSER limited on nopass ~own* +@all -incr
        set limited [client_new]
        $limited AUTH limited any
        assert_equal OK [$limited EVAL {return redis.call('set', 'own1', 1)} 0]
        foreach code {{return redis.call('set', 'other', 1)} {return redis.call('incr', 'own1')}} {
            assert_match 1 [catch {$limited EVAL $code 0}]
        }
        assert_equal {(nil)} [$limited EVAL {return redis.acl_check_cmd('incr', 'own1')} 0]
        assert_equal 1 [r GET own1]
        assert_equal 0 [r EXISTS other]
        r ACL DELUSER limited
    }

    test {a script in MULTI is one of its commands} {
        assert_replies {
            {MULTI}                                     OK
            {EVAL {return redis.call('incr', 'm')} 0}   QUEUED
            {EXEC}                                      1
        }
    }

    test {cjson and bit are there} {
        assert_equal {{"a":[1,2]}} [r EVAL {return cjson.encode({a = {1, 2}})} 0]
        assert_equal 2 [r EVAL {return cjson.decode('[1,2]')[2]} 0]
        assert_equal 4 [r EVAL {return bit.band(6, 12)} 0]
    }
}

start_server {busy-reply-threshold 50} {
    test {an endless script is seen as busy, and can be killed} {
        set other [client_new]
        client_send r EVAL {while true do pcall(function() while true do end end) end} 0
        after 300
        assert_error {BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.} {
            $other GET x
        }
        assert_equal OK [$other SCRIPT KILL]
        assert_error {ERR *Script killed by user with SCRIPT KILL*} {client_read r}
        assert_equal PONG [$other PING]
        assert_equal PONG [r PING]
        assert_error {NOTBUSY No scripts in execution right now.} {$other SCRIPT KILL}
    }

    test {an endless script that wrote can only be ended with the server} {
        set other [client_new]
        client_send r EVAL {redis.call('set', 'written', 1) while true do end} 0
        after 300
        assert_error {UNKILLABLE *} {$other SCRIPT KILL}
        client_send $other SHUTDOWN NOSAVE
        assert_closed $other
    }
}

start_server {} {
    tags tocsin {
        test {a script can change no global, no library and no metatable that others see} {
            foreach attack {{foo = 1} {redis.foo = 1} {_G.foo = 1} {rawset(_G, 'a', 1)} {setmetatable(_G, {})}
                    {table.insert(redis, 1)} {getmetatable('').__index = 1} {getmetatable(_G).__index = 1}} {
                assert_fails {*Attempt to modify a readonly table*} {r EVAL $attack 0}
            }
        }

        test {bytecode is not loaded} {
            assert_equal nil [r EVAL {return tostring(loadstring(string.dump(function() end)))} 0]
        }
    }
}
