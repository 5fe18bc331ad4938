// A scripted provider on loopback that speaks both dialects. The test sets an answer for each model name, so one
// provider serves a whole scenario; it stores every request for the test to read.
import http from 'node:http';
import { once } from 'node:events';
import { fails, text } from './answers.mjs';
import { readConversation } from './conversation.mjs';
import { eventually } from './wait.mjs';

export class ScriptedProvider {
  static async start() {
    const provider = new ScriptedProvider();
    provider.server.listen(0, '127.0.0.1');
    await once(provider.server, 'listening');
    provider.port = provider.server.address().port;
    return provider;
  }

  constructor() {
    this.exchanges = [];
    this.answers = new Map();
    this.otherwise = text('Hello from the script.');
    this.server = http.createServer((request, response) => this.#serve(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  /** The base URL: with /v1 for the OpenAI dialect, without it for the Anthropic dialect. */
  get openaiUrl() { return `http://127.0.0.1:${this.port}/v1`; }
  get anthropicUrl() { return `http://127.0.0.1:${this.port}`; }

  /** The environment in which a proxy has this provider as `script` (OpenAI) and `scriptclaude` (Anthropic). */
  get env() {
    return {
      SCRIPT_API_KEY: 'script-key', SCRIPT_BASE_URL: this.openaiUrl,
      SCRIPTCLAUDE_API_KEY: 'scriptclaude-key', SCRIPTCLAUDE_BASE_URL: this.anthropicUrl,
      SCRIPTCLAUDE_API_FORMAT: 'anthropic', VDM_DEFAULT_PROVIDER: 'script',
    };
  }

  /** Sets the answer to requests for this model from now on. An answer is a function of the exchange. */
  answer(model, how) { this.answers.set(model, how); return this; }

  /** Exchanges that the script has not finished and the caller has not given up. */
  get open() { return this.exchanges.filter((exchange) => exchange.state === 'open'); }

  /** The completion requests for this model. */
  seen(model) { return this.#asked('completion', model); }

  /** The requests to count tokens for this model. */
  counted(model) { return this.#asked('count', model); }

  #asked(kind, model) {
    return this.exchanges.filter((exchange) => exchange.kind === kind && exchange.model === model);
  }

  /** Waits until a request for this model has arrived, and returns its exchange. */
  arrival(model, { nth = 1, ...options } = {}) {
    return eventually(`the provider sees request ${nth} for ${model}`, () => this.seen(model)[nth - 1], options);
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #serve(request, response) {
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch { return; }
    const exchange = new Exchange(request, response, Buffer.concat(parts));
    // Answers have ids of their own: Claude Code takes two messages with one id for parts of the same.
    exchange.nth = this.exchanges.push(exchange);
    if (exchange.kind === 'models') return exchange.json(200, models(this.answers));
    if (exchange.kind === 'count') return exchange.json(200, { input_tokens: wordsIn(exchange.body) });
    if (exchange.kind === 'other') return fails(404, 'no such page', { type: 'not_found_error' })(exchange);
    const how = this.answers.get(exchange.model) ?? this.otherwise;
    try {
      await how(exchange);
    } catch (error) {
      if (exchange.state === 'open') { console.error('scripted provider:', error); response.destroy(); }
    }
  }
}

function models(answers) {
  const data = [...answers.keys()].map((id) => ({ id, object: 'model', created: 0, owned_by: 'script' }));
  return { object: 'list', data };
}

/** The kind of request, by the paths of the real services. */
function kindOf(method, path) {
  if (method === 'GET' && path.endsWith('/models')) return 'models';
  if (method !== 'POST') return 'other';
  if (path.endsWith('/messages/count_tokens')) return 'count';
  return path.endsWith('/messages') || path.endsWith('/chat/completions') ? 'completion' : 'other';
}

/** The script's token is a word: a number that tests can find again. */
export const wordsIn = (body) => JSON.stringify(body.messages).match(/\w+/g)?.length ?? 0;

/** One request to the provider: its content, the means to answer it, and whether the caller disconnected. */
export class Exchange {
  constructor(request, response, raw) {
    this.method = request.method;
    this.path = request.url;
    this.headers = request.headers;
    this.raw = raw;
    this.body = raw.length ? JSON.parse(raw.toString('utf8')) : undefined;
    this.model = this.body?.model;
    this.kind = kindOf(request.method, new URL(request.url, 'http://script').pathname);
    this.dialect = request.url.includes('/messages') ? 'anthropic' : 'openai';
    this.response = response;
    this.socket = request.socket;
    this.state = 'open';
    this.startedAt = performance.now();
    response.on('finish', () => { this.state = 'answered'; });
    /** Settles when the connection closes or the answer is complete; true if the caller disconnected early. */
    this.closed = new Promise((resolve) => response.on('close', () => {
      const early = this.state === 'open';
      if (early) { this.state = 'abandoned'; this.closedAt = performance.now(); }
      resolve(early);
    }));
  }

  /** The request as a model reads it, the same for either dialect. */
  get conversation() { return readConversation(this.body, this.dialect); }

  json(status, value, headers = {}) {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.end(JSON.stringify(value));
  }

  /** The head of a stream; then `write` as often as wanted, `response.end()` or `cut()`. */
  beginStream(headers = {}) {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    this.response.flushHeaders();
  }

  /** Writes; when the caller reads slowly, waits until the buffer drains. */
  async write(data) {
    if (this.state !== 'open') throw new Error('the caller has left');
    if (!this.response.write(data)) await Promise.race([once(this.response, 'drain'), this.closed]);
  }

  /** The connection breaks in the middle. */
  cut() { this.socket.destroy(); }
}
