// The public SDKs through the proxy to the scripted provider: what the client gets, what the provider was sent, and
// that the trace and the totals say the same numbers.
import assert from 'node:assert/strict';
import {
  Anthropic, Gate, OpenAI, anthropicAt, awaited, eventually, fails, held, openaiAt, readOpenai, request, scenario,
  silent, text, thinking, timed, tool, userSays, within,
} from './harness/index.mjs';

const usage = { input: 21, output: 8, cacheRead: 34, cacheCreation: 0, reasoning: 0 };
const weather = { type: 'object', properties: { city: { type: 'string' } } };

scenario('the OpenAI SDK gets a whole answer; client, trace and totals agree on its usage', {}, async (system) => {
  system.provider.answer('whole', text('Hello there.', { usage }));

  const { data, response } = await openaiAt(system.proxy.url).chat.completions
    .create({ model: 'script:whole', messages: userSays('hi') }).withResponse();

  assert.equal(data.choices[0].message.content, 'Hello there.');
  const trace = await system.trace(response.headers.get('x-request-id'));
  assert.equal(trace.provider, 'script');
  assert.equal(trace.resolved_model, 'whole');
  assert.equal(trace.is_streaming, false);
  assert.equal(trace.status, 'ok');
  assert.equal(trace.outcome, 'ok');
  assert.equal(trace.http_status, 200);
  await agree(system, trace, data.usage.prompt_tokens - data.usage.prompt_tokens_details.cached_tokens,
    data.usage.completion_tokens, data.usage.prompt_tokens_details.cached_tokens);
});

scenario('the OpenAI SDK streams text with usage when it asks for it', {}, async (system) => {
  system.provider.answer('streamed', text('one two three', { usage }));

  const { data, response } = await openaiAt(system.proxy.url).chat.completions.create({
    model: 'script:streamed', messages: userSays('hi'), stream: true, stream_options: { include_usage: true },
  }).withResponse();
  const seen = await readOpenai(data);

  assert.equal(seen.text, 'one two three');
  assert.equal(seen.finish, 'stop');
  const trace = await system.trace(response.headers.get('x-request-id'));
  assert.equal(trace.is_streaming, true);
  assert.equal(trace.finish_reason, 'stop');
  assert.ok(trace.ttft_ms >= 0);
  await agree(system, trace, seen.usage.prompt_tokens - seen.usage.prompt_tokens_details.cached_tokens,
    seen.usage.completion_tokens, seen.usage.prompt_tokens_details.cached_tokens);
});

scenario('a client that did not ask for usage does not see it, and it is counted all the same', {}, async (system) => {
  system.provider.answer('quiet', text('one two', { usage }));

  const { data, response } = await openaiAt(system.proxy.url).chat.completions
    .create({ model: 'script:quiet', messages: userSays('hi'), stream: true }).withResponse();
  const seen = await readOpenai(data);

  assert.equal(seen.text, 'one two');
  assert.ok(seen.chunks.every((chunk) => chunk.choices.length === 1), 'the usage chunk is hidden');
  assert.equal(seen.usage, undefined);
  assert.deepEqual(system.provider.seen('quiet')[0].body.stream_options, { include_usage: true });
  const trace = await system.trace(response.headers.get('x-request-id'));
  await agree(system, trace, usage.input, usage.output, usage.cacheRead);
});

scenario('the OpenAI SDK gets tool calls, whole and streamed, and they are counted', {}, async (system) => {
  system.provider.answer('tools', tool('weather', { city: 'Paris' }, { usage }));
  const ask = { model: 'script:tools', messages: userSays('weather?'),
    tools: [{ type: 'function', function: { name: 'weather', parameters: weather } }] };
  const client = openaiAt(system.proxy.url);

  const whole = await client.chat.completions.create(ask);
  const streamed = await readOpenai(await client.chat.completions.create({ ...ask, stream: true }));

  assert.deepEqual(JSON.parse(whole.choices[0].message.tool_calls[0].function.arguments), { city: 'Paris' });
  assert.deepEqual(JSON.parse(streamed.tools[0].arguments), { city: 'Paris' });
  assert.equal(streamed.finish, 'tool_calls');
  const traces = await eventually('both traces', async () => {
    const list = await system.traces();
    return list.length === 2 && list;
  });
  assert.deepEqual(traces.map((trace) => trace.tool_call_count), [1, 1]);
});

scenario('the Anthropic SDK gets text, whole and streamed, and all agree on the usage', {}, async (system) => {
  system.provider.answer('claude', text('Good day.', { usage: { ...usage, cacheCreation: 5 } }));
  const client = anthropicAt(system.proxy.url);
  const ask = { model: 'scriptclaude:claude', max_tokens: 100, messages: userSays('hi') };

  const whole = await client.messages.create(ask);
  const streamed = await client.messages.stream(ask).finalMessage();

  for (const message of [whole, streamed]) {
    assert.equal(message.content[0].text, 'Good day.');
    assert.equal(message.stop_reason, 'end_turn');
    assert.equal(message.usage.output_tokens, usage.output);
  }
  const traces = await eventually('both traces', async () => {
    const list = await system.traces();
    return list.length === 2 && list;
  });
  for (const trace of traces) {
    assert.equal(trace.provider, 'scriptclaude');
    assert.equal(trace.input_tokens, whole.usage.input_tokens);
    assert.equal(trace.output_tokens, whole.usage.output_tokens);
    assert.equal(trace.cache_read_tokens, whole.usage.cache_read_input_tokens);
    assert.equal(trace.cache_creation_tokens, 5);
  }
  const { summary } = await system.totals();
  assert.equal(summary.total_output_tokens, 2 * usage.output);
  assert.equal(summary.total_cache_creation_tokens, 10);
});

scenario('the Anthropic SDK gets thinking with its signature, then text', {}, async (system) => {
  system.provider.answer('thinker', thinking('let me see', 'forty-two', { usage }));

  const message = await anthropicAt(system.proxy.url).messages.stream({
    model: 'scriptclaude:thinker', max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 },
    messages: userSays('think'),
  }).finalMessage();

  assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
  assert.equal(message.content[0].thinking, 'let me see');
  assert.equal(message.content[0].signature, 'c2lnbmF0dXJl');
  assert.deepEqual(system.provider.seen('thinker')[0].body.thinking, { type: 'enabled', budget_tokens: 1024 });
});

scenario('the Anthropic SDK gets tool use, and history is counted apart from calls', {}, async (system) => {
  system.provider.answer('tooler', tool('weather', { city: 'Oslo' }, { usage }));
  const ask = { model: 'scriptclaude:tooler', max_tokens: 100, tools: [{ name: 'weather', input_schema: weather }],
    messages: [{ role: 'user', content: 'weather?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_0', name: 'weather', input: { city: 'Rome' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_0', content: 'sunny' }] }] };

  const message = await anthropicAt(system.proxy.url).messages.stream(ask).finalMessage();

  assert.equal(message.stop_reason, 'tool_use');
  assert.deepEqual(message.content[0].input, { city: 'Oslo' });
  const trace = await system.trace((each) => each.model.includes('tooler'));
  assert.equal(trace.tool_call_count, 1);
  assert.equal(trace.tool_use_count, 1);
  assert.equal(trace.tool_result_count, 1);
  assert.equal(trace.message_count, 3);
});

scenario('the provider\'s key is sent to the provider and the client\'s never is', {}, async (system) => {
  await openaiAt(system.proxy.url).chat.completions.create({ model: 'script:key', messages: userSays('hi') });
  await anthropicAt(system.proxy.url).messages.create(
    { model: 'scriptclaude:key', max_tokens: 9, messages: userSays('hi') });

  const [openai, anthropic] = system.provider.seen('key');
  assert.equal(openai.headers.authorization, 'Bearer script-key');
  assert.equal(anthropic.headers['x-api-key'], 'scriptclaude-key');
  for (const exchange of [openai, anthropic]) {
    assert.ok(!JSON.stringify(exchange.headers).includes('client-key'));
  }
});

scenario('a provider\'s error reaches each SDK as its own typed error and is in the trace', {}, async (system) => {
  system.provider.answer('refused', fails(400, 'max_tokens: too large', { type: 'invalid_request_error' }));

  const openai = openaiAt(system.proxy.url).chat.completions
    .create({ model: 'script:refused', messages: userSays('hi') });
  const anthropic = anthropicAt(system.proxy.url).messages
    .create({ model: 'scriptclaude:refused', max_tokens: 9, messages: userSays('hi') });

  await Promise.all([
    assert.rejects(openai, (error) => error instanceof OpenAI.BadRequestError && /too large/.test(error.message)),
    assert.rejects(anthropic,
      (error) => error instanceof Anthropic.BadRequestError && /too large/.test(error.message)),
  ]);
  const traces = await eventually('both traces', async () => {
    const list = await system.traces();
    return list.length === 2 && list;
  });
  for (const trace of traces) {
    assert.equal(trace.outcome, 'upstream_error');
    assert.equal(trace.status, 'error');
    assert.equal(trace.http_status, 400);
    assert.match(trace.error, /too large/);
  }
  assert.equal((await system.totals()).summary.total_errors, 2);
});

scenario('a prefix that is no provider belongs to the model\'s name, and the default provider is asked', {},
  async (system) => {
    system.provider.answer('org/m:free', text('free'));

    await openaiAt(system.proxy.url).chat.completions.create({ model: 'org/m:free', messages: userSays('hi') });

    assert.equal(system.provider.seen('org/m:free').length, 1);
    const trace = await system.trace((each) => each.resolved_model === 'org/m:free');
    assert.equal(trace.provider, 'script');
    assert.deepEqual(Object.keys((await system.totals()).providers.script.models), ['org/m:free']);
  });

scenario('the models the provider lists are what the SDK lists', {}, async (system) => {
  system.provider.answer('alpha', text('a')).answer('beta', text('b'));

  const listed = [];
  for await (const model of openaiAt(system.proxy.url).models.list()) listed.push(model.id);

  assert.ok(listed.some((id) => id.endsWith('alpha')) && listed.some((id) => id.endsWith('beta')), listed.join());
});

scenario('with a proxy key, the right key is let in and any other is 401', {
  env: { PROXY_API_KEY: 'door-key' }, apiHeaders: { 'x-api-key': 'door-key' },
}, async (system) => {
  const ask = { model: 'script:any', messages: userSays('hi') };

  await openaiAt(system.proxy.url, { apiKey: 'door-key' }).chat.completions.create(ask);
  const wrong = openaiAt(system.proxy.url, { apiKey: 'other' }).chat.completions.create(ask);

  await assert.rejects(wrong, OpenAI.AuthenticationError);
  assert.equal(system.provider.exchanges.length, 1);
  assert.equal((await request(`${system.metricsUrl}/metrics/logs`)).status, 401);
});

const phases = {
  'before the first byte of a stream': { how: silent, stream: true },
  'in the middle of a stream': { how: held, stream: true },
  'while a whole answer is awaited': { how: silent, stream: false },
};
for (const [phase, { how, stream }] of Object.entries(phases)) {
  scenario(`a client that leaves ${phase} closes the provider within a second`, {}, async (system) => {
    system.provider.answer('left', how(new Gate()));
    const abort = new AbortController();
    const calls = [
      openaiAt(system.proxy.url).chat.completions
        .create({ model: 'script:left', messages: userSays('hi'), stream }, { signal: abort.signal })
        .then(async (answer) => { for await (const chunk of answer) assert.ok(chunk); }),
      anthropicAt(system.proxy.url).messages
        .create({ model: 'scriptclaude:left', max_tokens: 9, messages: userSays('hi'), stream },
          { signal: abort.signal })
        .then(async (answer) => { for await (const event of answer) assert.ok(event); }),
    ].map((call) => call.catch((error) => error));
    await eventually('both are running', async () => (await system.active()).length === 2);
    const exchanges = [await system.provider.arrival('left'), await system.provider.arrival('left', { nth: 2 })];

    const { ms } = await timed(() => {
      abort.abort();
      return within(3000, 'the provider is closed', Promise.all(exchanges.map((exchange) => exchange.closed)));
    });

    await Promise.all(calls);
    assert.ok(ms < 1000, `closed after ${ms} ms`);
    const traces = await eventually('both traces', async () => {
      const list = await system.traces();
      return list.length === 2 && list;
    });
    assert.deepEqual(traces.map((trace) => trace.outcome), ['client_cancelled', 'client_cancelled']);
    assert.equal((await system.totals()).summary.total_errors, 0);
    assert.deepEqual(await system.active(), []);
  });
}

/** What the client was told, what the trace says and what the totals say are the same numbers. */
async function agree(system, trace, input, output, cacheRead) {
  assert.equal(trace.input_tokens, input);
  assert.equal(trace.output_tokens, output);
  assert.equal(trace.cache_read_tokens, cacheRead);
  assert.equal(trace.estimated, false);
  const { summary, providers } = await system.totals();
  assert.equal(summary.total_requests, 1);
  assert.equal(summary.total_input_tokens, input);
  assert.equal(summary.total_output_tokens, output);
  assert.equal(summary.total_cache_read_tokens, cacheRead);
  assert.equal(providers[trace.provider].rollup.total.output_tokens, output);
}
