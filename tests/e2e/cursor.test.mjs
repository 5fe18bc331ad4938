// Cursors that last: a tail is told every end exactly once, whatever becomes of the metrics service in between.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program, SseReader, chatBody, eventually, postJson, request, run, scenario, text } from './harness/index.mjs';

/** Requests through the proxy; resolves to their ids. */
async function ask(system, count) {
  const answers = await Promise.all(Array.from({ length: count }, () => postJson(
    `${system.proxy.url}/v1/chat/completions`, JSON.parse(chatBody('script:hello', { stream: false })))));
  for (const answer of answers) assert.equal(answer.status, 200);
  return answers.map(({ headers }) => headers['x-request-id']);
}

/** A `vdm tail` with a state file; the ids of all ends that tails of this system have printed stay. */
function tail(system, printed, ...args) {
  const program = new Program('vdm', {
    args: ['tail', '--state', join(system.dataDir, 'tail.state'), ...args],
    env: env(system), cwd: system.dataDir,
  });
  system.programs.push(program);
  const lines = () => program.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  printed.push(() => lines().filter(({ kind }) => kind === 'ended').map(({ ended }) => ended.facts.request_id));
  return { program, lines };
}

/** Waits until so many ends are counted, and all that the proxy has reported is on disk. */
const stored = (system, ends) => eventually('the proxy keeps nothing', async () => (
  (await system.totals()).summary.total_requests === ends &&
  /buffered_bytes: 0\b/.test((await request(`${system.proxy.url}/health`)).text)));
const env = (system) => ({ VDM_EVENTS_ADDRESS: system.eventsAddress });
const subscribed = (system) => eventually('it is subscribed', async () => (
  /subscribers?\D+1/i.test((await run('vdm', { args: ['status'], env: env(system), cwd: system.dataDir })).stdout)));
const all = (printed) => printed.flatMap((ids) => ids());
const told = (printed, ids) => eventually('every end is told', () => {
  const seen = new Set(all(printed));
  return ids.every((id) => seen.has(id));
}, { within: 30_000 }); // gRPC waits for some seconds before it connects again

for (const [what, args] of [['of ends alone', ['--kind', 'ended,lost,gap']], ['of everything', []]]) {
  scenario(`a tail ${what} is told each end exactly once over kill -9 of the metrics service`, {
    timeout: 90_000,
  }, async (system) => {
    system.provider.answer('hello', text('hi'));
    const printed = [];
    const ids = [];
    tail(system, printed, ...args);
    await subscribed(system);
    ids.push(...await ask(system, 5));
    await told(printed, ids);

    for (let round = 0; round < 3; round += 1) {
      await system.metrics.kill();
      ids.push(...await ask(system, 7)); // while nobody listens
      await system.startMetrics();
      ids.push(...await ask(system, 3));
    }
    await told(printed, ids);

    assert.deepEqual(all(printed).sort(), ids.sort());
    assert.equal((await system.totals()).summary.total_requests, ids.length);
  });

  scenario(`a tail ${what} that was away is told what ended meanwhile, though the service was killed since`, {
    timeout: 90_000,
  }, async (system) => {
    system.provider.answer('hello', text('hi'));
    const printed = [];
    const before = await ask(system, 2);
    await eventually('both are counted', async () => (await system.totals()).summary.total_requests === 2);
    const first = tail(system, printed, ...args);
    await subscribed(system);
    const ids = await ask(system, 3);
    await told(printed, ids);
    await first.program.stop();
    await stored(system, ids.length + 2);
    const cursor = readFileSync(join(system.dataDir, 'tail.state'), 'utf8').trim();
    assert.match(cursor, /^[0-9a-f]{12}-\d+-\d+$/);

    ids.push(...await ask(system, 20));
    await stored(system, ids.length + 2);
    await system.metrics.kill();
    await system.startMetrics();
    ids.push(...await ask(system, 4));
    await system.metrics.stop();
    await system.startMetrics();
    const second = tail(system, printed, ...args);
    ids.push(...await ask(system, 2));
    await told(printed, ids);

    // A new reader begins with the log's entry in hand, which may hold the ends of a moment ago.
    assert.deepEqual(all(printed).filter((id) => !before.includes(id)).sort(), ids.sort());
    const resets = second.lines().filter(({ kind }) => kind === 'reset');
    assert.equal(resets.length, args.length === 0 ? 1 : 0, 'what is not kept is counted, once');
    if (args.length === 0) assert.ok(Number(resets[0].lost) >= 20, JSON.stringify(resets)); // starts
  });
}

scenario('a feed of an earlier process of the service is told what it missed, and gets the whole state', {
}, async (system) => {
  system.provider.answer('hello', text('hi'));
  await ask(system, 1);
  const feed = (query = '') => SseReader.open(`${system.metricsUrl}/metrics/stream${query}`);
  const named = (reader, name) => reader.find(name, (event) => event.event === name);
  const before = await feed();
  const { id } = await named(before, 'snapshot');
  before.close();
  const ids = await ask(system, 3);
  await stored(system, 4);
  await system.metrics.kill();
  await system.startMetrics();

  const after = await feed(`?after=${id}`);
  const reset = (await named(after, 'reset')).json;
  assert.equal(reset.reason, 'too_old');
  assert.ok(reset.lost >= 5, `the starts and ends of three requests: ${reset.lost}`);
  const snapshot = await named(after, 'snapshot');
  assert.equal(snapshot.id.split('-')[0], id.split('-')[0], 'the log is the same');
  const traces = snapshot.json.traces.map((trace) => trace.request_id);
  assert.deepEqual(ids.filter((each) => !traces.includes(each)), []);
  after.close();
});
