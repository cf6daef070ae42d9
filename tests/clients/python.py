"""redis-py: see README.md."""
import sys

import redis

port, protocol, key, certificates = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5]
options = {"port": port, "decode_responses": True}
if certificates:
    options["ssl"] = True
    options["ssl_ca_certs"] = certificates + "/ca.crt"
    options["ssl_certfile"] = certificates + "/client.crt"
    options["ssl_keyfile"] = certificates + "/client.key"
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
