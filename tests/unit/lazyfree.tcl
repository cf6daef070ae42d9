# Freeing in the background.

proc make_large_list {key} {
    set commands {}
    for {set i 0} {$i < 50} {incr i} {
        lappend commands [concat [list RPUSH $key] [lrepeat 1000 [string repeat x 100]]]
    }
    client_pipeline r $commands
}

start_server {list-max-listpack-size 1} {
    test {UNLINK removes at once and frees in the background} {
        set before [server_info lazyfreed_objects]
        make_large_list l
        set used [server_info used_memory]
        assert_equal 1 [r UNLINK l]
        assert_equal 0 [r EXISTS l]
        wait_for {[server_info lazyfree_pending_objects] == 0}
        wait_for {[server_info used_memory] < $used - 4000000}
        assert {[server_info lazyfreed_objects] > $before}
    }

    test {FLUSHALL ASYNC empties at once and frees in the background} {
        r DEBUG POPULATE 100000 key 100
        set used [server_info used_memory]
        assert_equal OK [r FLUSHALL ASYNC]
        assert_equal 0 [r DBSIZE]
        r SET new v
        wait_for {[server_info lazyfree_pending_objects] == 0}
        wait_for {[server_info used_memory] < $used - 5000000}
        assert_equal {1 v} [list [r DBSIZE] [r GET new]]
    }

    test {FLUSHDB ASYNC leaves the other databases} {
        r DEBUG POPULATE 10000
        r SELECT 1
        r SET k v
        r SELECT 0
        r FLUSHDB ASYNC
        assert_equal 0 [r DBSIZE]
        r SELECT 1
        assert_equal v [r GET k]
    }

    test {lazyfree-lazy-user-del makes DEL, and lazyfree-lazy-user-flush FLUSHALL, work in the background} {
        with_config {lazyfree-lazy-user-del yes lazyfree-lazy-user-flush yes} {
            set before [server_info lazyfreed_objects]
            make_large_list l
            assert_equal 1 [r DEL l]
            wait_for {[server_info lazyfreed_objects] > $before}
            r DEBUG POPULATE 1000
            set before [server_info lazyfreed_objects]
            r FLUSHALL
            wait_for {[server_info lazyfreed_objects] >= $before + 1000}
        }
    }

    test {lazyfree-lazy-expire and lazyfree-lazy-server-del free in the background} {
        with_config {lazyfree-lazy-expire yes lazyfree-lazy-server-del yes} {
            set before [server_info lazyfreed_objects]
            make_large_list l
            r PEXPIRE l 10
            wait_for {[server_info lazyfreed_objects] > $before}
            assert_equal 0 [r EXISTS l]
            set before [server_info lazyfreed_objects]
            make_large_list l
            r SET k v
            r RENAME k l
            wait_for {[server_info lazyfreed_objects] > $before}
            assert_equal v [r GET l]
        }
    }

    test {removing and creating the same large key again and again stays correct} {
        for {set i 0} {$i < 20} {incr i} {
            make_large_list l
            assert_equal 50000 [r LLEN l]
            assert_equal 1 [r UNLINK l]
        }
        wait_for {[server_info lazyfree_pending_objects] == 0}
        assert_equal 0 [r DBSIZE]
    }

    test {CONFIG RESETSTAT resets lazyfreed_objects} {
        r CONFIG RESETSTAT
        assert_equal 0 [server_info lazyfreed_objects]
    }
}
