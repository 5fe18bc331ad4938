// Ollama's Chat and Messages doors, read from its source at fb30760 (2026-08): https://github.com/ollama/ollama.
// Unknown members are passed over. It asks for no key.
import { chatAnswer } from './chat_answer.mjs';
import { eachMessage, isObjectText } from './chat.mjs';
import { Refusal, rule, shaped } from './rule.mjs';
import { messagesAnswer } from './messages_answer.mjs';
import { bracketed, listOf, open, typeOf } from './shape.mjs';
import { tokensIn } from './agent.mjs';

const bad = (message) => new Refusal(400, message);
const Go = { text: 'string', integer: 'int', number: 'float64', boolean: 'bool', list: '[]openai.Message',
  object: 'openai.Message' };

/** encoding/json's words. */
const goWords = ([{ path, value, expected }]) =>
  bad(`json: cannot unmarshal ${{ decimal: 'number', integer: 'number', boolean: 'bool' }[typeOf(value)]
  ?? typeOf(value)} into Go struct field ChatCompletionRequest.${bracketed(path).replace(/\[\d+\]/g,
    '')} of type ${Go[expected] ?? expected}`);

// openai/openai.go: ChatCompletionRequest
const Chat = open({
  model: 'text?', messages: listOf(open({ role: 'text?', reasoning: 'text?', name: 'text?', tool_call_id: 'text?' })),
    stream: 'boolean?',
  max_tokens: 'integer?', seed: 'integer?', temperature: 'number?', top_p: 'number?', frequency_penalty: 'number?',
  presence_penalty: 'number?', top_logprobs: 'integer?', logprobs: 'boolean?', reasoning_effort: 'text?',
});

const Efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'ultra', 'max', 'none'];
const effortOf = (body) => body.reasoning?.effort ?? body.reasoning_effort ?? '';
const wantsThought = (body) => !['', 'none'].includes(effortOf(body));

// server/routes.go: ChatHandler, handleScheduleError; server/images.go: the capabilities
const modelRules = (thinksIn) => [
  rule('known model', ({ body, model }) => !model && new Refusal(404, `model "${body.model}" not found, try pulling `
    + `it first`)),
  rule('tools', ({ body: { tools, model: name }, model }) => tools?.length > 0 && model.tools === false
    && bad(`registry.ollama.ai/library/${name} does not support tools`)),
  rule('thinking', ({ body, model }) => thinksIn(body) && !model.thinks
    && bad(`"${body.model}" does not support thinking`)),
  // llm/llama_server.go: with context shift off
  rule('context', ({ body: { messages }, model }) => tokensIn(messages) > model.context
    && bad('the prompt is longer than the context '
    + 'length currently available to the model; shorten the prompt, adjust the context length in settings, or use a '
    + 'model with a longer context length')),
];

const chatRules = [
  shaped('members', Chat, goWords),
  rule('at least one message', ({ body: { messages } }) => !messages?.length && bad("[] is too short - 'messages'")),
  // thinkFromReasoningEffort
  rule('reasoning_effort words', ({ body }) => effortOf(body) && !Efforts.includes(effortOf(body)) && bad(
    `invalid reasoning value: "${effortOf(body)}" (must be "minimal", "low", "medium", "high", "xhigh", "ultra", `
      + `"max", or "none")`)),
  // FromChatRequest
  eachMessage('content', ({ content, tool_calls: calls }) => {
    if (typeof content === 'string') return undefined;
    if (!Array.isArray(content)) {
      return !calls && bad(
        `invalid message content type: ${content === null || content === undefined ? '<nil>' : 'map[string]interface {}'}`);
    }
    return content.some(({ type }) => !['text', 'image_url', 'input_audio'].includes(type))
      && bad('invalid message format');
  }),
  eachMessage('arguments', ({ tool_calls: calls }) =>
    calls?.some((call) => !isObjectText(call.function?.arguments ?? ''))
    && bad('invalid tool call arguments')),
  ...modelRules(wantsThought),
];

// middleware/anthropic.go: AnthropicMessagesMiddleware. Thinking is relaxed there for models that do not think.
const messagesRules = [
  rule('model', ({ body }) => !body.model && bad('model is required')),
  rule('max_tokens', ({ body }) => !(body.max_tokens > 0) && bad('max_tokens is required and must be positive')),
  rule('messages', ({ body }) => !body.messages?.length && bad('messages is required')),
  // anthropic/anthropic.go: convertMessage
  eachMessage('ids of uses', ({ content }) => Array.isArray(content)
    && content.some(({ type, id }) => type === 'tool_use' && !id)
    && bad("tool_use block missing required 'id' field")),
  ...modelRules(() => false),
];

const unreadable = () => bad("invalid character '\\x1f' looking for beginning of value");
const typeOfStatus = { 400: 'invalid_request_error', 404: 'not_found_error' };
const reasons = (body) => effortOf(body) !== 'none';

export const ollama = {
  name: 'ollama', key: 'ollama',
  models: {
    'qwen3.5:9b': { context: 65_536, thinks: true, reasons }, 'gpt-oss:20b': { context: 65_536, thinks: true, reasons },
    'llama3.2:3b': { context: 65_536 }, 'gemma:2b': { context: 8192, tools: false },
  },
  doors: [{
    dialect: 'openai', path: /^\/v1\/chat\/completions$/, rules: chatRules, unreadable,
    error: ({ status, message }) => ({ error: { message, type: typeOfStatus[status], param: null, code: null } }),
    // openai/openai.go: ToStreamChunks, FinishChunk; calls whole, thoughts as `reasoning`
    answer: chatAnswer({
      reasoning: (text) => ({ reasoning: text }), callsWhole: true,
      call: ({ i, id, name, text }) => ({ id, index: i, type: 'function', function: { name, arguments: text } }),
      callId: () => `call_${Math.random().toString(36).slice(2, 10)}`,
      envelope: () => ({ system_fingerprint: 'fp_ollama' }),
      usage: ({ prompt, completion }) => ({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt
        + completion }),
    }),
  }, {
    dialect: 'anthropic', path: /^\/v1\/messages$/, rules: messagesRules, unreadable,
    error: ({ status, message }) => ({ type: 'error', error: { type: typeOfStatus[status], message },
      request_id: 'req_strict' }),
    answer: messagesAnswer({ thinks: ({ model }) => model.thinks === true }),
  }],
  notFound: () => ({ status: 404, text: '404 page not found' }),
};
