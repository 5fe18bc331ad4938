// Keys with roles on real processes: made by `vdm keys new`, shared by both services, and in the audit log of each.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, getJson, held, Gate, request, run, scenario, text } from './harness/index.mjs';

const shown = (key) => ({ 'x-api-key': key });
const fileOf = (system) => join(system.dataDir, 'vandamme.toml');

/** Makes a key as a person does: its text, and its table. */
async function made(system, name, role, ...more) {
  const { code, stdout, stderr } = await run('vdm', { args: ['keys', 'new', name, '--role', role, ...more], cwd: system.dataDir });
  assert.equal(code, 0, stderr);
  return { key: stdout.match(/^ {2}(vdm_[0-9a-f]{64})$/m)[1], table: stdout.slice(stdout.indexOf('[keys.')) };
}

function write(system, toml) {
  writeFileSync(`${fileOf(system)}.new`, toml, { mode: 0o600 });
  chmodSync(`${fileOf(system)}.new`, 0o600);
  renameSync(`${fileOf(system)}.new`, fileOf(system));
}

const audit = (system, name) => {
  const path = name === 'metrics' ? join(system.dataDir, 'metrics', 'audit-vdm-metrics.jsonl') : join(system.dataDir, name, 'audit-vdm-proxy.jsonl');
  assert.equal(statSync(path).mode & 0o077, 0);
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
};

const ask = (system, key, model = 'script:fast') => request(`${system.proxy.url}/v1/chat/completions`, {
  method: 'POST', headers: { 'content-type': 'application/json', ...shown(key) },
  body: JSON.stringify({ model, stream: model !== 'script:fast', messages: [{ role: 'user', content: 'hi' }] }),
});

scenario('each key does what its role may, and the audit log says who did what', {
  metrics: false, proxies: 0, metricsEnv: { VDM_ALLOW_CANCEL: 'true' },
}, async (system) => {
  const gate = new Gate();
  system.provider.answer('fast', text('Hello.')).answer('slow', held(gate));
  const client = await made(system, 'app', 'client');
  const viewer = await made(system, 'wall', 'viewer');
  const operator = await made(system, 'ops', 'operator');
  const proxy = await made(system, 'proxy-1', 'ingest');
  write(system, [client, viewer, operator, proxy].map(({ table }) => table).join('\n'));
  await system.startMetrics();
  await system.startProxy('proxy-1', { VDM_INGEST_TOKEN: proxy.key });
  const metrics = (path, key, rest = {}) => request(`${system.metricsUrl}${path}`, { headers: { 'content-type': 'application/json', ...shown(key) }, ...rest });

  assert.equal((await ask(system, client.key)).status, 200);
  assert.equal((await ask(system, viewer.key)).status, 403);
  assert.equal((await ask(system, proxy.key)).status, 403);
  assert.equal((await ask(system, 'guess')).status, 401);
  assert.equal((await metrics('/metrics/running-totals', client.key)).status, 403);
  await eventually('the proxy reports by its own key', async () => (await getJson(`${system.metricsUrl}/metrics/running-totals`, { headers: shown(viewer.key) })).total_requests !== 0);

  ask(system, client.key, 'script:slow').catch(() => {});
  const row = await eventually('it runs', async () => (
    JSON.parse((await metrics('/metrics/active-requests', client.key)).text).active_requests[0]));
  const cancel = `/metrics/active-requests/${row.request_id}/cancel`;
  for (const key of [client.key, viewer.key]) assert.equal((await metrics(cancel, key, { method: 'POST', body: '{}' })).status, 403);
  const login = await metrics('/login', '', { method: 'POST', body: JSON.stringify({ key: viewer.key }), headers: { 'content-type': 'application/json' } });
  assert.equal(login.status, 204);
  const cookie = login.headers['set-cookie'][0].split(';')[0];
  const session = await getJson(`${system.metricsUrl}/session`, { headers: { cookie } });
  assert.deepEqual([session.role, session.may_cancel], ['viewer', false]);
  assert.equal((await metrics(cancel, operator.key, { method: 'POST', body: '{}' })).status, 202);
  const status = await run('vdm', { args: ['cancel', 'req_none'], cwd: system.dataDir,
    env: { VDM_EVENTS_ADDRESS: system.eventsAddress, VDM_METRICS_API_KEY: viewer.key } });
  assert.equal(status.code, 4, status.stderr);

  await eventually('both logs have it', () => {
    const ours = audit(system, 'metrics');
    const theirs = audit(system, 'proxy-1');
    return ours.some((line) => line.target === 'CancelRequest') && theirs.length >= 3;
  });
  const seen = (name) => audit(system, name).map(({ actor, action, target, outcome }) => [actor, action, target, outcome].join(' '));
  const [atMetrics, atProxy] = [seen('metrics'), seen('proxy-1')];
  for (const line of [
    'app call GET /metrics/running-totals wrong role', `app call POST ${cancel} wrong role`, `wall call POST ${cancel} wrong role`,
    'wall login  done', `ops cancel ${row.request_id} done`, 'wall call CancelRequest wrong role',
  ]) assert.ok(atMetrics.includes(line), `${line} in\n${atMetrics.join('\n')}`);
  assert.ok(atProxy.includes('wall call POST /v1/chat/completions wrong role'), atProxy.join('\n'));
  assert.ok(atProxy.some((line) => /^[0-9a-f]{12} call POST \/v1\/chat\/completions wrong key$/.test(line)), atProxy.join('\n'));
  const all = JSON.stringify([audit(system, 'metrics'), audit(system, 'proxy-1')]);
  for (const { key } of [client, viewer, operator, proxy]) assert.ok(!all.includes(key));
  gate.open();
});

scenario('an old key and a new one open together until the old one\'s time is over', { metrics: false, proxies: 0 }, async (system) => {
  system.provider.answer('fast', text('Hello.'));
  const soon = new Date(Date.now() + 4000).toISOString();
  const old = await made(system, 'app-old', 'client', '--expires', soon);
  write(system, old.table);
  await system.startProxy('proxy-1');
  assert.equal((await ask(system, old.key)).status, 200);

  const fresh = await made(system, 'app', 'client');
  write(system, `${old.table}\n${fresh.table}`);
  await eventually('the new one is taken', async () => (await ask(system, fresh.key)).status === 200);

  await eventually('the old one opens nothing any more', async () => (await ask(system, old.key)).status === 401);
  assert.ok(Date.now() >= Date.parse(soon));
  assert.equal((await ask(system, fresh.key)).status, 200);
  assert.match((await ask(system, old.key)).text, /time of this key is over/);
});
