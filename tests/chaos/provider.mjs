// A provider that answers at once and writes into the ledger what it gave.
import { once } from 'node:events';
import http from 'node:http';
import { tokensOf } from './ledger.mjs';

export async function openProvider(ledger) {
  const server = http.createServer(async (request, response) => {
    const parts = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      return; // the proxy was killed
    }
    const mark = Number(/mark (\d+)/.exec(Buffer.concat(parts).toString())?.[1] ?? 0);
    const { input, output } = tokensOf(mark);
    const text = JSON.stringify({
      id: `chatcmpl-${mark}`, object: 'chat.completion', created: 1764000000, model: 'any',
      choices: [{ index: 0, message: { role: 'assistant', content: `answer ${mark}` }, finish_reason: 'stop' }],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    });
    ledger.given(mark);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
