import { breaks, called, chat, chatTool, schema, user, words } from './cases.mjs';

const plain = { model: 'gpt-4.1' };
const open = { type: 'object', properties: { city: { type: 'string' } } };
const format = (more) => ({ response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, ...more } } });

/** Azure refuses the same. */
export const openaiBad = [
  breaks('members', 400, /^Unrecognized request argument supplied: thinking$/, { thinking: { type: 'enabled' } }),
  breaks('members', 400, /^Unknown parameter: 'messages\[0\].content\[0\].cache_control'.$/,
    { messages: [user([{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }])] }),
  breaks('members', 400, /^Missing required parameter: 'messages'.$/, { messages: undefined }),
  breaks('members', 400, /^Invalid type for 'max_completion_tokens': expected an integer, but got a decimal|string/, { max_completion_tokens: '9' }),
  breaks('members', 400, /^Invalid value: 'clown'. Supported values are: 'system', 'developer', 'user', 'assistant', and 'tool'.$/,
    { messages: [{ role: 'clown', content: 'hi' }] }),
  breaks('max_tokens of a reasoning model', 400, /^Unsupported parameter: 'max_tokens' .* Use 'max_completion_tokens' instead.$/, { max_tokens: 9 }),
  breaks('output limit', 400, /^max_tokens is too large: 32769. This model supports at most 32768 completion tokens/, { ...plain, max_tokens: 32_769 }),
  breaks('reasoning_effort of a model that does not reason', 400, /^Unrecognized request argument supplied: reasoning_effort$/,
    { ...plain, reasoning_effort: 'low' }),
  breaks('reasoning_effort words', 400, /'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'none', 'low', 'medium', 'high', and 'xhigh'.$/,
    { reasoning_effort: 'minimal' }),
  breaks('reasoning_effort beside tools', 400, /^Function tools with reasoning_effort are not supported for gpt-5.4 in .*Please use \/v1\/responses instead.$/,
    { reasoning_effort: 'medium' }),
  breaks('reasoning_effort beside tools', 400, /not supported for gpt-5.6-sol .*or set reasoning_effort to 'none'.$/, { model: 'gpt-5.6-sol' }),
  breaks('temperature while reasoning', 400, /^Unsupported value: 'temperature' does not support 0 with this model. Only the default/,
    { model: 'o3', temperature: 0 }),
  ...['top_p', 'presence_penalty', 'frequency_penalty'].map((member) => breaks(`${member} while reasoning`, 400,
    new RegExp(`^Unsupported parameter: '${member}' is not supported with this model.$`), { model: 'o3', [member]: 0.5 })),
  breaks('logprobs while reasoning', 400, /'logprobs'/, { model: 'o3', logprobs: true }),
  breaks('top_logprobs while reasoning', 400, /'top_logprobs'/, { model: 'o3', top_logprobs: 2 }),
  breaks('logit_bias while reasoning', 400, /'logit_bias'/, { model: 'o3', logit_bias: {} }),
  breaks('stop', 400, /^Unsupported parameter: 'stop' is not supported with this model.$/, { model: 'o3', stop: ['END'] }),
  breaks('stop: at most four', 400, /^Invalid 'stop': array too long. .* maximum length 4/, { ...plain, stop: ['a', 'b', 'c', 'd', 'e'] }),
  breaks('temperature range', 400, /^Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5/, { ...plain, temperature: 2.5 }),
  breaks('stream_options without stream', 400, /only allowed when 'stream' is enabled/, { stream_options: { include_usage: true } }),
  breaks('tools: not empty', 400, /^Invalid 'tools': empty array./, { tools: [] }),
  breaks('tools: at most 128', 400, /^Invalid 'tools': array too long. .* maximum length 128/, { tools: Array(129).fill(chatTool()) }),
  breaks('tool_choice without tools', 400, /'tool_choice' is only allowed when 'tools' are specified/, { tools: undefined, tool_choice: 'auto' }),
  breaks('parallel_tool_calls without tools', 400, /'parallel_tool_calls' is only allowed/, { tools: undefined, parallel_tool_calls: false }),
  breaks('tool names', 400, /does not match pattern/, { tools: [chatTool({ name: 'a.b' })] }),
  breaks('tool names: at most 64 letters', 400, /^Invalid 'tools\[0\].function.name': string too long. .* length 65 instead/, { tools: [chatTool({ name: 'a'.repeat(65) })] }),
  breaks('tool schemas', 400, /^Invalid schema for function 'weather': In context=\(\), object schema missing properties.$/, { tools: [chatTool({ parameters: { type: 'object' } })] }),
  breaks('tool schemas', 400, /In context=\('properties', 'list'\), array schema missing items.$/, { tools: [chatTool({ parameters: { type: 'object', properties: { list: { type: 'array' } } } })] }),
  breaks('tool schemas', 400, /schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.$/, { tools: [chatTool({ parameters: {} })] }),
  breaks('tool schemas', 400, /'additionalProperties' is required to be supplied and to be false.$/, { tools: [chatTool({ strict: true })] }),
  breaks('strict output schema', 400, /^Invalid schema for response_format 'place': In context=\(\), 'required' is required .* Missing 'unit'.$/, format({ schema: { ...schema, additionalProperties: false } })),
  breaks('strict output schema', 400, /'additionalProperties' is required/, format({ schema: open })),
  breaks('calls and results', 400, /^An assistant message with 'tool_calls' must be followed by .* response messages: call_1$/, { messages: [...called().slice(0, 2), user()] }),
  breaks('calls and results', 400, /^Invalid parameter: messages with role 'tool' must be a response to a preceeding message/, { messages: [user(), called()[2]] }),
  breaks('call ids: at most 40 letters', 400, /^Invalid 'messages\[1\].tool_calls\[0\].id': string too long. .* length 41 instead.$/, { messages: called({ id: 'a'.repeat(41) }) }),
  breaks('an assistant says something', 400, /^Invalid value for 'content': expected a string, got null.$/, { messages: [user(), { role: 'assistant', content: null }, user()] }),
  breaks('user: at most 64 letters', 400, /^Invalid 'user': string too long/, { user: 'u'.repeat(65) }),
  breaks('context', 400, /maximum context length is 8192 tokens. However, your messages resulted in \d+ tokens/, { model: 'gpt-4', messages: words(7000) }),
];

export const doors = [{
  path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-strict-openai' }, good: chat('gpt-5.4'), history: called(),
  bad: [
    breaks('key', 401, /^Incorrect API key provided/, {}, { headers: { authorization: 'Bearer sk-wrong' } }),
    breaks('key', 401, /^You didn't provide an API key/, {}, { headers: {} }),
    breaks('readable', 400, /^We could not parse the JSON body of your request/, {}, { raw: '{"model":' }),
    breaks('known model', 404, /^The model `gpt-9` does not exist/, { model: 'gpt-9' }),
    ...openaiBad,
  ],
}];
export const wrongPath = { path: '/v1/chat/completion', status: 404, says: /^Invalid URL \(POST \/v1\/chat\/completion\)$/ };
