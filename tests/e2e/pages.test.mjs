// Web pages in a real browser: a page of another site spends nothing here and reads nothing, whatever it tries. A page of
// an origin that the configuration names uses the public SDKs as they are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after, before } from 'node:test';
import { Browser } from './harness/browser.mjs';
import { request, root, scenario, text } from './harness/index.mjs';

const modules = join(root, 'tests/e2e/node_modules');
const types = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript' };

// What a bundler would resolve for the browser. No browser can read standardwebhooks, which is CommonJS; no webhook comes here.
const page = `<!doctype html><title>a page</title><script type="importmap">{"imports": {
  "@opentelemetry/api": "/@opentelemetry/api/dist/index.mjs",
  "standardwebhooks": "data:text/javascript,export class Webhook {}"}}</script>`;

/** A site of somebody: an empty page, and the SDKs' modules as they are published. */
class Site {
  static async start() {
    const site = new Site();
    site.server = http.createServer((asked, answer) => {
      const path = normalize(new URL(asked.url, 'http://x').pathname);
      if (path === '/') return answer.writeHead(200, { 'content-type': 'text/html' }).end(page);
      try {
        const bytes = readFileSync(join(modules, path));
        return answer.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(bytes);
      } catch {
        return answer.writeHead(404).end();
      }
    });
    await new Promise((resolve) => { site.server.listen(0, '127.0.0.1', resolve); });
    site.port = site.server.address().port;
    return site;
  }

  /** The same site under another name: as "localhost" it is another site than 127.0.0.1, and else another port of it. */
  origin(host) { return `http://${host}:${this.port}`; }
  stop() { this.server.closeAllConnections(); this.server.close(); }
}

let browser;
let site;
before(async () => { [browser, site] = await Promise.all([Browser.start(), Site.start()]); });
after(async () => { await browser.stop(); site.stop(); });

async function onPage(origin, work) {
  const page = await browser.context.newPage();
  try {
    await page.goto(`${origin}/`);
    return await work(page);
  } finally {
    await page.close();
  }
}

const ask = { model: 'script:fine', messages: [{ role: 'user', content: 'spend' }], max_tokens: 9 };

/** Runs in the page: everything that makes a browser send something. Returns what the page could read. */
async function tryEverything({ url, body }) {
  const read = [];
  const fetched = async (path, init) => {
    try {
      const answer = await fetch(url + path, init);
      const words = await answer.text();
      if (answer.type !== 'opaque') read.push(`${path}: ${answer.status} ${words.slice(0, 100)}`);
    } catch { /* the browser keeps it from us */ }
  };
  const posts = ['/v1/chat/completions', '/v1/messages', '/v1/messages/count_tokens', '/v1/embeddings', '/v1/files', '/v1/batches'];
  for (const path of posts) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      await fetched(path, { method: 'POST', mode: 'no-cors', headers: { 'content-type': type }, body });
      await fetched(path, { method: 'POST', headers: { 'content-type': type }, body });
    }
    await fetched(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await fetched(path, { method: 'POST', mode: 'no-cors' });
    await fetched(`${path}/x`, { method: 'DELETE' });
    navigator.sendBeacon(url + path, new Blob([body], { type: 'text/plain' }));
    const form = new FormData();
    form.append('model', 'script:fine');
    await fetched(path, { method: 'POST', mode: 'no-cors', body: form });
  }
  for (const path of ['/v1/models?refresh=true', '/test-connection?provider=script', '/v1/files', '/top-models?refresh=true', '/health']) {
    await fetched(path, {});
    await fetched(path, { mode: 'no-cors' });
    await new Promise((done) => {
      const image = new Image();
      image.onload = image.onerror = done;
      image.src = url + path;
    });
  }
  // A form needs no script at all, and sends JSON that is a text: {"a=":"","model":…}.
  for (const enctype of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']) {
    const frame = document.createElement('iframe');
    frame.name = `f-${enctype}`;
    document.body.append(frame);
    const form = Object.assign(document.createElement('form'),
      { method: 'POST', enctype, action: `${url}/v1/chat/completions`, target: frame.name });
    const field = Object.assign(document.createElement('input'), { name: `${body.slice(0, -1)},"x":"`, value: '"}' });
    form.append(field);
    document.body.append(form);
    const loaded = new Promise((done) => { frame.onload = done; });
    form.submit();
    await loaded;
  }
  return read;
}

for (const host of ['localhost', '127.0.0.1']) {
  scenario(`a page of ${host === 'localhost' ? 'another site' : 'another port'} spends nothing and reads nothing`, { metrics: false, timeout: 120_000 }, async (system) => {
    system.provider.answer('fine', text('Spent.'));
    const before_ = system.provider.exchanges.length;

    const read = await onPage(site.origin(host), (page) => page.evaluate(tryEverything,
      { url: system.proxy.url, body: JSON.stringify(ask) }));

    assert.deepEqual(read, []);
    const spent = system.provider.exchanges.slice(before_).map((one) => `${one.method ?? ''} ${one.path ?? one.url ?? ''}`);
    assert.deepEqual(spent, []);
    const { status } = await request(`${system.proxy.url}/v1/chat/completions`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(ask) });
    assert.equal(status, 200, 'a program may');
  });
}

/** Runs in the page: both SDKs, as their makers publish them, with streams and errors. */
async function useSdks({ url, key }) {
  const { default: OpenAI } = await import('/openai/index.mjs');
  const { default: Anthropic } = await import('/@anthropic-ai/sdk/index.mjs');
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, dangerouslyAllowBrowser: true, maxRetries: 0 });
  const claude = new Anthropic({ baseURL: url, apiKey: key, dangerouslyAllowBrowser: true, maxRetries: 0 });
  const messages = [{ role: 'user', content: 'hi' }];
  const found = {};
  const whole = await openai.chat.completions.create({ model: 'script:fine', messages }).withResponse();
  found.openai = whole.data.choices[0].message.content;
  found.requestId = whole.response.headers.get('x-request-id');
  found.streamed = '';
  for await (const chunk of await openai.chat.completions.create({ model: 'script:fine', messages, stream: true })) {
    found.streamed += chunk.choices[0]?.delta?.content ?? '';
  }
  const message = await claude.messages.create({ model: 'scriptclaude:fine', max_tokens: 9, messages });
  found.claude = message.content[0].text;
  found.refused = await new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', dangerouslyAllowBrowser: true, maxRetries: 0 })
    .models.list().then(() => 'taken', (error) => error.status);
  return found;
}

scenario('a page of a named origin uses the SDKs as they are, with the key', { metrics: false, proxies: 0 }, async (system) => {
  system.provider.answer('fine', text('Hello there.'));
  const { url } = await system.startProxy('named',
    { VDM_ALLOWED_ORIGINS: site.origin('localhost'), PROXY_API_KEY: 'the-key' });

  const found = await onPage(site.origin('localhost'), (page) => page.evaluate(useSdks, { url, key: 'the-key' }));
  const other = await onPage(site.origin('127.0.0.1'), (page) => page.evaluate(tryEverything, { url, body: JSON.stringify(ask) }));

  assert.match(found.requestId, /^req_/);
  delete found.requestId;
  assert.deepEqual(found, { openai: 'Hello there.', streamed: 'Hello there.', claude: 'Hello there.', refused: 401 });
  assert.deepEqual(other, [], 'another origin reads nothing');
});
