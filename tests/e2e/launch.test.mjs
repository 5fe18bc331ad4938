// `vdm claude`, `up` and `down`: real services, and a claude that says what it was given.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import {
  binDir, dashboardDir, freePort, getJson, replay, request, requestBytes, run, scenario,
} from './harness/index.mjs';

const { status } = grpc;

const FakeClaude = `#!/bin/sh
echo "base=$ANTHROPIC_BASE_URL"
echo "token=$ANTHROPIC_AUTH_TOKEN"
echo "key=\${ANTHROPIC_API_KEY-unset}"
echo "headers=$ANTHROPIC_CUSTOM_HEADERS"
for word in "$@"; do echo "word=$word"; done
grep -E '^Sig(Blk|Ign)' /proc/self/status
exit 7
`;

/** A home with nothing of ours in it, and a vdm that sees no other; what it started is ended afterwards. */
function launching(name, { claude = true, port, env = {}, ...options }, body) {
  scenario(name, { metrics: false, proxies: 0, ...options }, async (system) => {
    const home = join(system.dataDir, 'home');
    const path = join(home, 'bin');
    mkdirSync(path, { recursive: true });
    if (claude) {
      writeFileSync(join(path, 'claude'), FakeClaude);
      chmodSync(join(path, 'claude'), 0o755);
    }
    const at = port?.(system) ?? await freePort();
    const all = {
      ...system.commonEnv, ...system.provider.env, HOME: home, PATH: claude ? `${path}:/usr/bin:/bin` : path,
      PORT: String(at), VDM_DASHBOARD_DIR: dashboardDir, VDM_THREADS: '2', ...env,
    };
    const world = {
      system, home, env: all, proxyUrl: `http://127.0.0.1:${at}`, state: join(home, '.local/state/vandamme/run'),
      vdm: (args, more = {}) => run('vdm', { args, cwd: system.dataDir, env: { ...all, ...more }, patience: 40_000 }),
    };
    try {
      await body(world);
    } finally {
      await world.vdm(['down', '--now'], { PATH: '/usr/bin:/bin' });
    }
  });
}

const isUp = (url) => request(`${url}/health/ready`).then(({ status }) => status === 200, () => false);
const pidOf = ({ state }, service) => readFileSync(join(state, `${service}.pid`), 'utf8').split(' ')[0];
const oneLine = (text) => assert.equal(text.trim().split('\n').length, 1, text);

launching('vdm claude starts what is missing, becomes claude, and leaves the services running', {}, async (world) => {
  const args = ['--resume', '--config', 'x', '-p', 'two words', '--', '--help', ''];

  const first = await world.vdm(['claude', ...args], { ANTHROPIC_API_KEY: 'a provider\'s' });

  assert.equal(first.code, 7, first.stderr);
  const lines = first.stdout.split('\n');
  assert.ok(lines.includes(`base=${world.proxyUrl}`), first.stdout);
  assert.ok(lines.includes('token=vandamme') && lines.includes('key=unset'), first.stdout);
  assert.deepEqual(lines.filter((line) => line.startsWith('word=')), args.map((word) => `word=${word}`));
  assert.match(first.stdout, /SigBlk:\s0+\nSigIgn:\s0+\n/, 'no signal is kept from claude');
  oneLine(first.stderr);
  assert.ok(first.stderr.includes(`${world.system.metricsUrl}/dashboard/`), first.stderr);
  assert.ok(await isUp(world.proxyUrl) && await isUp(world.system.metricsUrl));

  const pids = ['vdm-proxy', 'vdm-metrics'].map((service) => pidOf(world, service));
  const second = await world.vdm(['claude']);
  assert.equal(second.code, 7);
  assert.deepEqual(['vdm-proxy', 'vdm-metrics'].map((service) => pidOf(world, service)), pids, 'nothing is started twice');
});

launching('vdm up and vdm down, and nothing is left', {}, async (world) => {
  const up = await world.vdm(['up']);
  assert.equal(up.code, 0, up.stderr);
  assert.ok(up.stdout.includes(world.proxyUrl) && up.stdout.includes(world.system.metricsUrl), up.stdout);
  assert.ok(existsSync(join(world.state, 'vdm-proxy.log')));

  const down = await world.vdm(['down']);

  assert.equal(down.code, 0, down.stderr);
  assert.match(down.stdout, /stopped vdm-proxy\nstopped vdm-metrics\n/);
  assert.ok(!await isUp(world.proxyUrl) && !await isUp(world.system.metricsUrl));
  assert.deepEqual(readdirSync(world.state).filter((name) => name.endsWith('.pid')), []);
  assert.match((await world.vdm(['down'])).stdout, /nothing/);
});

launching('vdm claude shows the proxy the key it wants, and keeps it to itself', {
  env: { PROXY_API_KEY: 'canary-of-the-proxy' },
}, async (world) => {
  const { code, stdout, stderr } = await world.vdm(['claude']);

  assert.equal(code, 7, stderr);
  assert.match(stdout, /^token=canary-of-the-proxy$/m);
  assert.ok(!stderr.includes('canary'));
  for (const entry of readdirSync(world.state, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    assert.ok(!readFileSync(file).includes('canary'), file);
  }
  const without = await world.vdm(['claude'], { PROXY_API_KEY: '' });
  assert.equal(without.code, 4);
  oneLine(without.stderr);
  assert.match(without.stderr, /PROXY_API_KEY/);
});

launching('without claude, vdm says how to install it and starts nothing', { claude: false }, async (world) => {
  const { code, stderr } = await world.vdm(['claude']);

  assert.equal(code, 3);
  oneLine(stderr);
  assert.match(stderr, /npm install -g @anthropic-ai\/claude-code/);
  assert.ok(!await isUp(world.system.metricsUrl));
});

const noKeys = { SCRIPT_API_KEY: '', SCRIPTCLAUDE_API_KEY: '', VDM_DEFAULT_PROVIDER: '' };

launching('without a provider, vdm offers init and starts nothing', {
  env: { ...noKeys, ANTHROPIC_AUTH_MODE: 'key' },
}, async (world) => {
  const { code, stderr } = await world.vdm(['claude']);

  assert.equal(code, 2);
  oneLine(stderr);
  assert.match(stderr, /vdm init/);
  assert.ok(!await isUp(world.system.metricsUrl));
});

launching('without any key, claude keeps its login; the proxy gets its own in a field apart', {
  env: { ...noKeys, PROXY_API_KEY: 'canary-of-the-proxy' },
}, async (world) => {
  const { code, stdout, stderr } = await world.vdm(['claude']);

  assert.equal(code, 7, stderr);
  assert.match(stdout, /^token=$/m);
  assert.match(stdout, /^key=unset$/m);
  assert.match(stdout, /^headers=x-vandamme-key: canary-of-the-proxy$/m);
  assert.match(stderr, /own login or key is passed on/);
  const { providers, serves_bare_names: bare } = await getJson(`${world.proxyUrl}/health`, {
    headers: { accept: 'application/json', 'x-api-key': 'canary-of-the-proxy' } });
  assert.equal(bare.anthropic, 'anthropic');
  assert.equal(providers.anthropic.base_url, 'https://api.anthropic.com');
});

for (const [kind, make] of [
  ['another web server', () => createServer((_, answer) => answer.end('hello'))],
  ['what speaks no HTTP', () => createTcpServer((socket) => socket.on('error', () => {}).end('220 hello\r\n'))],
]) {
  launching(`a port that ${kind} uses is named`, {}, async (world) => {
    const other = make();
    await new Promise((resolve) => { other.listen(world.env.PORT, '127.0.0.1', resolve); });
    try {
      const { code, stderr } = await world.vdm(['claude']);

      assert.equal(code, 1);
      oneLine(stderr);
      assert.ok(stderr.includes(`port ${world.env.PORT}`) && stderr.includes('set PORT'), stderr);
    } finally {
      other.close();
    }
  });
}

launching('vdm gives both services an ingest token, which nobody else has', {}, async (world) => {
  assert.equal((await world.vdm(['up'])).code, 0);
  const { env, state, system } = world;
  const file = join(state, 'ingest-token');

  await system.connected(1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const hello = requestBytes({ hello: { instance_id: 'mine', proxy_name: 'mine', protocol: 1 } });
  assert.equal((await replay(env.VDM_INGEST_ADDRESS, [hello]).end()).code, status.UNAUTHENTICATED);
  assert.equal((await replay(env.VDM_INGEST_ADDRESS, [hello], 'x'.repeat(64)).end()).code, status.UNAUTHENTICATED);
  const token = readFileSync(file, 'utf8').split('\n').find((line) => line && !line.startsWith('#'));
  assert.equal((await replay(env.VDM_INGEST_ADDRESS, [hello], token).end()).code, status.OK);
});

launching('a service that gives up is quoted', {}, async (world) => {
  const other = createServer();
  const ingest = world.env.VDM_INGEST_ADDRESS.split(':')[1];
  await new Promise((resolve) => { other.listen(ingest, '127.0.0.1', resolve); });
  try {
    const { code, stderr } = await world.vdm(['up']);

    assert.equal(code, 1, stderr);
    oneLine(stderr);
    assert.ok(stderr.startsWith('vdm-metrics: ') && stderr.includes(ingest), stderr);
  } finally {
    other.close();
  }
});

launching('vdm uses a proxy that runs already, and does not end it', {
  proxies: 1, metrics: true, port: (system) => system.proxy.port,
}, async (world) => {
  // No key in this shell: that is the running proxy's business.
  const { code, stdout, stderr } = await world.vdm(['claude'], { SCRIPT_API_KEY: '', SCRIPTCLAUDE_API_KEY: '' });
  const down = await world.vdm(['down']);

  assert.equal(code, 7, stderr);
  assert.ok(stdout.includes(world.system.proxy.url), stdout);
  assert.match(down.stdout, /nothing/);
  assert.ok(await isUp(world.system.proxy.url));
});

launching('a configuration in the folder of a project is not read', {}, async (world) => {
  writeFileSync(join(world.system.dataDir, 'vandamme.toml'), '[script]\nbase-url = "http://127.0.0.1:1/v1"\n[evil]\nbase-url = "http://127.0.0.1:1"\napi-key = "k"\n');

  const { code, stderr } = await world.vdm(['up']);

  assert.equal(code, 0, stderr);
  const { providers } = await getJson(`${world.proxyUrl}/health`, { headers: { accept: 'application/json' } });
  assert.ok(!('evil' in providers), JSON.stringify(providers));
});

launching('a shell set up for this proxy does not make the proxy ask itself', {}, async (world) => {
  const { code, stderr } = await world.vdm(['up'], { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: world.proxyUrl });

  assert.equal(code, 0, stderr);
  const { providers } = await getJson(`${world.proxyUrl}/health`, { headers: { accept: 'application/json' } });
  assert.equal(providers.anthropic.base_url, 'https://api.anthropic.com');
});

launching('a pid file that names another process ends nothing', {}, async (world) => {
  mkdirSync(world.state, { recursive: true });
  writeFileSync(join(world.state, 'vdm-proxy.pid'), `${process.pid} 1 ${join(binDir, 'vdm-proxy')}\n`);

  const { code, stdout } = await world.vdm(['down']);

  assert.equal(code, 0);
  assert.match(stdout, /nothing/);
});
