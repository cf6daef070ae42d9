# Points on the earth. Distances of two points are hardly ever equal, so that an
# ordered answer has one order; one without an order may come in any. Areas are
# not too large, nor near 180 E: there the reference overlooks points.

generator longitude {
    return [expr {rand() < 0.9 ? [format %.6f [expr {rand() * 40 - 10}]] : [random_of {181 -180.1 100 -100 0}]}]
}

generator latitude {
    return [expr {rand() < 0.9 ? [format %.6f [expr {rand() * 40 + 20}]] : [random_of {86 -86 0 -60}]}]
}

generator place {
    return [random_of {Palermo Catania Roma Oslo Wien Graz Linz Bonn {} 7}]
}

generator point {
    return [list {*}[generate::longitude] {*}[generate::latitude] {*}[generate::place]]
}

generator unit {
    return [random_of {m km ft mi KM x}]
}

generator radius {
    return [list [random_of {0 1 100 250.5 500 800 -1}] [random_of {km km km mi m ft}]]
}

generator geo_from {
    return [expr {rand() < 0.5 ? [list FROMMEMBER {*}[generate::place]]
        : [list FROMLONLAT {*}[generate::longitude] {*}[generate::latitude]]}]
}

generator geo_by {
    return [expr {rand() < 0.5 ? [list BYRADIUS {*}[generate::radius]]
        : [list BYBOX [random_of {10 300 900}] {*}[generate::radius]]}]
}

generator geo_with {
    return [random_of {WITHDIST WITHHASH WITHCOORD}]
}

generator geo_order {
    return [random_of {ASC DESC {COUNT 3} {COUNT 1 ASC} {COUNT 2 DESC} {COUNT 100 ANY ASC} {COUNT 0}}]
}

family geo {
    {GEOADD <key> <point>+}
    {GEOADD <key> <point> <point> <point> <point>}
    {GEOADD <key> NX|XX|CH <point>+}
    {GEOPOS <key> <place>*}
    {GEOHASH <key> <place>*}
    {GEODIST <key> <place> <place>}
    {GEODIST <key> <place> <place> <unit>}
    {GEOSEARCH <key> <geo_from> <geo_by>}
    {GEOSEARCH <key> <geo_from> <geo_by> <geo_order> <geo_with>*}
    {GEOSEARCH <key> <geo_by> <geo_from> <geo_with>*}
    {GEOSEARCHSTORE <key> <key> <geo_from> <geo_by>}
    {GEOSEARCHSTORE <key> <key> <geo_from> <geo_by> <geo_order> STOREDIST}
    {GEORADIUS <key> <longitude> <latitude> <radius>}
    {GEORADIUS <key> <longitude> <latitude> <radius> <geo_order> <geo_with>*}
    {GEORADIUS <key> <longitude> <latitude> <radius> STORE|STOREDIST <key>}
    {GEORADIUS_RO <key> <longitude> <latitude> <radius> <geo_order>}
    {GEORADIUSBYMEMBER <key> <place> <radius> <geo_order>}
    {GEORADIUSBYMEMBER <key> <place> <radius> STORE <key>}
    {GEORADIUSBYMEMBER_RO <key> <place> <radius> <geo_with>*}
    {DEL <key>}
}
