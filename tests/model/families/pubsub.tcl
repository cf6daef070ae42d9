# Publishing, and what PUBSUB tells. The connection that publishes never hears
# its own messages: their place among the replies differs between versions.

generator channel {
    return [list [random_of [list ch:1 ch:2 ch:3 "ch \xff" ""]]]
}

generator message {
    return [generate::value]
}

family pubsub {
    {PUBLISH pub:1|pub:2|nobody <message>}
    {SPUBLISH nobody <message>}
    {PUBSUB CHANNELS}
    {PUBSUB CHANNELS <glob>}
    {PUBSUB NUMSUB <channel>*}
    {PUBSUB NUMPAT}
    {PUBSUB SHARDCHANNELS}
    {PUBSUB SHARDNUMSUB <channel>*}
    {PUBSUB NOSUCH}
    {= DISCARD ; = SUBSCRIBE ch:1|ch:2 ch:2|ch:3 ; PUBSUB CHANNELS ; PUBSUB NUMSUB ch:1 ch:2 ch:3 ; PING ;
     = UNSUBSCRIBE ch:1 ch:2 ch:3}
    {= DISCARD ; = PSUBSCRIBE ch:* ch:? ; PUBSUB NUMPAT ; GET k ; = PUNSUBSCRIBE ch:? ch:*}
    {= DISCARD ; = SSUBSCRIBE ch:1 ; PUBSUB SHARDCHANNELS ; PUBSUB SHARDNUMSUB ch:1 ; = SUNSUBSCRIBE ch:1}
    {= DISCARD ; = SUBSCRIBE ch:1 ; = SUBSCRIBE ch:1 ; = PSUBSCRIBE x* ; = UNSUBSCRIBE ch:1 ; = PUNSUBSCRIBE x* ; PING}
    {= DISCARD ; = UNSUBSCRIBE nosuch}
    {= SUBSCRIBE}
}
