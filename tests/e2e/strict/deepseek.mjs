import { breaks, called, chat, chatTool, messages, used, user } from './cases.mjs';

const thought = { type: 'thinking', thinking: 'Hm.', signature: 'any' };
const both = [
  breaks('key', 401, /^Authentication Fails, Your api key/, {}, { headers: {} }),
  breaks('readable', 400, /^Failed to parse the request body as JSON/, {}, { raw: 'no' }),
  breaks('known model', 400, /^Model Not Exist$/, { model: 'deepseek-9' }),
  breaks('output limit', 400, /^Invalid max_tokens value, the valid range of max_tokens is \[1, 393216\]$/,
    { max_tokens: 400_000 }),
];
const headers = { authorization: 'Bearer sk-strict-deepseek' };

export const doors = [{
  path: '/v1/chat/completions', headers, good: chat('deepseek-v4-pro'), history: called({ reasoning_content: 'Hm.' }),
  bad: [
    ...both,
    breaks('members', 400,
      /messages\[0\].role: unknown variant `developer`, expected one of `system`, .*`tool` at line 1/,
      { messages: [{ role: 'developer', content: 'x' }, user()] }),
    breaks('members', 400, /messages\[0\].content\[0\].type: unknown variant `image_url`, expected `text`/,
      { messages: [user([{ type: 'image_url', image_url: { url: 'x' } }])] }),
    breaks('members', 400, /reasoning_effort: unknown variant `minimal`, expected one of `high`/,
      { reasoning_effort: 'minimal' }),
    breaks('temperature range', 400, /^Invalid temperature value/, { temperature: 3 }),
    breaks('output schema', 400, /^This response_format type is unavailable now$/,
      { response_format: { type: 'json_schema' } }),
    breaks('a forced tool while thinking', 400, /^Thinking mode does not support this tool_choice$/,
      { tool_choice: 'required' }),
    breaks('tool schemas', 400, /^Invalid schema for function 'weather': schema must be .* got 'type: null'.$/,
      { tools: [chatTool({ parameters: {} })] }),
    breaks('calls and results', 400, /insufficient tool messages following tool_calls message/,
      { messages: [...called({ reasoning_content: 'Hm.' }).slice(0, 2), user()] }),
    breaks('calls and results', 400, /^Messages with role 'tool' must be a response to a preceding message/,
      { messages: [user(), called()[2]] }),
    breaks('reasoning_content comes back', 400,
      /^The `reasoning_content` in the thinking mode must be passed back to the API.$/, { messages: called() }),
  ],
}, {
  path: '/anthropic/v1/messages', headers: { 'x-api-key': 'sk-strict-deepseek' }, good: messages('deepseek-v4-pro'),
    history: used({ before: [thought] }),
  bad: [
    ...both,
    breaks('members', 400, /messages\[1\].role: unknown variant `system`, expected `user` or `assistant`/,
      { messages: [user(), { role: 'system', content: 'x' }] }),
    breaks('members', 400, /missing field `max_tokens`/, { max_tokens: undefined }),
    breaks('members', 400, /unknown variant `tool_reference`, expected `text` or `image`/,
      { messages: used({ before: [thought] }).map((turn, i) =>
      (i === 2 ? user([{ ...turn.content[0], content: [{ type: 'tool_reference' }] }]) : turn)) }),
    breaks('uses and results', 400, /ids were found without/, { messages: used({ before: [thought] }).slice(0, 2) }),
    breaks('thinking comes back', 400,
      /^The `content\[\].thinking` in the thinking mode must be passed back to the API.$/, { messages: used() }),
  ],
}];
export const wrongPath = { path: '/v2/chat/completions', status: 404,
  says: /^Not Found. Please check the configuration.$/ };
