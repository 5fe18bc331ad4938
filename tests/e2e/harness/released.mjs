// What a build reports about the files of an earlier release. The same queries run against the release itself, when
// its files are recorded, and against every later build.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { getJson } from './http.mjs';
import { run } from './program.mjs';
import { freePort } from './ports.mjs';
import { lastSeq, replay } from './report_recorder.mjs';
import { root } from './paths.mjs';
import { eventually } from './wait.mjs';

export const releasedDir = join(root, 'tests/golden/released');

/** Each release: its folder, the names in it, and the recorded reports. */
export function releases() {
  return readdirSync(releasedDir, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => {
    const folder = join(releasedDir, name);
    return { name, folder, path: (file) => join(folder, file),
      day: readdirSync(folder).find((file) => file.endsWith('.sqlite')),
      expected: JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) };
  });
}

/** Starts a metrics service over a folder of days, however old, lets `ask` ask it, and stops it. */
export async function servedFrom(system, directory, ask) {
  await system.startMetrics({ VDM_DATA_DIR: directory, VDM_RETENTION_DAYS: '3650' });
  const answer = await ask();
  assert.deepEqual(await system.metrics.stop(), { code: 0, signal: null });
  return answer;
}

/** The report about a folder of days. The folder is copied first. */
export async function totalsOf(system, directory) {
  const copy = join(system.dataDir, 'read-back');
  cpSync(directory, copy, { recursive: true });
  const totals = await servedFrom(system, copy, () => system.totals());
  rmSync(copy, { recursive: true });
  return totals;
}

/** The report of an empty service after it has received and acknowledged a whole recorded stream. */
export async function replayed(system, requests) {
  const directory = join(system.dataDir, 'replayed');
  mkdirSync(directory);
  const answer = await servedFrom(system, directory, async () => {
    const said = replay(system.commonEnv.VDM_INGEST_ADDRESS, requests);
    await eventually('all of it is acknowledged', () => said.acknowledged === lastSeq(requests));
    // When the stream ends with OK, the service has also taken the messages after the last batch.
    assert.equal((await said.end()).code, 0);
    const { proxies: [{ state, last_seen: seen, ...proxy }] } = await system.snapshot();
    return { acknowledged: said.acknowledged, proxy, totals: await system.totals() };
  });
  rmSync(directory, { recursive: true });
  return answer;
}

const clean = { HOME: '/nonexistent' };

/** The settings that the services take from the file, as lines of --show-config. */
export async function settingsOf(system, file) {
  const settings = {};
  for (const program of ['vdm-proxy', 'vdm-metrics']) {
    const { code, stdout, stderr } = await run(program,
      { args: ['--config', file, '--show-config'], env: clean, cwd: system.dataDir });
    assert.equal(code, 0, stderr);
    settings[program] = stdout.split('\n').filter((line) => line.split('\t')[2]?.startsWith('file'));
  }
  return settings;
}

/** The aliases and profiles that a proxy running with the file reports. */
export async function aliasesOf(system, file) {
  const env = { ...clean, PORT: String(await freePort()), VDM_DATA_DIR: 'none', LOG_REQUEST_METRICS: 'false' };
  const url = `http://127.0.0.1:${env.PORT}`;
  const program = system.spawn('vdm-proxy', 'configured', env, ['--config', file]);
  await system.ready(program, url);
  const headers = { 'x-api-key': 'golden-client-key' };
  const answer = {
    aliases: await getJson(`${url}/v1/aliases`, { headers }), profiles: await getJson(`${url}/profiles`, { headers }),
  };
  await program.stop();
  return answer;
}
