// node-redis: see README.md.
const { createClient } = require("redis");

const [port, protocol, key] = process.argv.slice(2);

async function connect() {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: Number(protocol) });
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
