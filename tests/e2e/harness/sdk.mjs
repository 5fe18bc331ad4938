// The public SDKs with a proxy as their base URL, and calls that tests make on both alike.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

export { Anthropic, OpenAI };

export function openaiAt(url, options = {}) {
  return new OpenAI({ apiKey: 'client-key', baseURL: `${url}/v1`, maxRetries: 0, timeout: 20_000, ...options });
}

/** `authToken: null`, since the SDK would take a token of the caller's environment. */
export function anthropicAt(url, options = {}) {
  const own = { apiKey: 'client-key', authToken: null, baseURL: url, maxRetries: 0, timeout: 20_000 };
  return new Anthropic({ ...own, ...options });
}

export const userSays = (content) => [{ role: 'user', content }];

/** Reads an OpenAI stream to its end: text, tool calls joined, finish reason, usage, and every chunk. */
export async function readOpenai(stream) {
  const seen = { text: '', tools: [], chunks: [] };
  for await (const chunk of stream) {
    seen.chunks.push(chunk);
    seen.usage = chunk.usage ?? seen.usage;
    const choice = chunk.choices[0];
    if (!choice) continue;
    seen.text += choice.delta.content ?? '';
    seen.finish = choice.finish_reason ?? seen.finish;
    for (const call of choice.delta.tool_calls ?? []) {
      const known = (seen.tools[call.index] ??= { id: call.id, name: call.function.name, arguments: '' });
      known.arguments += call.function.arguments ?? '';
    }
  }
  return seen;
}

/** Raw chat completions bodies and headers, for tests that count bytes rather than use an SDK. */
export function chatBody(model, { stream = true, content = 'hi', ...rest } = {}) {
  return JSON.stringify({ model, stream, messages: userSays(content), ...rest });
}

export const jsonHeaders = { 'content-type': 'application/json', authorization: 'Bearer client-key' };
