// What OpenAI's Chat Completions refuses, in its words. Azure serves the same models with the same rules, and
// OpenRouter passes its refusals on. Where no thread is named beside a rule, the rule stands in the API reference,
// https://platform.openai.com/docs/api-reference/chat/create, and its words are as client code in public quotes them.
import {
  ChatBody, eachFunction, eachMessage, hasTools, refuses, unpaired,
} from './chat.mjs';
import { Refusal, rule, shaped } from './rule.mjs';
import { functionFault, strictFault } from './schema_faults.mjs';
import { bracketed, typeOf } from './shape.mjs';
import { tokensIn } from './agent.mjs';

export const bad = (message, param = null, code = null) => new Refusal(400, message, { param, code });
const quoted = (names) => names.map((name) => `'${name}'`);
export const listed = (names) => (names.length < 2 ? quoted(names).join('')
  : `${quoted(names.slice(0, -1)).join(', ')}${names.length > 2 ? ',' : ''} and ${quoted(names).at(-1)}`);

const NameOf = { text: 'a string', list: 'an array', object: 'an object', number: 'a decimal', integer: 'an integer',
  boolean: 'a boolean' };

function shapeWords([{ kind, path, value, expected, allowed }]) {
  const at = bracketed(path);
  switch (kind) {
    case 'unknown':  // At the top: https://github.com/umputun/tg-spam/issues/304
      return path.length === 1 ? bad(`Unrecognized request argument supplied: ${at}`)
        : bad(`Unknown parameter: '${at}'.`, at, 'unknown_parameter');
    case 'missing': return bad(`Missing required parameter: '${at}'.`, at, 'missing_required_parameter');
    case 'type':
      return bad(`Invalid type for '${at}': expected ${NameOf[expected]}, but got ${typeOf(value)} instead.`, at,
        'invalid_type');
    default: return bad(`Invalid value: '${value}'. Supported values are: ${listed(allowed)}.`, at, 'invalid_value');
  }
}

/** The model thinks in answering this body, and how much. Models that may not think do so only when asked. */
export const effortOf = ({ body, model }) => body.reasoning_effort ?? model.effort;
const isReasoning = (ask) => ask.model.efforts && effortOf(ask) !== 'none';

const tooLong = (param, most, length, what = 'string') => bad(`Invalid '${param}': ${what} too long. Expected `
  + `${what === 'array' ? 'an' : 'a'} ${what} with maximum length ${most}, but got ${what === 'array' ? 'an' : 'a'} `
    + `${what} with length ${length} instead.`,
param, `${what}_above_max_length`);
const unsupported = (param) => bad(`Unsupported parameter: '${param}' is not supported with this model.`, param,
  'unsupported_parameter');

export const openaiRules = (body = ChatBody) => [
  shaped('members', body, shapeWords),

  // https://platform.openai.com/docs/guides/error-codes
  rule('known model', ({ body: { model }, model: row }) => !row && new Refusal(404,
    `The model \`${model}\` does not exist or you do not have access to it.`, { code: 'model_not_found' })),

  // A recorded answer:
  // https://github.com/vercel/ai/blob/main/packages/openai/src/chat/__fixtures__/reasoning-model-legacy-parameter-error.json
  refuses('max_tokens of a reasoning model', 'max_tokens', ({ model }) => model.efforts, () => bad(
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'max_tokens', 'unsupported_parameter')),

  rule('output limit', ({ body: { max_tokens: old, max_completion_tokens: limit = old }, model }) => (
    limit > model.output && bad(`max_tokens is too large: ${limit}. This model supports at most ${model.output} `
      + `completion tokens, whereas you provided ${limit}.`, 'max_tokens', 'invalid_value'))),

  // Models that do not think do not know the member: https://github.com/davidmigloz/langchain_dart/issues/712
  refuses('reasoning_effort of a model that does not reason', 'reasoning_effort', ({ model }) => !model.efforts,
    () => bad('Unrecognized request argument supplied: reasoning_effort')),

  // https://github.com/nextai-translator/nextai-translator/issues/1841, https://github.com/kaitranntt/ccs/issues/344
  refuses('reasoning_effort words', 'reasoning_effort', ({ body: { reasoning_effort: word }, model }) => (
    !model.efforts.includes(word)), ({ body: { reasoning_effort: word }, model }) => bad(
    `Unsupported value: 'reasoning_effort' does not support '${word}' with this model. Supported values are: `
      + `${listed(model.efforts)}.`, 'reasoning_effort', 'unsupported_value')),

  // gpt-5.4 and 5.5 when it is sent: https://github.com/pipecat-ai/pipecat/issues/4043,
  // https://github.com/charmbracelet/crush/issues/2913; gpt-5.6 in any case but `none`, in other words:
  // https://github.com/BerriAI/litellm/pull/34569
  rule('reasoning_effort beside tools', (ask) => {
    const { body: { model: name, tools }, model } = ask;
    if (!model.toolsNeedNone || !hasTools({ tools }) || !isReasoning(ask)) return undefined;
    const way = model.toolsNeedNone === 'responses' ? 'Please use /v1/responses instead.'
      : "To use function tools, use /v1/responses or set reasoning_effort to 'none'.";
    return bad(`Function tools with reasoning_effort are not supported for ${name} in /v1/chat/completions. ${way}`,
      'reasoning_effort');
  }),

  // https://platform.openai.com/docs/guides/latest-model#gpt-5-2-parameter-compatibility
  refuses('temperature while reasoning', 'temperature', (ask) => isReasoning(ask) && ask.body.temperature !== 1,
    ({ body: { temperature } }) => bad(`Unsupported value: 'temperature' does not support ${temperature} with this `
      + 'model. Only the default (1) value is supported.', 'temperature', 'unsupported_value')),
  ...['top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias'].map((member) => (
    refuses(`${member} while reasoning`, member, isReasoning, () => unsupported(member)))),

  // o3, o4-mini and GPT-5 before 5.5: https://github.com/huggingface/smolagents/issues/1671,
  // https://github.com/BerriAI/litellm/pull/28650
  refuses('stop', 'stop', ({ model }) => model.takesStop === false, () => unsupported('stop')),
  refuses('stop: at most four', 'stop', ({ body: { stop } }) => Array.isArray(stop) && stop.length > 4,
    ({ body: { stop } }) => tooLong('stop', 4, stop.length, 'array')),

  refuses('temperature range', 'temperature', ({ body: { temperature } }) => temperature < 0 || temperature > 2,
    ({ body: { temperature } }) =>
      bad(`Invalid 'temperature': decimal ${temperature > 2 ? 'above maximum' : 'below minimum'} value. Expected a `
      + `value ${temperature > 2 ? '<= 2' : '>= 0'}, but got ${temperature} instead.`, 'temperature',
    temperature > 2 ? 'decimal_above_max_value' : 'decimal_below_min_value')),

  refuses('stream_options without stream', 'stream_options', ({ body: { stream } }) => !stream, () => bad(
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options')),

  rule('tools: not empty', ({ body: { tools } }) => tools?.length === 0 && bad(
    "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", 'tools',
    'empty_array')),
  rule('tools: at most 128', ({ body: { tools } }) => tools?.length > 128 && tooLong('tools', 128, tools.length,
    'array')),
  ...['tool_choice', 'parallel_tool_calls'].map((member) => refuses(`${member} without tools`, member,
    ({ body }) => !hasTools(body) && body[member] !== 'none', () => bad(
      `Invalid value for '${member}': '${member}' is only allowed when 'tools' are specified.`, member))),

  eachFunction('tool names', ({ name }, i) => !/^[a-zA-Z0-9_-]+$/.test(name) && bad(
    `Invalid 'tools[${i}].function.name': string does not match pattern. Expected a string that matches the pattern `
      + "'^[a-zA-Z0-9_-]+$'.", `tools[${i}].function.name`, 'invalid_value')),
  eachFunction('tool names: at most 64 letters', ({ name }, i) => (
    name.length > 64 && tooLong(`tools[${i}].function.name`, 64, name.length))),

  // https://github.com/evalstate/fast-agent/issues/143
  eachFunction('tool schemas', ({ name, parameters, strict }, i) => {
    const fault = parameters && functionFault(parameters, strict);
    return fault && bad(`Invalid schema for function '${name}': ${fault}`, `tools[${i}].function.parameters`,
      'invalid_function_parameters');
  }),
  // https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
  rule('strict output schema', ({ body: { response_format: format } }) => {
    const { name, schema, strict } = format?.json_schema ?? {};
    const fault = strict && strictFault(schema);
    return fault && bad(`Invalid schema for response_format '${name}': ${fault}`, 'response_format');
  }),

  rule('calls and results', ({ body: { messages } }) => {
    const [fault] = unpaired(messages);
    if (fault?.kind === 'orphan') {
      return bad("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
        + "'tool_calls'.", `messages.[${fault.at}].role`);
    }
    return fault && bad("An assistant message with 'tool_calls' must be followed by tool messages responding to each "
      + `'tool_call_id'. The following tool_call_ids did not have response messages: ${fault.ids.join(', ')}`,
        'messages');
  }),
  eachMessage('call ids: at most 40 letters', ({ tool_calls: calls }, i) => {
    const at = (calls ?? []).findIndex(({ id }) => id.length > 40);
    return at >= 0 && tooLong(`messages[${i}].tool_calls[${at}].id`, 40, calls[at].id.length);
  }),
  eachMessage('an assistant says something', ({ role, content, tool_calls: calls, refusal }, i) => (
    role === 'assistant' && !calls && !refusal && (content === null || content === undefined) && bad(
      "Invalid value for 'content': expected a string, got null.", `messages.[${i}].content`))),
  rule('user: at most 64 letters', ({ body: { user } }) => user?.length > 64 && tooLong('user', 64, user.length)),

  rule('context', ({ body, model }) => {
    const tokens = tokensIn(body.messages);
    return tokens > model.context && bad(`This model's maximum context length is ${model.context} tokens. However, `
      + `your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`, 'messages',
    'context_length_exceeded');
  }),
];

export const openaiError = ({ message, facts: { type = 'invalid_request_error', param = null, code = null } }) => (
  { error: { message, type, param, code } });

export const bearerOf = ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
