# MULTI and what belongs to it, with a few commands to fill it.

generator small {
    switch [random_int 6] {
        0 {return [list SET {*}[generate::key] {*}[generate::value]]}
        1 {return [list INCR {*}[generate::key]]}
        2 {return [list GET {*}[generate::key]]}
        3 {return [list DEL {*}[generate::key]]}
        4 {return [list EXPIREAT {*}[generate::key] 5000000000]}
        5 {return [list NOSUCH x]}
    }
}

family transactions {
    {MULTI}
    {EXEC}
    {DISCARD}
    {WATCH <key>+}
    {UNWATCH}
    {MULTI ; <small> ; <small> ; EXEC}
    {MULTI ; <small> ; <small> ; <small> ; DISCARD}
    {WATCH <key> ; <small> ; MULTI ; <small> ; EXEC}
    {WATCH <key> ; MULTI ; <small> ; <small> ; EXEC}
    {MULTI ; WATCH <key> ; EXEC}
    {MULTI ; MULTI ; EXEC}
    {<small>}
}
