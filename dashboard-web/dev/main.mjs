// Serves the built dashboard with make-believe traffic, to look at it:
//   node dev/main.mjs [--port 8085] [--dist dist] [--key KEY] [--disabled] [--empty]
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DevServer } from "./server.mjs";
import { Traffic } from "./traffic.mjs";
import { World } from "./world.mjs";

const args = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : args[at + 1];
};
const here = path.dirname(fileURLToPath(import.meta.url));

const world = new World({ proxies: ["proxy-1", "proxy-2", "proxy-3"] });
const server = new DevServer(world, {
  dist: path.resolve(option("dist", path.join(here, "../dist"))),
  key: option("key", null),
});
server.disabled = args.includes("--disabled");
const port = await server.listen(Number(option("port", "8085")));
if (!args.includes("--empty")) {
  const traffic = new Traffic(world);
  for (let i = 0; i < 6; i += 1) traffic.begin();
  setInterval(() => traffic.step(250), 250);
}
console.log(`scripted dashboard server (no real traffic): http://127.0.0.1:${port}/dashboard/`);
