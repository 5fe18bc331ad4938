// The record of a request: which model was asked and which answered, what the provider was shown, and what was refused
// before a provider was looked for. Each is the same in the answer's head, REST, Prometheus, the event stream and `vdm`.
import assert from 'node:assert/strict';
import {
  Gate, chatBody, eventually, getJson, held, jsonHeaders, naming, open, request, run, scenario, text,
} from './harness/index.mjs';

const post = (proxy, path, body, headers = {}) => request(`${proxy.url}${path}`,
  { method: 'POST', headers: { ...jsonHeaders, ...headers }, body });
const completion = (proxy, model, headers) =>
  post(proxy, '/v1/chat/completions', chatBody(model, { stream: false }), headers);
const vdm = (system, ...args) => run('vdm', {
  args, env: { VDM_EVENTS_ADDRESS: system.eventsAddress, ...system.options.env }, cwd: system.dataDir });
const metric = async (system, name) => {
  const exposition = await request(`${system.metricsUrl}/metrics`, { headers: system.apiHeaders });
  const line = exposition.text.split('\n').find((each) => each.startsWith(name));
  return line && Number(line.split(' ').at(-1));
};

scenario('an answer of another model is said everywhere, and a dated name of the same one is none', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('big', naming('small', held(gate)))
    .answer('whole', naming('whole-2025-10-01', text('as asked')));

  const stream = await open(`${system.proxy.url}/v1/chat/completions`,
    { method: 'POST', headers: jsonHeaders, body: chatBody('script:big') });
  assert.equal(stream.headers['x-vandamme-provider'], 'script');
  assert.equal(stream.headers['x-vandamme-model'], 'big');
  await eventually('the running row says it', async () => {
    const [row] = await system.active();
    return row?.model_mismatch && row.answered_model === 'small';
  });
  assert.match((await vdm(system, 'active')).stdout, /big \[answered by small\]/);
  gate.open();
  await stream.ended;
  const same = await completion(system.proxy, 'script:whole');

  const other = await system.trace(stream.headers['x-request-id']);
  assert.deepEqual([other.resolved_model, other.answered_model, other.model_mismatch, other.credential, other.kind],
    ['big', 'small', true, 'key', 'completion']);
  const dated = await system.trace(same.headers['x-request-id']);
  assert.deepEqual([dated.answered_model, dated.model_mismatch], ['whole-2025-10-01', false]);
  assert.equal((await system.totals()).summary.total_model_mismatches, 1);
  assert.equal(await metric(system, 'vdm_model_mismatches_total{provider="script",model="big"}'), 1);
  assert.equal(await metric(system, 'vdm_model_mismatches_total{provider="script",model="whole"}'), 0);
  const { stdout } = await vdm(system, 'totals', '--json');
  assert.equal(JSON.parse(stdout).summary.model_mismatches, 1);

  // A restart reads it all from the day's file.
  await system.metrics.stop();
  await system.startMetrics();
  const restored = await system.trace(stream.headers['x-request-id']);
  assert.deepEqual([restored.answered_model, restored.model_mismatch, restored.credential], ['small', true, 'key']);
  assert.equal((await system.totals()).summary.total_model_mismatches, 1);
});

scenario('who was asked is said when the provider answers an error, and of nothing else than completions', {
}, async (system) => {
  system.provider.answer('bad', (exchange) => exchange.json(400, { error: { message: 'no', type: 'x' } }));

  const refused = await completion(system.proxy, 'script:bad');
  const list = await request(`${system.proxy.url}/v1/models`);

  assert.equal(refused.status, 400);
  assert.equal(refused.headers['x-vandamme-model'], 'bad');
  assert.equal(list.headers['x-vandamme-model'], undefined);
});

scenario('what is refused before a provider is looked for is recorded as rejected, with its reason and client', {
  env: { PROXY_API_KEY: 'door-key' }, apiHeaders: { 'x-api-key': 'door-key' },
  proxyEnv: { VDM_BODY_BYTES_MAX: '4KiB' },
}, async (system) => {
  const ours = { 'x-api-key': 'door-key' };
  const row = await completion(system.proxy, 'script:hello', ours);
  const { client: label } = await system.trace(row.headers['x-request-id']);
  assert.match(label, /^[0-9a-f]{12}$/);

  // Three of one second and address are listed, so a second passes between the two halves.
  const first = {
    unauthorized: await completion(system.proxy, 'script:hello', { 'x-api-key': 'guess' }),
    too_large: await post(system.proxy, '/v1/messages', 'x'.repeat(5000), ours),
    no_json: await post(system.proxy, '/v1/messages', '{"model":', ours),
  };
  await system.trace(first.no_json.headers['x-request-id']);
  const seen = Date.now();
  await eventually('a second has passed', () => Date.now() - seen > 1000);
  const second = {
    encoded: await post(system.proxy, '/v1/messages', '{}', { ...ours, 'content-encoding': 'gzip' }),
    unknown: await completion(system.proxy, 'script:', ours),
  };
  await request(`${system.proxy.url}/v1/models`, { headers: { 'x-api-key': 'guess' } });
  await request(`${system.proxy.url}/health`);

  const told = async ({ headers }) => {
    const trace = await system.trace(headers['x-request-id']);
    return [trace.http_status, trace.outcome, trace.error_type, trace.client];
  };
  assert.deepEqual(await told(first.unauthorized), [401, 'rejected', 'unauthorized', '']);
  assert.deepEqual(await told(first.too_large), [413, 'rejected', 'invalid_request', label]);
  assert.deepEqual(await told(first.no_json), [400, 'rejected', 'invalid_request', label]);
  assert.deepEqual(await told(second.encoded), [415, 'rejected', 'invalid_request', label]);
  assert.equal((await told(second.unknown))[1], 'rejected');
  const { traces, errors } = await getJson(`${system.metricsUrl}/metrics/logs?outcome=rejected`,
    { headers: system.apiHeaders });
  assert.equal(traces.length, 5);
  assert.equal(errors.length, 5);
  assert.equal((await system.active()).length, 0);
  const { proxies } = await system.snapshot();
  assert.deepEqual([proxies[0].started, proxies[0].ended, proxies[0].undeclared_gaps], [6, 6, 0]);
});

scenario('a flood of wrong keys is counted, and does not fill the lists', {
  env: { PROXY_API_KEY: 'door-key' }, apiHeaders: { 'x-api-key': 'door-key' },
}, async (system) => {
  const began = performance.now();
  const Flood = 200;
  for (let i = 0; i < Flood; i += 1) {
    assert.equal((await completion(system.proxy, 'script:x', { 'x-api-key': `guess-${i}` })).status, i < 10 ? 401 : 429);
  }
  const seconds = Math.ceil((performance.now() - began) / 1000) + 1;

  const unlisted = await eventually('the counter has come with a heartbeat', async () => {
    const { proxies: [proxy] } = await system.snapshot();
    return proxy.rejections_unlisted + proxy.ended === Flood && proxy.rejections_unlisted;
  });
  const listed = Flood - unlisted;
  assert.ok(listed >= 3 && listed <= 3 * seconds, `${listed} listed in ${seconds} s`);
  assert.equal(await metric(system, 'vdm_proxy_rejections_unlisted'), unlisted);
  assert.match((await vdm(system, 'status')).stdout, new RegExp(`UNLISTED[^]*\\b${unlisted}\\b`));
});
