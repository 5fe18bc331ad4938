// Where things are: the repository, the built programs, the bundle, and the folder for a run's logs.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** VDM_BIN_DIR if set; else the release build, else the dev build. */
export const binDir = [process.env.VDM_BIN_DIR, join(root, 'build/release/bin'), join(root, 'build/dev/bin')]
  .find((dir) => dir && existsSync(join(dir, 'vdm-proxy'))) ?? join(root, 'build/release/bin');

export const dashboardDir = process.env.VDM_DASHBOARD_DIR ?? join(root, 'dashboard-web/dist');

/** Logs, screenshots and other things a person may want to see after a run. */
export const outDir = process.env.VDM_E2E_OUT ?? join(root, 'build/e2e');

export function outPath(...parts) {
  const path = join(outDir, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
