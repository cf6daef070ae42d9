# CONFIG GET and SET, the letters of the notifications above all. Whatever was
# changed is put back at once, as both sides must publish alike.

generator letters {
    set letters ""
    for {set i [random_int 9]} {$i > 0} {incr i -1} {
        append letters [random_of {K E A g $ l s h z x e t m n d K E}]
    }
    return [list $letters]
}

generator directive {
    return [random_of {maxmemory maxmemory-policy timeout hz databases appendonly save port-x list-max-listpack-size
        hash-max-listpack-entries proto-max-bulk-len maxmemory-samples slowlog-max-len lazyfree-lazy-eviction}]
}

family config {
    {= CONFIG SET notify-keyspace-events <letters> ; = CONFIG GET notify-keyspace-events ; SET <key> v ; GET <key> ;
     DEL <key> ; = CONFIG SET notify-keyspace-events KEAmn}
    {= CONFIG SET notify-keyspace-events KEq|KE*|q|A@ ; = CONFIG SET notify-keyspace-events KEAmn}
    {= CONFIG GET <directive>}
    {= CONFIG GET <directive> <directive>}
    {= CONFIG SET maxmemory-samples <integer> ; = CONFIG GET maxmemory-samples ; = CONFIG SET maxmemory-samples 5}
    {= CONFIG SET slowlog-max-len 1k|12|1kb|x ; = CONFIG GET slowlog-max-len ; = CONFIG SET slowlog-max-len 128}
    {= CONFIG SET timeout 0|-1|x|100 ; = CONFIG GET timeout ; = CONFIG SET timeout 0}
    {= CONFIG SET maxmemory 1gb|100mb|2g|1x|-1 ; = CONFIG GET maxmemory ; = CONFIG SET maxmemory 0}
    {= CONFIG SET maxmemory-policy allkeys-lru|noeviction|nosuch ; = CONFIG GET maxmemory-policy ;
     = CONFIG SET maxmemory-policy noeviction}
    {= CONFIG SET databases 4}
    {= CONFIG SET nosuch 1}
    {= CONFIG SET maxmemory-samples 3 nosuch 1 ; = CONFIG GET maxmemory-samples}
    {= CONFIG SET maxmemory-samples 3 maxmemory-samples 4 ; = CONFIG GET maxmemory-samples}
    {CONFIG NOSUCH}
    {= CONFIG GET}
    {= CONFIG SET timeout}
}
