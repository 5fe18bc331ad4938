// Starts Debian's Chromium with a profile of its own, for tests and pictures.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

export async function launch(options = {}) {
  const profile = await mkdtemp(path.join(os.tmpdir(), "vdm-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.VDM_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...options,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
