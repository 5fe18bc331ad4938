// What the SDKs ask besides completions, through two proxies to a provider whose keys are accounts of their own.
import assert from 'node:assert/strict';
import { toFile } from 'openai';
import { StoringProvider, anthropicAt, eventually, openaiAt, scenario } from './harness/index.mjs';

const keys = ['key-one', 'key-two', 'key-three'];

/** A test with the provider behind proxies that know it as `store` and, in Anthropic's dialect, as `storeclaude`. */
function storing(name, body) {
  scenario(name, { proxies: 0 }, async (system) => {
    const provider = await StoringProvider.start(keys, ['embed', 'whisper', 'voice']);
    try {
      const env = {
        STORE_API_KEY: keys.join(' '), STORE_BASE_URL: `${provider.url}/v1`, STORECLAUDE_API_KEY: keys.join(' '),
        STORECLAUDE_BASE_URL: provider.url, STORECLAUDE_API_FORMAT: 'anthropic', VDM_DEFAULT_PROVIDER: 'store',
      };
      for (const proxy of ['proxy-1', 'proxy-2']) await system.startProxy(proxy, env);
      await system.connected(2);
      await body(system, provider, system.proxies.map(({ url }) => url));
    } finally {
      await provider.stop();
    }
  });
}

/** The records of a kind, once there are so many. */
const records = (system, kind, count) => eventually(`${count} records of ${kind}`, async () => {
  const found = (await system.traces()).filter((trace) => trace.kind === kind);
  return found.length === count && found;
});

storing('the OpenAI SDK gets embeddings and their usage is in the totals', async (system, provider, [url]) => {
  const { data, response } = await openaiAt(url).embeddings
    .create({ model: 'store:embed', input: ['four', 'seventh'], encoding_format: 'float' }).withResponse();

  assert.deepEqual(data.data.map(({ embedding }) => embedding[1]), [4, 7]);
  assert.equal(data.model, 'embed');
  assert.equal(response.headers.get('x-vandamme-model'), 'embed');
  const [trace] = await records(system, 'embeddings', 1);
  assert.equal(trace.resolved_model, 'embed');
  assert.equal(trace.input_tokens, 7);
  assert.equal((await system.totals()).summary.total_input_tokens, 7);
});

storing('the OpenAI SDK sends audio as a form, its model before or behind a large file', async (system, provider, [url]) => {
  const client = openaiAt(url);
  const large = await toFile(Buffer.alloc(3_000_000, 'x'), 'talk.mp3');

  const behind = await client.audio.transcriptions.create({ file: large, model: 'store:whisper' });
  const before = await client.audio.transcriptions.create({ model: 'store:whisper', file: large });
  const speech = await client.audio.speech.create({ model: 'store:voice', voice: 'x', input: 'hi' });

  assert.equal(behind.text, 'talk.mp3: 3000000 bytes');
  assert.equal(before.text, 'talk.mp3: 3000000 bytes');
  assert.deepEqual([...new Uint8Array(await speech.arrayBuffer())], [0, 255, 13, 10]);
  const traces = await records(system, 'audio', 3);
  assert.deepEqual(traces.map(({ resolved_model: model }) => model).sort(), ['voice', 'whisper', 'whisper']);
  assert.deepEqual(traces.map(({ output_tokens: tokens }) => tokens).sort(), [0, 3, 3]);
});

storing('the OpenAI SDK stores a file and a batch, and finds them by any proxy', async (system, provider, [one, two]) => {
  const content = Buffer.alloc(2_500_000, 'line\n');
  const client = openaiAt(one);
  const other = openaiAt(two);

  const file = await client.files.create({ file: await toFile(content, 'in.jsonl'), purpose: 'batch' });
  const listed = [];
  for await (const each of other.files.list()) listed.push(each.id);
  const read = Buffer.from(await (await other.files.content(file.id)).arrayBuffer());
  const batch = await other.batches.create({
    input_file_id: file.id, endpoint: '/v1/embeddings', completion_window: '24h' });
  const cancelled = await client.batches.cancel(batch.id);

  assert.equal(file.bytes, content.length);
  assert.deepEqual(listed, [file.id]);
  assert.ok(read.equals(content));
  assert.equal(cancelled.status, 'cancelling');
  assert.equal(new Set(provider.asked.map(([, , key]) => key)).size, 1, 'one client has one key');

  // Another client of the gateway has another key, most likely; its reads look further, its delete does not.
  for (const apiKey of ['b', 'c', 'd', 'e']) {
    assert.equal((await openaiAt(two, { apiKey }).files.retrieve(file.id)).id, file.id);
  }
  assert.equal((await other.files.delete(file.id)).deleted, true);
  await assert.rejects(other.files.retrieve(file.id), { status: 404 });
  assert.equal((await records(system, 'batches', 2)).length, 2);
  await records(system, 'files', 9);
});

storing('the Anthropic SDK makes, lists, cancels and deletes message batches', async (system, provider, [one, two]) => {
  const headers = { 'x-vandamme-provider': 'storeclaude' };
  const client = anthropicAt(one, { defaultHeaders: headers });
  const other = anthropicAt(two, { defaultHeaders: headers });
  const params = { model: 'claude', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };

  const batch = await client.messages.batches.create({
    requests: [{ custom_id: 'a', params }, { custom_id: 'b', params }] });
  const found = await other.messages.batches.retrieve(batch.id);
  const listed = [];
  for await (const each of other.messages.batches.list({ limit: 5 })) listed.push(each.id);
  const results = await other.get(`/v1/messages/batches/${batch.id}/results`, { __binaryResponse: true });
  const cancelled = await client.messages.batches.cancel(batch.id);
  const deleted = await client.messages.batches.delete(batch.id);

  assert.equal(batch.size, 2);
  assert.equal(found.id, batch.id);
  assert.deepEqual(listed, [batch.id]);
  assert.match(await results.text(), /^\{"custom_id":"a"\}\n/);
  assert.equal(cancelled.processing_status, 'canceling');
  assert.equal(deleted.type, 'message_batch_deleted');
  const traces = await records(system, 'message_batches', 6);
  assert.ok(traces.every(({ provider: name, outcome }) => name === 'storeclaude' && outcome === 'ok'));
});

storing('a provider of the other dialect and one that is none are refused in the client’s dialect', async (system, provider, [url]) => {
  const batches = anthropicAt(url).messages.batches;

  await assert.rejects(batches.list(), (error) => {
    assert.equal(error.status, 400);
    assert.equal(error.error.error.type, 'invalid_request_error');
    return /provider 'store' has no \/v1\/messages\/batches/.test(error.message);
  });
  await assert.rejects(openaiAt(url, { defaultHeaders: { 'x-vandamme-provider': 'nobody' } }).files.list(), (error) => (
    error.status === 404 && /no provider is called 'nobody'/.test(error.message)));
  assert.deepEqual(provider.asked, []);
});
