# Keyspace notifications of strings, lists and of the commands for any key.

proc canonical_flags {letters} {
    r CONFIG SET notify-keyspace-events $letters
    return [lindex [r CONFIG GET notify-keyspace-events] 1]
}

# The golden sequences. Each row: the commands that prepare, the commands that
# are watched, and their events. "overwritten" and "type_changed" are left out
# of the expectation where the server is not told to publish them.
set golden {
    {} {r SET k v}
        {new(k) set(k)}
    {r SET k v} {r SET k v}
        {overwritten(k) set(k)}
    {r SET k v} {r SET k v EX 90}
        {overwritten(k) set(k) expire(k)}
    {} {r SET k v PX 90000}
        {new(k) set(k) expire(k)}
    {} {r SET k v EXAT 9999999999}
        {new(k) set(k) expire(k)}
    {} {r SET k v PXAT 9999999999000}
        {new(k) set(k) expire(k)}
    {r SET k v EX 90} {r SET k w KEEPTTL}
        {overwritten(k) set(k)}
    {} {r SET k v NX}
        {new(k) set(k)}
    {r SET k v} {r SET k w XX}
        {overwritten(k) set(k)}
    {r SET k v} {r SET k w GET}
        {overwritten(k) set(k)}
    {} {r SETEX k 90 v}
        {new(k) set(k) expire(k)}
    {} {r PSETEX k 90000 v}
        {new(k) set(k) expire(k)}
    {} {r SETNX k v}
        {new(k) set(k)}
    {r SET k v} {r GETSET k w}
        {overwritten(k) set(k)}
    {} {r MSET a 1 b 2 a 3}
        {new(a) set(a) new(b) set(b) overwritten(a) set(a)}
    {} {r MSETNX a 1 b 2}
        {new(a) set(a) new(b) set(b)}
    {r SET k v} {r GETDEL k}
        {del(k)}
    {r SET k v} {r GETEX k EX 90}
        {expire(k)}
    {r SET k v} {r GETEX k PXAT 9999999999000}
        {expire(k)}
    {r SET k v} {r GETEX k EXAT 1}
        {del(k)}
    {r SET k v EX 90} {r GETEX k PERSIST}
        {persist(k)}
    {r SET k hello} {r SETRANGE k 2 xx}
        {setrange(k)}
    {} {r SETRANGE k 2 xx}
        {new(k) setrange(k)}
    {} {r APPEND k v; r APPEND k w; r APPEND k ""}
        {new(k) append(k) append(k) append(k)}
    {} {r INCR k; r DECR k; r INCRBY k 5; r DECRBY k 5; r INCRBY k 0}
        {new(k) incrby(k) incrby(k) incrby(k) incrby(k) incrby(k)}
    {} {r INCRBYFLOAT k 1.5; r INCRBYFLOAT k 0}
        {new(k) incrbyfloat(k) incrbyfloat(k)}
    {} {r DEL a; r SET a 1; r UNLINK a}
        {new(a) set(a) del(a)}
    {r MSET a 1 b 2} {r DEL a none b a}
        {del(a) del(b)}
    {r SET k v} {r UNLINK k}
        {del(k)}
    {r SET k v} {r EXPIRE k 90; r PEXPIRE k 90000; r EXPIREAT k 9999999999; r PEXPIREAT k 9999999999000}
        {expire(k) expire(k) expire(k) expire(k)}
    {r SET k v} {r EXPIRE k -1}
        {del(k)}
    {r SET k v} {r EXPIRE k 0}
        {del(k)}
    {r SET k v} {r PEXPIREAT k 1}
        {del(k)}
    {r SET k v EX 90} {r PERSIST k; r PERSIST k}
        {persist(k)}
    {r SET a v} {r RENAME a b}
        {new(b) rename_from(a) rename_to(b)}
    {r MSET a 1 b 2} {r RENAME a b}
        {new(b) rename_from(a) rename_to(b) overwritten(b)}
    {r SET a v} {r RENAMENX a b}
        {new(b) rename_from(a) rename_to(b)}
    {r SET k v} {r MOVE k 1}
        {new(k@1) move_from(k) move_to(k@1)}
    {r SET a v} {r COPY a b}
        {new(b) copy_to(b)}
    {r SET a v} {r COPY a b DB 3}
        {new(b@3) copy_to(b@3)}
    {r SET a v} {r SELECT 3; r SET k v}
        {new(k@3) set(k@3)}
    {} {r HSET k f 1 g 2; r HSET k f 1; r HMSET k f 1; r HSETNX k h 1}
        {new(k) hset(k) hset(k) hset(k) hset(k)}
    {} {r HSETNX k f 1}
        {new(k) hset(k)}
    {} {r HINCRBY k f 1; r HINCRBYFLOAT k f 0}
        {new(k) hincrby(k) hincrbyfloat(k)}
    {} {r HINCRBYFLOAT k f 1}
        {new(k) hincrbyfloat(k)}
    {r HSET k f 1 g 2} {r HDEL k f none}
        {hdel(k)}
    {r HSET k f 1 g 2} {r HDEL k f g none}
        {hdel(k) del(k)}
    {r HSET k f 1} {r SET k v}
        {overwritten(k) type_changed(k) set(k)}
    {r HSET a f 1; r SET b v} {r RENAME a b}
        {new(b) rename_from(a) rename_to(b) overwritten(b) type_changed(b)}
    {r HSET a f 1} {r COPY a b}
        {new(b) copy_to(b)}
    {} {r SADD k a b; r SADD k a; r SADD k a c}
        {new(k) sadd(k) sadd(k)}
    {r SADD k a b c} {r SREM k none; r SREM k a none; r SREM k b c}
        {srem(k) srem(k) del(k)}
    {r SADD k a b c} {r SPOP k; r SPOP k 1; r SPOP k 0; r SPOP k 99}
        {spop(k) spop(k) spop(k) del(k)}
    {r SADD a 1 2} {r SMOVE a b 1; r SMOVE a b 1; r SMOVE a b 2}
        {srem(a) new(b) sadd(b) srem(a) del(a) sadd(b)}
    {r SADD a 1; r SADD b 1} {r SMOVE a b 1}
        {srem(a) del(a)}
    {r SADD a 1 2} {r SINTERSTORE d a a; r SUNIONSTORE d a; r SDIFFSTORE d a none; r SINTERSTORE d a none}
        {new(d) sinterstore(d) overwritten(d) sunionstore(d) overwritten(d) sdiffstore(d) del(d)}
    {r SADD a 1; r SET d v} {r SUNIONSTORE d a}
        {overwritten(d) type_changed(d) sunionstore(d)}
    {r RPUSH a 2 1} {r SORT a STORE d; r SORT a DESC STORE d; r SORT none STORE d}
        {new(d) sortstore(d) overwritten(d) sortstore(d) del(d)}
    {r RPUSH a 2 1; r SADD d v} {r SORT a STORE d}
        {overwritten(d) type_changed(d) sortstore(d)}
    {r SET k v} {r MULTI; r SET k w; r DEL k; r SET k x; r EXEC}
        {overwritten(k) set(k) del(k) new(k) set(k)}
    {} {r LPUSH k a b; r RPUSH k c d}
        {new(k) lpush(k) rpush(k)}
    {r RPUSH k a} {r LPUSHX k b c; r RPUSHX k d}
        {lpush(k) rpush(k)}
    {r RPUSH k a b c d} {r LPOP k; r RPOP k 2; r LPOP k}
        {lpop(k) rpop(k) lpop(k) del(k)}
    {r RPUSH k a b c} {r LSET k 0 a; r LINSERT k BEFORE b x; r LREM k 0 x; r LTRIM k 0 -1; r LTRIM k 5 0}
        {lset(k) linsert(k) lrem(k) ltrim(k) ltrim(k) del(k)}
    {r RPUSH k a a} {r LREM k 0 a}
        {lrem(k) del(k)}
    {r RPUSH a x} {r LMOVE a b LEFT RIGHT}
        {new(b) rpush(b) lpop(a) del(a)}
    {r RPUSH a x y; r RPUSH b z} {r RPOPLPUSH a b}
        {lpush(b) rpop(a)}
    {r RPUSH k a b} {r LMOVE k k LEFT RIGHT; r RPOPLPUSH k k}
        {rpush(k) lpop(k) lpush(k) rpop(k)}
    {r RPUSH k a} {r LMOVE k k LEFT RIGHT}
        {rpush(k) lpop(k)}
    {r RPUSH k a b c} {r LMPOP 2 none k RIGHT COUNT 2; r LMPOP 1 k LEFT}
        {rpop(k) lpop(k) del(k)}
    {r RPUSH k a b c d e f} {r BLPOP k 0; r BRPOP none k 0; r BLMOVE k d LEFT LEFT 0; r BRPOPLPUSH k d 0; r BLMPOP 0 1 k LEFT COUNT 9}
        {lpop(k) rpop(k) new(d) lpush(d) lpop(k) lpush(d) rpop(k) lpop(k) del(k)}
    {} {r ZADD k 1 a 2 b; r ZADD k 1 a; r ZADD k 3 a; r ZADD k CH 3 a 4 c}
        {new(k) zadd(k) zadd(k) zadd(k)}
    {} {r ZINCRBY k 1 a; r ZADD k INCR 1 a; r ZADD k INCR 1 b; r ZADD k 1 c}
        {new(k) zincr(k) zincr(k) zincr(k) zadd(k)}
    {r ZADD k 1 a 2 b} {r ZREM k a none; r ZREM k b}
        {zrem(k) zrem(k) del(k)}
    {r ZADD k 1 a 2 b 3 c} {r ZREMRANGEBYRANK k 0 0; r ZREMRANGEBYSCORE k 2 2; r ZREMRANGEBYLEX k - +}
        {zremrangebyrank(k) zremrangebyscore(k) zremrangebylex(k) del(k)}
    {r ZADD k 1 a 2 b 3 c 4 d} {r ZPOPMIN k; r ZPOPMAX k; r ZPOPMIN k 9}
        {zpopmin(k) zpopmax(k) zpopmin(k) del(k)}
    {r ZADD k 1 a 2 b 3 c 4 d} {r ZMPOP 2 none k MAX COUNT 2; r ZMPOP 1 k MIN; r ZMPOP 1 k MIN COUNT 9}
        {zpopmax(k) zpopmin(k) zpopmin(k) del(k)}
    {r ZADD k 1 a 2 b 3 c 4 d} {r BZPOPMIN k 0; r BZPOPMAX none k 0; r BZMPOP 0 1 k MAX COUNT 9}
        {zpopmin(k) zpopmax(k) zpopmax(k) del(k)}
    {r ZADD a 1 x 2 y} {r ZRANGESTORE d a 0 -1; r ZRANGESTORE d a 0 0; r ZRANGESTORE d none 0 -1; r ZRANGESTORE a a 1 1}
        {new(d) zrangestore(d) overwritten(d) zrangestore(d) del(d) overwritten(a) zrangestore(a)}
    {r ZADD a 1 x; r SET d v} {r ZRANGESTORE d a 1 1 BYSCORE}
        {overwritten(d) type_changed(d) zrangestore(d)}
    {r ZADD k 1 a} {r SET k v}
        {overwritten(k) type_changed(k) set(k)}
    {r RPUSH k a} {r SET k v}
        {overwritten(k) type_changed(k) set(k)}
    {r SET a v; r RPUSH b x} {r RENAME a b}
        {new(b) rename_from(a) rename_to(b) overwritten(b) type_changed(b)}
    {} {r SETBIT k 7 1; r SETBIT k 7 0; r SETBIT k 100 0}
        {new(k) setbit(k) setbit(k) setbit(k)}
    {} {r BITFIELD k SET u8 0 1 INCRBY u8 0 1; r BITFIELD k SET u8 0 1}
        {new(k) setbit(k) setbit(k)}
    {r SET a v} {r BITOP NOT d a; r BITOP AND d a a; r BITOP OR d none}
        {new(d) set(d) overwritten(d) set(d) del(d)}
    {r SET a v; r RPUSH d x} {r BITOP XOR d a none}
        {overwritten(d) type_changed(d) set(d)}
    {r RPUSH d x} {r BITOP AND d none}
        {del(d)}
}

# Commands that change nothing, or that are silent by decision.
set silent {
    {r SET k v} {r SET k w NX}
    {} {r SET k w XX}
    {r SET k v} {r SETNX k w}
    {r SET b v} {r MSETNX a 1 b 2}
    {} {r GETDEL k}
    {} {r GETEX k EX 90}
    {r SET k v} {r GETEX k}
    {r SET k v} {r GETEX k PERSIST}
    {} {r SETRANGE k 3 ""}
    {r SET k v} {r SETRANGE k 0 ""}
    {} {r DEL k; r UNLINK k}
    {} {r EXPIRE k 90; r EXPIRE k -1; r PERSIST k}
    {r SET k v} {r EXPIRE k 90 XX; r PERSIST k}
    {r SET k v EX 90} {r EXPIRE k 10 GT; r EXPIRE k 1000 LT; r EXPIRE k 5 NX}
    {r SET k v} {catch {r INCR k}; catch {r INCRBYFLOAT k}; catch {r SETRANGE k -1 x}}
    {r SET k v} {r GET k; r STRLEN k; r GETRANGE k 0 -1; r EXISTS k; r TYPE k; r TTL k; r TOUCH k; r OBJECT ENCODING k}
    {r MSET a 1 b 2} {r RENAMENX a b; r COPY a b; catch {r RENAME none b}; catch {r COPY a a}}
    {r SET k v; r COPY k k DB 1} {r MOVE k 1}
    {r MSET a 1 b 2} {r FLUSHDB; r FLUSHALL}
    {r SET a v; r SELECT 1; r SET b w} {r SWAPDB 0 1}
    {r SET k v} {r RANDOMKEY; r SCAN 0; r KEYS *; r DBSIZE}
    {r HSET k f v} {r HSETNX k f w; r HDEL k none; r HDEL none f; catch {r HINCRBY k f 1}; catch {r HSET k f}}
    {r HSET k f v} {r HGET k f; r HMGET k f; r HGETALL k; r HKEYS k; r HLEN k; r HRANDFIELD k; r HSCAN k 0}
    {r SADD k a} {r SADD k a; r SREM k b; r SREM none a; r SMOVE k k a; r SMOVE k d b; r SMOVE none k a; r SPOP k 0; r SPOP none}
    {r SADD k a} {r SINTERSTORE d k none; r SDIFFSTORE d k k; r SUNIONSTORE d none; r SMEMBERS k; r SRANDMEMBER k; r SSCAN k 0}
    {r RPUSH k b a} {catch {r SORT k STORE d}; r SORT k ALPHA; r SORT_RO k ALPHA; r SORT k ALPHA LIMIT 0 0 STORE d}
    {} {r MULTI; r SET k v; r DISCARD}
    {} {r PUBLISH channel message}
    {} {r LPUSHX k a; r RPUSHX k a; r LPOP k; r RPOP k 3; r LREM k 0 a; r LTRIM k 0 1; r LINSERT k BEFORE a b; r LMOVE k d LEFT LEFT}
    {} {r RPOPLPUSH k d; r LMPOP 1 k LEFT; r BLPOP k 0.001; r BLMOVE k d LEFT LEFT 0.001; r BLMPOP 0.001 1 k LEFT; catch {r LSET k 0 a}}
    {r RPUSH k a} {r LREM k 0 b; r LINSERT k BEFORE b c; r LPOP k 0; catch {r LSET k 1 a}}
    {r RPUSH k a} {r LLEN k; r LRANGE k 0 -1; r LINDEX k 0; r LPOS k a}
    {r ZADD k 1 a} {r ZADD k 1 a; r ZADD k NX 2 a; r ZADD k XX 2 b; r ZADD k GT 0 a; r ZADD k LT INCR 1 a; r ZINCRBY k 0 a}
    {r ZADD k 1 a inf b} {r ZREM k c; r ZREMRANGEBYRANK k 5 9; r ZREMRANGEBYSCORE k 5 9; r ZREMRANGEBYLEX k \[x \[y; r ZPOPMIN k 0; catch {r ZINCRBY k -inf b}; catch {r ZADD k 2 a x b}}
    {r ZADD k 1 a} {r ZCARD k; r ZSCORE k a; r ZMSCORE k a; r ZRANK k a; r ZREVRANK k a; r ZCOUNT k 0 1; r ZLEXCOUNT k - +; r ZRANGE k 0 -1; r ZSCAN k 0}
    {} {r ZADD k XX 1 a; r ZREM k a; r ZREMRANGEBYRANK k 0 -1; r ZPOPMIN k; r ZPOPMAX k 3; r ZMPOP 1 k MIN; r BZPOPMIN k 0.001; r BZMPOP 0.001 1 k MAX}
    {r SET k v} {catch {r ZADD k 1 a}; catch {r ZPOPMIN k}; catch {r ZINCRBY k 1 a}; catch {r ZRANGESTORE d k 0 -1}; catch {r BZPOPMIN k 0}}
    {r SET k v} {r GETBIT k 1; r BITCOUNT k; r BITPOS k 1; r BITFIELD k GET u8 0; r BITFIELD_RO k GET u8 0; r BITOP OR d none}
    {r RPUSH k a} {catch {r SETBIT k 0 1}; catch {r BITFIELD k SET u8 0 1}; catch {r BITOP NOT k k}; catch {r SETBIT d -1 1}}
    {r SET k v} {catch {r LPUSH k a}; catch {r LPOP k}; catch {r LMOVE k d LEFT LEFT}; catch {r BLPOP k 0}}
}

proc golden_events {flags prepare commands} {
    r CONFIG SET notify-keyspace-events $flags
    eval $prepare
    return [events_of $commands]
}

proc golden_name {prepare commands} {
    set name "$commands[expr {$prepare eq {} ? {} : ", after $prepare,"}]"
    return [regsub -all {\mr ([A-Z]+)} $name {\1}]
}

start_server {} {
    test {notifications are off in a new server} own-server {
        assert_equal {notify-keyspace-events {}} [r CONFIG GET notify-keyspace-events]
        assert_equal {} [messages_of {r SET k v; r DEL k}]
    }

    foreach {letters canonical} {
        ""            ""
        KEA           AKE
        EKA           AKE
        AKE           AKE
        KA            AK
        AE            AE
        Km            Km
        KEm           KEm
        mKE           KEm
        gKE           gKE
        EgK           gKE
        KE            KE
        tzhsl$gKE     g$lshztKE
        $lshzxeKE     $lshzxeKE
        KEg$lshzxetd  AKE
        g$lshzxetKE   g$lshzxetKE
        gg$$KKEE      g$KE
        AgAK          AK
        dK            dK
        nKE           nKE
        gnKE          gnKE
        KEAm          AKEm
        A             A
        x             x
    } {
        test "CONFIG GET answers \"$canonical\" when \"$letters\" was set" {
            assert_equal $canonical [canonical_flags $letters]
        }
    }

    foreach {letters canonical} {
        KEAn          AnKE
        KEAmn         AnKEm
        KEAmnoc       AnocKEm
        cKEo          ocKE
        KEgconm       gnocKEm
        STIV          STIV
        VITSKEAmnoc   AnocKEmSTIV
        hS            hS
        ThK           hKT
        S             S
        T             T
        I             I
        V             V
        VITS          STIV
        KSETIV        KESTIV
        SKEA          AKES
        o             o
        c             c
        KcEog         gocKE
    } {
        test "CONFIG GET answers \"$canonical\" when \"$letters\" was set, newer letters included" tocsin {
            assert_equal $canonical [canonical_flags $letters]
        }
    }

    test {an unknown letter is refused and changes nothing} {
        r CONFIG SET notify-keyspace-events gE
        foreach letters {q KEAq KEA* "K E" k a} {
            assert_error {ERR CONFIG SET failed (possibly related to argument 'notify-keyspace-events') -*} {
                r CONFIG SET notify-keyspace-events $letters
            }
            assert_equal gE [lindex [r CONFIG GET notify-keyspace-events] 1]
        }
    }

    test {nothing is published without a channel letter or without a class letter} {
        foreach letters {A KE K E g$x ""} {
            r CONFIG SET notify-keyspace-events $letters
            assert_equal {} [messages_of {r SET k v; r DEL k}]
        }
    }

    test {K alone publishes the keyspace channel, E alone the keyevent channel} {
        r CONFIG SET notify-keyspace-events KA
        assert_equal {{__keyspace@0__:k set}} [messages_of {r SET k v}]
        r CONFIG SET notify-keyspace-events EA
        assert_equal {{__keyevent@0__:set k}} [messages_of {r SET k v}]
    }

    test {with both letters the keyspace message comes first} {
        r CONFIG SET notify-keyspace-events EKA
        assert_equal {{__keyspace@0__:k set} {__keyevent@0__:set k}} [messages_of {r SET k v}]
    }

    foreach {class commands events} {
        g {r DEL s; r EXPIRE k 90; r PERSIST k; r RENAME k q; r COPY q c; r MOVE q 1}
            {del(s) expire(k) persist(k) rename_from(k) rename_to(q) copy_to(c) move_from(q) move_to(q@1)}
        $ {r SET s 1; r INCR s; r APPEND s 2; r SETRANGE s 0 x}
            {set(s) incrby(s) append(s) setrange(s)}
        m {r GET none; r GET s; r EXISTS none s; r TTL none} {keymiss(none) keymiss(none) keymiss(none)}
        n {r SET s 2; r SET t 1; r RENAME t u} {new(t) new(u)}
        d {r SET s 2; r DEL s} {}
    } {
        test "class letter $class lets its own events through and no others" {
            r MSET s 1 k 1
            r CONFIG SET notify-keyspace-events KE$class
            assert_equal $events [events_of $commands]
        }
        test "class letter $class is all that is needed for its events" {
            r MSET s 1 k 1
            r CONFIG SET notify-keyspace-events KEAmn
            set all [events_of $commands]
            foreach event $events {
                assert {$event in $all}
            }
            assert {[llength $all] >= [llength $events]}
        }
    }

    test {class letter x lets expired through and class letter g the deletion by a past deadline} {
        r CONFIG SET notify-keyspace-events Ex
        assert_equal {{__keyevent@0__:expired k}} \
            [messages_of {r SET k v PX 1; wait_for {[r EXISTS k] == 0}; r SET q v; r EXPIRE q -1}]
    }

    test {class letter m is not part of A} {
        r CONFIG SET notify-keyspace-events KEA
        assert_equal {} [events_of {r GET none; r EXISTS none; r TYPE none}]
    }

    foreach {class commands events} {
        o {r SET s 2; r MSET t 1 s 3; r GETSET s 4; r RENAME t s; r APPEND s x; r DEL s}
            {overwritten(s) overwritten(s) overwritten(s) overwritten(s)}
        c {r SET s 2; r MSET t 1 s 3; r RENAME t s} {}
    } {
        test "class letter $class lets its own events of strings through and no others" tocsin {
            r SET s 1
            r CONFIG SET notify-keyspace-events KE$class
            assert_equal $events [events_of $commands]
        }
    }

    test {class letters o and c are not part of A} {
        r SET k v
        r CONFIG SET notify-keyspace-events KEA
        assert_equal {set(k)} [events_of {r SET k w}]
    }

    test {a write that fails its condition or its type overwrites nothing} tocsin {
        r SET k v
        r CONFIG SET notify-keyspace-events KEoc
        assert_equal {} [events_of {r SET k w NX; r SETNX k w; r MSETNX k w q x; r RENAMENX k k; catch {r INCR k}}]
        assert_equal v [r GET k]
    }

    test {the letters of the subkey channels leave the keyspace and keyevent channels as they are} tocsin {
        r CONFIG SET notify-keyspace-events ASTIV
        assert_equal {} [messages_of {r SET k v; r DEL k}]
        r CONFIG SET notify-keyspace-events KEASTIV
        assert_equal {{__keyspace@0__:k set} {__keyevent@0__:set k}} [messages_of {r SET k v}]
    }

    test {class letter n is not part of A} {
        r CONFIG SET notify-keyspace-events KEA
        assert_equal {set(k)} [events_of {r SET k v}]
    }

    foreach {prepare commands} $silent {
        test "silent: [golden_name $prepare $commands]" {
            assert_equal {} [golden_events KEAn $prepare $commands]
        }
    }

    foreach {prepare commands events} $golden {
        test "events of [golden_name $prepare $commands]" {
            set expected [lsearch -all -inline -not -regexp $events ^(overwritten|type_changed)]
            assert_equal $expected [golden_events KEAn $prepare $commands]
        }
        test "events of [golden_name $prepare $commands] with every class on" tocsin {
            assert_equal $events [golden_events KEAnoc $prepare $commands]
        }
    }

    test {a read that misses publishes keymiss once per lookup} {
        r CONFIG SET notify-keyspace-events KEm
        r SET k v
        foreach {command events} {
            {GET none}         {keymiss(none)}
            {MGET k none nil}  {keymiss(none) keymiss(nil)}
            {EXISTS none k no} {keymiss(none) keymiss(no)}
            {TYPE none}        {keymiss(none)}
            {TTL none}         {keymiss(none)}
            {PTTL none}        {keymiss(none)}
            {STRLEN none}      {keymiss(none)}
            {GETRANGE none 0 1} {keymiss(none)}
            {GET k}            {}
        } {
            assert_equal $events [events_of {r {*}$command}]
        }
    }

    test {lookups for writing and OBJECT publish no keymiss} {
        r CONFIG SET notify-keyspace-events KEm
        assert_equal {} [events_of {
            r SET k v NX
            r DEL none
            r EXPIRE none 5
            r APPEND a b
            r INCR n
            catch {r OBJECT ENCODING none}
        }]
    }

    test {a key that is logically expired is announced by the command that touches it} {
        r CONFIG SET notify-keyspace-events KEAmn
        r DEBUG SET-ACTIVE-EXPIRE 0
        foreach {command reply events} {
            {GET k}       (nil) {expired(k) keymiss(k)}
            {SET k v}     OK    {expired(k) new(k) set(k)}
            {DEL k}       0     {expired(k)}
            {UNLINK k}    0     {expired(k)}
            {EXISTS k}    0     {expired(k) keymiss(k)}
            {TTL k}       -2    {expired(k) keymiss(k)}
            {TYPE k}      none  {expired(k) keymiss(k)}
            {PERSIST k}   0     {expired(k)}
            {EXPIRE k 9}  0     {expired(k)}
            {INCR k}      1     {expired(k) new(k) incrby(k)}
            {APPEND k xy} 2     {expired(k) new(k) append(k)}
            {GETSET k v}  (nil) {expired(k) keymiss(k) new(k) set(k)}
            {COPY k q}    0     {expired(k) keymiss(k)}
            {SET k v XX}  (nil) {expired(k)}
            {GETDEL k}    (nil) {expired(k) keymiss(k)}
        } {
            r DEL k
            set_expired k v
            assert_equal $events [events_of {assert_equal $reply [r {*}$command]}]
        }
        r DEBUG SET-ACTIVE-EXPIRE 1
    }

    test {the database number in a channel is the one where the key lives} {
        r CONFIG SET notify-keyspace-events KEA
        r SELECT 9
        assert_equal {{__keyspace@9__:k set} {__keyevent@9__:set k}} [messages_of {r SET k v}]
        assert_equal {move_from(k@9) move_to(k)} [events_of {r MOVE k 0}]
    }

    test {an exact and a pattern subscription of one client get a message each, the exact one first} {
        r CONFIG SET notify-keyspace-events EA
        set both [client_new]
        $both PSUBSCRIBE __keyevent@*
        $both SUBSCRIBE __keyevent@0__:set
        r SET k v
        assert_equal {message __keyevent@0__:set k} [client_read $both]
        assert_equal {pmessage __keyevent@* __keyevent@0__:set k} [client_read $both]
    }

    test {two matching patterns of one client get a message each} {
        r CONFIG SET notify-keyspace-events EA
        set patterns [client_new]
        $patterns PSUBSCRIBE __keyevent@*
        $patterns PSUBSCRIBE *:set
        r SET k v
        set got [list [client_read $patterns] [client_read $patterns]]
        assert_same_elements {
            {pmessage __keyevent@* __keyevent@0__:set k}
            {pmessage *:set __keyevent@0__:set k}
        } $got
    }

    test {exact subscribers are served before pattern subscribers, message by message} {
        r CONFIG SET notify-keyspace-events KEA
        set client [client_new]
        $client PSUBSCRIBE *
        $client SUBSCRIBE __keyspace@0__:k
        $client SUBSCRIBE __keyevent@0__:set
        r SET k v
        set got {}
        for {set i 0} {$i < 4} {incr i} {
            lappend got [lrange [client_read $client] 0 1]
        }
        assert_equal {{message __keyspace@0__:k} {pmessage *} {message __keyevent@0__:set} {pmessage *}} $got
    }

    test {RESP2 delivers arrays} {
        r CONFIG SET notify-keyspace-events EA
        set client [client_new]
        $client SUBSCRIBE __keyevent@0__:set
        r SET k v
        client_expect $client [client_encode message __keyevent@0__:set k]
    }

    test {RESP3 delivers pushes} {
        r CONFIG SET notify-keyspace-events EA
        set client [client_new]
        $client HELLO 3
        client_send $client SUBSCRIBE __keyevent@0__:set
        client_expect $client ">3\r\n\$9\r\nsubscribe\r\n\$18\r\n__keyevent@0__:set\r\n:1\r\n"
        client_send $client PSUBSCRIBE *
        client_expect $client ">3\r\n\$10\r\npsubscribe\r\n\$1\r\n*\r\n:2\r\n"
        r SET k v
        client_expect $client [client_push_bytes message __keyevent@0__:set k]
        client_expect $client [client_push_bytes pmessage * __keyevent@0__:set k]
    }

    test {a client that causes its own notification gets it after the reply} since-7.2 {
        r CONFIG SET notify-keyspace-events KEA
        set client [client_new]
        $client HELLO 3
        client_send $client PSUBSCRIBE __key*__:*
        client_push $client
        client_send $client SET k v
        assert_equal {+ OK} [client_parse $client]
        assert_equal {pmessage __key*__:* __keyspace@0__:k set} [client_push $client]
        assert_equal {pmessage __key*__:* __keyevent@0__:set k} [client_push $client]
        client_send $client MULTI
        client_send $client INCR n
        client_send $client INCR n
        client_send $client EXEC
        assert_equal {{+ OK} {+ QUEUED} {+ QUEUED} {* {{: 1} {: 2}}}} \
            [list [client_parse $client] [client_parse $client] [client_parse $client] [client_parse $client]]
        for {set i 0} {$i < 4} {incr i} {
            assert_match {pmessage * __key*@0__:* *} [client_push $client]
        }
    }

    test {events inside MULTI come in execution order, one transaction's together} {
        r CONFIG SET notify-keyspace-events KEA
        set events [events_of {
            r MULTI
            r SET a 1
            r INCR b
            r DEL a
            r EXPIRE b 100
            r EXEC
        }]
        assert_equal {set(a) incrby(b) del(a) expire(b)} $events
    }

    test {a transaction that fails half way announces what it did} {
        r CONFIG SET notify-keyspace-events KEA
        assert_equal {set(a) set(b)} [events_of {
            r MULTI
            r SET a x
            r INCR a
            r SET b y
            r EXEC
        }]
    }

    test {keys are published byte for byte} {
        r CONFIG SET notify-keyspace-events KEA
        foreach key [list "" " " "a b\r\nc" "\x00\xff\x80" __keyevent@0__:set [string repeat x 70000] "*?\[\]"] {
            set client [client_new]
            $client PSUBSCRIBE __key*__:*
            r SET $key v
            assert_equal [list pmessage __key*__:* __keyspace@0__:$key set] [client_read $client]
            assert_equal [list pmessage __key*__:* __keyevent@0__:set $key] [client_read $client]
            client_close $client
        }
    }

    test {a subscriber of one key's channel hears of that key alone} {
        r CONFIG SET notify-keyspace-events KEA
        set client [client_new]
        $client SUBSCRIBE __keyspace@0__:k
        r MSET j 1 k 2 kk 3
        r SELECT 1
        r SET k v
        r SELECT 0
        r DEL j k kk
        assert_equal {{__keyspace@0__:k set} {__keyspace@0__:k del}} [messages_pending $client]
    }

    test {a subscription ends the delivery at once} {
        r CONFIG SET notify-keyspace-events EA
        set client [client_new]
        $client SUBSCRIBE __keyevent@0__:set
        $client PSUBSCRIBE *:del
        r SET k v
        assert_equal {{__keyevent@0__:set k}} [messages_pending $client]
        $client UNSUBSCRIBE __keyevent@0__:set
        r SET k v
        r DEL k
        assert_equal {{__keyevent@0__:del k}} [messages_pending $client]
        $client PUNSUBSCRIBE *:del
        r DEL k
        assert_equal PONG [$client PING]
    }

    test {a class that is switched off in between is silent at once} {
        set client [events_subscriber]
        foreach {letters events} {E$ {set(k)} Eg {del(k)} E {} "" {} EA {set(k) del(k)}} {
            r CONFIG SET notify-keyspace-events $letters
            r SET k v
            r DEL k
            assert_equal $events [lmap message [messages_pending $client] {event_name $message}]
        }
    }

    test {many subscribers with many patterns each get exactly what matches} {
        r CONFIG SET notify-keyspace-events K$
        set keys {}
        for {set i 0} {$i < 30} {incr i} {
            set client [client_new]
            set patterns($client) [list __keyspace@0__:user:$i:* *:user:$i:name __keyspace@0__:user:\[$i\]:* __keyspace@1__:*]
            client_pipeline $client [lmap pattern $patterns($client) {list PSUBSCRIBE $pattern}]
            lappend keys user:$i:name user:$i:mail
        }
        foreach key $keys {
            r SET $key x
        }
        foreach client [array names patterns] {
            set expected {}
            foreach key $keys {
                foreach pattern $patterns($client) {
                    if {[string match $pattern __keyspace@0__:$key]} {
                        lappend expected "__keyspace@0__:$key set"
                    }
                }
            }
            assert_equal $expected [messages_pending $client]
        }
    }

    test {notifications count as published, not as commands} {
        r CONFIG SET notify-keyspace-events KEA
        r CONFIG RESETSTAT
        r SET k v
        assert_no_match *cmdstat_publish* [r INFO commandstats]
    }
}

start_server {notify-keyspace-events Ex} {
    test {the directive works from the configuration file} own-server {
        assert_equal {notify-keyspace-events xE} [r CONFIG GET notify-keyspace-events]
    }

    test {CONFIG REWRITE keeps the letters} own-server {
        r CONFIG SET notify-keyspace-events Kg\$x
        r CONFIG REWRITE
        assert_match "*\nnotify-keyspace-events*g\$xK*" [server_file [server dir]/redis.conf]
    }
}
