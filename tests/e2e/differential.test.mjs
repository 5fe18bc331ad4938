// Ten things the original got wrong, each held here against the built programs; in brackets what it did.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import {
  Gate, Program, SseReader, chatBody, eventually, fails, freePort, getJson, held, jsonHeaders, open, outPath, parseSse,
  postJson, request, scenario, silent, text, timed, tool,
} from './harness/index.mjs';

const { parse: parseYaml } = createRequire(import.meta.url)('yaml');

const stream = (system, model) => open(`${system.proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: jsonHeaders, body: chatBody(model) });
const whole = (system, model, rest = {}) => postJson(`${system.proxy.url}/v1/chat/completions`,
  { ...JSON.parse(chatBody(model, { stream: false })), ...rest }, { headers: { authorization: 'Bearer k' } });
const messages = (model, rest = {}) => ({ model, max_tokens: 64, messages: [{ role: 'user', content: 'hi' }], ...rest });
const messagesHeaders = { 'content-type': 'application/json', 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };

scenario('1: three in flight are three in the totals [six]', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('held', held(gate));
  const streams = [];
  for (let i = 0; i < 3; i += 1) streams.push(await stream(system, 'script:held'));
  await eventually('three run', async () => (await system.active()).length === 3);

  const { summary, providers } = await system.totals();

  assert.equal(summary.total_requests, 3);
  assert.equal(summary.active_requests, 3);
  assert.equal(providers.script.rollup.total.requests, 3);
  gate.open();
  await Promise.all(streams.map((one) => one.ended));
});

scenario('2: a request for a provider nobody knows leaves nothing running [one for ever]', {
  // Two providers of the dialect and no default: a bare or foreign name cannot be placed.
  proxyEnv: { VDM_DEFAULT_PROVIDER: '', OTHER_API_KEY: 'k', OTHER_BASE_URL: 'http://127.0.0.1:9/v1' },
}, async (system) => {
  const answer = await whole(system, 'nobody:gpt');

  assert.equal(answer.status, 404, answer.text);
  assert.match(answer.text, /other, script, scriptclaude/, 'the known ones are named');
  const trace = await system.trace((row) => row.requested_model === 'nobody:gpt');
  assert.equal(trace.outcome, 'rejected');
  assert.deepEqual(await system.active(), []);
});

scenario('3: usage in the chunk that trails a stream is counted [none]', {}, async (system) => {
  system.provider.answer('usage', text('some words', { usage: { input: 21, output: 34, cacheRead: 13 } }));

  const one = await stream(system, 'script:usage');
  await one.ended;

  const trace = await system.trace(one.headers['x-request-id']);
  assert.deepEqual([trace.input_tokens, trace.output_tokens, trace.cache_read_tokens], [21, 34, 13]);
  assert.equal(trace.estimated, false);
  const chunks = parseSse(one.text).filter((event) => event.data !== '[DONE]').map((event) => JSON.parse(event.data));
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1), 'the client did not ask for it and does not see it');
  assert.equal(system.provider.seen('usage')[0].body.stream_options.include_usage, true);
});

scenario('4: a model with a colon has one name in every view [two]', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('org/m:free', held(gate));
  const one = await stream(system, 'script:org/m:free');
  const [row] = await eventually('it runs', async () => {
    const rows = await system.active();
    return rows.length === 1 && rows;
  });
  const running = await system.totals();
  gate.open();
  await one.ended;
  const trace = await system.trace(one.headers['x-request-id']);
  const done = await system.totals();

  assert.deepEqual([row.provider, row.model, row.resolved_model], ['script', 'org/m:free', 'org/m:free']);
  assert.deepEqual([trace.provider, trace.model, trace.resolved_model], ['script', 'org/m:free', 'org/m:free']);
  assert.deepEqual(Object.keys(running.providers.script.models), ['org/m:free']);
  assert.deepEqual(Object.keys(done.providers.script.models), ['org/m:free']);
  assert.equal(system.provider.seen('org/m:free').length, 1);
});

scenario('4: a colon belongs to the model when no provider stands before it', {}, async (system) => {
  system.provider.answer('org/m:free', text('hello'));

  const answer = await whole(system, 'org/m:free');

  assert.equal(answer.status, 200, answer.text);
  const trace = await system.trace(answer.headers['x-request-id']);
  assert.deepEqual([trace.provider, trace.model], ['script', 'org/m:free']);
});

scenario('5: a reader watching one silent request for 5 s hears a few messages [ten]', {}, async (system) => {
  const gate = new Gate();
  system.provider.answer('silent', silent(gate));
  const call = whole(system, 'script:silent').catch(() => {});
  await eventually('it runs', async () => (await system.active()).length === 1);
  const readers = await Promise.all(['/metrics/active-requests/stream', '/metrics/active-requests/stream?mode=delta']
    .map((path) => SseReader.open(`${system.metricsUrl}${path}`)));
  for (const reader of readers) await reader.find('its first message', () => true);

  await pause(5000);

  for (const reader of readers) {
    assert.ok(reader.events.length <= 3, `${reader.events.length}: ${reader.events.map((event) => event.data)}`);
    reader.close();
  }
  gate.open();
  await call;
});

scenario('6: the same key twice fails as fast as once [hangs]', {
  proxyEnv: { SCRIPT_API_KEY: 'same same' },
}, async (system) => {
  system.provider.answer('refused', fails(401, 'no such key', { type: 'authentication_error' }));

  const { value, ms } = await timed(() => whole(system, 'script:refused'));

  assert.ok([401, 429].includes(value.status), `${value.status} ${value.text}`);
  assert.ok(ms < 2000, `after ${Math.round(ms)} ms`);
  assert.ok(system.provider.seen('refused').length <= 2);
});

scenario('7: metrics that are switched off say so in every form [in one broken form]', {
  env: { LOG_REQUEST_METRICS: 'false' }, proxies: 0,
}, async (system) => {
  const active = await getJson(`${system.metricsUrl}/metrics/active-requests`);
  const totals = await getJson(`${system.metricsUrl}/metrics/running-totals`);
  const yaml = await request(`${system.metricsUrl}/metrics/running-totals?format=yaml`);
  const reader = await SseReader.open(`${system.metricsUrl}/metrics/active-requests/stream`);
  const event = await reader.find('a disabled event', (one) => one.event === 'disabled');
  await reader.ended;

  for (const said of [active, totals, parseYaml(yaml.text), event.json]) {
    assert.equal(said.disabled, true);
    assert.ok(said.message.length > 0);
    assert.match(said.suggestion, /LOG_REQUEST_METRICS=true/, 'what is suggested would help');
  }
});

// As providers send it, and then some: comments, odd spacing, CRLF, unknown events, escapes, no event name.
const oddStream = [
  ': hello\n\n',
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",'
    + '"content":[],"model":"odd","stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}     }\n\n',
  'event: ping\r\ndata: {"type": "ping"}\r\n\r\n',
  'event: something_new\ndata:{"type":"something_new","x":[1, 2,\ndata: 3]}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"gr\\u00fc\\u00df\u4e16\u754c \u{1f600}"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];

scenario('8: an Anthropic stream passes byte for byte [garbled]', {}, async (system) => {
  system.provider.answer('odd', async (exchange) => {
    exchange.beginStream();
    for (const part of oddStream) {
      // Cut where it hurts: inside names, line ends and characters.
      const bytes = Buffer.from(part);
      for (let at = 0; at < bytes.length; at += 11) await exchange.write(bytes.subarray(at, at + 11));
    }
    exchange.response.end();
  });

  const one = await request(`${system.proxy.url}/v1/messages`, { method: 'POST', headers: messagesHeaders,
    body: JSON.stringify(messages('scriptclaude:odd', { stream: true })) });

  assert.equal(one.raw.toString('latin1'), Buffer.from(oddStream.join('')).toString('latin1'));
  const trace = await system.trace(one.headers['x-request-id']);
  assert.deepEqual([trace.outcome, trace.input_tokens, trace.output_tokens], ['ok', 9, 5]);
});

scenario('9: the index of a block or a tool is a number everywhere [or a string]', {}, async (system) => {
  system.provider.answer('tool', tool('weather', { city: 'Paris' }));
  const claude = await request(`${system.proxy.url}/v1/messages`, { method: 'POST', headers: messagesHeaders,
    body: JSON.stringify(messages('scriptclaude:tool', { stream: true })) });
  const openai = await stream(system, 'script:tool');
  await openai.ended;

  const indices = [];
  for (const event of [...parseSse(claude.text), ...parseSse(openai.text)]) {
    if (event.data === '' || event.data === '[DONE]') continue;
    const data = JSON.parse(event.data);
    if (data.type?.startsWith('content_block')) indices.push(data.index);
    for (const call of data.choices?.[0]?.delta?.tool_calls ?? []) indices.push(call.index);
  }

  assert.ok(indices.length > 4, `${indices}`);
  assert.ok(indices.every(Number.isInteger), `${indices}`);
});

test('10: an OpenAI key and nothing else is enough to start [aborts]', { timeout: 30_000 }, async () => {
  const port = await freePort();
  const program = new Program('vdm-proxy', { env: { OPENAI_API_KEY: 'k', PORT: String(port) },
    cwd: '/', logPath: outPath('10-openai-key-alone', 'proxy.log') });
  try {
    const health = await eventually('it is healthy', async () => {
      if (!program.running) throw new Error(program.output);
      return request(`http://127.0.0.1:${port}/health`);
    });

    assert.equal(health.status, 200);
  } finally {
    await program.stop();
  }
});
