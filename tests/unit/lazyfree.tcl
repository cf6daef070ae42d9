# Freeing in the background.

start_server {} {
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

    test {lazyfree-lazy-user-flush makes FLUSHALL work in the background} {
        with_config {lazyfree-lazy-user-flush yes} {
            r DEBUG POPULATE 1000
            set before [server_info lazyfreed_objects]
            r FLUSHALL
            wait_for {[server_info lazyfreed_objects] >= $before + 1000}
        }
    }

    test {CONFIG RESETSTAT resets lazyfreed_objects} {
        r CONFIG RESETSTAT
        assert_equal 0 [server_info lazyfreed_objects]
    }
}
