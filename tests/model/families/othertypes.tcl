# A few keys of the other types, for the commands that refuse or carry them.

family othertypes {
    {RPUSH <key> <value>+}
    {SADD <key> <integer>}
    {HSET <key> field <value>}
    {ZADD <key> 1 member}
    {DEL <key>}
}
