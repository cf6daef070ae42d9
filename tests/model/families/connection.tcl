# The connection itself. HELLO with SETNAME is not damaged: where a later
# argument is wrong, the reference has already set the name, we set nothing.

generator word {
    return [list [random_of [list hello "" "a b" x-1 "bin\x00" "\x7f" [string repeat w 70]]]]
}

family connection {
    {PING}
    {PING <word>}
    {ECHO <word>}
    {SELECT <database>}
    {CLIENT SETNAME <word>}
    {CLIENT GETNAME}
    {CLIENT ID}
    {CLIENT INFO}
    {CLIENT NO-EVICT on|off|x}
    {CLIENT KILL ID 999999}
    {CLIENT KILL 127.0.0.1:1}
    {CLIENT <word>}
    {= HELLO}
    {= HELLO 2|3 SETNAME <word> ; = HELLO <protocol>}
    {HELLO 1|4|x ; = HELLO <protocol>}
    {= AUTH <word>}
    {= AUTH default <word>}
    {= RESET ; = HELLO <protocol>}
    {TIME}
    {DBSIZE}
    {QUITX <word>}
    {OBJECT <word>}
    {LOLWUTX <word>}
    {= COMMAND COUNTX}
}
