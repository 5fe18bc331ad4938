import { breaks, called, chat, chatTool, messages, messagesTool, used, user } from './cases.mjs';

const either = { type: 'object', anyOf: [{ properties: {} }] };
const odd = { type: 'object', properties: { any: true } };
const both = (withTool) => [
  breaks('key', 401, /^Invalid Authentication$/, {}, { headers: {} }),
  breaks('readable', 400, /^Invalid request: failed to parse/, {}, { raw: 'no' }),
  breaks('members', 400, /^Invalid request: /, { messages: 'hi' }),
  breaks('known model', 404, /^Not found the model kimi-9 or Permission denied$/, { model: 'kimi-9' }),
  breaks('temperature', 400, /^invalid temperature: only 1 is allowed for this model$/, { temperature: 0.6 }),
  breaks('top_p', 400, /^invalid top_p: only 0.95 is allowed for this model$/, { top_p: 1 }),
  breaks('thinking cannot be switched off', 400, /^invalid thinking: only type=enabled is allowed/,
    { thinking: { type: 'disabled' } }),
  breaks('tool names', 400, /^Invalid request: function name is invalid, must start with a letter/,
    { tools: [withTool({ name: '21st_magic' })] }),
  breaks('tool schemas: an object', 400, /tools.function.parameters.type is required and must be "object"/,
    { tools: [withTool({ schema: {} })] }),
  breaks('tool schemas', 400,
    /<At path 'root': when using anyOf, type should be defined in anyOf items instead of the parent schema>/,
    { tools: [withTool({ schema: either })] }),
  breaks('tool schemas', 400, /<At path 'properties': property schema for 'any' must be an object>/,
    { tools: [withTool({ schema: odd })] }),
];

export const doors = [{
  path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-strict-moonshot' }, good: chat('kimi-k3'),
    history: called({ reasoning_content: 'Hm.' }),
  bad: [
    ...both(({ schema, ...more }) => chatTool({ ...more, ...(schema && { parameters: schema }) })),
    breaks('a forced tool while thinking', 400, /^tool_choice 'required' is incompatible with thinking enabled$/,
      { tool_choice: 'required' }),
    breaks('an assistant says something', 400,
      /^Invalid request: the message at position 1 with role 'assistant' must not be empty$/,
      { messages: [user(), { role: 'assistant', content: '' }, user()] }),
    breaks('calls and results', 400, /^Invalid request: tool_call_id  is not found$/,
      { messages: [user(), called()[2]] }),
    breaks('calls and results', 400, /did not have response messages: call_1$/,
      { messages: [...called({ reasoning_content: 'Hm.' }).slice(0, 2), user()] }),
    breaks('reasoning_content comes back', 400,
      /^thinking is enabled but reasoning_content is missing in assistant tool call message at index 1$/,
      { messages: called() }),
  ],
}, {
  path: '/anthropic/v1/messages', headers: { 'x-api-key': 'sk-strict-moonshot' }, good: messages('kimi-k3'),
  history: used({ before: [{ type: 'thinking', thinking: 'Hm.', signature: '' }] }),
  bad: [
    ...both(({ schema, ...more }) => messagesTool({ ...more, ...(schema && { input_schema: schema }) })),
    breaks('uses and results', 400, /^Invalid request: tool_call_id  is not found$/, { messages: used().slice(2) }),
    breaks('thinking comes back', 400,
      /^thinking is enabled but reasoning_content is missing in assistant tool call message at index 1$/,
      { messages: used() }),
  ],
}];
export const wrongPath = { path: '/v1/chat', status: 404, says: /^url.not_found$/ };
