// Starting and stopping: what an operator sees when a setting is wrong, a port is taken, or a stop is asked for.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import {
  Gate, Program, Traffic, chatBody, eventually, freePort, held, jsonHeaders, open, request, run, scenario, text, timed, within,
} from './harness/index.mjs';

const start = (system, model) => open(`${system.proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: jsonHeaders, body: chatBody(model) });

scenario('SIGTERM lets running answers finish, takes no new ones, flushes the events and exits 0', {},
  async (system) => {
    const gate = new Gate();
    system.provider.answer('running', held(gate));
    const streams = await Promise.all(Array.from({ length: 20 }, () => start(system, 'script:running')));
    await eventually('all run', async () => (await system.active()).length === 20);

    system.proxy.program.signal('SIGTERM');
    await eventually('no new connection is taken',
      () => request(`${system.proxy.url}/health`).then(() => false, () => true));
    assert.ok(system.proxy.program.running, 'it waits for the running ones');
    gate.open();
    const ends = await Promise.all(streams.map((stream) => stream.ended));
    const exit = await within(5000, 'it exits', system.proxy.program.exited);

    assert.ok(ends.every((end) => end.complete));
    assert.ok(streams.every((stream) => stream.text.includes('[DONE]')));
    assert.deepEqual(exit, { code: 0, signal: null });
    const traces = await eventually('all ends are there', async () => {
      const list = await system.traces();
      return list.length === 20 && list;
    });
    assert.ok(traces.every((trace) => trace.outcome === 'ok'));
    assert.deepEqual(await system.active(), []);
  });

scenario('SIGTERM under load fails no request that was accepted', { proxies: 2 }, async (system) => {
  system.provider.answer('load', text('under load'));
  const [leaving, staying] = system.proxies;
  const whole = (body) => body.includes('load') && body.includes('[DONE]');
  const traffic = new Traffic([leaving.url, staying.url], 'script:load', whole, { clients: 16 });
  await eventually('traffic runs', () => traffic.done > 200);

  leaving.program.signal('SIGTERM');
  const exit = await within(10_000, 'it exits', leaving.program.exited);
  await traffic.stop();

  assert.equal(exit.code, 0);
  // Refused is what a balancer passes over. A connection that the kernel completes between the last accept and the
  // close of the socket is reset by it; that window is some microseconds.
  const broken = traffic.faults.filter((fault) => !/ECONNREFUSED/.test(fault));
  assert.ok(broken.length <= 1, broken.slice(0, 3).join());
});

scenario('a second SIGTERM ends it at once, with every open request reported', {}, async (system) => {
  system.provider.answer('endless', held(new Gate()));
  const streams = await Promise.all(Array.from({ length: 5 }, () => start(system, 'script:endless')));
  await eventually('all run', async () => (await system.active()).length === 5);

  system.proxy.program.signal('SIGTERM');
  await eventually('it drains', () => request(`${system.proxy.url}/health`).then(() => false, () => true));
  const { ms } = await timed(() => {
    system.proxy.program.signal('SIGTERM');
    return within(5000, 'it exits', system.proxy.program.exited);
  });

  assert.ok(ms < 3000, `ended after ${ms} ms`);
  await Promise.all(streams.map((stream) => stream.ended));
  assert.ok(streams.every((stream) => !stream.text.includes('[DONE]')));
  const traces = await eventually('all ends are there', async () => {
    const list = await system.traces();
    return list.length === 5 && list;
  });
  assert.ok(traces.every((trace) => trace.outcome === 'gateway_shutdown'), JSON.stringify(traces[0]));
});

scenario('the metrics service stops on SIGTERM with readers connected, exits 0, and keeps its totals', {},
  async (system) => {
    system.provider.answer('kept', text('kept', { usage: { input: 3, output: 17 } }));
    const stream = await start(system, 'script:kept');
    await stream.ended;
    await system.trace(stream.headers['x-request-id']);
    const reader = await open(`${system.metricsUrl}/metrics/stream`);

    const exit = await system.metrics.stop();
    await within(2000, 'the reader is closed', reader.ended);
    await system.startMetrics();

    assert.deepEqual(exit, { code: 0, signal: null });
    assert.equal((await system.totals()).summary.total_output_tokens, 17);
  });

for (const [program, variable] of [['vdm-proxy', 'PORT'], ['vdm-metrics', 'VDM_METRICS_PORT']]) {
  scenario(`${program} says which address is taken, in one line, and exits 1`, { metrics: false, proxies: 0 },
    async (system) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address();

      const env = { ...system.commonEnv, ...system.provider.env, PORT: String(await freePort()),
        VDM_DATA_DIR: system.dataDir, [variable]: String(port) };
      const { code, stderr } = await run(program, { env, cwd: system.dataDir });
      taken.close();

      assert.equal(code, 1);
      const lines = stderr.trim().split('\n').filter((line) => line.includes(String(port)));
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0], new RegExp(`^${program}: .*127\\.0\\.0\\.1:${port}`));
    });
}

scenario('every wrong setting is one line that names it and what was found; a secret\'s value is not told', {
  metrics: false, proxies: 0,
}, async (system) => {
  const env = { ...system.provider.env, PORT: '80x', VDM_THREADS: 'many', PROXY_API_KEY: 'sk-very-secret',
    SCRIPT_BASE_URL: 'gopher://nowhere' };

  const { code, stderr } = await run('vdm-proxy', { env, cwd: system.dataDir });

  assert.equal(code, 2);
  assert.match(stderr, /^vdm-proxy: PORT: .*'80x'$/m);
  assert.match(stderr, /^vdm-proxy: VDM_THREADS: .*'many'$/m);
  assert.match(stderr, /^vdm-proxy: SCRIPT_BASE_URL: /m);
  assert.ok(!stderr.includes('sk-very-secret'));
});

scenario('a proxy without any key serves logins, and says so', { metrics: false, proxies: 0 }, async (system) => {
  const { code, stdout } = await run('vdm-proxy',
    { args: ['--check-config'], env: { PORT: String(await freePort()) }, cwd: system.dataDir });

  assert.equal(code, 0);
  assert.match(stdout, /no provider has a key: anthropic takes clients with a login or a key of their own/);
});

scenario('a bind beyond loopback without a key is refused unless it is said in words', { metrics: false, proxies: 0 },
  async (system) => {
    const env = { ...system.provider.env, HOST: '0.0.0.0', PORT: String(await freePort()) };

    const refused = await run('vdm-proxy', { env, cwd: system.dataDir });

    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /PROXY_API_KEY/);
    assert.match(refused.stderr, /VDM_ALLOW_UNAUTHENTICATED/);
  });

scenario('the demo provider lets running answers finish for as long as it is told to', { metrics: false, proxies: 0 },
  async (system) => {
    const port = await freePort();
    const demo = new Program('vdm-demo-provider', {
      args: ['--port', String(port), '--grace', '30', '--speed', '0.15'], cwd: system.dataDir,
    });
    await eventually('it serves', () => request(`http://127.0.0.1:${port}/v1/models`)
      .then((answer) => answer.status === 200, () => false));
    const stream = await open(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...jsonHeaders, authorization: 'Bearer any' },
      body: JSON.stringify({
        model: 'demo-fast', stream: true, max_tokens: 60, messages: [{ role: 'user', content: 'Say a few words.' }],
      }),
    });
    await eventually('it runs', () => stream.text.includes('data:'));

    const asked = performance.now();
    demo.signal('SIGTERM');
    const end = await within(30_000, 'the answer ends', stream.ended);
    const took = performance.now() - asked;
    const exit = await within(5000, 'it exits', demo.exited);

    assert.ok(end.complete && stream.text.includes('[DONE]'), stream.text.slice(-200));
    assert.ok(took > 2500, `${took} ms: no longer than it is given without being told`);
    assert.equal(exit.code, 0);
  });

for (const program of ['vdm-proxy', 'vdm-metrics', 'vdm-demo-provider']) {
  scenario(`${program} --version says version and commit, and --help lists its settings`, {
    metrics: false, proxies: 0,
  }, async (system) => {
    const version = await run(program, { args: ['--version'], cwd: system.dataDir });
    const help = await run(program, { args: ['--help'], cwd: system.dataDir });

    assert.match(version.stdout, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+ \\(commit [0-9a-f]{12}\\)$`, 'm'));
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--config|--port/);
  });
}
