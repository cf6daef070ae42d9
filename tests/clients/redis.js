// node-redis: see README.md.
const fs = require("fs");
const { createClient } = require("redis");

const [port, protocol, key, certificates] = process.argv.slice(2);
const read = (name) => fs.readFileSync(`${certificates}/${name}`);

async function connect() {
  const client = createClient({
    socket: {
      host: "127.0.0.1",
      port: Number(port),
      ...(certificates && { tls: true, ca: read("ca.crt"), cert: read("client.crt"), key: read("client.key") }),
    },
    RESP: Number(protocol),
  });
  await client.connect();
  return client;
}

async function main() {
  const client = await connect();
  const listener = await connect();
  await client.set(key, "value");
  console.log(`get ${await client.get(key)}`);
  await listener.pSubscribe(`__keyspace@0__:${key}*`, (payload, channel) => console.log(`${channel} ${payload}`));
  await listener.subscribe("__keyevent@0__:expired", (payload, channel) => {
    console.log(`${channel} ${payload}`);
    process.exit(0);
  });
  await client.set(key, "value", { PX: 100 });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
