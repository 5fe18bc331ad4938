// Who may report to the metrics service, and what a report may say: forged streams against real processes.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import {
  chatBody, eventually, getJson, jsonHeaders, replay, request, requestBytes, scenario, text,
} from './harness/index.mjs';

const { status } = grpc;
const addressOf = (system) => system.commonEnv.VDM_INGEST_ADDRESS;
const ask = (system, model) => request(`${system.proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: jsonHeaders, body: chatBody(`script:${model}`, { stream: false }) });
const instanceOf = async (system) => (
  await getJson(`${system.proxy.url}/health`, { headers: { accept: 'application/json' } })).instance_id;
const hello = (fields) => requestBytes({ hello: { proxy_name: 'forged', protocol: 1, ...fields } });
const ended = (seq, id, fields) => requestBytes({
  batch: { first_seq: seq, events: [{ ended: { facts: { request_id: id }, outcome: 1, ...fields } }] } });
const totalRequests = async (system) => (await system.totals()).summary.total_requests;

/** Reports made-up messages and gives the status with which the stream ends. */
const report = (system, messages, token) => replay(addressOf(system), messages, token).end();

scenario('a forged report for a proxy that runs changes nothing, and what it reports later is kept', {},
  async (system) => {
    system.provider.answer('small', text('hello'));
    await ask(system, 'small');
    await eventually('it is counted', async () => await totalRequests(system) === 1);
    const instance = await instanceOf(system);

    for (const secret of ['', 'a-guess-that-is-long-enough']) {
      const end = await report(system,
        [hello({ instance_id: instance, oldest_unacked_seq: 1e9, secret }), ended(1e9, 'forged')]);
      assert.equal(end.code, status.PERMISSION_DENIED, end.details);
    }

    for (let i = 0; i < 20; i += 1) await ask(system, 'small');
    await eventually('all of them are counted', async () => await totalRequests(system) === 21);
    await eventually('in its row too', async () => (await system.snapshot()).proxies[0]?.ended === 21);
    const { proxies: [proxy] } = await system.snapshot();
    assert.deepEqual([proxy.proxy, proxy.state, proxy.ended, proxy.undeclared_gaps],
      ['proxy-1', 'connected', 21, 0]);
    await eventually('nothing waits for an acknowledgement', async () => (await getJson(
      `${system.proxy.url}/health`, { headers: { accept: 'application/json' } })).metrics.buffered_bytes === 0);
    await system.metrics.stop();
    await system.startMetrics();
    await eventually('history has them, too', async () => await totalRequests(system) === 21);
    const guess = [hello({ instance_id: instance, secret: 'a-guess-that-is-long-enough' })];
    let again;
    await eventually('the port for reports is open', async () => {
      again = await report(system, guess);
      return again.code !== status.UNAVAILABLE;
    });
    assert.equal(again.code, status.PERMISSION_DENIED, 'after a restart as before');
  });

scenario('a lying proxy puts nothing into the totals that cannot be', { proxies: 0 }, async (system) => {
  const secret = 's'.repeat(64);
  const said = replay(addressOf(system), [hello({ instance_id: 'liar', oldest_unacked_seq: 1, secret }),
    ended(1, 'tokens', { usage: { input_tokens: 3, output_tokens: 1e15 }, duration_us: 1e15, http_status: 999 }),
    ended(2, 'plain', { usage: { output_tokens: 7 } })]);
  await eventually('both are taken', () => said.acknowledged === 2);
  assert.equal((await said.end()).code, status.OK);

  const { summary } = await system.totals();
  assert.deepEqual([summary.total_requests, summary.total_input_tokens, summary.total_output_tokens], [2, 3, 7]);
  const { proxies: [liar] } = await system.snapshot();
  assert.equal(liar.implausible_numbers, 3);

  const jump = await report(system, [hello({ instance_id: 'liar', oldest_unacked_seq: 3, secret }), ended(1e9, 'jump')]);
  assert.equal(jump.code, status.INVALID_ARGUMENT);
  assert.match(jump.details, /batch\.first_seq: expected at most 3, got 1000000000/);
  assert.equal(await totalRequests(system), 2);

  const phantoms = Array.from({ length: 130_000 }, (_, i) => ({ request_id: `phantom-${i}`,
    facts: { request_id: `phantom-${i}` } }));
  const parts = [hello({ instance_id: 'liar', oldest_unacked_seq: 3, secret })];
  for (let at = 0; at < phantoms.length; at += 10_000) {
    parts.push(requestBytes({ active_snapshot: { as_of_seq: 2, requests: phantoms.slice(at, at + 10_000) } }));
  }
  const list = await report(system, parts);
  assert.equal(list.code, status.INVALID_ARGUMENT);
  assert.match(list.details, /active_snapshot\.requests: expected at most 100000 in all parts/);
  assert.equal((await system.active()).length, 0);
});

scenario('the metrics service makes the token that proxies show, and takes a new one beside it', {
  metrics: false, proxies: 0,
}, async (system) => {
  const file = join(system.dataDir, 'shared', 'ingest-token');
  const env = { VDM_INGEST_TOKEN_FILE: file };
  const tokens = () => readFileSync(file, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  const forged = [hello({ instance_id: 'forged', secret: 's'.repeat(64) })];
  await system.startMetrics(env);
  await system.startProxy('proxy-1', env);
  await system.connected(1);

  assert.equal(statSync(file).mode & 0o777, 0o600);
  const [first] = tokens();
  assert.equal((await report(system, forged)).code, status.UNAUTHENTICATED);
  assert.equal((await report(system, forged, `${first}0`)).code, status.UNAUTHENTICATED);
  assert.ok(!system.metrics.output.includes(first) && !system.proxy.program.output.includes(first), 'logged nowhere');

  const second = 'second-token-of-the-operator';
  writeFileSync(file, `${second}\n${first}\n`);
  await eventually('both are taken', async () => (await report(system, forged, second)).code === status.OK);
  assert.equal((await report(system, forged, first)).code, status.OK);
  writeFileSync(file, `${second}\n`);
  await eventually('the first is not', async () => (await report(system, forged, first)).code === status.UNAUTHENTICATED);

  system.provider.answer('small', text('hello'));
  await ask(system, 'small');
  await eventually('the proxy has come back with the second', async () => await totalRequests(system) === 1);
});

scenario('a proxy without the token serves, says so, and reports what it kept once it has it', {
  metrics: false, proxies: 0,
}, async (system) => {
  const own = join(system.dataDir, 'own-token');
  const token = 'the-token-of-the-service';
  await system.startMetrics({ VDM_INGEST_TOKEN: token });
  await system.startProxy('proxy-1', { VDM_INGEST_TOKEN_FILE: own });
  system.provider.answer('small', text('hello'));

  assert.equal((await ask(system, 'small')).status, 200);
  const health = () => getJson(`${system.proxy.url}/health`, { headers: { accept: 'application/json' } });
  await eventually('it says what is refused', async () => (await health()).metrics.refused === 'token');
  assert.match(system.proxy.program.output, /refuses this proxy's ingest token; events are kept/);

  writeFileSync(own, token, { mode: 0o600 });
  await eventually('its request is reported', async () => await totalRequests(system) === 1);
  assert.equal((await health()).metrics.refused, '');
});

scenario('an ingest address beyond this machine wants a token, or words that it does not', {
  metrics: false, proxies: 0,
}, async (system) => {
  const open = { VDM_INGEST_ADDRESS: addressOf(system).replace('127.0.0.1', '0.0.0.0') };
  const program = system.spawn('vdm-metrics', 'open', { ...system.commonEnv, ...open, VDM_DATA_DIR: 'none' });
  await eventually('it does not start', () => !program.running);
  assert.match(program.output, /vdm-metrics: VDM_INGEST_ADDRESS: '0\.0\.0\.0' can be reached from elsewhere/);

  await system.startMetrics({ ...open, VDM_ALLOW_OPEN_INGEST: 'yes-anyone-may-report' });
});
