<?php
// phpredis: see README.md. A subscribing call takes names or patterns, not
// both, and returns only when the connection is gone: so both are patterns here,
// a child sets the key once they are there, and at the end we hang up.
[, $port, , $key] = $argv;

function connect(string $port): Redis
{
    $redis = new Redis();
    $redis->connect('127.0.0.1', (int) $port);
    return $redis;
}

$redis = connect($port);
$redis->set($key, 'value');
echo 'get ', $redis->get($key), "\n";

if (pcntl_fork() === 0) {
    $own = connect($port);
    while ($own->rawCommand('PUBSUB', 'NUMPAT') < 2) {
        usleep(1000);
    }
    $own->set($key, 'value', ['px' => 100]);
    exit(0);
}

try {
    $redis->psubscribe(
        ["__keyspace@0__:$key*", '__keyevent@0__:expired'],
        function (Redis $redis, string $pattern, string $channel, string $payload): void {
            echo "$channel $payload\n";
            if ($pattern === '__keyevent@0__:expired') {
                $redis->close();
            }
        }
    );
} catch (RedisException $hungUp) {
}
