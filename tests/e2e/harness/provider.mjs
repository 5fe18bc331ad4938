// A scripted provider on loopback that speaks both dialects. What it answers is decided per model name by the
// test, so one provider serves a whole scenario; everything it was sent is kept for the test to read.
import http from 'node:http';
import { once } from 'node:events';
import { eventually } from './wait.mjs';
import { anthropicAnswer } from './anthropic_script.mjs';
import { openaiAnswer } from './openai_script.mjs';

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

  /** OpenAI dialect: up to and including /v1. Anthropic dialect: without it. */
  get openaiUrl() { return `http://127.0.0.1:${this.port}/v1`; }
  get anthropicUrl() { return `http://127.0.0.1:${this.port}`; }

  /** The environment that makes a proxy know this provider as `script` (OpenAI) and `scriptclaude` (Anthropic). */
  get env() {
    return {
      SCRIPT_API_KEY: 'script-key', SCRIPT_BASE_URL: this.openaiUrl,
      SCRIPTCLAUDE_API_KEY: 'scriptclaude-key', SCRIPTCLAUDE_BASE_URL: this.anthropicUrl,
      SCRIPTCLAUDE_API_FORMAT: 'anthropic', VDM_DEFAULT_PROVIDER: 'script',
    };
  }

  /** From now on requests for this model are answered so. An answer is a function of the exchange. */
  answer(model, how) { this.answers.set(model, how); return this; }

  /** Exchanges that are neither answered to the end nor given up by the caller. */
  get open() { return this.exchanges.filter((exchange) => exchange.state === 'open'); }

  seen(model) { return this.exchanges.filter((exchange) => exchange.model === model); }

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
    this.exchanges.push(exchange);
    if (request.method === 'GET' && request.url.endsWith('/models')) {
      return exchange.json(200, models(this.answers));
    }
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

/** One request to the provider: what came, the means to answer it, and whether the caller left. */
export class Exchange {
  constructor(request, response, raw) {
    this.method = request.method;
    this.path = request.url;
    this.headers = request.headers;
    this.raw = raw;
    this.body = raw.length ? JSON.parse(raw.toString('utf8')) : undefined;
    this.model = this.body?.model;
    this.dialect = request.url.includes('/messages') ? 'anthropic' : 'openai';
    this.response = response;
    this.socket = request.socket;
    this.state = 'open';
    this.startedAt = performance.now();
    response.on('finish', () => { this.state = 'answered'; });
    /** Settles when the connection is gone or the answer is complete; true if the caller left early. */
    this.closed = new Promise((resolve) => response.on('close', () => {
      const early = this.state === 'open';
      if (early) { this.state = 'abandoned'; this.closedAt = performance.now(); }
      resolve(early);
    }));
  }

  json(status, value, headers = {}) {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.end(JSON.stringify(value));
  }

  /** The head of a stream; then `write` as often as wanted, `response.end()` or `cut()`. */
  beginStream(headers = {}) {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    this.response.flushHeaders();
  }

  /** Writes and, when the caller reads slowly, waits for room. */
  async write(data) {
    if (this.state !== 'open') throw new Error('the caller has left');
    if (!this.response.write(data)) await Promise.race([once(this.response, 'drain'), this.closed]);
  }

  /** The connection breaks in the middle. */
  cut() { this.socket.destroy(); }
}

const defaultUsage = { input: 12, output: 7, cacheRead: 0, cacheCreation: 0, reasoning: 0 };

// Answers. Each gives the same facts in whichever dialect and mode was asked for.
//   options: usage; pieces (how the text is cut); before(exchange, i) awaited ahead of piece i; atEnd(exchange)

export function text(words, options = {}) {
  return respond({ text: words, finish: 'stop', ...options });
}

export function tool(name, input, options = {}) {
  return respond({ text: '', tools: [{ id: 'call_1', name, input }], finish: 'tool', ...options });
}

export function thinking(thoughts, words, options = {}) {
  return respond({ thinking: thoughts, text: words, finish: 'stop', ...options });
}

/** Streams `pieces` texts one by one, each after `ask(i)` has settled: the test sets the pace. */
export function paced(count, ask, options = {}) {
  const pieces = Array.from({ length: count }, (_, i) => `word${i} `);
  return respond({
    text: pieces.join(''), pieces, finish: 'stop', before: (_, i) => ask(i),
    usage: { output: count }, ...options,
  });
}

/** Says the first piece, then waits at the gate, then ends. */
export function held(gate, options = {}) {
  return respond({
    text: 'first rest', pieces: ['first ', 'rest'], finish: 'stop',
    before: (_, i) => (i === 0 ? undefined : gate.passed), ...options,
  });
}

/** Accepts the request and says nothing until the gate opens. */
export function silent(gate, then = text('late')) {
  return async (exchange) => {
    await Promise.race([gate.passed, exchange.closed]);
    if (exchange.state === 'open') await then(exchange);
  };
}

export function fails(status, message, { type = 'api_error', headers = {} } = {}) {
  return (exchange) => {
    const error = exchange.dialect === 'anthropic'
      ? { type: 'error', error: { type, message } }
      : { error: { message, type, param: null, code: type } };
    exchange.json(status, error, headers);
  };
}

/** A 200 stream that breaks after `pieces` pieces. */
export function cutAfter(count) {
  const pieces = Array.from({ length: count }, (_, i) => `word${i} `);
  return respond({ text: pieces.join(''), pieces: [...pieces, 'never'], finish: 'stop',
    before: async (exchange, i) => {
      if (i < count) return;
      await new Promise((resolve) => exchange.response.write('', resolve));
      exchange.cut();
      await exchange.closed;
    } });
}

function respond(facts) {
  return (exchange) => {
    const usage = { ...defaultUsage, ...facts.usage };
    const pieces = facts.pieces ?? facts.text.match(/\S+\s*/g) ?? [];
    const full = { tools: [], ...facts, usage, pieces };
    return exchange.dialect === 'anthropic' ? anthropicAnswer(exchange, full) : openaiAnswer(exchange, full);
  };
}
