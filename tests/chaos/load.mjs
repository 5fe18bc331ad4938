// Clients of the proxies at a steady rate. Each request has a mark of its own, and its answer must be the one for it.
import http from 'node:http';
import { tokensOf } from './ledger.mjs';

export class Load {
  /** `ports()`: where proxies listen now, as { name, port }. `first`: the first request's mark. */
  constructor(ledger, ports, rate, first = 1) {
    this.ledger = ledger;
    this.ports = ports;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    this.open = new Set();
    this.asked = 0;
    const began = performance.now();
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * rate);
      while (this.asked < due && this.open.size < 256) this.#ask(first + this.asked++);
    }, 5);
  }

  #ask(mark) {
    const proxies = this.ports();
    if (proxies.length === 0) return;
    const proxy = proxies[mark % proxies.length];
    this.ledger.asked(mark, proxy.name);
    const done = this.#exchange(mark, proxy.port).then((seen) => {
      this.ledger.answered(mark, seen);
      this.open.delete(done);
    });
    this.open.add(done);
  }

  #exchange(mark, port) {
    const body = JSON.stringify({ model: 'chaos:any', messages: [{ role: 'user', content: `mark ${mark}` }] });
    return new Promise((resolve) => {
      const ends = (id, why) => resolve({ id, whole: why === undefined, why });
      const request = http.request({ host: '127.0.0.1', port, path: '/v1/chat/completions', method: 'POST',
        agent: this.agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } });
      let id;
      request.setTimeout(8_000, () => request.destroy(new Error('no answer')));
      request.on('error', (error) => ends(id, String(error)));
      request.on('response', (response) => {
        id = response.headers['x-request-id'];
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', (error) => ends(id, String(error)));
        response.on('end', () => ends(id, differs(mark, response.statusCode, Buffer.concat(parts).toString())));
      });
      request.end(body);
    });
  }

  async stop() {
    clearInterval(this.timer);
    await Promise.all(this.open);
    this.agent.destroy();
  }
}

/** Why the answer is not the one for this mark; undefined: it is. */
function differs(mark, status, text) {
  if (status !== 200) return `status ${status}: ${text.slice(0, 100)}`;
  try {
    const { choices, usage } = JSON.parse(text);
    const same = choices[0].message.content === `answer ${mark}` && usage.completion_tokens === tokensOf(mark).output;
    return same ? undefined : `another answer: ${text.slice(0, 100)}`;
  } catch {
    return `no JSON: ${text.slice(0, 100)}`;
  }
}
