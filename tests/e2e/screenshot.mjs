// Makes the picture in the README from the running system: three proxies, the demo provider and its traffic.
//   node tests/e2e/screenshot.mjs [FILE]        default: docs/live.png
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Browser } from './harness/browser.mjs';
import { System, eventually, getJson, root } from './harness/index.mjs';

const file = resolve(process.argv[2] ?? join(root, 'docs/live.png'));
const Seconds = Number(process.env.VDM_SCREENSHOT_SECONDS ?? 100);

const system = new System('screenshot', { proxies: 3, demo: true, demoSpeed: 1, demoTraffic: true });
const browser = await Browser.start();
try {
  await system.start();
  const page = await browser.open(`${system.metricsUrl}/dashboard/`, { colorScheme: 'dark' });
  const until = Date.now() + Seconds * 1000;
  await eventually('there is enough to see', async () => {
    const { active_requests: active } = await getJson(`${system.metricsUrl}/metrics/active-requests`);
    return Date.now() > until && active.length >= 5;
  }, { within: Seconds * 1000 + 60_000, every: 500 });
  mkdirSync(dirname(file), { recursive: true });
  await page.screenshot({ path: file });
  console.log(`${file}: ${Math.round(statSync(file).size / 1024)} KiB`);
} finally {
  await browser.stop();
  await system.stop();
}
