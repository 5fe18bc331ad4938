// Plain HTTP for tests: one connection per call, so that nothing is shared between what is compared.
import http from 'node:http';

/** Sends one request and returns status, headers and the whole body as text. */
export function request(url, { method = 'GET', headers = {}, body, signal, timeout = 30_000, localAddress } = {}) {
  return new Promise((resolve, reject) => {
    const call = http.request(url, { method, headers, signal, agent: false, timeout, localAddress });
    call.on('timeout', () => call.destroy(new Error(`${method} ${url}: silent for ${timeout} ms`)));
    call.on('error', reject);
    call.on('response', (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({
        status: answer.statusCode, headers: answer.headers, raw: Buffer.concat(parts),
        text: Buffer.concat(parts).toString('utf8'),
      }));
    });
    call.end(body);
  });
}

export async function getJson(url, options) {
  const answer = await request(url, options);
  if (answer.status !== 200) throw new Error(`GET ${url}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return JSON.parse(answer.text);
}

export async function postJson(url, value, { headers = {}, ...options } = {}) {
  const answer = await request(url, {
    method: 'POST', body: JSON.stringify(value),
    headers: { 'content-type': 'application/json', ...headers }, ...options,
  });
  return { ...answer, get json() { return JSON.parse(answer.text); } };
}

/** Sends a request and returns the answer as soon as its head has arrived; `parts` grows as bytes arrive. */
export function open(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const call = http.request(url, { method, headers, agent: false });
    call.on('error', reject);
    call.on('response', (answer) => {
      const stream = { status: answer.statusCode, headers: answer.headers, text: '', arrivals: [], answer };
      answer.setEncoding('utf8');
      answer.on('data', (text) => { stream.text += text; stream.arrivals.push({ at: performance.now(), text }); });
      stream.ended = new Promise((done) => {
        answer.on('end', () => done({ complete: true }));
        answer.on('error', (error) => done({ complete: false, error }));
        answer.on('close', () => done({ complete: answer.complete }));
      });
      call.removeListener('error', reject);
      call.on('error', () => {});
      stream.close = () => call.destroy();
      resolve(stream);
    });
    call.end(body);
  });
}
