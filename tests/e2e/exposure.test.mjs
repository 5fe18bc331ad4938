// What the services show of themselves, and of the files and the memory that hold keys, to those whom it does not concern.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './harness/program.mjs';
import { binDir } from './harness/paths.mjs';
import { freePort } from './harness/ports.mjs';
import { eventually, getJson, request, run, scenario } from './harness/index.mjs';

const key = 'the-key-of-this-gateway';
const shown = { 'x-api-key': key, accept: 'application/json' };
const isRoot = process.getuid() === 0;
const Nobody = 65534;

scenario('health tells those without the key that the service lives, and no more', { env: { PROXY_API_KEY: key }, apiHeaders: shown }, async (system) => {
  const json = { headers: { accept: 'application/json' } };
  assert.deepEqual(await getJson(`${system.proxy.url}/health`, json), { status: 'healthy', service: 'vdm-proxy' });
  assert.deepEqual(await getJson(`${system.metricsUrl}/health`, json), { status: 'ok', service: 'vdm-metrics' });
  assert.deepEqual(await getJson(`${system.metricsUrl}/health/ready`, json), { status: 'ready' });
  assert.deepEqual(await getJson(`${system.proxy.url}/health/ready`, json), { ready: true });

  assert.equal((await getJson(`${system.proxy.url}/health`, { headers: shown })).metrics.connected, true);
  assert.deepEqual((await getJson(`${system.metricsUrl}/health`, { headers: shown })).degraded, []);
  const status = await run('vdm', { args: ['status'], cwd: system.dataDir,
    env: { VDM_EVENTS_ADDRESS: system.eventsAddress, PROXY_API_KEY: key } });
  assert.equal(status.code, 0, status.stderr);
});

scenario('where no key is set, this machine is told all', {}, async (system) => {
  assert.ok((await getJson(`${system.proxy.url}/health`, { headers: { accept: 'application/json' } })).providers.script);
  assert.ok((await getJson(`${system.metricsUrl}/health`)).version);
});

/** The same program as another user, for whom modes count; as whoever we are, if that is no root. */
function asNobody(system, binary, env, args = []) {
  const path = join(binDir, binary);
  const [command, all] = isRoot ? ['setpriv', [`--reuid=${Nobody}`, `--regid=${Nobody}`, '--clear-groups', path, ...args]] : [path, args];
  const program = new Program(binary, { command, args: all, env, cwd: system.dataDir });
  system.programs.push(program);
  return program;
}

for (const [allowed, words] of [['false', 'is nobody\'s to read'], ['true', 'may be dumped where that is allowed']]) {
  scenario(`the memory of both processes ${words}`, { metrics: false, proxies: 0 }, async (system) => {
    chmodSync(system.dataDir, 0o755);
    const env = { ...system.commonEnv, ...system.provider.env, VDM_ALLOW_CORE_DUMPS: allowed, VDM_DATA_DIR: 'none', PORT: String(await freePort()) };
    for (const binary of ['vdm-metrics', 'vdm-proxy']) {
      const program = asNobody(system, binary, env);
      await eventually('it listens', () => {
        assert.ok(program.running, program.output);
        return / listening /.test(program.output);
      });
      // The kernel gives what is not to be read to root.
      const owner = statSync(`/proc/${program.pid}/environ`).uid;
      assert.equal(owner, allowed === 'true' ? (isRoot ? Nobody : process.getuid()) : 0);
    }
  });
}

scenario('a configuration file that is not its owner\'s alone is said at start, with what mends it', { metrics: false, proxies: 0 }, async (system) => {
  const file = join(system.dataDir, 'vandamme.toml');
  const started = async (binary, content, mode) => {
    writeFileSync(file, content);
    chmodSync(file, mode);
    const { stdout, stderr } = await run(binary, { args: ['--check-config', '--config', file], cwd: system.dataDir,
      env: { ...system.commonEnv, ...system.provider.env, VDM_DATA_DIR: 'none' } });
    return stdout + stderr;
  };
  const keys = '[proxy]\napi-key = "sk-of-mine"\n';
  for (const binary of ['vdm-metrics', 'vdm-proxy']) {
    const said = await started(binary, keys, 0o644);
    assert.ok(said.includes(`${file}: mode 0644 lets others read it; \`chmod 600 ${file}\` mends that`), said);
    assert.match(await started(binary, '[timeouts]\nheader = "5s"\n', 0o666), /mode 0666 lets others read and write it/);
    for (const [content, mode] of [[keys, 0o600], ['[timeouts]\nheader = "5s"\n', 0o644]]) {
      assert.doesNotMatch(await started(binary, content, mode), /lets others/);
    }
    assert.ok(!(await started(binary, keys, 0o666)).includes('sk-of-mine'));
  }
});

scenario('a configuration file that cannot be read is a fault, whether it was named or not', { metrics: false, proxies: 0 }, async (system) => {
  chmodSync(system.dataDir, 0o755);
  const env = { ...system.commonEnv, ...system.provider.env, VDM_DATA_DIR: 'none' };
  const file = join(system.dataDir, 'vandamme.toml');
  const refused = async (args) => {
    for (const binary of ['vdm-metrics', 'vdm-proxy']) {
      const program = asNobody(system, binary, env, ['--check-config', ...args]);
      assert.equal((await program.exited).code, 2, program.output);
      assert.match(program.output, /vandamme\.toml/);
      assert.match(program.output, /cannot (be )?read/);
    }
  };
  mkdirSync(file);
  await refused([]);
  await refused(['--config', file]);

  const other = join(system.dataDir, 'other');
  mkdirSync(other);
  const secret = join(other, 'vandamme.toml');
  writeFileSync(secret, '[proxy]\napi-key = "k"\n');
  if (isRoot) chownSync(secret, 0, 0);
  chmodSync(secret, isRoot ? 0o600 : 0o000);
  await refused(['--config', secret]);
});

scenario('a token file that others can read is said by both services', { metrics: false, proxies: 0 }, async (system) => {
  const file = join(system.dataDir, 'token');
  writeFileSync(file, `${'ab'.repeat(32)}\n`);
  chmodSync(file, 0o640);
  const mended = `chmod 600 ${file}`;
  const metrics = await system.startMetrics({ VDM_INGEST_TOKEN_FILE: file });
  const { program } = await system.startProxy('proxy-1', { VDM_INGEST_TOKEN_FILE: file });

  for (const each of [metrics, program]) {
    await eventually('it says so', () => each.output.includes('mode 0640 lets others read it') && each.output.includes(mended));
    assert.ok(!each.output.includes('abab'));
  }
  assert.equal((await request(`${system.proxy.url}/health`)).status, 200);
});
