// OpenRouter's two doors: it takes what it does not know, and passes the maker's refusals on within its own error.
//   https://openrouter.ai/docs/api-reference/errors, …/streaming, …/docs/use-cases/reasoning-tokens
import { chatAnswer } from './chat_answer.mjs';
import { eachMessage, unpaired } from './chat.mjs';
import { openaiModels } from './openai.mjs';
import { anthropicModels } from './anthropic.mjs';
import { anthropicError, invalid } from './anthropic_rules.mjs';
import { bearerOf, openaiError, openaiRules } from './openai_rules.mjs';
import { Refusal, rule, shaped } from './rule.mjs';
import { cacheMarks, isBlank, unpairedUses } from './messages.mjs';
import { messagesAnswer, signed } from './messages_answer.mjs';
import { listOf, open } from './shape.mjs';

/** What the maker said, in a text: https://github.com/diegosouzapw/OmniRoute/issues/3044 */
/** What Claude signed at Anthropic, where a conversation of the matrix begins: Anthropic knows it wherever it is served. */
export const FromClaude = 'RXFvQkNrWUlD';

const passedOn = (maker, body, status = 400) => new Refusal(status, 'Provider returned error', {
  metadata: { raw: JSON.stringify(body), provider_name: maker, is_byok: false } });
const fromOpenai = (refusal) => refusal && passedOn('OpenAI', openaiError(refusal));
const fromAnthropic = (message) => passedOn('Anthropic', anthropicError(invalid(message)));
const by = (maker) => ({ model }) => model.maker === maker;

// It asks OpenAI by Responses and fits what it asks to the model, so what is left is about messages and tools:
// https://github.com/tailcallhq/forgecode/issues/1359
const Left = ['tools: at most 128', 'tool names', 'tool names: at most 64 letters', 'tool schemas',
  'strict output schema',
  'calls and results', 'call ids: at most 40 letters'];
const openaiLeft = openaiRules().filter(({ name }) => Left.includes(name)).map(({ name, check }) => (
  rule(`OpenAI: ${name}`, (ask) => by('openai')(ask) && fromOpenai(check(ask)))));

const anthropicLeft = [
  rule('Anthropic: calls and results', (ask) => {
    const [fault] = by('anthropic')(ask) ? unpaired(ask.body.messages) : [];
    return fault && fromAnthropic(fault.kind === 'orphan'
      ? `messages.${fault.at}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${fault.id}. `
        + 'Each \`tool_result\` block must have a corresponding `tool_use` block in the previous message.'
      : `messages.${fault.at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: `
        + `${fault.ids.join(', ')}. `
        + 'Each `tool_use` block must have a corresponding `tool_result` block in the next message.');
  }),
  eachMessage('Anthropic: blank texts', ({ content }, i, ask) => by('anthropic')(ask)
    && typeof content === 'string' && content !== '' && isBlank(content) && fromAnthropic(
    'messages: text content blocks must contain non-whitespace text')),
  eachMessage('Anthropic: signatures', ({ reasoning_details: details }, i, ask) => by('anthropic')(ask)
    && details?.some(({ type, signature }) => type === 'reasoning.text' && signature
      && signature !== FromClaude && !ask.provider.signatures.has(signature))
    && fromAnthropic(`messages.${i}.content.0: Invalid \`signature\` in \`thinking\` block`)),
];

const deepseekLeft = [
  // https://github.com/danny-avila/LibreChat/issues/13366
  eachMessage('DeepSeek: reasoning comes back', (message, i, ask) => by('deepseek')(ask)
    && message.tool_calls?.length > 0
    && !message.reasoning_content && !message.reasoning && !message.reasoning_details?.length
    && ask.body.reasoning?.enabled !== false && ask.body.reasoning?.effort !== 'none'
    && passedOn('DeepSeek', { error: { message: 'The `reasoning_content` in the thinking mode must be passed back to '
      + 'the API.',
      type: 'invalid_request_error', param: null, code: 'invalid_request_error' } })),
];

const knownModel = rule('known model', ({ body, model }) => !model
  && new Refusal(400, `${body.model} is not a valid model ID`));
const chatRules = [
  shaped('members', open({ 'model!': 'text', 'messages!': listOf(open({ 'role!': 'text' })) }),
    ([{ path }]) => new Refusal(400, `Input required: specify "${path.at(-1)}"`)),
  knownModel,
  // https://openrouter.ai/docs/use-cases/reasoning-tokens#controlling-reasoning-tokens
  rule('effort or budget', ({ body: { reasoning } }) => reasoning?.effort && reasoning?.max_tokens && new Refusal(400,
    'Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified')),
  // https://github.com/Routstr/routstr-core/issues/554
  rule('tools', ({ body: { tools }, model }) => tools?.length > 0 && model.tools === false && new Refusal(404,
    'No endpoints found that support tool use. To learn more about provider routing, visit: '
      + 'https://openrouter.ai/docs/guides/routing/provider-selection')),
  ...openaiLeft, ...anthropicLeft, ...deepseekLeft,
];

const messagesRules = [
  shaped('members', open({ 'model!': 'text', 'max_tokens!': 'integer',
    'messages!': listOf(open({ 'role!': 'text' })) }),
    ([{ path }]) => invalid(`${path.join('.')}: Invalid input`)),
  rule('known model', ({ body, model }) => !model && invalid(`${body.model} is not a valid model ID`)),
  rule('uses and results', ({ body: { messages } }) => unpairedUses(messages).length > 0
    && invalid('Provider returned error: '
    + '`tool_use` ids were found without `tool_result` blocks immediately after')),
  rule('cache marks', ({ body }) => cacheMarks(body) > 4 && invalid(`A maximum of 4 blocks with cache_control may be `
    + `provided. Found ${cacheMarks(body)}.`)),
];

const unauthorized = (message) => new Refusal(401, message);
const reasoning = ({ reasoning: asked, reasoning_effort: effort }) => (asked ? asked.enabled !== false
  && asked.effort !== 'none' : effort && effort !== 'none');
const row = (maker, more) => ({ maker, reasons: (body) => Boolean(reasoning(body)), ...more });

/** A piece of thought in both its forms; the last bears the signature, where the maker signs. */
function details(text, { ask, last }) {
  const format = { anthropic: 'anthropic-claude-v1' }[ask.model.maker] ?? null;
  const mark = ask.model.maker === 'anthropic' && last ? { signature: signed(text, ask) } : {};
  return { reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, ...mark, format, index: 0 }] };
}

const processing = ': OPENROUTER PROCESSING\n\n';

export const openrouter = {
  name: 'openrouter', key: 'sk-or-strict',
  models: {
    ...Object.fromEntries(Object.keys(openaiModels).map((name) => [`openai/${name}`, row('openai')])),
    ...Object.fromEntries(Object.keys(anthropicModels).map((name) => (
      [`anthropic/${name.replace(/-(\d)-(\d)$/, '-$1.$2')}`, row('anthropic')]))),
    'deepseek/deepseek-v4-pro': row('deepseek', { reasons: (body) => body.reasoning?.enabled !== false
      && body.reasoning?.effort !== 'none' }),
    'meta-llama/llama-guard-4-12b': row('meta', { tools: false }),
  },
  doors: [{
    dialect: 'openai', path: /^\/api\/v1\/chat\/completions$/, rules: chatRules,
    entry: [rule('key', (ask) => bearerOf(ask) !== ask.spec.key && unauthorized('No auth credentials found'))],
    unreadable: () => new Refusal(400, 'Invalid JSON body'),
    error: ({ status, message, facts: { metadata } }) =>
      ({ error: { message, code: status, ...(metadata && { metadata }) }, user_id: 'user_strict' }),
    // Recorded:
    // https://github.com/pydantic/pydantic-ai/blob/main/tests/models/cassettes/test_openrouter/test_openrouter_streaming_reasoning.yaml
    answer: chatAnswer({
      before: () => processing.repeat(2), reasoning: details, usageStands: 'last',
      envelope: () => ({ id: 'gen-1765226419-strict', provider: 'Strict' }),
      choice: () => ({ native_finish_reason: null, logprobs: null }), delta: () => ({ role: 'assistant' }),
      usage: ({ prompt, completion, reasoning: thoughts }) => ({ prompt_tokens: prompt, completion_tokens: completion,
        total_tokens: prompt + completion, cost: 0.000_669, is_byok: false, prompt_tokens_details: { cached_tokens: 0,
          audio_tokens: 0 },
        cost_details: { upstream_inference_cost: null }, completion_tokens_details: { reasoning_tokens: thoughts,
          image_tokens: 0 } }),
    }),
  }, {
    dialect: 'anthropic', path: /^\/api\/v1\/messages$/, rules: messagesRules, error: anthropicError,
    entry: [rule('key', (ask) => ![ask.headers['x-api-key'], bearerOf(ask)].includes(ask.spec.key) && new Refusal(401,
      'No auth credentials found', { type: 'authentication_error' }))],
    unreadable: () => invalid('Invalid JSON body'),
    answer: messagesAnswer(),
  }],
  notFound: () => ({ status: 404, html: '<!DOCTYPE html><html><head><title>404: This page could not be '
    + 'found</title></head></html>' }),
};
