// A provider on loopback with what the SDKs ask besides completions: embeddings, moderations, audio, files and batches, in
// both dialects. Each of its keys is an account that finds only what it has stored, as with the real ones. Forms are read
// by Node's own parser. It refuses a model's name that it does not have and a field that belongs to the gateway.
import http from 'node:http';
import { once } from 'node:events';

const notFound = (what) => ({ status: 404, body: { error: { message: `No such ${what}`, type: 'invalid_request_error' } } });
const json = (body) => ({ status: 200, body });

export class StoringProvider {
  static async start(keys, models) {
    const provider = new StoringProvider(keys, models);
    provider.server.listen(0, '127.0.0.1');
    await once(provider.server, 'listening');
    provider.url = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  constructor(keys, models) {
    this.models = models;
    this.accounts = new Map(keys.map((key) => [key, { files: new Map(), batches: new Map() }]));
    /** [method, path, key] of every request, in order. */
    this.asked = [];
    this.server = http.createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        console.error('storing provider:', error);
        response.destroy();
      });
    });
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #serve(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { pathname, searchParams } = new URL(request.url, this.url);
    const key = request.headers['x-api-key'] ?? request.headers.authorization?.replace('Bearer ', '');
    this.asked.push([request.method, pathname, key]);
    const answer = await this.#answer({
      account: this.accounts.get(key), method: request.method, query: searchParams,
      path: pathname.replace(/^\/v1\//, '').split('/'), headers: request.headers, bytes: Buffer.concat(parts),
    });
    const text = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(JSON.stringify(answer.body));
    response.writeHead(answer.status, {
      'content-type': answer.type ?? 'application/json', 'content-length': text.length,
    });
    response.end(text);
  }

  async #answer(ask) {
    if (!ask.account) return { status: 401, body: { error: { message: 'Incorrect API key', type: 'auth' } } };
    const ours = Object.keys(ask.headers).find((name) => name.startsWith('x-vandamme-'));
    if (ours) return { status: 400, body: { error: { message: `unknown header ${ours}` } } };
    ask.fields = await this.#fields(ask);
    const model = ask.fields.model;
    if (model !== undefined && !this.models.includes(model)) return notFound(`model ${model}`);
    const [collection, ...rest] = ask.path;
    if (collection === 'files') return files(ask, rest);
    if (collection === 'batches') return batches(ask, rest);
    if (collection === 'messages' && rest[0] === 'batches') return messageBatches(ask, rest.slice(1), this.url);
    return generated(ask, ask.path.join('/'));
  }

  async #fields({ headers, bytes }) {
    const type = headers['content-type'] ?? '';
    if (bytes.length === 0) return {};
    if (type.startsWith('application/json')) return JSON.parse(bytes);
    const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
    return Object.fromEntries(form);
  }
}

async function generated({ fields }, path) {
  if (path === 'embeddings') {
    const data = [fields.input].flat().map((text, index) => ({ object: 'embedding', index, embedding: [0.5, text.length] }));
    return json({ object: 'list', data, model: fields.model, usage: { prompt_tokens: 7, total_tokens: 7 } });
  }
  if (path === 'moderations') return json({ id: 'm', model: 'omni-moderation', results: [{ flagged: false }] });
  if (path === 'audio/speech') return { status: 200, type: 'audio/mpeg', body: Buffer.from([0, 255, 13, 10]) };
  if (path === 'audio/transcriptions') {
    const heard = `${fields.file.name}: ${(await fields.file.arrayBuffer()).byteLength} bytes`;
    return json({ text: heard, usage: { type: 'tokens', input_tokens: 11, output_tokens: 3, total_tokens: 14 } });
  }
  return notFound('path');
}

async function files({ account, method, fields }, [id, what]) {
  if (!id && method === 'GET') return json({ object: 'list', data: [...account.files.values()].map(shown), has_more: false });
  if (!id) {
    const bytes = Buffer.from(await fields.file.arrayBuffer());
    const file = { id: `file-${account.files.size + 1}`, object: 'file', bytes: bytes.length, filename: fields.file.name,
      purpose: fields.purpose, created_at: 0, status: 'processed', content: bytes };
    account.files.set(file.id, file);
    return json(shown(file));
  }
  const file = account.files.get(id);
  if (!file) return notFound('file');
  if (what === 'content') return { status: 200, type: 'application/octet-stream', body: file.content };
  if (method === 'DELETE') account.files.delete(id);
  return json(method === 'DELETE' ? { id, object: 'file', deleted: true } : shown(file));
}

const shown = ({ content, ...file }) => file;

function batches({ account, method, fields }, [id, what]) {
  if (!id && method === 'POST') {
    if (!account.files.has(fields.input_file_id)) return notFound('input file');
    account.batches.set('batch-1', { id: 'batch-1', object: 'batch', status: 'validating', ...fields });
    return json(account.batches.get('batch-1'));
  }
  const batch = account.batches.get(id);
  if (!batch) return notFound('batch');
  if (what === 'cancel') batch.status = 'cancelling';
  return json(batch);
}

function messageBatches({ account, method, fields, query }, [id, what], url) {
  if (!id && method === 'GET') {
    return json({ data: [...account.batches.values()].slice(0, query.get('limit') ?? 20), has_more: false });
  }
  if (!id) {
    const batch = { id: 'msgbatch_1', type: 'message_batch', processing_status: 'in_progress', size: fields.requests.length,
      results_url: `${url}/v1/messages/batches/msgbatch_1/results` };
    account.batches.set(batch.id, batch);
    return json(batch);
  }
  const batch = account.batches.get(id);
  if (!batch) return notFound('batch');
  if (what === 'results') {
    return { status: 200, type: 'application/x-jsonl', body: Buffer.from('{"custom_id":"a"}\n{"custom_id":"b"}\n') };
  }
  if (what === 'cancel') batch.processing_status = 'canceling';
  if (method === 'DELETE') account.batches.delete(id);
  return json(method === 'DELETE' ? { id, type: 'message_batch_deleted' } : batch);
}
