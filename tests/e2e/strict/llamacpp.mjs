import { breaks, called, chat, user, words } from './cases.mjs';

export const doors = [{
  path: '/v1/chat/completions', headers: { authorization: 'Bearer llama-strict' }, good: chat('qwen3.5-9b'),
    history: called(),
  bad: [
    breaks('key', 401, /^Invalid API Key$/, {}, { headers: {} }),
    breaks('readable', 500, /parse error at line 1, column 1/, {}, { raw: 'no' }),
    breaks('messages', 400, /^'messages' is required$/, { messages: undefined }),
    breaks('messages: a list', 400, /^Expected 'messages' to be an array$/, { messages: 'hi' }),
    breaks('content', 400, /^All non-assistant messages must contain 'content'$/, { messages: [{ role: 'user' }] }),
    breaks('an assistant says something', 400, /^Assistant message must contain either/,
      { messages: [user(), { role: 'assistant' }, user()] }),
    breaks('content: text or parts', 400, /^Expected 'content' to be a string or an array$/, { messages: [user({})] }),
    breaks('images', 500, /^image input is not supported/, { messages: [user([{ type: 'image_url' }])] }),
    breaks('kinds of parts', 400, /^unsupported content\[\].type$/, { messages: [user([{ type: 'file' }])] }),
    breaks('response_format', 400, /^response_format type must be one of/, { response_format: { type: 'xml' } }),
    breaks('grammar beside tools', 400, /^Cannot use custom grammar constraints with tools.$/, { grammar: '' }),
    breaks('logprobs beside tools in a stream', 400, /^logprobs is not supported with tools \+ stream$/,
      { logprobs: true, stream: true }),
    breaks('prefill while thinking', 400, /^Assistant response prefill is incompatible with enable_thinking.$/,
      { messages: [user(), { role: 'assistant', content: 'It' }] }),
    breaks('roles of the template', 500, /^Unexpected message role.$/,
      { messages: [{ role: 'developer', content: 'x' }, user()] }),
    breaks('system first', 500, /^System message must be at the beginning.$/,
      { messages: [user(), { role: 'system', content: 'x' }, user()] }),
    breaks('arguments', 500, /^Failed to parse tool call arguments as JSON/, { messages: called({ args: '' }) }),
    breaks('context', 400, /^request \(\d+ tokens\) exceeds the available context size \(123904 tokens\)/,
      { messages: words(110_000) }),
  ],
}];
export const wrongPath = { path: '/v1/chat', status: 404, says: /^File Not Found$/ };
