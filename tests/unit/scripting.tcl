# Scripts: EVAL and its like, SCRIPT, the sandbox, busy scripts.

proc assert_fails {pattern body} {
    if {[catch {uplevel 1 $body} error] == 0} {error "no error, but: $error"}
    if {![string match $pattern $error]} {error "the error is: $error"}
}

start_server {} {
    test {a script's values become replies} {
        assert_equal {1 2 x 3} [r EVAL {return {1, 2.9, 'x', {3}}} 0]
        assert_equal {a b} [r EVAL {return {KEYS[1], ARGV[1]}} 1 a b]
    }

    test {a command's error ends the script, and says where} {
        r SET k v
        assert_fails {WRONGTYPE * script: *, on @user_script:1.} {r EVAL {return redis.call('lpush', 'k', 'a')} 0}
    }

    test {scripts are found by their SHA1} {
        set sha [r SCRIPT LOAD {return 1}]
        assert_equal 1 [r EVALSHA $sha 0]
        assert_equal OK [r SCRIPT FLUSH]
        assert_fails {NOSCRIPT*} {r EVALSHA $sha 0}
    }

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
