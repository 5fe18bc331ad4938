// The scripted provider itself, called by the real SDKs without a proxy between: what it says must be what the
// services say, or every test behind it proves nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import {
  Gate, ScriptedProvider, assistant, calls, cutAfter, fails, failsAfter, held, inTurn, model, onePixel, talker, text,
  thinking, tool, user,
} from './harness/index.mjs';

async function withProvider(t) {
  const provider = await ScriptedProvider.start();
  t.after(() => provider.stop());
  const openai = new OpenAI({ apiKey: 'k', baseURL: provider.openaiUrl, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: 'k', baseURL: provider.anthropicUrl, maxRetries: 0 });
  return { provider, openai, anthropic };
}

const ask = { max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] };

test('the OpenAI SDK understands the script, whole and streamed', async (t) => {
  const { provider, openai } = await withProvider(t);
  provider.answer('m', text('one two three', { usage: { input: 5, output: 3 } }));

  const whole = await openai.chat.completions.create({ model: 'm', ...ask });
  const stream = await openai.chat.completions.create({ model: 'm', ...ask, stream: true,
    stream_options: { include_usage: true } });
  let streamed = '';
  let usage;
  for await (const chunk of stream) {
    streamed += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
  }

  assert.equal(whole.choices[0].message.content, 'one two three');
  assert.equal(streamed, 'one two three');
  assert.equal(usage.completion_tokens, 3);
});

test('the Anthropic SDK understands text, thinking and tools', async (t) => {
  const { provider, anthropic } = await withProvider(t);
  provider.answer('text', text('one two', { usage: { input: 5, output: 2, cacheRead: 9 } }));
  provider.answer('think', thinking('well now', 'yes'));
  provider.answer('tool', tool('weather', { city: 'Paris' }));

  const plain = await anthropic.messages.stream({ model: 'text', ...ask }).finalMessage();
  const thought = await anthropic.messages.stream({ model: 'think', ...ask }).finalMessage();
  const called = await anthropic.messages.stream({ model: 'tool', ...ask }).finalMessage();

  assert.equal(plain.content[0].text, 'one two');
  assert.equal(plain.usage.cache_read_input_tokens, 9);
  assert.equal(thought.content[0].thinking, 'well now');
  assert.deepEqual(called.content[0].input, { city: 'Paris' });
  assert.equal(called.stop_reason, 'tool_use');
});

test('a scripted error is the SDK\'s typed error', async (t) => {
  const { provider, openai, anthropic } = await withProvider(t);
  provider.answer('busy', fails(429, 'slow down', { type: 'rate_limit_error' }));

  await assert.rejects(openai.chat.completions.create({ model: 'busy', ...ask }), OpenAI.RateLimitError);
  await assert.rejects(anthropic.messages.create({ model: 'busy', ...ask }), Anthropic.RateLimitError);
});

test('a cut stream fails in the SDK after what had come', async (t) => {
  const { provider, openai } = await withProvider(t);
  provider.answer('cut', cutAfter(2));
  let streamed = '';

  await assert.rejects(async () => {
    for await (const chunk of await openai.chat.completions.create({ model: 'cut', ...ask, stream: true })) {
      streamed += chunk.choices[0]?.delta?.content ?? '';
    }
  });

  assert.equal(streamed, 'word0 word1 ');
});

test('the script notices that the caller has left', async (t) => {
  const { provider, openai } = await withProvider(t);
  const gate = new Gate();
  provider.answer('held', held(gate));
  const abort = new AbortController();
  const stream = await openai.chat.completions
    .create({ model: 'held', ...ask, stream: true }, { signal: abort.signal });

  abort.abort();

  const exchange = await provider.arrival('held');
  assert.equal(await exchange.closed, true);
  assert.equal(exchange.state, 'abandoned');
  assert.ok(stream);
});

const usage = { input: 5, output: 8, cacheRead: 13, cacheCreation: 21, reasoning: 3 };
const schema = { type: 'object', properties: { city: { type: 'string' } } };

for (const stream of [false, true]) {
  test(`a model says the same in either dialect, ${stream ? 'streamed' : 'whole'}`, async (t) => {
    const { provider } = await withProvider(t);
    provider.answer('m', calls([{ name: 'weather', input: { city: 'Rome' } }, { name: 'time', input: {} }],
      { words: 'I shall look.', thinking: 'Two tools.', usage }));

    for (const dialect of ['anthropic', 'openai']) {
      const said = await talker(dialect, provider.anthropicUrl).ask({ model: 'm', turns: [user('hi')], stream });

      assert.equal(said.thinking, 'Two tools.');
      assert.equal(said.text, 'I shall look.');
      assert.deepEqual(said.calls.map((call) => [call.name, call.input]),
        [['weather', { city: 'Rome' }], ['time', {}]]);
      assert.notEqual(said.calls[0].id, said.calls[1].id);
      assert.equal(said.finish, 'tool');
      assert.deepEqual(said.usage, usage);
    }
  });
}

test('a model reads the same in either dialect', async (t) => {
  const { provider } = await withProvider(t);
  const tools = [{ name: 'weather', schema }, { name: 'time', schema }];
  const both = [{ id: 'a', name: 'weather', input: { city: 'Rome' } }, { id: 'b', name: 'time', input: {} }];
  const turns = [
    user('Look.', { images: [`data:image/png;base64,${onePixel}`, 'https://pictures.example/cat.png'] }),
    assistant('So.', { calls: both }),
    user('And?', { results: [{ id: 'a', text: 'sunny' }, { id: 'b', text: 'noon' }] }),
  ];

  for (const dialect of ['anthropic', 'openai']) {
    await talker(dialect, provider.anthropicUrl).ask({ model: 'm', system: 'Be brief.', turns, tools, choice: 'weather',
      parallel: false, maxTokens: 77, stops: ['END'] });
  }

  const [anthropic, openai] = provider.seen('m').map((exchange) => exchange.conversation);
  assert.deepEqual(anthropic, openai);
  assert.deepEqual([openai.system, openai.asked, openai.tools, openai.choice, openai.parallel, openai.maxTokens],
    ['Be brief.', 'And?', ['weather', 'time'], 'weather', false, 77]);
  assert.deepEqual(openai.turns.map((turn) => [turn.text, turn.images.length, turn.calls.length, turn.results.length]),
    [['Look.', 2, 0, 0], ['So.', 0, 2, 0], ['And?', 0, 0, 2]]);
});

test('a deferred tool may be called once a result has named it', async (t) => {
  const { provider, anthropic } = await withProvider(t);
  const tools = [{ name: 'seen', input_schema: schema }, { name: 'named', input_schema: schema, defer_loading: true },
    { name: 'unnamed', input_schema: schema, defer_loading: true }];
  const found = { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'named' }] };
  const call = { type: 'tool_use', id: 'a', name: 'find', input: {} };

  await anthropic.messages.create({ model: 'm', ...ask, tools });
  await anthropic.messages.create({ model: 'm', max_tokens: 50, tools, messages: [...ask.messages,
    { role: 'assistant', content: [call] }, { role: 'user', content: [found] }] });

  assert.deepEqual(provider.seen('m').map((exchange) => exchange.conversation.tools), [['seen'], ['seen', 'named']]);
});

test('a stream that says it failed is the SDK\'s error, and the next request is answered next', async (t) => {
  const { provider } = await withProvider(t);

  for (const dialect of ['anthropic', 'openai']) {
    provider.answer('m', inTurn(failsAfter(2, 'the very reason', { type: 'overloaded_error' }),
      model(({ asked }) => text(`You said ${asked}.`))));
    const { ask: say } = talker(dialect, provider.anthropicUrl);

    await assert.rejects(say({ model: 'm', turns: [user('hi')], stream: true }), /the very reason/);
    const said = await say({ model: 'm', turns: [user('hi')], stream: true });

    assert.equal(said.text, 'You said hi.');
  }
});

test('tokens are counted without a completion', async (t) => {
  const { provider, anthropic } = await withProvider(t);

  const { input_tokens: tokens } = await anthropic.messages.countTokens({ model: 'm', messages: ask.messages });

  assert.ok(tokens > 0);
  assert.equal(provider.counted('m').length, 1);
  assert.deepEqual(provider.seen('m'), []);
});
