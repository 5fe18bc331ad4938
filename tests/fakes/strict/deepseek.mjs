// DeepSeek's two doors. Its parser is serde's: unknown members are passed over, a wrong type or variant is refused.
//   https://api-docs.deepseek.com/guides/thinking_mode, …/guides/anthropic_api, …/quick_start/error_codes
// Where no thread is named beside a rule, its words are as client code in public quotes them.
import { chatAnswer } from './chat_answer.mjs';
import { ChatBody, changed, eachFunction, eachMessage, hasTools, refuses, unpaired } from './chat.mjs';
import { Refusal, has, rule, shaped } from './rule.mjs';
import { MessagesBody, blocksOf, unpairedUses } from './messages.mjs';
import { messagesAnswer } from './messages_answer.mjs';
import { bearerOf } from './openai_rules.mjs';
import { bracketed, byMember, listOf, mapOf, nullable, open, textOr, typeOf, words } from './shape.mjs';

const bad = (message) => new Refusal(400, message);
const Rust = { text: 'a string', list: 'a sequence', object: 'a map', map: 'a map', integer: 'u32', number: 'f32',
  boolean: 'a boolean' };
const Found = { array: 'sequence', object: 'map', string: 'string', integer: 'integer', decimal: 'floating point',
  null: 'null', boolean: 'boolean' };

/** https://github.com/0xPlaygrounds/rig/issues/368, https://github.com/cline/cline/issues/230 */
function serdeWords([{ kind, path, value, expected, allowed }], { text }) {
  const place = `at line 1 column ${text.length}`;
  const at = bracketed(path);
  const variants = (allowed ?? []).map((word) => `\`${word}\``);
  const among = variants.length > 2 ? `expected one of ${variants.join(', ')}` : `expected ${variants.join(' or ')}`;
  const what = {
    missing: () => `${bracketed(path.slice(0, -1)) ? `${bracketed(path.slice(0,
      -1))}: ` : ''}missing field \`${path.at(-1)}\``,
    type: () => `${at}: invalid type: ${Found[typeOf(value)]}, expected ${Rust[expected]}`,
  }[kind]?.() ?? `${at}: unknown variant \`${value}\`, ${among}`;
  return bad(`Failed to deserialize the JSON body into the target type: ${what} ${place}`);
}

const serde = (name, shape) => rule(name, (ask) => shaped(name, shape, (found) => serdeWords(found, ask)).check(ask));
const isThinking = ({ body: { thinking } }) => thinking?.type !== 'disabled';
const knownModel = rule('known model', ({ model }) => !model && bad('Model Not Exist'));
const limit = rule('output limit', ({ body: { max_tokens: most }, model }) => (most < 1 || most > model.output)
  && bad(`Invalid max_tokens value, the valid range of max_tokens is [1, ${model.output}]`));

const Parts = textOr(listOf(byMember('type', { text: open({ 'text!': 'text' }) })));
const Chat = open({
  ...changed(ChatBody, { without: ['messages', 'response_format', 'tools', 'reasoning_effort', 'metadata'] }),
  'messages!': listOf(byMember('role', {
    system: open({ 'content!': Parts }), user: open({ 'content!': Parts }),
    assistant: open({ content: nullable(Parts), reasoning_content: 'text?', tool_calls: nullable(listOf(open({
      'id!': 'text', 'function!': open({ 'name!': 'text', 'arguments!': 'text' }) }))) }),
    tool: open({ 'content!': Parts, 'tool_call_id!': 'text' }),
  })),
  reasoning_effort: nullable(words('high', 'low', 'medium', 'max', 'xhigh')),
  tools: nullable(listOf(open({ 'function!': open({ 'name!': 'text', parameters: mapOf('any') }) }))),
});

const chatRules = [
  serde('members', Chat), knownModel, limit,
  rule('temperature range', ({ body: { temperature: t } }) => (t < 0 || t > 2)
    && bad('Invalid temperature value, the valid range of temperature is [0, 2.0]')),
  refuses('output schema', 'response_format', ({ body }) => body.response_format.type === 'json_schema',
    () => bad('This response_format type is unavailable now')),
  rule('a forced tool while thinking', (ask) => isThinking(ask) && hasTools(ask.body) && has(ask.body, 'tool_choice')
    && !['auto', 'none'].includes(ask.body.tool_choice) && bad('Thinking mode does not support this tool_choice')),
  // https://github.com/farion1231/cc-switch/issues/5490
  eachFunction('tool schemas', ({ name, parameters }) => parameters && parameters.type !== 'object' && bad(
    `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: `
      + `${parameters.type ? `"${parameters.type}"` : 'null'}'.`)),
  rule('calls and results', ({ body: { messages } }) => {
    const [fault] = unpaired(messages);
    return fault && bad(fault.kind === 'orphan'
      ? "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
      : "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        + '(insufficient tool messages following tool_calls message)');
  }),
  // https://github.com/JohnnyZ93/oai-compatible-copilot/issues/215; of messages with calls:
  // https://github.com/danny-avila/LibreChat/issues/13366
  eachMessage('reasoning_content comes back', ({ tool_calls: calls, reasoning_content: thoughts }, i, ask) => (
    calls?.length > 0 && !thoughts && isThinking(ask)
      && bad('The `reasoning_content` in the thinking mode must be passed back to the API.'))),
];

// The blocks that this door knows: https://github.com/zhukunpenglinyutong/jetbrains-cc-gui/issues/591 (tool_reference)
const known = (...names) => Object.fromEntries(names.map((name) => [name, open({})]));
const Result = open({ content: textOr(listOf(byMember('type', known('text', 'image')))) });
const Content = textOr(listOf(byMember('type', {
  ...known('text', 'image', 'thinking', 'redacted_thinking', 'tool_use'), tool_result: Result,
})));
const Messages = open({
  'model!': 'text', 'max_tokens!': 'integer', stream: 'boolean', temperature: 'number', system: MessagesBody.system,
  // No system among them: https://github.com/deepseek-ai/awesome-deepseek-integration/issues/639
  'messages!': listOf(byMember('role', { user: open({ 'content!': Content }),
    assistant: open({ 'content!': Content }) })),
});

const messagesRules = [
  serde('members', Messages), knownModel, limit,
  rule('uses and results', ({ body: { messages } }) => unpairedUses(messages).length > 0 && bad(
    'messages: `tool_use` ids were found without `tool_result` blocks immediately after')),
  rule('thinking comes back', (ask) => isThinking(ask) && ask.body.messages.some(({ role, content }) =>
    role === 'assistant'
    && blocksOf(content).some(({ type }) => type === 'tool_use') && !blocksOf(content).some(({ type }) =>
      type === 'thinking'))
    && bad('The `content[].thinking` in the thinking mode must be passed back to the API.')),
];

const unauthorized = () => new Refusal(401, 'Authentication Fails, Your api key: ****rict is invalid',
  { type: 'authentication_error' });
const common = {
  error: ({ message, facts: { type = 'invalid_request_error' } }) => (
    { error: { message, type, param: null, code: 'invalid_request_error' } }),
  unreadable: () => bad('Failed to parse the request body as JSON: expected value at line 1 column 1'),
};
const model = { output: 393_216, reasons: (body) => isThinking({ body }) };

export const deepseek = {
  name: 'deepseek', key: 'sk-strict-deepseek', models: { 'deepseek-v4-pro': model, 'deepseek-flash': model },
  doors: [{
    ...common, dialect: 'openai', path: /^(\/v1)?\/chat\/completions$/, rules: chatRules,
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && unauthorized())],
    // Recorded: https://github.com/vercel/ai/tree/main/packages/deepseek/src/chat/__fixtures__
    answer: chatAnswer({
      usageStands: 'last',
      reasoning: (text, { ask }) => ({ ...(ask.body.stream && { content: null }), reasoning_content: text }),
      choice: () => ({ logprobs: null }), envelope: () => ({ system_fingerprint: 'fp_strict_prod0820_fp8_kvcache' }),
      callId: () => `call_00_${Math.random().toString(36).slice(2, 14)}`,
      usage: ({ prompt, completion, reasoning }) => ({ prompt_tokens: prompt, completion_tokens: completion,
        total_tokens: prompt + completion, prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: reasoning }, prompt_cache_hit_tokens: 0,
          prompt_cache_miss_tokens: prompt }),
    }),
  }, {
    ...common, dialect: 'anthropic', path: /^\/anthropic\/v1\/messages$/, rules: messagesRules,
    entry: [rule('key', (ask) => ![ask.headers['x-api-key'], bearerOf(ask)].includes(ask.spec.key) && unauthorized())],
    answer: messagesAnswer({ thinks: isThinking }),
  }],
  notFound: () => ({ status: 404, body: { error_msg: 'Not Found. Please check the configuration.' } }),
};
