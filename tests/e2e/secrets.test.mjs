// Canaries: keys, prompts and answers that are searched for in everything the system writes, says or keeps.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import {
  Gate, SseReader, eventually, fails, held, open, postJson, request, root, run, scenario, text, tool,
} from './harness/index.mjs';

/** With bytes that every encoding changes, and one that none can hide. */
const canary = (name) => `sk-canary-${name}-${randomBytes(9).toString('hex')}+a/b`;

/** How a text may stand in what was written: plain, escaped, URL-encoded, hexadecimal, base64 at any offset. */
function disguises(words) {
  const bytes = Buffer.from(words);
  const found = { plain: words, json: JSON.stringify(words).slice(1, -1), slashed: words.replaceAll('/', '\\/'),
    url: encodeURIComponent(words), form: encodeURIComponent(words).replaceAll('%20', '+'), hex: bytes.toString('hex') };
  for (let offset = 0; offset < 3; offset += 1) {
    // The characters at both ends also depend on what stands beside them.
    const text64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '').slice(offset + 1, -2);
    found[`base64+${offset}`] = text64;
    found[`base64url+${offset}`] = text64.replaceAll('+', '-').replaceAll('/', '_');
  }
  return found;
}

/** Where any of the canaries stands in any of the outputs. */
function findings(canaries, outputs) {
  const found = [];
  for (const [name, words] of Object.entries(canaries)) {
    for (const [how, needle] of Object.entries(disguises(words))) {
      for (const [where, bytes] of Object.entries(outputs)) {
        const at = bytes.indexOf(needle);
        if (at >= 0) found.push(`${name} (${how}) in ${where}: …${bytes.subarray(Math.max(0, at - 60), at + 80)}…`);
      }
    }
  }
  return found;
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const options = { includeDirs: [join(root, 'proto')], keepCase: true, longs: Number, enums: String, defaults: true,
  oneofs: true };
const { Events } = grpc.loadPackageDefinition(loader.loadSync('vdm/metrics/v1/events.proto', options)).vdm.metrics.v1;

const keys = { proxyKey: canary('proxy'), upstreamKey: canary('upstream'), claudeKey: canary('claude'),
  header: canary('header'), wrongKey: canary('wrong'), subscription: `sk-ant-oat01-${canary('subscription')}` };
const words = { prompt: 'my grandmother hid the violet suitcase+beneath/the stairs', system: canary('system'),
  toolResult: canary('toolresult'), answer: 'the zebra ate seventeen yellow umbrellas/at+dawn', query: canary('query'),
  user: canary('user') };

/** A part of a prompt is as telling as the whole. */
const parts = { promptWord: 'grandmother', promptStart: 'violet suitca', answerWord: 'umbrellas' };

const auth = { authorization: `Bearer ${keys.proxyKey}` };
const jsonHeaders = { 'content-type': 'application/json', ...auth };

const chat = (model, rest = {}) => ({ model, user: words.user, messages: [{ role: 'system', content: words.system },
  { role: 'user', content: words.prompt }, { role: 'tool', tool_call_id: 'a', content: words.toolResult }], ...rest });
const claude = (model, rest = {}) => ({ model, max_tokens: 64, system: words.system, metadata: { user_id: words.user },
  messages: [{ role: 'user', content: [{ type: 'text', text: words.prompt },
    { type: 'tool_result', tool_use_id: 't', content: words.toolResult }] }], ...rest });

/** Every way a request can go, right and wrong; returns what the proxy itself said when it refused. */
async function exercise(system) {
  const { url } = system.proxy;
  const completions = (body, headers = jsonHeaders) => request(`${url}/v1/chat/completions`,
    { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const claudeMessages = (body) => postJson(`${url}/v1/messages`, body,
    { headers: { 'x-api-key': keys.proxyKey, 'anthropic-version': '2023-06-01' } });

  system.provider.answer('fine', text(words.answer)).answer('tools', tool('look_up', { what: words.answer }))
    .answer('wrong-key', fails(401, `Incorrect API key provided: ${keys.upstreamKey}.`))
    .answer('echo', fails(400, `Invalid value: '${words.prompt}'. Key ${keys.upstreamKey}, user ${words.user}.`))
    .answer('plain-echo', fails(400, `cannot read ${words.prompt} as content`))
    .answer('cut-echo', fails(400, `invalid content: ${words.prompt.slice(0, 36)}...`))
    .answer('in-stream', async (exchange) => {
      exchange.beginStream();
      await exchange.write(`data: ${JSON.stringify({ choices: [{ delta: { content: words.answer } }] })}\n\n`);
      const message = `cannot continue ${words.answer} for ${words.prompt} (${keys.upstreamKey})`;
      await exchange.write(`data: ${JSON.stringify({ error: { message, type: 'server_error' } })}\n\n`);
      exchange.response.end();
    })
    .answer('cut', async (exchange) => {
      exchange.beginStream();
      await exchange.write(`data: ${JSON.stringify({ choices: [{ delta: { content: words.answer } }] })}\n\ndata: {"ch`);
      exchange.cut();
    })
    .answer('garbage', (exchange) => exchange.response.end(`<html>${words.prompt} ${keys.upstreamKey}</html>`));

  for (const model of ['fine', 'tools', 'wrong-key', 'echo', 'plain-echo', 'cut-echo', 'garbage']) {
    for (const stream of [true, false]) {
      await completions(chat(`script:${model}`, { stream }));
      await claudeMessages(claude(`scriptclaude:${model}`, { stream }));
    }
  }
  for (const model of ['in-stream', 'cut']) {
    await completions(chat(`script:${model}`, { stream: true })).catch(() => {});
  }
  const gate = new Gate();
  system.provider.answer('left', held(gate));
  const left = await open(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders,
    body: JSON.stringify(chat('script:left', { stream: true })) });
  await eventually('it runs', async () => (await system.active()).length === 1);
  left.close();

  await exerciseAsSubscriber(system);

  const wrong = { ...jsonHeaders, authorization: `Bearer ${keys.wrongKey}` };
  return [
    await completions(chat('script:fine'), wrong),
    await completions(chat('nobody'), { ...wrong, authorization: '', 'x-api-key': keys.wrongKey }),
    await completions(`{"model": "script:fine", "messages": [{"content": "${words.prompt}"`),
    await completions(`{"model": 7, "messages": "${words.prompt}"}`),
    await completions(`{"model": "a", "model": "b", "messages": "${words.prompt}"}`),
    await completions(`{"model": "a", "stream": "${words.prompt}"}`),
    await completions(`${words.prompt}`),
    await request(`${url}/v1/nothing?key=${encodeURIComponent(words.query)}`, { headers: auth }),
    await request(`${url}/v1/models?key=${encodeURIComponent(words.query)}`, { headers: auth }),
    await request(`${url}/v1/models`, { headers: { authorization: `Basic ${keys.wrongKey}` } }),
  ];
}

/** A subscriber of Anthropic's, by a proxy that has no key for it: the login's token is passed on. */
async function exerciseAsSubscriber(system) {
  const { url } = await system.startProxy('passing', { ANTHROPIC_BASE_URL: system.provider.anthropicUrl });
  const headers = { authorization: `Bearer ${keys.subscription}`, 'x-vandamme-key': keys.proxyKey,
    'anthropic-version': '2023-06-01' };
  system.provider.answer('token-echo', fails(401, `invalid token: ${keys.subscription}`));
  for (const model of ['anthropic:fine', 'anthropic:token-echo', 'anthropic:garbage', 'scriptclaude:fine', 'nobody:x']) {
    for (const stream of [true, false]) await postJson(`${url}/v1/messages`, claude(model, { stream }), { headers });
  }
  await postJson(`${url}/v1/messages/count_tokens`, claude('anthropic:fine'), { headers });
  for (const path of ['/v1/models?provider=anthropic', '/top-models', '/test-connection?provider=scriptclaude', '/metrics', '/health']) {
    await request(`${url}${path}`, { headers });
  }
}

/** What the metrics service says through every door. */
async function everythingSaid(system) {
  const outputs = {};
  const get = async (name, url, headers = auth) => {
    outputs[name] = Buffer.from(JSON.stringify((await request(url, { headers })).headers)
      + (await request(url, { headers })).text);
  };
  for (const path of ['/metrics/active-requests', '/metrics/snapshot', '/metrics/logs', '/metrics/running-totals',
    '/metrics', '/health', '/metrics/running-totals?format=yaml', '/health/ready', '/session', `/nothing?key=${encodeURIComponent(words.query)}`]) {
    await get(`metrics ${path.replace(/=.*/, '')}`, `${system.metricsUrl}${path}`);
  }
  for (const path of ['/health', '/health/ready', '/v1/models', '/metrics/active-requests', '/']) {
    await get(`proxy ${path}`, `${system.proxy.url}${path}`);
  }
  const refused = await postJson(`${system.metricsUrl}/login`, { key: keys.wrongKey });
  const login = await postJson(`${system.metricsUrl}/login`, { key: keys.proxyKey });
  assert.equal(login.status, 204, login.text);
  outputs.login = Buffer.from(JSON.stringify([refused.headers, refused.text, login.headers, login.text]));

  const reader = await SseReader.open(`${system.metricsUrl}/metrics/stream`, { headers: auth });
  await reader.find('a snapshot', (event) => event.event === 'snapshot');
  outputs['dashboard stream'] = Buffer.from(reader.events.map((event) => event.data).join('\n'));
  reader.close();
  outputs['event stream'] = Buffer.from(await subscribed(system));
  for (const [key, expected] of [[keys.proxyKey, 0], [keys.wrongKey, 1]]) {
    for (const command of ['totals', 'active', 'status']) {
      const cli = await run('vdm', { args: [command], cwd: system.dataDir,
        env: { VDM_EVENTS_ADDRESS: system.eventsAddress, PROXY_API_KEY: key } });
      assert.equal(cli.code === 0 ? 0 : 1, expected, `vdm ${command}: ${cli.stderr}`);
      outputs[`vdm ${command} ${expected}`] = Buffer.from(cli.stdout + cli.stderr);
    }
  }
  return outputs;
}

/** A subscriber's snapshot and the traces, as text. */
async function subscribed(system) {
  const client = new Events(system.eventsAddress, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set('x-api-key', keys.proxyKey);
  const seen = [];
  const stream = client.Subscribe({}, metadata);
  stream.on('data', (reply) => seen.push(reply));
  stream.on('error', (error) => seen.push(String(error)));
  await eventually('a snapshot', () => seen.length > 0);
  const traces = await new Promise((resolve, reject) => {
    client.GetTraces({}, metadata, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
  stream.cancel();
  client.close();
  return JSON.stringify([seen, traces]);
}

scenario('no key, prompt or answer stands in anything that is logged, said or kept', {
  timeout: 120_000,
  env: { PROXY_API_KEY: keys.proxyKey, LOG_LEVEL: 'DEBUG' },
  proxyEnv: { SCRIPT_API_KEY: keys.upstreamKey, SCRIPTCLAUDE_API_KEY: keys.claudeKey, SCRIPT_CUSTOM_HEADER_X_TENANT: keys.header },
  apiHeaders: auth,
}, async (system) => {
  const refusals = await exercise(system);
  await eventually('all have ended', async () => (await system.active()).length === 0);
  await system.trace((row) => row.requested_model === 'script:left');

  const outputs = await everythingSaid(system);
  refusals.forEach(({ status, headers, text: said }, i) => {
    assert.ok(status >= 400 || i === 8, `refusal ${i}: ${status} ${said}`);
    outputs[`refusal ${i}`] = Buffer.from(JSON.stringify(headers) + said);
  });
  await Promise.all(system.programs.map((program) => program.stop({ patience: 10_000 })));
  for (const program of system.programs) outputs[`log of ${program.name}`] = Buffer.from(program.output);
  for (const file of filesUnder(system.dataDir)) outputs[file.slice(system.dataDir.length)] = readFileSync(file);

  // The search would find them: what may be seen is there, in the store too.
  const visible = findings({ model: 'script:wrong-key' }, outputs).join('\n');
  assert.match(visible, /in metrics \/metrics\/logs/);
  assert.match(visible, /in \/metrics\//, 'in the data folder');
  const sent = { provider: Buffer.from(JSON.stringify(system.provider.exchanges.map((one) => [one.headers, one.body]))) };
  for (const name of ['upstreamKey', 'claudeKey', 'header', 'subscription']) assert.ok(findings({ name: keys[name] }, sent).length > 0, name);
  assert.deepEqual(findings({ proxyKey: keys.proxyKey }, sent), [], 'our key is not the provider\'s to know');
  assert.deepEqual(findings({ ...keys, ...words, ...parts }, outputs), []);
  const bearer = `Bearer ${keys.subscription}`;
  for (const { headers } of system.provider.exchanges) {
    if (JSON.stringify(headers).includes(keys.subscription)) assert.equal(headers.authorization, bearer);
  }
});

scenario('what a program refuses at start is named without its secret', { metrics: false, proxies: 0 }, async (system) => {
  const cases = [
    { PROXY_API_KEY: `${keys.proxyKey} with a blank` },
    { OPENAI_API_KEY: `!PASSTHRU ${keys.upstreamKey}` },
    { OPENAI_BASE_URL: `https://user:${keys.upstreamKey}@example.com/v1` },
    { OPENAI_CUSTOM_HEADER_AUTHORIZATION: `Bearer ${keys.header}` },
    { OPENAI_API_KEY: `${keys.upstreamKey}\u0001` },
  ];
  for (const env of cases) {
    const { code, stdout, stderr } = await run('vdm-proxy',
      { args: ['--check-config'], cwd: system.dataDir, env: { OPENAI_API_KEY: 'k', ...env } });

    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(Object.keys(env)[0]));
    assert.deepEqual(findings(keys, { output: Buffer.from(stdout + stderr) }), []);
  }
});
