# Points on the earth.

set syntax {(error) ERR syntax error}
set wrong_type {(error) WRONGTYPE Operation against a key holding the wrong kind of value}
set wrong_unit {(error) ERR unsupported unit provided. please use M, KM, FT, MI}
set not_float {(error) ERR value is not a valid float}

proc sicily {} {
    r GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
}

# Along a great circle, in metres.
proc distance {a b} {
    lassign [concat $a $b] lon1 lat1 lon2 lat2
    foreach name {lon1 lat1 lon2 lat2} {
        set $name [expr {[set $name] * acos(-1) / 180}]
    }
    set u [expr {sin(($lat2 - $lat1) / 2)}]
    set v [expr {sin(($lon2 - $lon1) / 2)}]
    return [expr {2 * 6372797.560856 * asin(sqrt($u * $u + cos($lat1) * cos($lat2) * $v * $v))}]
}

start_server {} {
    test {points are added, moved and counted as asked for} {
        assert_replies [subst {
            {GEOADD g 1 2 a 3 4 b}          2
            {GEOADD g 1 2 a 5 6 b}          0
            {GEOADD g CH 1 2 a 7 8 b}       1
            {GEOADD g NX 9 9 a 1 1 c}       1
            {GEOADD g XX CH 9 9 a 1 1 d}    1
            {ZCARD g}                       3
            {GEOADD g NX XX 1 2 a}          {$syntax}
            {GEOADD g 1 2 a 3}              {$syntax}
            {GEOADD g INCR 1 2 a}           {$syntax}
            {GEOADD g x 2 a}                {$not_float}
            {GEOADD g 1 y a}                {$not_float}
            {GEOADD g 1 2 e 181 0 f}        {(error) ERR invalid longitude,latitude pair 181.000000,0.000000}
            {GEOADD g 0 86 f}               {(error) ERR invalid longitude,latitude pair 0.000000,86.000000}
            {ZCARD g}                       3
        }]
    }

    test {positions, geohashes and distances} {
        sicily
        assert_replies [subst {
            {GEOPOS g Palermo none Catania}
                {{13.36138933897018433 38.11555639549629859} (nil) {15.08726745843887329 37.50266842333162032}}
            {GEOPOS g}                              {}
            {GEOPOS none a}                         {(nil)}
            {GEOHASH g Palermo none Catania}        {sqc8b49rny0 (nil) sqdtr74hyu0}
            {GEOHASH none a}                        {(nil)}
            {GEODIST g Palermo Catania}             166274.1516
            {GEODIST g Palermo Catania km}          166.2742
            {GEODIST g Palermo Catania MI}          103.3182
            {GEODIST g Palermo Catania ft}          545518.8700
            {GEODIST g Palermo none}                (nil)
            {GEODIST none a b}                      (nil)
            {GEODIST g Palermo Catania parsec}      {$wrong_unit}
            {GEODIST g Palermo Catania km x}        {$syntax}
            {ZSCORE g Palermo}                      3479099956230698
        }]
    }

    test {scores that are no points lie at the edges of the map} {
        r ZADD g 0 origin -1 negative 9007199254740992 large -inf least inf most 1e300 vast
        assert_equal {00bh0hbj200 bp05b5048p0 00bh0hbj200 00bh0hbj200 00bh0hbj200 00bh0hbj200} \
            [r GEOHASH g origin negative large least most vast]
        assert_equal {{180 85.0511287799999991} {180 -85.05112751263942528}} [r GEOPOS g negative least]
    }

    test {an infinite circle or box holds every point} {
        sicily
        assert_equal {Catania Palermo} [r GEOSEARCH g FROMLONLAT 15 37 BYRADIUS inf km ASC]
        assert_equal {Catania Palermo} [r GEOSEARCH g FROMLONLAT 15 37 BYBOX inf inf km ASC]
        assert_equal {Catania Palermo} [r GEORADIUS g 15 37 1e300 km ASC]
        assert_equal {} [r GEOSEARCH g FROMLONLAT 15 37 BYBOX inf 1 km]
    }

    test {GEOSEARCH finds what lies in a circle or a box} {
        sicily
        assert_replies [subst {
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC}      {Catania Palermo}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km DESC}     {Palermo Catania}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 100 km}          Catania
            {GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST} {{Catania 56.4413} {Palermo 190.4424}}
            {GEOSEARCH g FROMLONLAT 15 37 BYBOX 100 400 km}         Catania
            {GEOSEARCH g FROMMEMBER Palermo BYRADIUS 0 m}           Palermo
            {GEOSEARCH g FROMMEMBER Palermo BYRADIUS 200 km COUNT 1} Palermo
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 DESC} Palermo
            {GEOSEARCH none FROMMEMBER a BYRADIUS 1 km}             {}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 WITHCOORD WITHDIST WITHHASH}
                {{Catania 56.4413 3479447370796909 {15.08726745843887329 37.50266842333162032}}}
        }]
        assert_equal 1 [llength [r GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY]]
    }

    test {a search that is not one is refused} {
        sicily
        assert_replies [subst {
            {GEOSEARCH g FROMMEMBER none BYRADIUS 1 km}         {(error) ERR could not decode requested zset member}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS -1 km}       {(error) ERR radius cannot be negative}
            {GEOSEARCH g FROMLONLAT 15 37 BYBOX -1 5 km}        {(error) ERR height or width cannot be negative}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS x km}        {(error) ERR need numeric radius}
            {GEOSEARCH g FROMLONLAT 15 37 BYBOX x 1 km}         {(error) ERR need numeric width}
            {GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 x km}         {(error) ERR need numeric height}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 foo}       {$wrong_unit}
            {GEOSEARCH g FROMLONLAT 15 97 BYRADIUS 1 km}        {(error) ERR invalid longitude,latitude pair 15.000000,97.000000}
            {GEOSEARCH g FROMLONLAT 15 37 FROMMEMBER Palermo BYRADIUS 1 km} {$syntax}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km BYBOX 1 1 km}       {$syntax}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km COUNT 0}    {(error) ERR COUNT must be > 0}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km ANY}        {(error) ERR the ANY argument requires COUNT argument}
            {GEOSEARCH g FROMLONLAT 15 37 ASC ASC ASC}  {(error) ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH}
            {GEOSEARCH g BYRADIUS 1 km ASC ASC}         {(error) ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH}
            {GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km STOREDIST}  {$syntax}
            {GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 km WITHDIST}
                {(error) ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options}
            {GEORADIUS g 15 37 1 km STORE d WITHHASH}
                {(error) ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options}
            {GEORADIUS_RO g 15 37 1 km STORE d}                 {$syntax}
            {GEORADIUSBYMEMBER_RO g Palermo 1 km STORE d}       {$syntax}
        }]
    }

    test {results are stored by geohash or distance} {
        sicily
        assert_replies {
            {GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km}           2
            {ZRANGE d 0 -1 WITHSCORES}  {Palermo 3479099956230698 Catania 3479447370796909}
            {GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST} 2
            {ZRANGE d 0 -1}             {Catania Palermo}
            {GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1}   1
            {ZCARD d}                   1
            {GEOSEARCHSTORE d none FROMLONLAT 15 37 BYRADIUS 200 km}        0
            {EXISTS d}                  0
            {GEORADIUS g 15 37 200 km STORE e}                              2
            {GEORADIUS g 15 37 200 km STOREDIST f}                          2
            {ZRANGE f 0 0}              Catania
            {GEORADIUSBYMEMBER g Palermo 100 km STORE e}                    1
            {ZRANGE e 0 -1}             Palermo
        }
        assert_equal 56.4413 [format %.4f [r ZSCORE f Catania]]
    }

    test {the older forms search, too} {
        sicily
        assert_replies {
            {GEORADIUS g 15 37 200 km ASC}                  {Catania Palermo}
            {GEORADIUS_RO g 15 37 200 km DESC WITHDIST}     {{Palermo 190.4424} {Catania 56.4413}}
            {GEORADIUSBYMEMBER g Palermo 200 km ASC}        {Palermo Catania}
            {GEORADIUSBYMEMBER_RO g Palermo 200 km COUNT 1} Palermo
            {GEORADIUSBYMEMBER none a 1 km}                 {}
        }
    }

    test {other values are refused} {
        r SET k v
        foreach command {
            {GEOADD k 1 2 a} {GEOPOS k a} {GEOHASH k a} {GEODIST k a b} {GEORADIUS k 1 2 3 km} {GEORADIUSBYMEMBER k a 3 km}
            {GEOSEARCH k FROMLONLAT 1 2 BYRADIUS 3 km} {GEOSEARCHSTORE d k FROMLONLAT 1 2 BYRADIUS 3 km}
        } {
            assert_error {WRONGTYPE *} {r {*}$command}
        }
    }

    test {RESP3 answers coordinates as doubles} {
        sicily
        r HELLO 3
        assert_equal {* {{* {{, 13.36138933897018433} {, 38.11555639549629859}}} {_ {}}}} [r_typed GEOPOS g Palermo none]
        assert_equal {{$} 166274.1516} [r_typed GEODIST g Palermo Catania]
        r HELLO 2
    }

    test {the events of points} {
        r CONFIG SET notify-keyspace-events KEA
        foreach {command events} {
            {GEOADD g 1 2 a}                                        zadd(g)
            {GEOADD g 1 2 a}                                        {}
            {GEOADD g 1 3 a}                                        zadd(g)
            {GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 km}         geosearchstore(d)
            {GEORADIUS g 1 3 1 km STORE d}                          georadiusstore(d)
            {GEOSEARCHSTORE d g FROMLONLAT 9 9 BYRADIUS 1 km}       del(d)
        } {
            assert_equal $events [events_of {r {*}$command}]
        }
        r CONFIG SET notify-keyspace-events ""
    }

    test {any area holds just the points that are near enough} tocsin {
        set command {GEOADD g}
        for {set i 0} {$i < 600} {incr i} {
            lappend command [expr {rand() * 360 - 180}] [expr {rand() * 170 - 85}] p$i
        }
        r {*}$command
        r GEOADD g 180 0 east -180 0 west 0 85.05112878 north 179.9999 -85 south
        set names [r ZRANGE g 0 -1]
        set positions [r GEOPOS g {*}$names]
        for {set i 0} {$i < 150} {incr i} {
            set middle [list [expr {rand() * 360 - 180}] [random_of [list [expr {rand() * 170 - 85}] 84 -85 0]]]
            if {$i % 5 == 0} {
                lset middle 0 [random_of {180 -180 179.5}]
            }
            set radius [expr {int(10 ** (3 + rand() * 4.4))}]
            set expected {}
            foreach name $names position $positions {
                set metres [distance $middle $position]
                if {abs($metres - $radius) > 1 && $metres < $radius} {
                    lappend expected $name
                }
            }
            assert_same_elements $expected [r GEOSEARCH g FROMLONLAT {*}$middle BYRADIUS $radius m]
        }
    }
}
