import { breaks, called, chat, messages, used, user, words } from './cases.mjs';

const small = { model: 'gemma:2b', tools: undefined };
const both = [
  breaks('readable', 400, /looking for beginning of value$/, {}, { raw: 'no' }),
  breaks('known model', 404, /^model "qwen9:1b" not found, try pulling it first$/, { model: 'qwen9:1b' }),
  breaks('tools', 400, /^registry.ollama.ai\/library\/gemma:2b does not support tools$/, { model: 'gemma:2b' }),
  breaks('context', 400, /^the prompt is longer than the context length currently available to the model/,
    { ...small, messages: words(7000) }),
];

export const doors = [{
  path: '/v1/chat/completions', headers: {}, good: chat('qwen3.5:9b'), history: called(),
  bad: [
    ...both,
    breaks('members', 400,
      /^json: cannot unmarshal string into Go struct field ChatCompletionRequest.max_tokens of type int$/,
      { max_tokens: '9' }),
    breaks('at least one message', 400, /^\[\] is too short - 'messages'$/, { messages: [] }),
    breaks('reasoning_effort words', 400, /^invalid reasoning value: "extreme"/, { reasoning_effort: 'extreme' }),
    breaks('content', 400, /^invalid message content type: <nil>$/, { messages: [{ role: 'user', content: null }] }),
    breaks('content', 400, /^invalid message format$/, { messages: [user([{ type: 'document' }])] }),
    breaks('arguments', 400, /^invalid tool call arguments$/, { messages: called({ args: '' }) }),
    breaks('thinking', 400, /^"llama3.2:3b" does not support thinking$/,
      { model: 'llama3.2:3b', reasoning_effort: 'low' }),
  ],
}, {
  path: '/v1/messages', headers: {}, good: messages('qwen3.5:9b'), history: used(),
  bad: [
    ...both,
    breaks('model', 400, /^model is required$/, { model: '' }),
    breaks('max_tokens', 400, /^max_tokens is required and must be positive$/, { max_tokens: undefined }),
    breaks('messages', 400, /^messages is required$/, { messages: [] }),
    breaks('ids of uses', 400, /^tool_use block missing required 'id' field$/, { messages: used({ id: '' }) }),
  ],
  never: ['thinking'],
}];
export const wrongPath = { path: '/v2/chat', status: 404, says: /^404 page not found$/ };
