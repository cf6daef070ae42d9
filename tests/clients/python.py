"""redis-py: see README.md."""
import sys

import redis

port, protocol, key = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
options = {"port": port, "decode_responses": True}
if protocol == 3:
    options["protocol"] = 3
client = redis.Redis(**options)

client.set(key, "value")
print("get", client.get(key))

listener = redis.Redis(**options).pubsub()
listener.psubscribe("__keyspace@0__:" + key + "*")
listener.subscribe("__keyevent@0__:expired")
confirmed = 0
for message in listener.listen():
    if message["type"] in ("subscribe", "psubscribe"):
        confirmed += 1
        if confirmed == 2:
            client.set(key, "value", px=100)
        continue
    print(message["channel"], message["data"])
    if message["type"] == "message":
        break
