# COMMAND: what clients learn about commands.

start_server {} {
    test {COMMAND COUNT agrees with COMMAND and COMMAND LIST} {
        set count [r COMMAND COUNT]
        assert {$count > 80}
        assert_equal $count [llength [r COMMAND]]
        assert_equal $count [llength [lsearch -all -inline -not [r COMMAND LIST] *|*]]
    }

    test {COMMAND INFO describes a command in ten fields} {
        set info [lindex [r COMMAND INFO get] 0]
        assert_equal 10 [llength $info]
        assert_equal {get 2 {readonly fast} 1 1 1} [lrange $info 0 5]
        assert_same_elements {@read @string @fast} [lindex $info 6]
        set info [lindex [r COMMAND INFO SET] 0]
        assert_equal {set -3 {write denyoom} 1 1 1} [lrange $info 0 5]
        assert_same_elements {@write @string @slow} [lindex $info 6]
    }

    test {COMMAND INFO gives arity, flags and key positions of the ordinary commands} {
        foreach {name arity flags first last step} {
            get 2 {readonly fast} 1 1 1             mget -2 {readonly fast} 1 -1 1      mset -3 {write denyoom} 1 -1 2
            del -2 write 1 -1 1                     unlink -2 {write fast} 1 -1 1       exists -2 {readonly fast} 1 -1 1
            incr 2 {write denyoom fast} 1 1 1       append 3 {write denyoom fast} 1 1 1 expire -3 {write fast} 1 1 1
            rename 3 write 1 2 1                    copy -3 {write denyoom} 1 2 1       move 3 {write fast} 1 1 1
            setex 4 {write denyoom} 1 1 1           getdel 2 {write fast} 1 1 1         strlen 2 {readonly fast} 1 1 1
            ping -1 fast 0 0 0                      echo 2 {loading stale fast} 0 0 0   select 2 {loading stale fast} 0 0 0
            dbsize 1 {readonly fast} 0 0 0          flushall -1 write 0 0 0             swapdb 3 {write fast} 0 0 0
            keys 2 readonly 0 0 0                   scan -2 readonly 0 0 0              randomkey 1 readonly 0 0 0
            multi 1 {noscript loading stale fast allow_busy} 0 0 0
            publish 3 {pubsub loading stale fast} 0 0 0
            subscribe -2 {pubsub noscript loading stale} 0 0 0
            watch -2 {noscript loading stale fast allow_busy} 1 -1 1
            monitor 1 {admin noscript loading stale} 0 0 0
            time 1 {loading stale fast} 0 0 0
        } {
            assert_equal [list $name $arity [lsort $flags] $first $last $step] \
                [lreplace [lrange [lindex [r COMMAND INFO $name] 0] 0 5] 2 2 [lsort [lindex [r COMMAND INFO $name] 0 2]]]
        }
    }

    test {COMMAND INFO describes containers with their subcommands} {
        set info [lindex [r COMMAND INFO config] 0]
        assert_equal {config -2} [lrange $info 0 1]
        assert_same_elements {config|get config|set config|resetstat config|rewrite config|help} \
            [lmap sub [lindex $info 9] {lindex $sub 0}]
        assert_equal {config|get -3} [lrange [lindex [r COMMAND INFO config|get] 0] 0 1]
    }

    test {COMMAND INFO is null for what it does not know} {
        assert_equal {(nil) (nil)} [r COMMAND INFO nosuch config|nosuch]
        assert_equal [r COMMAND COUNT] [llength [r COMMAND INFO]]
    }

    test {key specifications tell where keys are and what happens to them} {
        foreach {name flags} {
            get {RO access} set {RW access update variable_flags} del {RM delete} incr {RW access update}
            append {RW insert} strlen RO exists RO getdel {RW access delete}
        } {
            set spec [lindex [r COMMAND INFO $name] 0 8 0]
            assert_same_elements $flags [dict get $spec flags]
            assert_equal {type index spec {index 1}} [dict get $spec begin_search]
        }
        set spec [lindex [r COMMAND INFO mset] 0 8 0]
        assert_equal {type range spec {lastkey -1 keystep 2 limit 0}} [dict get $spec find_keys]
    }

    test {COMMAND DOCS has summary, since, group, complexity and arguments} {
        set docs [dict get [r COMMAND DOCS get] get]
        assert_equal {1.0.0 string O(1)} [lmap field {since group complexity} {dict get $docs $field}]
        assert {[string length [dict get $docs summary]] > 10}
        assert_match {*name key *type key *} [lindex [dict get $docs arguments] 0]
        assert_equal {set mset} [dict keys [r COMMAND DOCS SET nosuch MSET]]
        assert_equal {} [r COMMAND DOCS nosuch]
        assert_equal [r COMMAND COUNT] [dict size [r COMMAND DOCS]]
    }

    test {COMMAND DOCS lists the subcommands of a container} {
        set docs [dict get [r COMMAND DOCS config] config]
        assert {"config|get" in [dict keys [dict get $docs subcommands]]}
        assert_equal 2.0.0 [dict get [r COMMAND DOCS config|get] config|get since]
    }

    test {every command has documentation and sane fields} {
        foreach {name docs} [r COMMAND DOCS] {
            foreach field {summary since group} {
                assert {[dict exists $docs $field] && [dict get $docs $field] ne ""}
            }
        }
        foreach info [r COMMAND] {
            lassign $info name arity flags first last step
            assert {$arity != 0 && [llength $info] == 10}
            assert {($first == 0) == ($step == 0)}
        }
    }

    test {COMMAND LIST filters by pattern and by ACL category} {
        assert_same_elements {getdel getex getrange getset} [r COMMAND LIST FILTERBY PATTERN {get[^b]*}]
        assert {"publish" in [r COMMAND LIST FILTERBY ACLCAT pubsub]}
        assert {"get" ni [r COMMAND LIST FILTERBY ACLCAT pubsub]}
        assert_replies {
            {COMMAND LIST FILTERBY ACLCAT nosuch}   {}
            {COMMAND LIST FILTERBY MODULE nosuch}   {}
            {COMMAND LIST FILTERBY FOO x}           {(error) ERR syntax error}
            {COMMAND LIST FILTERBY PATTERN}         {(error) ERR syntax error}
        }
        assert {"config|get" in [r COMMAND LIST FILTERBY PATTERN config*]}
    }

    test {COMMAND GETKEYS finds the keys of any command} {
        assert_replies {
            {COMMAND GETKEYS GET a}                         a
            {COMMAND GETKEYS SET a b EX 10}                 a
            {COMMAND GETKEYS MSET a b c d}                  {a c}
            {COMMAND GETKEYS DEL a b c}                     {a b c}
            {COMMAND GETKEYS RENAME a b}                    {a b}
            {COMMAND GETKEYS OBJECT ENCODING k}             k
            {COMMAND GETKEYS MEMORY USAGE k}                k
            {COMMAND GETKEYS CONFIG GET x}                  {(error) ERR The command has no key arguments}
            {COMMAND GETKEYS nosuch a}                      {(error) ERR Invalid command specified}
            {COMMAND GETKEYS SET a}                         {(error) ERR Invalid number of arguments specified for command}
            {COMMAND GETKEYS GET a b}                       {(error) ERR Invalid number of arguments specified for command}
            {COMMAND GETKEYS GET}                           {(error) ERR wrong number of arguments for 'command|getkeys' command}
        }
    }

    test {COMMAND GETKEYSANDFLAGS tells what is done with each key} {
        assert_replies {
            {COMMAND GETKEYSANDFLAGS GET k}         {{k {RO access}}}
            {COMMAND GETKEYSANDFLAGS SET k v}       {{k {OW update}}}
            {COMMAND GETKEYSANDFLAGS SET k v GET}   {{k {RW access update}}}
            {COMMAND GETKEYSANDFLAGS COPY a b}      {{a {RO access}} {b {OW update}}}
            {COMMAND GETKEYSANDFLAGS RENAME a b}    {{a {RW access delete}} {b {OW update}}}
            {COMMAND GETKEYSANDFLAGS MSET a 1 b 2}  {{a {OW update}} {b {OW update}}}
            {COMMAND GETKEYSANDFLAGS CONFIG GET x}  {(error) ERR The command has no key arguments}
            {COMMAND GETKEYSANDFLAGS nosuch x}      {(error) ERR Invalid command specified}
        }
    }

    test {COMMAND has help and refuses other subcommands} {
        assert {[llength [r COMMAND HELP]] >= 10}
        assert_error {ERR unknown subcommand 'FOO'. Try COMMAND HELP.} {r COMMAND FOO}
    }

    test {names of commands are read in any case} {
        assert_equal OK [r sEt k v]
        assert_equal v [r gET k]
        assert_equal {maxmemory 0} [r cOnFiG gEt maxmemory]
    }

    test {a subcommand counts its arguments under its full name} {
        foreach {command name} {
            {CONFIG GET} config|get {CLIENT ID x} client|id {OBJECT ENCODING} object|encoding
            {MEMORY USAGE} memory|usage {PUBSUB NUMPAT x} pubsub|numpat {COMMAND COUNT x} command|count
        } {
            assert_error "ERR wrong number of arguments for '$name' command" {r {*}$command}
        }
    }
}
