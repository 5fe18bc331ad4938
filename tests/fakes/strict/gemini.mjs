// Gemini's OpenAI door, https://ai.google.dev/gemini-api/docs/openai: the errors of Google's API, in an array.
// Where no thread is named beside a rule, its words are as client code in public quotes them.
import { randomBytes } from 'node:crypto';
import { chatAnswer } from './chat_answer.mjs';
import { ChatBody, ChatFunction, ChatMessages, changed, eachMessage, isObjectText, refuses } from './chat.mjs';
import { Refusal, rule, shaped } from './rule.mjs';
import { bearerOf } from './openai_rules.mjs';
import { bracketed, byMember, listOf, mapOf, words } from './shape.mjs';

const bad = (message, details) => new Refusal(400, message, { details });

// The call's signature rides in `extra_content`: https://ai.google.dev/gemini-api/docs/thought-signatures#openai
const Call = {
  'id!': 'text', 'type!': words('function'), 'function!': { 'name!': 'text', 'arguments!': 'text' },
    extra_content: mapOf('any'),
};
const Body = {
  ...changed(ChatBody, { without: ['store', 'metadata', 'frequency_penalty', 'presence_penalty', 'seed', 'logit_bias',
    'logprobs',
    'top_logprobs', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier',
      'service_tier',
    'verbosity', 'moderation', 'messages', 'tools', 'prediction', 'functions', 'function_call',
      'web_search_options'] }),
  extra_body: { google: mapOf('any') },
  tools: listOf({ 'type!': words('function'), 'function!': ChatFunction }),
  'messages!': listOf(byMember('role', { ...ChatMessages,
    assistant: { ...ChatMessages.assistant, tool_calls: listOf(Call), extra_content: mapOf('any') } })),
};

/** https://github.com/MinLL/SkyrimNet-GamePlugin/issues/77, https://github.com/Alishahryar1/free-claude-code/issues/542 */
function shapeWords(found) {
  const violations = found.map(({ kind, path, value }) => {
    const field = bracketed(path.slice(0, -1));
    const where = field ? ` at '${field}'` : '';
    const description = kind === 'unknown' ? `Invalid JSON payload received. Unknown name "${path.at(-1)}"${where}: `
      + `Cannot find field.`
      : `Invalid value at '${bracketed(path)}', ${JSON.stringify(value) ?? 'missing'}`;
    return { ...(field && { field }), description };
  });
  return bad(violations.map(({ description }) => description).join('\n'),
    [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }]);
}

/** Where the current turn begins: after the user's last text. */
const turnStart = (messages) => messages.findLastIndex(({ role }) => role === 'user') + 1;
const signatureOf = (call) => call.extra_content?.google?.thought_signature;

const rules = [
  shaped('members', Body, shapeWords),
  rule('known model', ({ body: { model }, model: row }) => !row
    && new Refusal(404, `models/${model} is not found for API version `
    + 'v1main, or is not supported for generateContent. Call ListModels to see the list of available models and their '
      + 'supported methods.')),
  // https://ai.google.dev/gemini-api/docs/thinking#thinking-levels
  refuses('reasoning_effort words', 'reasoning_effort', ({ body, model }) =>
    !model.efforts.includes(body.reasoning_effort),
    ({ body }) => bad(body.reasoning_effort === 'none' ? 'Budget 0 is invalid. This model only works in thinking mode.'
      : `Thinking level ${body.reasoning_effort.toUpperCase()} is not supported for this model. Please retry with `
        + `other thinking level.`)),
  rule('contents', ({ body: { messages } }) => !messages.some(({ role }) => !['system', 'developer'].includes(role))
    && bad('* GenerateContentRequest.contents: contents is not specified\n')),
  // System messages are not among the turns.
  eachMessage('calls after a user or a result', ({ role, tool_calls: calls }, i, { body: { messages } }) => {
    const before = messages.slice(0, i).findLast((each) => !['system', 'developer'].includes(each.role));
    return role === 'assistant' && calls?.length > 0 && !['user', 'tool'].includes(before?.role) && bad(
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.');
  }),
  eachMessage('as many results as calls', ({ tool_calls: calls }, i, { body: { messages } }) => {
    if (!calls?.length) return undefined;
    const end = messages.findIndex(({ role }, j) => j > i && role !== 'tool');
    const results = messages.slice(i + 1, end < 0 ? undefined : end);
    return results.length !== calls.length && bad('Please ensure that the number of function response parts is equal '
      + 'to the number of function call parts of the function call turn.');
  }),
  eachMessage('arguments', ({ tool_calls: calls }) => calls?.some((call) => !isObjectText(call.function.arguments))
    && bad('Request contains an invalid argument.')),
  // https://github.com/securo-finance/securo/issues/884: the first call of each step of the current turn must have it.
  eachMessage('thought signatures', ({ tool_calls: calls }, i, { body: { messages }, provider }) => {
    if (!calls?.length || i < turnStart(messages)) return undefined;
    const [first] = calls;
    if (provider.signatures.has(signatureOf(first))) return undefined;
    return bad('Function call is missing a thought_signature in functionCall parts. This is required for tools to '
      + 'work correctly, and missing thought_signature may lead to degraded model performance. Additional data, '
      + `function call \`default_api:${first.function.name}\` , position ${i + 1}. Please refer to `
      + 'https://ai.google.dev/gemini-api/docs/thought-signatures for more details.');
  }),
];

function signedCall({ id, i, name, text }, { body, provider }) {
  const call = { id, type: 'function', function: { name, arguments: text }, ...(body.stream && { index: i }) };
  if (i > 0) return call;  // Only the first of parallel calls has one.
  const signature = randomBytes(60).toString('base64');
  provider.signatures.set(signature, name);
  return { extra_content: { google: { thought_signature: signature } }, ...call };
}

const flash = { efforts: ['low', 'medium', 'high'], reasons: true };

export const gemini = {
  name: 'gemini', key: 'AIza-strict',
  models: { 'gemini-3.8-flash': flash, 'gemini-3.1-pro-preview': flash, 'gemini-4-carbon': flash,
    'gemini-3.6-flash': { ...flash, efforts: ['minimal', ...flash.efforts] } },
  doors: [{
    dialect: 'openai', path: /^\/v1beta\/openai\/chat\/completions$/, rules,
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key
      && bad('API key not valid. Please pass a valid API key.', [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }]))],
    unreadable: () => bad('Invalid JSON payload received. Unexpected token.'),
    error: ({ status, message, facts: { details } }) => [{ error: { code: status, message,
      status: status === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT', ...(details && { details }) } }],
    // Usage in every chunk, a call whole in one.
    answer: chatAnswer({
      callsWhole: true, call: signedCall, usageStands: 'every', delta: () => ({ role: 'assistant' }),
      callId: () => `function-call-${Math.random().toString().slice(2, 20)}`,
      usage: ({ prompt, completion, reasoning }) =>
        ({ completion_tokens: completion, prompt_tokens: prompt, total_tokens: prompt + completion + reasoning }),
    }),
  }],
  notFound: () => ({ status: 404, text: '' }),
};
