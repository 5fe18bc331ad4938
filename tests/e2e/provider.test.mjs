// The scripted provider itself, called by the real SDKs without a proxy between: what it says must be what the
// services say, or every test behind it proves nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Gate, ScriptedProvider, cutAfter, fails, held, text, thinking, tool } from './harness/index.mjs';

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
