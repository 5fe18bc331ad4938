// Steady traffic to the proxies: a number of clients, each sending one request after another. Every answer is compared
// with that of a healthy system and stored if it differs, so that a test can require "0 failed or changed".
import { jsonHeaders, chatBody } from './sdk.mjs';
import { request } from './http.mjs';

export class Traffic {
  /** `urls` are taken in turn. `expected(text)` says whether an answer is whole and unchanged. */
  constructor(urls, model, expected, { clients = 8 } = {}) {
    this.done = 0;
    this.faults = [];
    this.stopping = false;
    this.loops = Array.from({ length: clients }, (_, i) => this.#client(urls[i % urls.length], model, expected));
  }

  async #client(url, model, expected) {
    while (!this.stopping) {
      try {
        const answer = await request(`${url}/v1/chat/completions`,
          { method: 'POST', headers: jsonHeaders, body: chatBody(model) });
        if (answer.status !== 200 || !expected(answer.text)) {
          this.faults.push(`${answer.status} ${answer.text.slice(0, 200)}`);
        }
      } catch (error) {
        this.faults.push(String(error));
      }
      this.done += 1;
    }
  }

  async stop() {
    this.stopping = true;
    await Promise.all(this.loops);
  }
}
