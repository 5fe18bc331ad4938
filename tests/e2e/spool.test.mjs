// What a proxy recorded outlives it: killed, or stopped while nobody takes its events. The clients' own list of answers
// is compared with what is stored.
import assert from 'node:assert/strict';
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Gate, chatBody, eventually, held, history, jsonHeaders, open, request, run, scenario, text, within,
} from './harness/index.mjs';

const spoolOf = (system) => join(system.dataDir, 'spool');
const spools = (system, suffix = '.spool') => readdirSync(spoolOf(system)).filter((name) => name.endsWith(suffix));
const startProxy = (system, name = 'proxy-1', env = {}) => (
  system.startProxy(name, { VDM_SPOOL_DIR: spoolOf(system), ...env }));

/** Asks once, and returns the id of the request if the whole answer came. */
async function ask(proxy) {
  const answer = await request(`${proxy.url}/v1/chat/completions`,
    { method: 'POST', headers: jsonHeaders, body: chatBody('script:quick', { stream: false }) });
  assert.equal(answer.status, 200);
  return answer.headers['x-request-id'];
}

/** So many clients, each asking one request after another until the proxy is gone: the ids of whole answers. */
async function askUntilGone(proxy, clients, answered) {
  await Promise.all(Array.from({ length: clients }, async () => {
    try {
      for (;;) answered.push(await ask(proxy));
    } catch {
      return; // it was killed
    }
  }));
}

const twice = (ids) => ids.filter((id, at) => ids.indexOf(id) !== at);

scenario('a proxy that is stopped while the metrics service is away leaves its events to the next one', {
  proxies: 0, timeout: 60_000,
}, async (system) => {
  system.provider.answer('quick', text('quick'));
  const proxy = await startProxy(system);
  await system.connected(1);
  await system.metrics.kill();
  const answered = [];
  for (let i = 0; i < 100; ++i) answered.push(await ask(proxy));

  const exit = await proxy.program.stop({ patience: 20_000 });

  assert.deepEqual(exit, { code: 0, signal: null });
  assert.match(proxy.program.stderr, /events wait for the next process/);
  assert.equal(spools(system).length, 1);
  assert.equal(statSync(join(spoolOf(system), spools(system)[0])).mode & 0o777, 0o600);
  await system.startMetrics();
  await startProxy(system, 'another');
  const stored = await eventually('all of it is stored', () => {
    const found = history(system);
    return found.ended.length >= 100 && found;
  });
  assert.deepEqual(stored.ended.sort(), answered.sort());
  assert.deepEqual([stored.lost.length, stored.gapEnded], [0, 0]);
  await eventually('only its own spool is left', () => spools(system).length === 1);
});

scenario('a proxy that is killed again and again under load loses no event that it recorded, and tells none twice', {
  proxies: 0, timeout: 120_000,
}, async (system) => {
  system.provider.answer('quick', text('quick'));
  const answered = [];
  for (let round = 0; round < 5; ++round) {
    const proxy = await startProxy(system, `proxy-${round}`);
    const before = answered.length;
    const asking = askUntilGone(proxy, 8, answered);
    await eventually('it serves', () => answered.length >= before + 60 + 37 * round, { every: 1 });
    await proxy.program.kill();
    await asking;
  }
  await startProxy(system, 'last');

  const stored = await eventually('every answer is stored', () => {
    const found = history(system);
    const known = new Set([...found.ended, ...found.lost]);
    return answered.every((id) => known.has(id)) && spools(system).length === 1 && found;
  }, { within: 30_000, every: 200 });

  assert.deepEqual(twice(stored.ended), []);
  assert.equal(stored.gapEnded, 0);
  // An answer is whole some microseconds before its end is recorded: killed in between, it is told as lost.
  const lostAfterAll = answered.filter((id) => !stored.ended.includes(id));
  assert.ok(lostAfterAll.length <= 5 * 8, `${lostAfterAll.length} whole answers are told as lost`);
  assert.deepEqual(await system.active(), []);
  const { summary } = await system.totals();
  assert.equal(summary.total_requests, stored.ended.length);
});

scenario('what a killed proxy had running is told as lost at once, with its facts', { proxies: 0 }, async (system) => {
  system.provider.answer('endless', held(new Gate()));
  const proxy = await startProxy(system);
  await system.connected(1);
  const stream = await open(`${proxy.url}/v1/chat/completions`,
    { method: 'POST', headers: jsonHeaders, body: chatBody('script:endless') });
  await eventually('it runs', async () => (await system.active()).length === 1);
  await proxy.program.kill();
  await stream.ended;
  // Neither service lives for a while, and nothing of a request that runs is in history.
  await system.metrics.kill();
  await system.startMetrics();
  assert.deepEqual(await system.active(), []);

  await startProxy(system, 'another');

  const trace = await system.trace(stream.headers['x-request-id']);
  assert.equal(trace.outcome, 'lost');
  assert.equal(trace.provider, 'script');
});

scenario('--send-spool sends what was left, says how it went, and leaves what a living proxy uses', { proxies: 0 },
  async (system) => {
    system.provider.answer('quick', text('quick'));
    const proxy = await startProxy(system);
    await system.connected(1);
    await system.metrics.kill();
    for (let i = 0; i < 10; ++i) await ask(proxy);
    await proxy.program.kill();
    const living = await startProxy(system, 'living');
    await living.program.kill();
    const env = { ...system.commonEnv, ...system.provider.env, VDM_SPOOL_DIR: spoolOf(system) };
    await system.startMetrics();

    const sent = await run('vdm-proxy', { args: ['--send-spool'], env, cwd: system.dataDir });
    const again = await run('vdm-proxy', { args: ['--send-spool'], env, cwd: system.dataDir });
    const without = await run('vdm-proxy', { args: ['--send-spool'], env: { ...env, VDM_SPOOL_DIR: '' }, cwd: system.dataDir });

    assert.equal(sent.code, 0, sent.stderr);
    assert.match(sent.stdout, /sent: 20 events, 0 requests lost while running/);
    assert.match(again.stdout, /^0 spools in /);
    assert.equal(again.code, 0);
    assert.equal(without.code, 2);
    assert.equal(history(system).ended.length, 10);
  });

scenario('a spool that is damaged or none at all is set aside, and the proxy serves', { proxies: 0 },
  async (system) => {
    system.provider.answer('quick', text('quick'));
    const first = await startProxy(system);
    await ask(first);
    await first.program.kill();
    truncateSync(join(spoolOf(system), spools(system)[0]), 100_000);
    writeFileSync(join(spoolOf(system), 'foreign.spool'), 'not one of ours');

    const next = await startProxy(system, 'next');

    await ask(next);
    await eventually('both are set aside', () => spools(system, '.unsent').length === 2);
    await eventually('it is said', () => /set aside/.test(next.program.stderr));
    await within(5000, 'it stops', next.program.stop());
  });

scenario('a proxy without a folder for its events says so once, and with one says nothing', { proxies: 0 },
  async (system) => {
    const without = await system.startProxy('without');
    const declined = await system.startProxy('declined', { VDM_SPOOL_DIR: 'none' });
    const unusable = await system.startProxy('unusable', { VDM_SPOOL_DIR: '/proc/none' });
    const usual = await startProxy(system);

    assert.equal(without.program.stderr.match(/VDM_SPOOL_DIR/g).length, 1);
    assert.doesNotMatch(declined.program.stderr, /VDM_SPOOL_DIR|spool/);
    assert.match(unusable.program.stderr, /no spool can be made/);
    assert.doesNotMatch(usual.program.stderr, /VDM_SPOOL_DIR|spool/);
  });
