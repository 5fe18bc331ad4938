// The live view over REST and SSE while proxies come, go and die: one list for all of them, nothing lost, no ghosts.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Gate, SseReader, Traffic, chatBody, eventually, getJson, held, jsonHeaders, open, paced, request, scenario, silent,
  text, timed,
} from './harness/index.mjs';

const start = (proxy, model, options) => open(`${proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: jsonHeaders, body: chatBody(model, options) });

/** Sends without waiting for an answer: for providers that do not answer yet. */
const send = (proxy, model) => request(`${proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: jsonHeaders, body: chatBody(model) }).catch((error) => error);

scenario('three proxies are one list, newest first, and one sum', { proxies: 3 }, async (system) => {
  const gate = new Gate();
  system.provider.answer('shared', held(gate, { usage: { input: 10, output: 5 } }));

  const streams = [];
  for (const proxy of system.proxies) streams.push(await start(proxy, 'script:shared'));

  const rows = await eventually('three rows', async () => {
    const list = await system.active();
    return list.length === 3 && list;
  });
  assert.deepEqual(rows.map((row) => row.proxy).sort(), ['proxy-1', 'proxy-2', 'proxy-3']);
  const times = rows.map((row) => row.start_time);
  assert.deepEqual(times, [...times].sort((a, b) => b - a));
  assert.deepEqual(new Set(rows.map((row) => row.request_id)),
    new Set(streams.map((stream) => stream.headers['x-request-id'])));

  gate.open();
  await Promise.all(streams.map((stream) => stream.ended));
  const { summary } = await eventually('three are counted', async () => {
    const totals = await system.totals();
    return totals.summary.active_requests === 0 && totals.summary.total_requests === 3 && totals;
  });
  assert.equal(summary.total_output_tokens, 15);
});

scenario('a request counts once in the totals, running or done', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('once', held(gate));
  const stream = await start(system.proxy, 'script:once');
  await eventually('it runs', async () => (await system.active()).length === 1);

  const running = await system.totals();
  const without = await system.totals('?include_active=false');
  gate.open();
  await stream.ended;

  assert.equal(running.summary.total_requests, 1);
  assert.equal(running.summary.active_requests, 1);
  assert.equal(without.summary.total_requests, 0);
  await eventually('it has ended', async () => (await system.active()).length === 0);
  assert.equal((await system.totals()).summary.total_requests, 1);
});

scenario('a metrics service killed under traffic costs no request, and has the running ones back within 3 s', {
  proxies: 3, timeout: 90_000,
}, async (system) => {
  const gate = new Gate();
  system.provider.answer('long', held(gate));
  system.provider.answer('short', text('steady as she goes', { usage: { input: 3, output: 4 } }));
  const long = [];
  for (const proxy of system.proxies) for (let i = 0; i < 5; i += 1) long.push(await start(proxy, 'script:long'));
  const whole = (body) => body.includes('steady ') && body.includes('goes') && body.trimEnd().endsWith('data: [DONE]');
  const traffic = new Traffic(system.proxies.map((proxy) => proxy.url), 'script:short', whole);
  await eventually('traffic runs', () => traffic.done > 50);

  for (let round = 0; round < 2; round += 1) {
    await system.metrics.kill();
    const mark = traffic.done;
    await eventually('traffic goes on without the metrics service', () => traffic.done > mark + 100);
    await system.startMetrics();
    const { ms } = await timed(() => eventually('the 15 running ones are back', async () => (
      (await system.active()).filter((row) => row.model === 'long').length === 15), { within: 10_000 }));
    assert.ok(ms < 3000, `back after ${Math.round(ms)} ms`);
  }

  await traffic.stop();
  gate.open();
  await Promise.all(long.map((stream) => stream.ended));
  assert.deepEqual(traffic.faults.slice(0, 3), []);
  const expected = traffic.done + long.length;
  await eventually('every request is counted exactly once', async () => {
    const { summary } = await system.totals();
    if (summary.total_requests > expected) throw new Error(`counted ${summary.total_requests} of ${expected}`);
    return summary.total_requests === expected && summary.active_requests === 0;
  });
  const { proxies } = await system.snapshot();
  for (const proxy of proxies) {
    assert.equal(proxy.started, proxy.ended + proxy.lost + proxy.active);
    assert.equal(proxy.gap_ended + proxy.undeclared_gaps, 0);
  }
});

scenario('the requests of a killed proxy are stale within 1 s, lost within 6 s, and leave no ghost', {
  proxies: 2, timeout: 60_000,
}, async (system) => {
  const gate = new Gate();
  system.provider.answer('doomed', silent(gate));
  const [victim, other] = system.proxies;
  const calls = Array.from({ length: 200 }, () => send(victim, 'script:doomed'));
  calls.push(send(other, 'script:doomed'));
  await eventually('201 are running', async () => (await system.active()).length === 201, { within: 20_000 });

  const killedAt = performance.now();
  await victim.program.kill();
  await eventually('200 are stale', async () => (await system.active()).filter((row) => row.stale).length === 200);
  const staleMs = performance.now() - killedAt;
  await eventually('200 are gone', async () => (await system.active()).length === 1);
  const lostMs = performance.now() - killedAt;

  assert.ok(staleMs < 1000, `stale after ${Math.round(staleMs)} ms`);
  assert.ok(lostMs < 6000, `lost after ${Math.round(lostMs)} ms`);
  const [row] = await system.active();
  assert.equal(row.proxy, other.name);
  const { totals, proxies } = await system.snapshot();
  assert.equal(totals.summary.lost, 200);
  assert.equal(totals.summary.errors, 0, 'lost is counted on its own');
  const gone = proxies.find((proxy) => proxy.proxy === victim.name);
  assert.equal(gone.state, 'gone');
  assert.equal(gone.started, gone.ended + gone.lost + gone.active);
  gate.open();
  await Promise.all(calls);
});

scenario('starts and ends reach a stream reader within 200 ms', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('quick', held(gate));
  const reader = await SseReader.open(`${system.metricsUrl}/metrics/stream`);
  await reader.find('the snapshot', (event) => event.event === 'snapshot');

  const startedAt = performance.now();
  const stream = await start(system.proxy, 'script:quick');
  const id = stream.headers['x-request-id'];
  const appeared = await reader.find('the row',
    (event) => event.json.upsert?.some((row) => row.request_id === id));
  const endedAt = performance.now();
  gate.open();
  await stream.ended;
  const removed = await reader.find('its removal', (event) => event.json.remove?.includes(id));
  const counted = await reader.find('its trace', (event) => event.json.traces?.some((row) => row.request_id === id));

  assert.ok(appeared.at - startedAt < 200, `appeared after ${appeared.at - startedAt} ms`);
  assert.ok(removed.at - endedAt < 200, `removed after ${removed.at - endedAt} ms`);
  assert.ok(counted.at - endedAt < 200, `counted after ${counted.at - endedAt} ms`);
  reader.close();
});

scenario('a steady request sends a reader its progress and nothing else; an idle service only heartbeats', {
  timeout: 60_000,
}, async (system) => {
  // A piece each 50 ms for ten seconds: what is watched here is a rate, so this test does live in real time.
  system.provider.answer('steady', paced(200, () => pause(50)));
  const stream = await start(system.proxy, 'script:steady');
  const id = stream.headers['x-request-id'];
  const reader = await SseReader.open(`${system.metricsUrl}/metrics/stream`);
  const snapshot = await reader.find('the snapshot', (event) => event.event === 'snapshot');
  await stream.ended;
  const end = await reader.find('the end', (event) => event.json.remove?.includes(id), { within: 20_000 });

  const during = reader.events.filter((event) => event.at > snapshot.at && event.at < end.at);
  const seconds = (end.at - snapshot.at) / 1000;
  const rows = during.flatMap((event) => event.json.upsert ?? []).filter((row) => row.request_id === id);
  assert.ok(during.every((event) => event.event === 'delta'));
  assert.ok(during.length <= seconds * 2 + 3, `${during.length} events in ${seconds} s`);
  assert.ok(rows.length >= seconds, 'tokens grow while it runs');
  assert.ok(rows.every((row, i) => i === 0 || row.output_tokens > rows[i - 1].output_tokens), 'each one is news');

  const idleFrom = reader.events.length;
  const commentsFrom = reader.comments.length;
  await pause(10_000);
  assert.deepEqual(reader.events.slice(idleFrom + 2).map((event) => event.data), [], 'no event while nothing happens');
  assert.ok(reader.comments.slice(commentsFrom).every((comment) => comment.text === 'heartbeat'));
  reader.close();
});

scenario('a reader that returns with its last id gets what it missed, and one with a strange id a reset', {},
  async (system) => {
    system.provider.answer('missed', text('missed'));
    const reader = await SseReader.open(`${system.metricsUrl}/metrics/stream`);
    const { id } = await reader.find('the snapshot', (event) => event.event === 'snapshot');
    reader.close();
    const stream = await start(system.proxy, 'script:missed');
    await stream.ended;
    const requestId = stream.headers['x-request-id'];
    await system.trace(requestId);

    const resumed = await SseReader.open(`${system.metricsUrl}/metrics/stream`, { headers: { 'last-event-id': id } });
    const strange = await SseReader.open(`${system.metricsUrl}/metrics/stream?after=ffffffff-7`);

    await resumed.find('the missed trace', (event) => event.json.traces?.some((row) => row.request_id === requestId));
    assert.equal(resumed.named('reset').length, 0);
    await strange.find('a reset', (event) => event.event === 'reset');
    await strange.find('then a snapshot', (event) => event.event === 'snapshot');
    resumed.close();
    strange.close();
  });

scenario('the compatible stream gives whole lists named update', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('plain', held(gate));
  const reader = await SseReader.open(`${system.metricsUrl}/metrics/active-requests/stream`);
  await reader.find('the empty list', (event) => event.event === 'update' && event.json.active_requests.length === 0);

  const stream = await start(system.proxy, 'script:plain');
  const update = await reader.find('the row', (event) => event.json.active_requests.length === 1);

  assert.equal(update.json.disabled, false);
  assert.equal(typeof update.json.timestamp, 'number');
  assert.deepEqual(Object.keys(update.json.active_requests[0]).slice(0, 6),
    ['request_id', 'provider', 'model', 'requested_model', 'resolved_model', 'qualified_model']);
  gate.open();
  await stream.ended;
  await reader.find('empty again', (event) => event.at > update.at && event.json.active_requests.length === 0);
  reader.close();
});

scenario('metrics switched off answers so that it can be seen, with the right advice', {
  metricsEnv: { LOG_REQUEST_METRICS: 'false' }, proxies: 0,
}, async (system) => {
  const list = await getJson(`${system.metricsUrl}/metrics/active-requests`);
  const reader = await SseReader.open(`${system.metricsUrl}/metrics/active-requests/stream`);
  const said = await reader.find('the event', (event) => event.event === 'disabled');

  for (const answer of [list, said.json]) {
    assert.equal(answer.disabled, true);
    assert.match(answer.suggestion, /LOG_REQUEST_METRICS\W+true/);
  }
  await reader.ended;
});

scenario('without any metrics service the proxy answers as ever', { metrics: false }, async (system) => {
  system.provider.answer('alone', text('all by myself'));

  const stream = await start(system.proxy, 'script:alone');

  assert.equal((await stream.ended).complete, true);
  assert.match(stream.text, /myself/);
});
