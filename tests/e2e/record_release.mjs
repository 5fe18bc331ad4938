// Keeps what a release leaves behind, for every later build to read: tests/golden/released/README.md says what and why.
//   VDM_BIN_DIR=<the release's programs> node tests/e2e/record_release.mjs VERSION DATE
// VERSION (v0.1.0) names the folder, which holds a vandamme.toml written by hand. DATE (2026-11-28) is the day on the
// services' clocks, one that is over. Needs cc and sqlite3.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  Gate, Program, ReportRecorder, System, aliasesOf, calls, cutAfter, eventually, fails, failsAfter, held, inTurn, open,
  pack, postJson, replayed, root, run, settingsOf, silent, text, thinking, tool, totalsOf,
} from './harness/index.mjs';

const [version, date] = process.argv.slice(2);
assert.match(version ?? '', /^v\d+\.\d+\.\d+$/, 'which version?');
const target = join(root, 'tests/golden/released', version);
const Prompt = 'marzipan';
const Answer = 'nightingale';

/** The environment that moves a program's wall clock to that day. */
function clockOf(day, folder) {
  const days = Math.floor(Date.now() / 86_400_000) - Date.parse(`${day}T00:00:00Z`) / 86_400_000;
  assert.ok(days > 0, 'a day that is over');
  const library = join(folder, 'other_day.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(root, 'tests/e2e/harness/other_day.c')]);
  return { LD_PRELOAD: library, VDM_CLOCK_SHIFT: String(-86_400 * days) };
}

const aliases = `
[aliases.steady]
targets = ["script:down"]
fallback = ["scriptclaude:plain"]

[aliases]
short = "script:plain"
`;

function script(provider, gates) {
  provider
    .answer('plain', text(`${Answer} sings`, { usage: { input: 11, output: 5 } }))
    .answer('cached', text(Answer, { usage: { input: 3, output: 2, cacheRead: 1000, cacheCreation: 200 } }))
    .answer('thinks', thinking(`${Answer}?`, `${Answer}.`, { usage: { input: 9, output: 40, reasoning: 31 } }))
    .answer('one-tool', tool('look', { at: Answer }))
    .answer('two-tools', calls([{ name: 'look', input: {} }, { name: 'hear', input: {} }], { words: Answer }))
    .answer('down', fails(503, 'overloaded', { type: 'overloaded_error' }))
    .answer('wrong', fails(400, 'no such parameter', { type: 'invalid_request_error' }))
    .answer('once-down', inTurn(fails(500, 'try again'), text(Answer)))
    .answer('breaks', cutAfter(2))
    .answer('gives-up', failsAfter(2, 'overloaded', { type: 'overloaded_error' }))
    .answer('silent', silent(gates.never))
    .answer('long', held(gates.long, { usage: { input: 7, output: 77 } }))
    .answer('endless', held(gates.never));
}

const headers = { 'content-type': 'application/json', 'user-agent': 'golden/1.0', authorization: 'Bearer golden' };
const history = [{ role: 'user', content: Prompt }];

const paths = {
  openai: { path: '/v1/chat/completions', rest: {} },
  anthropic: { path: '/v1/messages', rest: { max_tokens: 100 } },
};

function ask(proxy, model, { dialect = 'openai', stream = false, session, ...rest } = {}) {
  const { path, rest: needed } = paths[dialect];
  const more = session ? { 'x-claude-code-session-id': session } : {};
  return postJson(`${proxy.url}${path}`, { model, stream, messages: history, ...needed, ...rest },
    { headers: { ...headers, ...more } }).catch((error) => error);
}

const start = (proxy, model, session) => open(`${proxy.url}/v1/chat/completions`, {
  method: 'POST', headers: { ...headers, 'x-claude-code-session-id': session },
  body: JSON.stringify({ model, stream: true, messages: history }),
});

const toolHistory = [
  ...history,
  { role: 'assistant', content: null, tool_calls: [
    { id: 'call_a', type: 'function', function: { name: 'look', arguments: '{}' } }] },
  { role: 'tool', tool_call_id: 'call_a', content: Answer },
];

async function traffic(proxy) {
  for (const dialect of ['openai', 'anthropic']) {
    for (const stream of [false, true]) {
      for (const provider of ['script', 'scriptclaude']) {
        await ask(proxy, `${provider}:plain`, { dialect, stream, session: `session-${dialect}` });
      }
      for (const model of ['cached', 'thinks', 'one-tool', 'two-tools', 'gives-up', 'once-down']) {
        await ask(proxy, `script:${model}`, { dialect, stream });
      }
    }
    await ask(proxy, 'script:breaks', { dialect, stream: true });
    await ask(proxy, 'script:wrong', { dialect });
  }
  await ask(proxy, 'script:plain', { messages: toolHistory });
  await ask(proxy, 'short', { session: 'session-alias' });
  await ask(proxy, 'steady', { session: 'session-alias' });
  await ask(proxy, 'script:down');
  await ask(proxy, 'scriptclaude:plain', { n: 2 });
  for (const dialect of ['openai', 'anthropic']) {
    await ask(proxy, 'demo:demo-fast', { dialect, stream: true });
    await ask(proxy, 'democlaude:demo-fast', { dialect });
  }
  await ask(proxy, 'script:silent', { stream: true });
}

async function cancelTwo(system, proxy) {
  const left = await start(proxy, 'script:endless', 'session-left');
  await eventually('its first words', () => left.text.includes('first'));
  left.close();
  const ended = await start(proxy, 'script:endless', 'session-ended');
  await eventually('it is on the list', async () => (
    (await system.active()).some((row) => row.request_id === ended.headers['x-request-id'])));
  const { code } = await run('vdm', { args: ['cancel', ended.headers['x-request-id']], cwd: system.dataDir,
    env: { VDM_EVENTS_ADDRESS: system.eventsAddress } });
  assert.equal(code, 0);
  await ended.ended;
}

const ingestOf = (system) => system.commonEnv.VDM_INGEST_ADDRESS;

/** All that runs in the folder's day. Returns the recorded stream and where the day's file is. */
async function live(system, recorder) {
  const gates = { long: new Gate(), never: new Gate() };
  script(system.provider, gates);
  writeFileSync(join(system.dataDir, 'vandamme.toml'), aliases);
  const clock = clockOf(date, system.dataDir);
  const env = { ...clock, VDM_INGEST_ADDRESS: recorder.address, VDM_FIRST_BYTE_TIMEOUT: '2s' };

  // While nobody takes its events a small buffer runs over: its first batches say so with a gap.
  const first = await system.startProxy('proxy-1', { ...env, VDM_EVENT_BUFFER_BYTES: '64KiB' });
  const long = await start(first, 'script:long', 'session-long');
  for (let i = 0; i < 80; i += 1) await ask(first, 'script:plain');
  await system.startMetrics({ ...clock, VDM_ALLOW_CANCEL: 'true' });
  await system.connected(1);
  const connectedAt = performance.now();
  const recorded = recorder.streams.find((stream) => stream.replies.length > 0);
  const second = await system.startProxy('proxy-2', env);
  const third = await system.startProxy('proxy-3', env);
  await system.connected(3);
  const tail = new Program('vdm', { args: ['tail', '--state', 'tail.state'], cwd: system.dataDir,
    env: { VDM_EVENTS_ADDRESS: system.eventsAddress } });
  system.programs.push(tail);

  await traffic(first);
  await cancelTwo(system, first);
  await ask(second, 'script:plain');
  await start(second, 'script:endless', 'session-lost');
  await start(second, 'scriptclaude:endless', 'session-lost');
  await start(third, 'script:endless', 'session-shutdown');
  await eventually('four run', async () => (await system.active()).length === 4);
  await second.program.kill();
  third.program.signal('SIGTERM');
  third.program.signal('SIGTERM');
  await third.program.exited;
  await eventually('what ran there is lost', async () => (await system.active()).length === 1);
  // Every half minute a proxy lists what runs by its ids alone.
  await eventually('the list by ids is said', () => performance.now() - connectedAt > 33_000, { within: 60_000 });
  gates.long.open();
  await long.ended;
  await eventually('nothing runs', async () => (await system.active()).length === 0);
  await first.program.stop();
  await eventually('the tail has all', () => tail.stdout.includes('session-long'));
  await tail.stop();
  const { code } = await system.metrics.stop();
  assert.equal(code, 0);
  return recorded;
}

/** JSON with a line for each part, and for each row. */
function lines({ history: { rows, ...history }, ...rest }) {
  const each = (object) => Object.entries(object).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  const listed = `"rows": [\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
  const whole = `"history": {\n${[...each(history), listed].join(',\n')}\n}`;
  return `{\n${[...each(rest), whole].join(',\n')}\n}\n`;
}

/** Nothing of this machine, of a prompt or of an answer may be in what is kept. */
function assertClean(system) {
  const words = [Prompt, Answer, 'script-key', 'scriptclaude-key', root, system.dataDir, hostname(), process.env.HOME];
  for (const name of readdirSync(target)) {
    const bytes = readFileSync(join(target, name));
    for (const word of words.filter(Boolean)) {
      assert.ok(!bytes.includes(word), `${name} has '${word}' in it`);
    }
  }
}

const system = new System(`record-${version}`, { metrics: false, proxies: 0, demo: true, demoSpeed: 100 });
await system.start();
const recorder = await ReportRecorder.start(ingestOf(system));
try {
  const { requests, replies } = await live(system, recorder);
  const day = `history-${date}.sqlite`;
  const kept = join(system.dataDir, 'metrics');
  assert.deepEqual(readdirSync(kept).filter((name) => name.startsWith('history-')), [day]);
  copyFileSync(join(kept, day), join(target, day));
  copyFileSync(join(system.dataDir, 'tail.state'), join(target, 'tail.state'));
  writeFileSync(join(target, 'report.requests'), pack(requests));
  writeFileSync(join(target, 'report.replies'), pack(replies));

  const rows = JSON.parse(execFileSync('sqlite3', ['-json', join(kept, day), 'SELECT * FROM events ORDER BY id']));
  const watermarks = JSON.parse(execFileSync('sqlite3',
    ['-json', join(kept, day), 'SELECT instance_id, seq FROM watermarks ORDER BY instance_id']));
  // What is null, empty or 0 is left out: that is what a reader has for what it does not find.
  const present = ({ id, ...row }) => Object.fromEntries(Object.entries(row).filter(([, value]) => value));
  const expected = {
    version,
    history: {
      watermarks: Object.fromEntries(watermarks.map(({ instance_id: id, seq }) => [id, seq])),
      totals: await totalsOf(system, kept),
      rows: rows.map(present),
    },
    report: await replayed(system, requests),
    settings: await settingsOf(system, join(target, 'vandamme.toml')),
    aliases: await aliasesOf(system, join(target, 'vandamme.toml')),
  };
  writeFileSync(join(target, 'expected.json'), lines(expected));
  assertClean(system);
  console.log(`${target}: ${rows.length} rows, ${requests.length} requests, ${replies.length} replies`);
} finally {
  recorder.stop();
  await system.stop();
}
