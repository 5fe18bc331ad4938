// Mistral's Chat Completions: pydantic models that forbid what they do not know, and mistral-common's order of roles.
//   members   https://github.com/mistralai/client-python/blob/main/docs/models/chatcompletionrequest.md and its
//   neighbours
//   order     https://github.com/mistralai/mistral-common/blob/main/src/mistral_common/protocol/instruct/validator.py
import { chatAnswer } from './chat_answer.mjs';
import { eachMessage, refuses, unpaired } from './chat.mjs';
import { Refusal, has, rule, shaped } from './rule.mjs';
import { alternatives, byMember, listOf, mapOf, nullable, open, textOr, words } from './shape.mjs';
import { bearerOf } from './openai_rules.mjs';

const part = (name) => ({ 'type!': 'text', [`${name}!`]: 'any' });
const Parts = listOf(byMember('type', {
  text: part('text'), image_url: part('image_url'), document_url: open({}), reference: open({}), file: open({}),
  input_audio: part('input_audio'), thinking: { ...part('thinking'), closed: 'boolean', signature: 'text?' },
}));
const Call = { id: 'text', type: 'text', 'function!': { 'name!': 'text', 'arguments!': textOr(mapOf('any')) },
  index: 'integer' };
const Effort = words('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');

const Body = {
  'model!': 'text',
  'messages!': listOf(byMember('role', {
    system: { 'role!': 'text', 'content!': textOr(Parts) },
    user: { 'role!': 'text', 'content!': nullable(textOr(Parts)) },
    assistant: { 'role!': 'text', content: nullable(textOr(Parts)), tool_calls: nullable(listOf(Call)),
      prefix: 'boolean' },
    tool: { 'role!': 'text', 'content!': nullable(textOr(Parts)), tool_call_id: 'text?', name: 'text?' },
  })),
  temperature: 'number?', top_p: 'number?', max_tokens: 'integer?', stream: 'boolean',
    stop: nullable(textOr(listOf('text'))),
  random_seed: 'integer?', metadata: 'any',
    response_format: open({ type: words('text', 'json_object', 'json_schema') }),
  tools: nullable(listOf({ type: 'text', 'function!': { 'name!': 'text', description: 'text', strict: 'boolean',
    'parameters!': mapOf('any') } })),
  tool_choice: 'any', presence_penalty: 'number?', frequency_penalty: 'number?', n: 'integer?', prediction: 'any',
  parallel_tool_calls: 'boolean', reasoning_effort: nullable(Effort), prompt_mode: 'text?', guardrails: 'any',
  prompt_cache_key: 'text?', safe_prompt: 'boolean',
};

const Kinds = { list: ['list', 'list'], text: ['string', 'string'], object: ['dict', 'dictionary'], map: ['dict', 'dictionary'],
  integer: ['int', 'integer'], number: ['float', 'number'], boolean: ['bool', 'boolean'] };

/** The type and the message of a fault. */
const Pydantic = {
  unknown: () => ['extra_forbidden', 'Extra inputs are not permitted'],
  missing: () => ['missing', 'Field required'],
  type: ({ expected }) => [`${Kinds[expected][0]}_type`, `Input should be a valid ${Kinds[expected][1]}`],
  word: ({ allowed }) => ['literal_error', `Input should be ${alternatives(allowed)}`],
  tag: ({ value, name, allowed }) => ['union_tag_invalid', `Input tag '${value}' found using '${name}' does not match any `
    + `of the expected tags: ${allowed.map((tag) => `'${tag}'`).join(', ')}`],
};

/** FastAPI's list of faults: https://github.com/dnakov/anon-kode/issues/53, https://github.com/charmbracelet/crush/issues/1590 */
function shapeWords(found) {
  const detail = found.map((fault) => {
    const [type, msg] = Pydantic[fault.kind](fault);
    return { type, loc: ['body', ...fault.path.map((at) => at.tag ?? at)], msg, input: fault.value };
  });
  return new Refusal(422, { detail });
}

const order = (message) => new Refusal(400, message, { type: 'invalid_request_message_order', code: '3230' });
const After = {
  system: ['user', 'assistant', 'system'], user: ['assistant', 'system', 'user'],
    assistant: ['assistant', 'user', 'tool'],
  tool: ['assistant', 'tool'],
};

const rules = [
  shaped('members', Body, shapeWords),
  // https://docs.mistral.ai/getting-started/models
  rule('known model', ({ body: { model }, model: row }) => !row && new Refusal(400, `Invalid model: ${model}`,
    { type: 'invalid_model', code: '1500' })),
  refuses('reasoning_effort of a model that has none', 'reasoning_effort', ({ model }) => !model.efforts,
    () => new Refusal(
    400, 'reasoning_effort is not enabled for this model', { type: 'invalid_request_invalid_args', code: '3051' })),
  refuses('reasoning_effort words', 'reasoning_effort', ({ body, model }) =>
    !model.efforts.includes(body.reasoning_effort),
    ({ body, model }) => new Refusal(400, `reasoning_effort ${body.reasoning_effort} is not supported for this model, `
      + `supported values: [${model.efforts.join(', ')}]`, { type: 'invalid_request_invalid_args', code: '3051' })),
  // https://docs.mistral.ai/api/#tag/chat: temperature
  refuses('temperature range', 'temperature', ({ body }) => body.temperature < 0 || body.temperature > 1.5,
    ({ body }) => (
    new Refusal(422, { detail: [{ type: body.temperature < 0 ? 'greater_than_equal' : 'less_than_equal',
      loc: ['body', 'temperature'],
        msg: `Input should be ${body.temperature < 0 ? 'greater than or equal to 0' : 'less than or equal to 1.5'}`,
      input: body.temperature }] }))),
  // https://github.com/nearai/ironclaw/issues/1241
  eachMessage('call ids', ({ tool_calls: calls, tool_call_id: id }) => {
    const wrong = [...(calls ?? []).map((call) => call.id), id].find((each) => each && !/^[a-zA-Z0-9]{9}$/.test(each));
    return wrong && new Refusal(400, `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`,
      { type: 'invalid_function_call', code: '3280' });
  }),
  eachMessage('order of roles', ({ role }, i, { body: { messages } }) => i > 0
    && !After[messages[i - 1].role].includes(role)
    && order(`Unexpected role '${role}' after role '${messages[i - 1].role}'`)),
  rule('last role', ({ body: { messages } }) => {
    const { role, prefix } = messages.at(-1);
    return !['user', 'tool'].includes(role) && !prefix && order('Expected last role User or Tool (or Assistant with '
      + `prefix True) for serving but got ${role}`);
  }),
  rule('calls and results', ({ body: { messages } }) => unpaired(messages).length > 0
    && order('Not the same number of function calls and responses')),
  eachMessage('an assistant says something', ({ role, content, tool_calls: calls }) => role === 'assistant' && !content
    && !calls?.length && new Refusal(400, 'Assistant message must have either content or tool_calls, but not none.',
    { type: 'invalid_request_assistant_message', code: '3240' })),
];

const high = ['high', 'none'];
const reasons = ({ reasoning_effort: effort }) => has({ effort }, 'effort') && effort !== 'none';

export const mistral = {
  name: 'mistral', key: 'mistral-strict',
  models: {
    'mistral-large-latest': { efforts: ['low', 'medium', 'high'], reasons },
    'mistral-medium-latest': { efforts: high, reasons },
    'mistral-small-latest': { efforts: high, reasons },
    'mistral-large-2512': {},
    'devstral-latest': {},
    'magistral-medium-latest': { efforts: high, reasons },
  },
  doors: [{
    dialect: 'openai', path: /^\/v1\/chat\/completions$/, rules,
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && new Refusal(401, 'Unauthorized'))],
    unreadable: () => new Refusal(422, { detail: [{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error',
      input: {}, ctx: { error: 'Expecting value' } }] }),
    error: ({ status, message, facts: { type = 'invalid_request_error', code = null } }) => (
      status === 401 ? { detail: message } : { object: 'error', message, type, param: null, code,
        raw_status_code: status }),
    // Recorded: https://github.com/vercel/ai/tree/main/packages/mistral/src/__fixtures__ (usage in the last chunk, a
    // call
    // whole and without a type, thoughts as parts of the content).
    answer: chatAnswer({
      usageStands: 'last', callsWhole: true,
      callId: () => Math.random().toString(36).slice(2).padEnd(9, 'a').slice(0, 9),
      call: ({ i, id, name, text }, ask) =>
        ({ id, function: { name, arguments: text }, ...(ask.body.stream && { index: i }) }),
      thoughts: (text) => ({ type: 'thinking', thinking: [{ type: 'text', text }] }),
      content: (text) => text,
      usage: ({ prompt, completion }) =>
        ({ prompt_tokens: prompt, total_tokens: prompt + completion, completion_tokens: completion }),
    }),
  }],
  notFound: () => ({ status: 404, body: { detail: 'Not Found' } }),
};
