// A scripted server and a browser for one test file.
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "playwright-core";
import { launch } from "../dev/browser.mjs";
import { DevServer } from "../dev/server.mjs";
import { World } from "../dev/world.mjs";
import { Dashboard } from "./page";

const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), "../dist");

export interface Rig {
  world: World;
  server: DevServer;
  url: string;
  context: BrowserContext;
  dashboard: Dashboard;
  close(): Promise<void>;
}

export interface RigOptions {
  key?: string;
  proxies?: string[];
  query?: string;
  browser?: Record<string, unknown>;
  before?(world: World, server: DevServer): void;
}

/** A fresh server, a fresh browser profile, and the page opened in it. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const world = new World({ proxies: options.proxies ?? ["proxy-1"] });
  const server = new DevServer(world, { dist, key: options.key ?? null });
  options.before?.(world, server);
  const url = `http://127.0.0.1:${await server.listen(0)}`;
  const browser = await launch({ viewport: { width: 1440, height: 900 }, ...options.browser });
  const dashboard = await Dashboard.open(browser.context, url, options.query);
  return {
    world,
    server,
    url,
    context: browser.context,
    dashboard,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
