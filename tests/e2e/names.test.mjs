// A name server that never answers, as the proxy's only one: what needs no name goes on as ever, and what needs one is
// told as `dns`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { eventually, postJson, scenario } from './harness/index.mjs';

const Server = '127.0.0.99';
const AtOnce = 20;
// Only root may give a process a resolv.conf of its own and take port 53, and not in every container.
const may = process.getuid() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
const skip = may ? false : 'needs root, and a file system of its own for the proxy';

const folder = mkdtempSync(join(tmpdir(), 'vdm-names-'));
test.after(() => rmSync(folder, { recursive: true }));
const resolvConf = join(folder, 'resolv.conf');
writeFileSync(resolvConf, `nameserver ${Server}\n`);

scenario('a silent name server holds up only what needs it', {
  skip,
  proxyUnder: ['unshare', '--mount', 'sh', '-c', `mount --bind ${resolvConf} /etc/resolv.conf && exec "$0"`],
  proxyEnv: {
    NAMED_API_KEY: 'k', NAMED_BASE_URL: 'https://api.named.example/v1',
    NAMED2_API_KEY: 'k', NAMED2_BASE_URL: 'https://api.named2.example/v1',
    VDM_CONNECT_TIMEOUT: '1s', VDM_RETRIES_MAX: '0', VDM_THREADS: '1',
  },
}, async (system) => {
  const server = createSocket('udp4');
  server.bind(53, Server);
  await once(server, 'listening');
  try {
    const ask = (model) => postJson(`${system.proxy.url}/v1/chat/completions`, {
      model, messages: [{ role: 'user', content: 'hi' }],
    });
    const waiting = Array.from({ length: AtOnce }, (_, i) => ask(i % 2 ? 'named:m' : 'named2:m'));
    await once(server, 'message');

    for (let i = 0; i < AtOnce; i += 1) {
      const began = performance.now();
      assert.equal((await ask('script:m')).status, 200);
      assert.ok(performance.now() - began < 900, 'a request that needs no name waits for none');
    }
    for (const { status, text } of await Promise.all(waiting)) {
      assert.equal(status, 502);
      assert.match(text, /no name server answered in time/);
    }
    await eventually('all are told as dns', async () => (
      (await system.traces()).filter((trace) => trace.error_type === 'dns').length === AtOnce));
  } finally {
    server.close();
  }
});
