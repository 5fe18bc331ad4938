// A provider on loopback that refuses what the real one refuses. A spec says which:
//
//   name, key                the provider's name, and the key that its own client would use
//   models                   {model: facts}: what its rules ask about
//   doors                    [{dialect, path, entry, unreadable, rules, error, answer}], one for each address
//   notFound(request)        {status} and a body, html or text for every other path
//
// A door's `entry` are rules about the head (the key, a version), `rules` are about the body; `error(refusal)` is the
// body of a refusal in this provider's form, and `answer` writes what the scripted agent says. A compressed body cannot
// be read, but where `takesGzip` is set.
// `dialect` is 'openai' or 'anthropic', as everywhere in these tests.
import http from 'node:http';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { play } from './agent.mjs';
import { firstRefusal, modelRow } from './rule.mjs';

export class StrictProvider {
  static async start(spec) {
    const provider = new StrictProvider(spec);
    provider.server.listen(0, '127.0.0.1');
    await once(provider.server, 'listening');
    provider.url = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }

  constructor(spec) {
    this.spec = spec;
    this.asks = [];
    /** What the provider has given out and wants back: signatures by their text. */
    this.signatures = new Map();
    this.server = http.createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        console.error(`strict ${spec.name}:`, error);
        response.destroy();
      });
    });
    this.server.keepAliveTimeout = 60_000;
  }

  /** The requests whose body holds these words. */
  asked(words) { return this.asks.filter((ask) => ask.text.includes(words)); }

  /** Their refusals, in order. */
  refusals(words) { return this.asked(words).map((ask) => ask.refusal).filter(Boolean); }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #serve(request, response) {
    const ask = await this.#read(request);
    if (!ask) return;
    this.asks.push(ask);
    const reply = new Reply(response);
    const { door } = ask;
    if (!door) {
      const page = this.spec.notFound(ask);
      ask.refusal = { status: page.status, message: JSON.stringify(page), rule: 'path' };
      return reply.page(page);
    }
    ask.refusal = this.#refusal(ask);
    if (ask.refusal) return reply.json(ask.refusal.status, door.error(ask.refusal, ask), door.headers?.());
    return door.answer(reply, ask, play(ask.body, door.dialect));
  }

  #refusal(ask) {
    const early = firstRefusal(ask.door.entry ?? [], ask);
    if (early) return early;
    if (!ask.body) return Object.assign(ask.door.unreadable(ask), { rule: 'readable' });
    ask.model = modelRow(this.spec.models, ask.body.model);
    return firstRefusal(ask.door.rules, ask);
  }

  async #read(request) {
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch { return undefined; }
    const url = new URL(request.url, 'http://strict');
    const door = request.method === 'POST' && this.spec.doors.find(({ path }) => path.test(url.pathname));
    const bytes = Buffer.concat(parts);
    const isOpened = door?.takesGzip && request.headers['content-encoding'] === 'gzip';
    const text = (isOpened ? gunzipSync(bytes) : bytes).toString('utf8');
    return {
      provider: this, spec: this.spec, door, method: request.method, path: url.pathname, query: url.searchParams,
      headers: request.headers, text, body: asObject(text),
    };
  }
}

function asObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch { return undefined; }
}

/** The means to answer: a whole JSON value, or a stream's events. */
class Reply {
  constructor(response) { this.response = response; }

  json(status, value, headers = {}) {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.end(JSON.stringify(value));
  }

  page({ status, body, html, text }) {
    if (body !== undefined) return this.json(status, body);
    this.response.writeHead(status, { 'content-type': html ? 'text/html; charset=utf-8' : 'text/plain' });
    return this.response.end(html ?? text);
  }

  begin(headers = {}) {
    this.response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
  }

  write(text) { this.response.write(text); }

  end() { this.response.end(); }
}
