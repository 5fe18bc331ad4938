// Cerebras' Chat Completions, https://inference-docs.cerebras.ai/api-reference/chat-completions: what it does not know
// it refuses, in a body without an `error` around it.
import { chatAnswer } from './chat_answer.mjs';
import { ChatBody, ChatMessages, changed, eachFunction, refuses, unpaired } from './chat.mjs';
import { Refusal, rule, shaped } from './rule.mjs';
import { bearerOf } from './openai_rules.mjs';
import { byMember, dotted, listOf } from './shape.mjs';
import { tokensIn } from './agent.mjs';

const bad = (message, facts) => new Refusal(400, message, facts);
const wrongFormat = (message) => bad(message, { param: 'validation_error', code: 'wrong_api_format' });

const Body = {
  ...changed(ChatBody, { without: ['store', 'metadata', 'audio', 'modalities', 'function_call', 'functions',
    'moderation',
    'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier', 'verbosity', 'web_search_options',
      'messages'] }),
  clear_thinking: 'boolean?', reasoning_format: 'text?', disable_reasoning: 'boolean?',
  'messages!': listOf(byMember('role', { ...ChatMessages,
    // Its own word for thoughts is taken back: https://github.com/proxysoul/Empryo/pull/209
    assistant: { ...ChatMessages.assistant, reasoning: 'text?' } })),
};

/** Every fault on a line of its own: https://github.com/Alishahryar1/free-claude-code/issues/1136 */
const shapeWords = (found) => wrongFormat(found.map(({ kind, path }) => {
  const at = dotted(path);
  if (kind === 'unknown') return path.length === 1 ? `property '${at}' is unsupported`
    : `${at}: property '${at}' is unsupported`;
  return kind === 'missing' ? `${at}: field required` : `${at}: value is not valid`;
}).join('\n'));

const rules = [
  // https://github.com/Kilo-Org/kilocode/issues/10375, https://github.com/OpenMinis/OpenMinis/issues/361
  shaped('members', Body, shapeWords),
  // https://inference-docs.cerebras.ai/support/error
  rule('known model', ({ body: { model }, model: row }) => !row && new Refusal(404,
    `Model ${model} does not exist or you do not have access to it.`, { type: 'not_found_error', param: 'model',
      code: 'model_not_found' })),
  // https://inference-docs.cerebras.ai/capabilities/reasoning
  refuses('reasoning_effort words', 'reasoning_effort', ({ body, model }) =>
    !model.efforts.includes(body.reasoning_effort),
    ({ body }) => wrongFormat(`reasoning_effort: value '${body.reasoning_effort}' is not valid`)),
  // Words as client code in public quotes them.
  rule('one strictness', ({ body: { tools } }) =>
    new Set((tools ?? []).map((tool) => tool.function.strict ?? false)).size > 1
    && new Refusal(422, "Tools with mixed values for 'strict' are not allowed. Please set all tools to 'strict: true' "
      + "or 'strict: false'", { param: 'tools', code: 'wrong_api_format' })),
  eachFunction('tool schemas', ({ parameters }, i) => parameters && parameters.type !== 'object'
    && wrongFormat(`tools.${i}.function.parameters: value is not valid`)),
  rule('calls and results', ({ body: { messages } }) => unpaired(messages).length > 0
    && bad('Tool messages must follow the assistant message whose tool calls they answer.',
      { param: 'messages', code: 'wrong_api_format' })),
  // https://inference-docs.cerebras.ai/support/error
  rule('context', ({ body: { messages }, model }) => tokensIn(messages) > model.context && bad(
    `Please reduce the length of the messages or completion. Current length is ${tokensIn(messages)} while limit is `
      + `${model.context}`,
    { param: 'messages', code: 'context_length_exceeded' })),
];

const reasons = ({ reasoning_effort: effort }) => effort !== 'none';

export const cerebras = {
  name: 'cerebras', key: 'csk-strict',
  models: {
    'gpt-oss-120b': { context: 131_072, efforts: ['low', 'medium', 'high'], reasons },
    'qwen-3.8-27b': { context: 131_072, efforts: ['none', 'low', 'medium', 'high'], reasons },
  },
  doors: [{
    dialect: 'openai', path: /^\/v1\/chat\/completions$/, rules,
    takesGzip: true,  // https://inference-docs.cerebras.ai/payload-optimization
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && new Refusal(401, 'Wrong API Key',
      { param: 'api_key', code: 'wrong_api_key' }))],
    unreadable: () => wrongFormat('body: value is not valid JSON'),
    error: ({ message, facts: { type = 'invalid_request_error', param = null, code = null } }) =>
      ({ message, type, param, code }),
    // Recorded: https://github.com/pydantic/pydantic-ai/tree/main/tests/models/cassettes/test_cerebras
    answer: chatAnswer({
      reasoning: (text) => ({ reasoning: text }), usageStands: 'last', callsWhole: true,
      call: ({ i, id, name, text }, ask) => ({ id, type: 'function', function: { name, arguments: text },
        ...(ask.body.stream && { index: i }) }),
      callId: () => Math.random().toString(16).slice(2, 11),
      envelope: () => ({ system_fingerprint: 'fp_strict', time_info: { queue_time: 0.001, total_time: 0.01 } }),
    }),
  }],
  notFound: () => ({ status: 404, body: { message: 'Not Found', type: 'not_found_error', param: null, code: null } }),
};
