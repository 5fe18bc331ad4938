// The demo provider through the proxy: what a newcomer sees first has to be honest in both dialects.
import assert from 'node:assert/strict';
import {
  Anthropic, OpenAI, anthropicAt, eventually, openaiAt, readOpenai, scenario, userSays,
} from './harness/index.mjs';

const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

scenario('the demo provider streams text with right usage in the OpenAI dialect', { demo: true }, async (system) => {
  const { data, response } = await openaiAt(system.proxy.url).chat.completions.create({
    model: 'demo:demo-fast', messages: userSays('Tell me something.'), stream: true,
    stream_options: { include_usage: true },
  }).withResponse();
  const seen = await readOpenai(data);

  assert.ok(seen.text.length > 20, seen.text);
  assert.equal(seen.finish, 'stop');
  assert.ok(seen.usage.completion_tokens > 0 && seen.usage.prompt_tokens > 0);
  const trace = await system.trace(response.headers.get('x-request-id'));
  assert.equal(trace.output_tokens, seen.usage.completion_tokens);
  assert.equal(trace.provider, 'demo');
});

scenario('the demo provider thinks, speaks and uses tools in the Anthropic dialect', { demo: true }, async (system) => {
  const client = anthropicAt(system.proxy.url);

  const thought = await client.messages.stream({ model: 'democlaude:demo-thinker', max_tokens: 3000,
    thinking: { type: 'enabled', budget_tokens: 1024 }, messages: userSays('Think about it.') }).finalMessage();
  const called = await client.messages.stream({ model: 'democlaude:demo-fast', max_tokens: 500,
    tools: [{ name: 'weather', description: 'Weather of a city', input_schema: weather }],
    messages: userSays('Use weather for Paris.') }).finalMessage();

  assert.equal(thought.content[0].type, 'thinking');
  assert.ok(thought.content.some((block) => block.type === 'text' && block.text.length > 0));
  assert.ok(thought.usage.output_tokens > 0);
  assert.equal(called.stop_reason, 'tool_use');
  assert.equal(called.content.find((block) => block.type === 'tool_use').name, 'weather');
});

scenario('the demo provider calls a tool in the OpenAI dialect, whole and streamed', { demo: true }, async (system) => {
  const ask = { model: 'demo:demo-fast', messages: userSays('Use weather for Paris.'),
    tools: [{ type: 'function', function: { name: 'weather', parameters: weather } }] };
  const client = openaiAt(system.proxy.url);

  const whole = await client.chat.completions.create(ask);
  const streamed = await readOpenai(await client.chat.completions.create({ ...ask, stream: true }));

  assert.equal(whole.choices[0].message.tool_calls[0].function.name, 'weather');
  assert.equal(streamed.tools[0].name, 'weather');
  assert.equal(typeof JSON.parse(streamed.tools[0].arguments), 'object');
});

scenario('the demo provider fails on request, and the SDKs and the traces say how', { demo: true }, async (system) => {
  const openai = openaiAt(system.proxy.url);
  const anthropic = anthropicAt(system.proxy.url);
  const chat = (model) => openai.chat.completions.create({ model: `demo:${model}`, messages: userSays('hi') });

  await assert.rejects(chat('demo-error-429'), OpenAI.RateLimitError);
  await assert.rejects(chat('demo-error-500'), OpenAI.InternalServerError);
  await assert.rejects(anthropic.messages.create({ model: 'democlaude:demo-error-529', max_tokens: 9,
    messages: userSays('hi') }), (error) => error instanceof Anthropic.APIError && error.status === 529);

  const traces = await eventually('all three', async () => {
    const list = await system.traces();
    return list.length === 3 && list;
  });
  assert.deepEqual(traces.map((trace) => trace.http_status).sort(), [429, 500, 529]);
  assert.ok(traces.every((trace) => trace.outcome === 'upstream_error'));
});

scenario('a stream the demo provider cuts is relayed so far, then ends in an error, never in [DONE]', { demo: true },
  async (system) => {
    const read = async () => {
      const stream = await openaiAt(system.proxy.url).chat.completions
        .create({ model: 'demo:demo-cut', messages: userSays('Tell me something.'), stream: true });
      return readOpenai(stream);
    };

    await assert.rejects(read());

    const trace = await system.trace((each) => each.model.includes('demo-cut'));
    assert.equal(trace.outcome, 'upstream_error');
    assert.ok(trace.output_tokens > 0, 'what came is counted');
  });
