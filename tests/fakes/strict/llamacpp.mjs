// llama.cpp's server with a Qwen model, read from its source (2026): https://github.com/ggml-org/llama.cpp,
// tools/server/server-common.cpp (oaicompat_chat_params_parse), server-context.cpp and server-http.cpp. It serves one
// model under any name, and passes over members that it does not know.
import { chatAnswer } from './chat_answer.mjs';
import { eachMessage, isObjectText } from './chat.mjs';
import { Refusal, has, rule } from './rule.mjs';
import { bearerOf } from './openai_rules.mjs';
import { tokensIn } from './agent.mjs';

const bad = (message) => new Refusal(400, message, { type: 'invalid_request_error' });
const broken = (message) => new Refusal(500, message, { type: 'server_error' });
const Context = 123_904;

const rules = [
  rule('messages', ({ body }) => !has(body, 'messages') && bad("'messages' is required")),
  rule('messages: a list', ({ body }) => !Array.isArray(body.messages) && bad("Expected 'messages' to be an array")),
  eachMessage('content', (message) => message.role !== 'assistant' && message.content === undefined
    && bad("All non-assistant messages must contain 'content'")),
  eachMessage('an assistant says something', (message) => message.role === 'assistant' && message.content === undefined
    && message.tool_calls === undefined && bad("Assistant message must contain either 'content' or 'tool_calls'!")),
  eachMessage('content: text or parts', ({ content }) => has({ content }, 'content') && typeof content !== 'string'
    && !Array.isArray(content) && bad("Expected 'content' to be a string or an array")),
  eachMessage('images', ({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'image_url')
    && broken('image input is not supported - hint: if this is unexpected, you may need to provide the mmproj')),
  eachMessage('kinds of parts', ({ content }) => Array.isArray(content) && content.some(({ type }) => type !== 'text')
    && bad('unsupported content[].type')),
  rule('response_format', ({ body: { response_format: format } }) => format?.type
    && !['text', 'json_object', 'json_schema'].includes(format.type)
    && bad(`response_format type must be one of "text" or "json_object", but got: ${format.type}`)),
  rule('grammar beside tools', ({ body: { grammar, tools } }) => grammar !== undefined && tools?.length > 0
    && bad('Cannot use custom grammar constraints with tools.')),
  rule('logprobs beside tools in a stream', ({ body: { logprobs, tools, stream } }) => logprobs && tools?.length > 0
    && stream
    && bad('logprobs is not supported with tools + stream')),
  rule('prefill while thinking', ({ body: { messages, chat_template_kwargs: kwargs } }) =>
    messages.at(-1)?.role === 'assistant'
    && kwargs?.enable_thinking !== false && bad('Assistant response prefill is incompatible with enable_thinking.')),
  // The model's own template raises these; the words are Qwen's.
  eachMessage('roles of the template', ({ role }) => !['system', 'user', 'assistant', 'tool'].includes(role)
    && broken('Unexpected message role.')),
  eachMessage('system first', ({ role }, i) => role === 'system' && i > 0
    && broken('System message must be at the beginning.')),
  // common/chat.cpp: the template takes a call's arguments as an object.
  eachMessage('arguments', ({ tool_calls: calls }) =>
    calls?.some((call) => !isObjectText(call.function?.arguments ?? '')) && broken(
    'Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] parse error at line 1, column 1: '
      + 'syntax error while parsing value - unexpected end of input; expected \'[\', \'{\', or a literal')),
  // server-context.cpp: exceed_context_size_error
  rule('context', ({ body: { messages } }) => {
    const tokens = tokensIn(messages);
    return tokens > Context && new Refusal(400, `request (${tokens} tokens) exceeds the available context size `
      + `(${Context} tokens), `
      + 'try increasing it', { type: 'exceed_context_size_error', n_prompt_tokens: tokens, n_ctx: Context });
  }),
];

export const llamacpp = {
  name: 'llamacpp', key: 'llama-strict', models: { 'qwen3.5-9b': { reasons: true } },
  doors: [{
    dialect: 'openai', path: /^(\/v1)?\/chat\/completions$/, rules,
    // server-http.cpp: middleware_validate_api_key
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && new Refusal(401, 'Invalid API Key',
      { type: 'authentication_error' }))],
    unreadable: () => broken('[json.exception.parse_error.101] parse error at line 1, column 1: syntax error while '
      + 'parsing value - invalid literal'),
    error: ({ status, message, facts }) => ({ error: { code: status, message, ...facts } }),
    // server-task.cpp: thoughts as `reasoning_content`, a call's arguments in pieces, numbers of its own beside usage
    answer: chatAnswer({
      reasoning: (text) => ({ reasoning_content: text }), callId: () => Math.random().toString(36).slice(2).padEnd(32,
        'x').slice(0, 32),
      envelope: () => ({ system_fingerprint: 'b9999-strict', timings: { prompt_n: 1, predicted_n: 1 } }),
      usage: ({ prompt, completion }) => ({ completion_tokens: completion, prompt_tokens: prompt, total_tokens: prompt
        + completion }),
    }),
  }],
  notFound: () => ({ status: 404, body: { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } } }),
};
