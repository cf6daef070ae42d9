// ioredis: see README.md.
const fs = require("fs");
const Redis = require("ioredis");

const [port, protocol, key, certificates] = process.argv.slice(2);
const options = { host: "127.0.0.1", port: Number(port), protocol: Number(protocol) };
if (certificates) {
  const read = (name) => fs.readFileSync(`${certificates}/${name}`);
  options.tls = { ca: read("ca.crt"), cert: read("client.crt"), key: read("client.key") };
}

async function main() {
  const client = new Redis(options);
  const listener = new Redis(options);
  await client.set(key, "value");
  console.log(`get ${await client.get(key)}`);
  listener.on("pmessage", (pattern, channel, payload) => console.log(`${channel} ${payload}`));
  listener.on("message", (channel, payload) => {
    console.log(`${channel} ${payload}`);
    process.exit(0);
  });
  await listener.psubscribe(`__keyspace@0__:${key}*`);
  await listener.subscribe("__keyevent@0__:expired");
  await client.set(key, "value", "PX", 100);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
