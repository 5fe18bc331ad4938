// The `vdm` command against the running system: what a person types, and what a script reads.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Gate, Program, chatBody, eventually, held, jsonHeaders, open, postJson, run, scenario, text, within,
} from './harness/index.mjs';

const start = (system, model) => open(`${system.proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: jsonHeaders, body: chatBody(model) });
const whole = (system, model) => postJson(`${system.proxy.url}/v1/chat/completions`,
  JSON.parse(chatBody(model, { stream: false })));

const cliEnv = (system) => ({ VDM_EVENTS_ADDRESS: system.eventsAddress });
const vdm = (system, ...args) => run('vdm', { args, env: cliEnv(system), cwd: system.dataDir });

/** A `vdm tail` that runs until the test has seen enough. */
function tail(system, ...args) {
  const program = new Program('vdm', { args: ['tail', ...args], env: cliEnv(system), cwd: system.dataDir });
  system.programs.push(program);
  return {
    program,
    get lines() { return program.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)); },
    async until(what, question) {
      return eventually(what, () => this.lines.find(question));
    },
  };
}

const mentions = (word) => (line) => JSON.stringify(line).includes(word);

scenario('vdm status names the proxies and succeeds while all is well', { proxies: 2 }, async (system) => {
  const { code, stdout } = await vdm(system, 'status');

  assert.equal(code, 0);
  assert.match(stdout, /proxy-1/);
  assert.match(stdout, /proxy-2/);
  assert.doesNotMatch(stdout, /\u001b\[/, 'no colour when piped');
});

scenario('vdm fails with one clear line when nothing listens', { metrics: false, proxies: 0 }, async (system) => {
  const { code, stderr } = await vdm(system, 'status');

  assert.notEqual(code, 0);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.ok(stderr.includes(system.eventsAddress), stderr);
});

scenario('vdm active lists what runs and vdm totals what ran', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('running', held(gate, { usage: { input: 3, output: 1234 } }));
  const stream = await start(system, 'script:running');
  const id = stream.headers['x-request-id'];
  await eventually('it runs', async () => (await system.active()).length === 1);

  const active = await vdm(system, 'active');
  gate.open();
  await stream.ended;
  await system.trace(id);
  const totals = await vdm(system, 'totals');

  assert.equal(active.code, 0);
  assert.ok(active.stdout.includes('running') && active.stdout.includes('proxy-1'), active.stdout);
  assert.doesNotMatch(active.stdout, /\u001b\[/, 'no colour when piped');
  assert.equal(totals.code, 0);
  assert.ok(totals.stdout.includes('script') && /1[,_ ]?234/.test(totals.stdout), totals.stdout);
});

scenario('vdm tail prints one JSON line per event, only those the filters let through', {}, async (system) => {
  system.provider.answer('seen', text('seen')).answer('other', text('other'));
  const ended = tail(system, '--kind', 'ended', '--model', 's*n');
  const all = tail(system);
  await eventually('both subscribe', async () => (await vdm(system, 'status')).stdout.match(/subscribers?\D+2/i));

  await whole(system, 'script:other');
  await whole(system, 'script:seen');

  await all.until('the end of the last one', (line) => mentions('"seen"')(line) && mentions('ended')(line));
  await ended.until('the same, filtered', mentions('"seen"'));
  assert.ok(all.lines.some(mentions('"other"')));
  assert.ok(!ended.lines.some(mentions('"other"')));
});

scenario('vdm tail resumes where it stopped and misses nothing', {}, async (system) => {
  system.provider.answer('one', text('1')).answer('two', text('2')).answer('three', text('3'));
  const state = join(system.dataDir, 'cursor');
  const first = tail(system, '--kind', 'ended', '--state', state);
  await eventually('it subscribes', async () => (await vdm(system, 'status')).stdout.match(/subscribers?\D+1/i));
  await whole(system, 'script:one');
  await first.until('the first', mentions('"one"'));
  await first.program.stop();

  await whole(system, 'script:two');
  await system.trace((trace) => trace.model === 'two');
  const second = tail(system, '--kind', 'ended', '--state', state);
  await second.until('what happened meanwhile', mentions('"two"'));
  await whole(system, 'script:three');
  await second.until('what happens now', mentions('"three"'));

  assert.ok(existsSync(state) && readFileSync(state, 'utf8').length > 0);
  assert.ok(!second.lines.some(mentions('"one"')), 'nothing twice');
});

scenario('vdm cancel ends a running request when that is allowed, and the client is told', {
  metricsEnv: { VDM_ALLOW_CANCEL: 'true' },
}, async (system) => {
  system.provider.answer('cancelled', held(new Gate()));
  const stream = await start(system, 'script:cancelled');
  const id = stream.headers['x-request-id'];
  await eventually('it runs', async () => (await system.active()).length === 1);

  const { code } = await vdm(system, 'cancel', id);

  assert.equal(code, 0);
  await within(3000, 'the stream ends', stream.ended);
  assert.ok(!stream.text.includes('[DONE]'), 'a cancelled answer does not look like a whole one');
  assert.match(stream.text, /error/);
  assert.equal((await system.trace(id)).outcome, 'cancelled_by_operator');
  assert.equal((await system.provider.arrival('cancelled')).state, 'abandoned');
});

scenario('vdm cancel is refused unless allowed, and an unknown id is not found', {
  metricsEnv: { VDM_ALLOW_CANCEL: 'false' },
}, async (system) => {
  const gate = new Gate();
  system.provider.answer('kept', held(gate));
  const stream = await start(system, 'script:kept');
  await eventually('it runs', async () => (await system.active()).length === 1);

  const refused = await vdm(system, 'cancel', stream.headers['x-request-id']);

  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /VDM_ALLOW_CANCEL/);
  gate.open();
  await stream.ended;
  assert.match(stream.text, /\[DONE\]/);
});

scenario('vdm cancel of an id that does not run says not found', {
  metricsEnv: { VDM_ALLOW_CANCEL: 'true' },
}, async (system) => {
  const { code, stderr } = await vdm(system, 'cancel', 'req_0123_4');

  assert.notEqual(code, 0);
  assert.match(stderr, /req_0123_4/);
});

scenario('vdm explains itself, says its version, and refuses what it does not know', {
  metrics: false, proxies: 0,
}, async (system) => {
  const help = await vdm(system, '--help');
  const version = await vdm(system, '--version');
  const unknown = await vdm(system, 'frobnicate');

  assert.equal(help.code, 0);
  for (const word of ['tail', 'active', 'totals', 'cancel', 'status']) assert.ok(help.stdout.includes(word), word);
  assert.match(version.stdout, /^vdm 0\.1\.0 \(commit [0-9a-f]{12}\)$/m);
  assert.equal(unknown.code, 2);
});
