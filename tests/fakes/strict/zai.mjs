// z.ai's two doors, https://docs.z.ai/api-reference/llm/chat-completion and https://docs.z.ai/devpack/tool/claude; its
// codes: https://docs.z.ai/api-reference/api-code. Unknown members are passed over. What is out of its range gets one
// sentence, which does not say what it is about: https://github.com/Kilo-Org/kilocode/issues/13069
import { chatAnswer } from './chat_answer.mjs';
import { hasTools, refuses, unpaired } from './chat.mjs';
import { Refusal, has, rule, shaped } from './rule.mjs';
import { unpairedUses } from './messages.mjs';
import { messagesAnswer } from './messages_answer.mjs';
import { bearerOf } from './openai_rules.mjs';
import { listOf, open, words } from './shape.mjs';

const coded = (code, message, status = 400) => new Refusal(status, message, { code });
const parameter = () => coded('1210', 'Invalid API parameter, please check the documentation.');
const isThinking = ({ body: { thinking } }) => thinking?.type !== 'disabled';
const knownModel = rule('known model', ({ model }) => !model
  && coded('1211', 'Unknown Model, please check the model code.'));

const chatRules = [
  shaped('members', open({
    'model!': 'text', 'messages!': listOf(open({ 'role!': 'text' })), stream: 'boolean?', max_tokens: 'integer?',
    temperature: 'number?', top_p: 'number?',
  }), parameter),
  knownModel,
  rule('at least one message', ({ body: { messages } }) => messages.length === 0 && coded('1213',
    'The prompt parameter was not received normally.')),  // https://github.com/zed-industries/zed/issues/45704
  // https://github.com/badlogic/pi-mono/pull/755
  rule('roles', ({ body: { messages } }) =>
    messages.some(({ role }) => !['system', 'user', 'assistant', 'tool'].includes(role))
    && coded('1214', 'Incorrect role information')),
  // https://github.com/anomalyco/opencode/issues/2557
  rule('calls and results', ({ body: { messages } }) => unpaired(messages).length > 0
    && coded('1214', 'The messages parameter is illegal. Please check the documentation.')),
  refuses('temperature range', 'temperature', ({ body }) => body.temperature < 0 || body.temperature > 1, parameter),
  refuses('top_p range', 'top_p', ({ body }) => body.top_p < 0.01 || body.top_p > 1, parameter),
  refuses('output limit', 'max_tokens', ({ body, model }) => body.max_tokens < 1 || body.max_tokens > model.output,
    parameter),
  // One stop word, and no choice of a tool but by the model: https://docs.z.ai/api-reference/llm/chat-completion
  refuses('one stop word', 'stop', ({ body: { stop } }) => Array.isArray(stop) && stop.length > 1, parameter),
  refuses('tool_choice', 'tool_choice', ({ body }) => hasTools(body) && body.tool_choice !== 'auto', parameter),
  rule('tool schemas', ({ body: { tools } }) => tools?.some(({ function: f }) => f?.parameters
    && f.parameters.type !== 'object')
    && parameter()),
];

// The faults of its own code reach the caller: https://github.com/zai-org/zai-coding-plugins/issues/15
const broken = (message) => coded('500', `[500][${message}][20261130120000strict]`, 500);
const messagesRules = [
  shaped('members', open({ 'model!': 'text',
    'messages!': listOf(open({ 'role!': words('user', 'assistant', 'system') })) }),
    () => coded('1214', '[1214][The messages parameter is illegal. Please check the '
      + 'documentation.][20261130120000strict]')),
  knownModel,
  rule('max_tokens', ({ body }) => !has(body, 'max_tokens')
    && broken("'>' not supported between instances of 'int' and 'NoneType'")),
  rule('input is an object', ({ body: { messages } }) => messages.some(({ content }) => Array.isArray(content)
    && content.some(({ type, input }) => type === 'tool_use' && (typeof input !== 'object' || input === null)))
    && broken("'str' object has no attribute 'items'")),
  rule('uses and results', ({ body: { messages } }) => unpairedUses(messages).length > 0
    && coded('1214', '[1214][The messages parameter is illegal. Please check the documentation.][20261130120000strict]')),
];

const unauthorized = () => coded('1000', 'Authentication Failed', 401);
const model = { output: 131_072, reasons: (body) => isThinking({ body }) };

export const zai = {
  name: 'zai', key: 'strict.zai', models: { 'glm-4.7': model, 'glm-5.2': model, 'glm-5.3': model },
  doors: [{
    dialect: 'openai', path: /^\/api\/(coding\/)?paas\/v4\/chat\/completions$/, rules: chatRules, unreadable: parameter,
    error: ({ message, facts: { code } }) => ({ error: { code, message } }),
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && unauthorized())],
    answer: chatAnswer({
      usageStands: 'last', reasoning: (text) => ({ reasoning_content: text }), callsWhole: true,
      call: ({ i, id, name, text }) => ({ index: i, id, type: 'function', function: { name, arguments: text } }),
      callId: () => `call_${Math.random().toString().slice(2, 20)}`,
      delta: () => ({ role: 'assistant' }),
      usage: ({ prompt, completion }) => ({ prompt_tokens: prompt, completion_tokens: completion,
        total_tokens: prompt + completion, prompt_tokens_details: { cached_tokens: 0 } }),
    }),
  }, {
    dialect: 'anthropic', path: /^\/api\/anthropic\/v1\/messages$/, rules: messagesRules, unreadable: parameter,
    error: ({ status, message, facts: { code } }) => ({ type: 'error', request_id: '20261130120000strict',
      error: { type: status === 500 ? 'api_error' : status === 401 ? 'authentication_error' : 'invalid_request_error',
        code, message } }),
    entry: [rule('key', (ask) => ![ask.headers['x-api-key'], bearerOf(ask)].includes(ask.spec.key) && unauthorized())],
    answer: messagesAnswer({ useId: () => `call_${Math.random().toString(36).slice(2, 26)}` }),
  }],
  notFound: ({ path }) =>
    ({ status: 404, body: { timestamp: '2026-11-30T12:00:00.000+00:00', status: 404, error: 'Not Found', path } }),
};
