// Moonshot's (Kimi's) two doors, https://platform.moonshot.ai/docs/api/chat. Unknown members are passed over. Where no
// thread is named beside a rule, its words are as client code in public quotes them.
import { chatAnswer } from './chat_answer.mjs';
import { ChatMessages, eachMessage, hasTools, refuses, unpaired } from './chat.mjs';
import { Refusal, rule, shaped } from './rule.mjs';
import { blocksOf, unpairedUses } from './messages.mjs';
import { messagesAnswer } from './messages_answer.mjs';
import { bearerOf } from './openai_rules.mjs';
import { bracketed, byMember, listOf, open, textOr } from './shape.mjs';

const bad = (message) => new Refusal(400, message, { type: 'invalid_request_error' });
const invalid = (message) => bad(`Invalid request: ${message}`);
const isThinking = ({ body: { thinking } }) => thinking?.type !== 'disabled';

const common = [
  rule('known model', ({ body, model }) => !model && new Refusal(404,
    `Not found the model ${body.model} or Permission denied`, { type: 'resource_not_found_error' })),
  // https://github.com/kodustech/kodus-ai/pull/1120, https://github.com/HKUDS/DeepTutor/issues/938
  refuses('temperature', 'temperature', ({ body }) => body.temperature !== 1,
    () => bad('invalid temperature: only 1 is allowed for this model')),
  refuses('top_p', 'top_p', ({ body }) => body.top_p !== 0.95,
    () => bad('invalid top_p: only 0.95 is allowed for this model')),
  rule('thinking cannot be switched off', (ask) => ask.model.always && !isThinking(ask)
    && bad('invalid thinking: only type=enabled is allowed for this model')),
];

/** Moonshot's flavour of JSON Schema: https://github.com/MoonshotAI/walle/blob/main/docs/mfjs-spec.zh.md */
function flavourFault(schema, path = 'root') {
  if (schema.type && schema.anyOf) {  // https://github.com/MoonshotAI/kimi-cli/issues/2531
    return `<At path '${path}': when using anyOf, type should be defined in anyOf items instead of the parent schema>`;
  }
  const below = path === 'root' ? '' : `${path}.`;
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (typeof child !== 'object' || child === null) {  // https://github.com/can1357/oh-my-pi/issues/5952
      return `<At path '${below}properties': property schema for '${name}' must be an object>`;
    }
    const fault = flavourFault(child, `${below}properties.${name}`);
    if (fault) return fault;
  }
  return schema.items && flavourFault(schema.items, `${below}items`);
}

const schemaRules = (functionsOf) => [
  eachOf('tool names', functionsOf, ({ name }) => !/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(name) && invalid(
    'function name is invalid, must start with a letter and can contain letters, numbers, underscores, and dashes')),
  // https://github.com/14790897/MiqroForge-Desktop/issues/1165
  eachOf('tool schemas: an object', functionsOf, ({ schema }) => schema && schema.type !== 'object' && invalid(
    'tools.function.parameters.type is required and must be "object"')),
  eachOf('tool schemas', functionsOf, ({ schema }) => {
    const fault = schema && flavourFault(schema);
    return fault && invalid(
      `tools.function.parameters is not a valid moonshot flavored json schema, details: ${fault}`);
  }),
];
function eachOf(name, functionsOf, check) {
  return rule(name, ({ body }) => {
    for (const each of functionsOf(body)) {
      const refusal = check(each);
      if (refusal) return refusal;
    }
    return undefined;
  });
}
const chatFunctions = ({ tools }) => (tools ?? []).map(({ function: { name, parameters } }) =>
  ({ name, schema: parameters }));
const messageTools = ({ tools }) => (tools ?? []).map(({ name, input_schema: schema }) => ({ name, schema }));

const looseMessages = Object.fromEntries(Object.entries(ChatMessages).map(([role, members]) => [role, open(members)]));
const chatRules = [
  shaped('members', open({ 'model!': 'text', 'messages!': listOf(byMember('role', looseMessages)) }),
    ([{ path }]) => invalid(`invalid part type or value at ${bracketed(path)}`)),
  ...common,
  ...schemaRules(chatFunctions),
  // https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model
  rule('a forced tool while thinking', (ask) => isThinking(ask) && hasTools(ask.body) && ask.body.tool_choice
    && !['auto', 'none'].includes(ask.body.tool_choice) && bad(`tool_choice '${typeof ask.body.tool_choice === 'string'
      ? ask.body.tool_choice : 'specified'}' is incompatible with thinking enabled`)),
  eachMessage('an assistant says something', ({ role, content, tool_calls: calls }, i) => role === 'assistant'
    && !calls?.length && (!content || content.length === 0)
    && invalid(`the message at position ${i} with role 'assistant' must not be empty`)),
  rule('calls and results', ({ body: { messages } }) => {
    const [fault] = unpaired(messages);
    if (fault?.kind === 'orphan') return invalid('tool_call_id  is not found');
    return fault && invalid("an assistant message with 'tool_calls' must be followed by tool messages responding to "
      + `each 'tool_call_id'. The following tool_call_ids did not have response messages: ${fault.ids.join(', ')}`);
  }),
  // https://github.com/labring/FastGPT/issues/6357
  eachMessage('reasoning_content comes back', ({ tool_calls: calls, reasoning_content: thoughts }, i, ask) => (
    calls?.length > 0 && !thoughts && isThinking(ask) && missing(i))),
];
const missing = (i) => bad(`thinking is enabled but reasoning_content is missing in assistant tool call message at `
  + `index ${i}`);

const messagesRules = [
  shaped('members', open({ 'model!': 'text', 'max_tokens!': 'integer',
    'messages!': listOf(open({ 'content!': textOr(listOf(open({}))) })) }),
    ([{ path }]) => invalid(`${bracketed(path)} is required`)),
  ...common,
  ...schemaRules(messageTools),
  rule('uses and results', ({ body: { messages } }) => unpairedUses(messages).length > 0
    && invalid('tool_call_id  is not found')),
  // https://github.com/VicBilibily/GCMP/issues/162
  rule('thinking comes back', (ask) => {
    const i = ask.body.messages.findIndex(({ role, content }) => role === 'assistant'
      && blocksOf(content).some(({ type }) => type === 'tool_use') && !blocksOf(content).some(({ type, thinking }) =>
        type === 'thinking' && thinking));
    return isThinking(ask) && i >= 0 && missing(i);
  }),
];

const unauthorized = () => new Refusal(401, 'Invalid Authentication', { type: 'invalid_authentication_error' });
const error = ({ message, facts: { type } }) => ({ error: { message, type } });
const unreadable = () => bad('Invalid request: failed to parse the request body');
const reasons = (body) => isThinking({ body });

export const moonshot = {
  name: 'moonshot', key: 'sk-strict-moonshot',
  models: { 'kimi-k3': { reasons, always: true }, 'kimi-k2.7-code': { reasons, always: true },
    'kimi-k2.6': { reasons } },
  doors: [{
    dialect: 'openai', path: /^\/v1\/chat\/completions$/, rules: chatRules, error, unreadable,
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && unauthorized())],
    // Usage stands within the last choice: https://platform.moonshot.ai/docs/api/chat#response
    answer: chatAnswer({
      usageStands: 'choice', reasoning: (text) => ({ reasoning_content: text }),
      callId: () => `tool_${Math.random().toString(36).slice(2, 14)}:0`,
      usage: ({ prompt, completion, reasoning }) => ({ prompt_tokens: prompt, completion_tokens: completion,
        total_tokens: prompt + completion, cached_tokens: 0,
          completion_tokens_details: { reasoning_tokens: reasoning } }),
    }),
  }, {
    dialect: 'anthropic', path: /^\/anthropic\/v1\/messages$/, rules: messagesRules, unreadable,
    error: (refusal) => ({ ...error(refusal), type: 'error' }),
    entry: [rule('key', (ask) => ![ask.headers['x-api-key'], bearerOf(ask)].includes(ask.spec.key) && unauthorized())],
    answer: messagesAnswer({ thinks: isThinking }),
  }],
  notFound: ({ method, path }) => ({ status: 404, body: { code: 5, error: 'url.not_found', message: '没找到对象', method,
    scode: '0x5', status: false, url: path } }),
};
