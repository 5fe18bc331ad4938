// A configuration that changes while the proxy runs: taken when it is valid, by the requests that begin from then on.
import assert from 'node:assert/strict';
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gate, eventually, held, request, scenario, text, within } from './harness/index.mjs';

const fileOf = (system) => join(system.dataDir, 'vandamme.toml');
const write = (system, toml) => {
  writeFileSync(`${fileOf(system)}.new`, toml);
  renameSync(`${fileOf(system)}.new`, fileOf(system));
};
const said = (system, words) => eventually(`the log says ${words}`, () => words.test(system.proxy.program.output));

async function answerOf(system, model) {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] });
  const answer = await request(`${system.proxy.url}/v1/chat/completions`,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return answer.status;
}

scenario('a file that changes is taken by what begins from then on', { metrics: false }, async (system) => {
  const gate = new Gate();
  system.provider.answer('slow', held(gate));
  system.provider.answer('fast', text('Hello.'));
  await answerOf(system, 'script:later');
  assert.equal(system.provider.seen('later').length, 1, 'it is a model like any other, yet');
  const running = answerOf(system, 'script:slow');
  await system.provider.arrival('slow');

  write(system, '[script.aliases]\nlater = "fast"\n');
  await said(system, /configuration read again.*script\.aliases\.later/);

  assert.equal(await answerOf(system, 'script:later'), 200);
  assert.equal(system.provider.seen('fast').length, 1);
  gate.open();
  assert.equal(await within(10_000, 'the running one ends', running), 200);
});

scenario('a bad file changes nothing and is named; SIGHUP reads it again', { metrics: false }, async (system) => {
  system.provider.answer('fast', text('Hello.'));
  write(system, '[script.aliases]\nlater = "fast"\n');
  await said(system, /configuration read again/);

  write(system, '[script.aliases]\nlater = "other"\n[timeouts]\nconnect = "soon"\n');
  await said(system, /timeouts\.connect: expected/);
  await said(system, /the last one holds/);
  await answerOf(system, 'script:later');
  assert.equal(system.provider.seen('fast').length, 1);

  write(system, '[proxy]\nlog-level = "DEBUG"\n[script.aliases]\nsooner = "fast"\n');
  system.proxy.program.signal('SIGHUP');
  await said(system, /waits for a restart.*proxy\.log-level/);
  await eventually('the new name holds', async () => {
    await answerOf(system, 'script:sooner');
    return system.provider.seen('fast').length > 1;
  });
  assert.ok(system.proxy.program.running);
});

const key = 'the-gateways-own-key';
const shutFile = `[proxy]\napi-key = "${key}"\n[script.aliases]\nlater = "fast"\n`;

/** The statuses of a request without the key, and of one with it. */
async function doors(system) {
  const body = JSON.stringify({ model: 'script:fast', messages: [{ role: 'user', content: 'hi' }] });
  const ask = (headers) => request(`${system.proxy.url}/v1/chat/completions`,
    { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  return [(await ask({})).status, (await ask({ 'x-api-key': key })).status];
}

for (const [what, empty] of [
  ['truncated', (system) => truncateSync(fileOf(system))],
  ['deleted', (system) => rmSync(fileOf(system))],
  ['cut short', (system) => write(system, '[script.aliases]\nlater = "other"\n')],
  ['unlocked on purpose', (system) => write(system, shutFile.replace(key, ''))],
]) {
  scenario(`a file that is ${what} does not open the gateway`, { metrics: false, proxies: 0 }, async (system) => {
    system.provider.answer('fast', text('Hello.'));
    write(system, shutFile);
    await system.startProxy('shut');
    assert.deepEqual(await doors(system), [401, 200]);

    empty(system);
    await said(system, /the configuration is not taken; the last one holds/);

    assert.deepEqual(await doors(system), [401, 200]);
    const { text: health } = await request(`${system.proxy.url}/health`,
      { headers: { accept: 'application/json', 'x-api-key': key } });
    const { configuration } = JSON.parse(health);
    assert.equal(configuration.taken, false, health);
    assert.match(configuration.faults.join(), /api-key|holds nothing/);

    write(system, shutFile);
    await said(system, /configuration read again/);
    const { text: later } = await request(`${system.proxy.url}/health`,
      { headers: { accept: 'application/json', 'x-api-key': key } });
    assert.deepEqual(JSON.parse(later).configuration, { taken: true });
  });
}
