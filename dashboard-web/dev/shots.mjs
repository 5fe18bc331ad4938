// Takes pictures of the page in the states that matter, to look at them:
//   node dev/shots.mjs [--out shots] [--only live-dark]
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { hostile } from "./hostile.mjs";
import { DevServer } from "./server.mjs";
import { Traffic } from "./traffic.mjs";
import { World } from "./world.mjs";

const args = process.argv.slice(2);
const option = (name, otherwise) =>
  args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : otherwise;
const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(option("out", "shots"));
const only = option("only", "");
await mkdir(out, { recursive: true });

/** A world with a past: ten minutes of traffic, played on a clock of its own. */
function busyWorld() {
  let clock = Date.now() - 300_000;
  const world = new World({ now: () => clock, proxies: ["proxy-1", "proxy-2", "proxy-3"] });
  const traffic = new Traffic(world);
  for (; clock < Date.now() - 250; clock += 250) traffic.step(250);
  world.now = () => Date.now();
  world.clear();
  return { world, traffic };
}

const wide = { width: 1440, height: 900 };
const huge = { width: 1920, height: 1080 };
const phone = { width: 390, height: 844 };

const SHOTS = [
  { name: "live-dark", size: wide, dark: true },
  { name: "live-light", size: wide },
  { name: "live-1920-dark", size: huge, dark: true },
  { name: "live-1920-light", size: huge },
  { name: "phone-dark", size: phone, dark: true },
  { name: "phone-light", size: phone, full: true },
  { name: "full-dark", size: { width: 1440, height: 1180 }, dark: true },
  { name: "traces-dark", size: wide, dark: true, query: "?page=traces" },
  { name: "traces-light", size: wide, query: "?page=traces" },
  { name: "errors-dark", size: wide, dark: true, query: "?page=errors" },
  { name: "empty-dark", size: wide, dark: true, empty: true },
  { name: "empty-phone", size: phone, empty: true },
  { name: "login-dark", size: wide, dark: true, key: "secret" },
  { name: "login-light", size: wide, key: "secret" },
  { name: "disabled-light", size: wide, disabled: true, empty: true },
  {
    name: "disconnected-dark",
    size: wide,
    dark: true,
    after: async (page, server) => {
      server.down = true;
      server.streamMode = "refuse";
      server.cut();
      await page.waitForTimeout(4000);
      await page.hover(".light");
    },
  },
  {
    name: "polling-light",
    size: wide,
    after: async (page, server) => {
      server.streamMode = "refuse";
      server.cut();
      await page.waitForTimeout(6000);
    },
  },
  {
    name: "drawer-active-dark",
    size: wide,
    dark: true,
    after: async (page) => page.locator(".grid[data-grid=active] .ag-row").nth(2).click(),
  },
  {
    name: "drawer-trace-light",
    size: wide,
    query: "?page=errors",
    after: async (page) => page.locator(".grid[data-grid=errors] .ag-row").nth(0).click(),
  },
  {
    name: "drawer-phone-dark",
    size: phone,
    dark: true,
    after: async (page) => page.locator(".card").nth(1).click(),
  },
  {
    name: "settings-light",
    size: wide,
    after: async (page) => page.getByRole("button", { name: "Settings" }).click(),
  },
  {
    name: "keys-light",
    size: wide,
    after: async (page) => {
      await page.keyboard.press("j");
      await page.keyboard.press("j");
    },
  },
  {
    name: "columns-dark",
    size: wide,
    dark: true,
    after: async (page) => {
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      await page.getByRole("button", { name: "Columns of active" }).click();
    },
  },
  {
    name: "cancel-light",
    size: wide,
    after: async (page) => page.locator(".cell-button").nth(1).click(),
  },
  {
    name: "help-dark",
    size: wide,
    dark: true,
    after: async (page) => page.keyboard.press("?"),
  },
  {
    name: "stale-light",
    size: wide,
    before: (world) => {
      world.setProxy("proxy-2", { state: "stale", undeclared_gaps: 3 });
      world.setProxy("proxy-3", { state: "gone", lost: 4 });
    },
    after: async (page) => page.keyboard.press("p"),
  },
  {
    name: "hostile-dark",
    size: { width: 1440, height: 1180 },
    dark: true,
    before: (world) => hostile(world),
  },
];

for (const shot of SHOTS) {
  if (only && !shot.name.includes(only)) continue;
  const { world, traffic } = shot.empty
    ? { world: new World({ proxies: ["proxy-1"] }), traffic: null }
    : busyWorld();
  shot.before?.(world);
  const server = new DevServer(world, {
    dist: path.join(here, "../dist"),
    key: shot.key ?? null,
  });
  server.disabled = shot.disabled ?? false;
  const port = await server.listen(0);
  const timer = traffic && !shot.before ? setInterval(() => traffic.step(250), 250) : null;
  const browser = await launch({
    viewport: shot.size,
    colorScheme: shot.dark ? "dark" : "light",
    deviceScaleFactor: shot.size === phone ? 2 : 1,
  });
  const page = await browser.context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) console.log(shot.name, message.text());
  });
  page.on("pageerror", (error) => console.log(shot.name, "page error", error.message));
  await page.goto(`http://127.0.0.1:${port}/dashboard/${shot.query ?? ""}`);
  await page.waitForTimeout(1800);
  await shot.after?.(page, server);
  await page.waitForTimeout(500);
  await page.screenshot({ path: path.join(out, `${shot.name}.png`), fullPage: shot.full ?? false });
  await browser.close();
  if (timer) clearInterval(timer);
  await server.close();
  console.log(shot.name);
}
