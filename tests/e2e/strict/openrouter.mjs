import { breaks, called, chat, chatTool, messages, messagesTool, schema, used, user } from './cases.mjs';

const raw = (words) => new RegExp(`"raw":"[^}]*${words}`);
const claude = { model: 'anthropic/claude-sonnet-5' };
const marked = { type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } };

export const doors = [{
  path: '/api/v1/chat/completions', headers: { authorization: 'Bearer sk-or-strict' }, good: chat('openai/gpt-5.4'),
    history: called(),
  bad: [
    breaks('key', 401, /^No auth credentials found$/, {}, { headers: {} }),
    breaks('readable', 400, /^Invalid JSON body$/, {}, { raw: 'no' }),
    breaks('members', 400, /^Input required: specify "messages"$/, { messages: undefined }),
    breaks('known model', 400, /^openai\/gpt-9 is not a valid model ID$/, { model: 'openai/gpt-9' }),
    breaks('effort or budget', 400, /^Only one of/, { reasoning: { effort: 'low', max_tokens: 2000 } }),
    breaks('tools', 404, /^No endpoints found that support tool use./, { model: 'meta-llama/llama-guard-4-12b' }),
    breaks('OpenAI: tools: at most 128', 400, raw('array too long'), { tools: Array(129).fill(chatTool()) }),
    breaks('OpenAI: tool names', 400, raw('does not match pattern'), { tools: [chatTool({ name: 'a.b' })] }),
    breaks('OpenAI: tool names: at most 64 letters', 400, raw('string too long'),
      { tools: [chatTool({ name: 'a'.repeat(65) })] }),
    breaks('OpenAI: tool schemas', 400, raw('object schema missing properties'),
      { tools: [chatTool({ parameters: { type: 'object' } })] }),
    breaks('OpenAI: strict output schema', 400, raw('additionalProperties'),
      { response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } } }),
    breaks('OpenAI: calls and results', 400, raw('preceeding message'), { messages: [user(), called()[2]] }),
    breaks('OpenAI: call ids: at most 40 letters', 400, raw('string too long'),
      { messages: called({ id: 'a'.repeat(41) }) }),
    breaks('Anthropic: calls and results', 400, raw('unexpected `tool_use_id`'),
      { ...claude, messages: [user(), called()[2]] }),
    breaks('Anthropic: blank texts', 400, raw('non-whitespace text'),
      { ...claude, messages: called({ content: '\n\n' }) }),
    breaks('Anthropic: signatures', 400, raw('Invalid `signature`'),
      { ...claude, messages: called(
      { reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 'foreign' }] }) }),
    breaks('DeepSeek: reasoning comes back', 400, raw('must be passed back'), { model: 'deepseek/deepseek-v4-pro',
      messages: called() }),
  ],
}, {
  path: '/api/v1/messages', headers: { 'x-api-key': 'sk-or-strict' }, good: messages('anthropic/claude-sonnet-5'),
    history: used(),
  bad: [
    breaks('key', 401, /^No auth credentials found$/, {}, { headers: {} }),
    breaks('readable', 400, /^Invalid JSON body$/, {}, { raw: 'no' }),
    breaks('members', 400, /^max_tokens: Invalid input$/, { max_tokens: undefined }),
    breaks('known model', 400, /^anthropic\/claude-9 is not a valid model ID$/, { model: 'anthropic/claude-9' }),
    breaks('uses and results', 400, /ids were found without/, { messages: used().slice(0, 2) }),
    breaks('cache marks', 400, /^A maximum of 4 blocks/, { system: [marked, marked], messages: [user([marked, marked])],
      tools: [messagesTool({ cache_control: { type: 'ephemeral' } })] }),
  ],
}];
export const wrongPath = { path: '/api/v1/chat', status: 404, says: /404: This page could not be found/ };
