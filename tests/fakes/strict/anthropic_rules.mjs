// What Anthropic's Messages API refuses, in its words. Where no thread is named beside a rule, the page named at the
// head of its group states the rule, and the words are as client code in public quotes them.
import { allBlocks, blocksOf, cacheMarks, isBlank, messagesBody, unpairedUses } from './messages.mjs';
import { Refusal, has, rule } from './rule.mjs';
import { alternatives, dotted, violations } from './shape.mjs';
import { tokensIn } from './agent.mjs';

export const invalid = (message) => new Refusal(400, message, { type: 'invalid_request_error' });
const NameOf = { text: 'string', list: 'list', object: 'dictionary', map: 'dictionary', number: 'number',
  integer: 'integer', boolean: 'boolean' };

/** A field path and a pydantic message: https://github.com/anthropics/claude-code/issues/4378 */
export function shapeWords([{ kind, path, value, expected, allowed, name }]) {
  const at = dotted(path);
  switch (kind) {
    case 'unknown': return invalid(`${at}: Extra inputs are not permitted`);
    case 'missing': return invalid(`${at}: Field required`);
    case 'type': return invalid(`${at}: Input should be a valid ${NameOf[expected]}`);
    case 'tag':
      return invalid(`${dotted(path.slice(0, -1))}: Input tag '${value}' found using '${name}' does not match any of `
        + `the expected tags: ${allowed.map((tag) => `'${tag}'`).join(', ')}`);
    default: return invalid(`${at}: Input should be ${alternatives(allowed)}`);
  }
}

export const thinkingOn = ({ body: { thinking } }) => thinking?.type === 'enabled' || thinking?.type === 'adaptive';
const isForced = ({ body: { tool_choice: choice } }) => ['any', 'tool'].includes(choice?.type);

/** An object of a schema that does not say it is closed. */
function openObject(schema) {
  if (typeof schema !== 'object' || schema === null) return false;
  if (schema.type === 'object' && schema.additionalProperties !== false) return true;
  return [...Object.values(schema.properties ?? {}), schema.items, ...(schema.anyOf ?? [])].some(openObject);
}
const closed = (at) => invalid(`${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`);

/** https://platform.claude.com/docs/en/api/messages and https://platform.claude.com/docs/en/api/beta-headers */
const form = [
  rule('members', ({ body, headers }) => {
    const found = violations(messagesBody(headers['anthropic-beta'] ?? ''), body);
    return found.length > 0 && shapeWords(found);
  }),
  rule('known model', ({ body: { model }, model: row }) => !row && new Refusal(404, `model: ${model}`,
    { type: 'not_found_error' })),
  rule('output limit', ({ body: { max_tokens: limit, model: name }, model }) => limit > model.output && invalid(
    `max_tokens: ${limit} > ${model.output}, which is the maximum allowed number of output tokens for ${name}`)),
  rule('at least one message', ({ body: { messages } }) => messages.length === 0 && invalid(
    'messages: at least one message is required')),
  // https://github.com/BerriAI/litellm/issues/3286
  rule('stop sequences', ({ body: { stop_sequences: stops } }) => stops?.some(isBlank) && invalid(
    'stop_sequences: each stop sequence must contain non-whitespace')),
  rule('tool names', ({ body: { tools } }) => {
    const i = (tools ?? []).findIndex(({ name }) => !/^[a-zA-Z0-9_-]{1,128}$/.test(name));
    return i >= 0 && invalid(`tools.${i}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
  }),
];

/** https://platform.claude.com/docs/en/about-claude/models/migration-guide */
const sampling = [
  rule('temperature range', ({ body: { temperature } }) => (temperature < 0 || temperature > 1)
    && invalid('temperature: range: 0..1')),
  // https://github.com/UKGovernmentBEIS/inspect_ai/issues/3721
  ...['temperature', 'top_p', 'top_k'].map((member) => rule(`${member} of a model that takes none`, ({ body, model }) =>
    (
    model.sampling === 'none' && has(body, member) && body[member] !== 1
      && invalid(`\`${member}\` is deprecated for this model.`)))),
  rule('temperature and top_p', ({ body, model }) => model.sampling === 'one' && has(body, 'temperature')
    && has(body, 'top_p') && invalid(
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.')),
];

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking and …/adaptive-thinking, …/effort */
const thinking = [
  // https://github.com/SigmaNight/basiliskLLM/issues/1185
  rule('a budget', ({ body, model }) => body.thinking?.type === 'enabled' && model.thinking === 'adaptive' && invalid(
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" '
      + 'to control thinking behavior.')),
  rule('adaptive thinking', ({ body, model }) => body.thinking?.type === 'adaptive' && model.thinking === 'budget'
    && invalid('adaptive thinking is not supported on this model')),
  rule('least budget', ({ body }) => body.thinking?.budget_tokens < 1024 && invalid(
    'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')),
  rule('budget below the limit', ({ body, headers }) => body.thinking?.budget_tokens >= body.max_tokens
    && !headers['anthropic-beta']?.includes('interleaved-thinking') && invalid(
    '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at '
      + 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size')),
  rule('temperature while thinking', (ask) => thinkingOn(ask) && has(ask.body, 'temperature')
    && ask.body.temperature !== 1
    && invalid('`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at '
      + 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking')),
  rule('top_p while thinking', (ask) => thinkingOn(ask) && ask.body.top_p < 0.95 && invalid(
    '`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. Please consult our documentation '
      + 'at https://docs.claude.com/en/docs/build-with-claude/extended-thinking')),
  rule('top_k while thinking', (ask) => thinkingOn(ask) && has(ask.body, 'top_k') && invalid(
    '`top_k` must be unset when thinking is enabled. Please consult our documentation at '
      + 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking')),
  rule('a forced tool while thinking', (ask) => thinkingOn(ask) && isForced(ask) && invalid(
    'Thinking may not be enabled when tool_choice forces tool use.')),
  // https://github.com/anthropics/claude-code/issues/30010
  rule('effort', ({ body, model }) => body.output_config?.effort && !model.efforts && invalid(
    'This model does not support the effort parameter.')),
  // A recorded answer:
  // https://github.com/pydantic/pydantic-ai/blob/main/tests/models/cassettes/test_anthropic/test_anthropic_explicit_effort_xhigh_unsupported_model_errors.yaml
  rule('effort words', ({ body: { output_config: { effort } = {} }, model }) => effort
    && !model.efforts.includes(effort)
    && invalid(`This model does not support effort level '${effort}'. Supported levels: `
      + `${[...model.efforts].sort().join(', ')}.`)),
  // https://platform.claude.com/docs/en/build-with-claude/structured-outputs
  rule('output schema', ({ body: { output_config: { format } = {} } }) => openObject(format?.schema)
    && closed('output_config.format.schema')),
  rule('strict tools', ({ body: { tools } }) => {
    const i = (tools ?? []).findIndex(({ strict, input_schema: schema }) => strict && openObject(schema));
    return i >= 0 && closed(`tools.${i}.custom`);
  }),
];

const history = [
  // https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages;
  // https://github.com/LeenHawk/gproxy/issues/209 for the first message
  rule('system first among the messages', ({ body: { messages: [first] } }) => first.role === 'system' && invalid(
    "messages.0: use the top-level 'system' parameter for the initial system prompt; the directive-only form "
      + '(content: [] with output_config) is accepted at any position')),
  rule('system among the messages', ({ body: { messages }, model }) => !model.systemTurns
    && messages.some(({ role }) => role === 'system') && invalid("role 'system' is not supported on this model")),
  // Its place: https://github.com/pydantic/pydantic-ai/issues/5706. The words of this refusal have no report.
  rule('place of a system message', ({ body: { messages } }) => {
    const i = messages.findIndex(({ role }, at) => role === 'system'
      && (messages[at - 1]?.role === 'assistant' || messages[at + 1]?.role === 'user'));
    return i >= 0 && invalid(`messages.${i}: a 'system' message must follow a 'user' message and be last or precede an `
      + "'assistant' message");
  }),
  // https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6
  rule('prefill', ({ body: { messages }, model }) => model.prefill === false && messages.at(-1).role === 'assistant'
    && invalid('This model does not support assistant message prefill. The conversation must end with a user message.')),
  rule('empty content', ({ body: { messages } }) => {
    const i = messages.findIndex(({ content }) => content.length === 0);
    return i >= 0 && i < messages.length - 1
      && invalid(`messages.${i}: all messages must have non-empty content except for the optional final assistant message`);
  }),
  rule('empty texts', ({ body }) => allBlocks(body).some(([{ type, text }]) => type === 'text' && text === '')
    && invalid('messages: text content blocks must be non-empty')),
  rule('blank texts', ({ body }) => allBlocks(body).some(([{ type, text }]) => type === 'text' && isBlank(text))
    && invalid('messages: text content blocks must contain non-whitespace text')),
  rule('blank system', ({ body: { system } }) => blocksOf(system ?? []).some(({ text }) => isBlank(text))
    && invalid('system: text content blocks must contain non-whitespace text')),
  rule('use ids', ({ body }) => {
    const found = allBlocks(body).find(([{ type, id }]) => type === 'tool_use' && !/^[a-zA-Z0-9_-]+$/.test(id));
    return found && invalid(`${found[1]}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  }),
  // https://github.com/anthropics/claude-code/issues/8210 and https://github.com/anthropics/claude-code/issues/18947
  rule('uses and results', ({ body: { messages } }) => {
    const [fault] = unpairedUses(messages);
    if (fault?.kind === 'orphan') {
      return invalid(`messages.${fault.at}.content.${fault.place}: unexpected \`tool_use_id\` found in \`tool_result\` `
        + `blocks: ${fault.id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous `
        + 'message.');
    }
    return fault && invalid(`messages.${fault.at}: \`tool_use\` ids were found without \`tool_result\` blocks `
      + `immediately after: ${fault.ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` `
      + 'block in the next message.');
  }),
  // https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
  rule('signatures', ({ body, provider }) => {
    const found = allBlocks(body).find(([block]) => block.type === 'thinking'
      && provider.signatures.get(block.signature) !== block.thinking);
    return found && invalid(`${found[1]}: Invalid \`signature\` in \`thinking\` block`);
  }),
  rule('thoughts before a use', ({ body }) => {
    if (body.thinking?.type !== 'enabled') return undefined;
    const isResults = ({ role, content }) => role === 'user' && blocksOf(content)[0]?.type === 'tool_result';
    const i = body.messages.findLastIndex(({ role }) => role === 'assistant');
    if (i < 0 || !isResults(body.messages.at(-1))) return undefined;
    const [{ type }] = blocksOf(body.messages[i].content);
    return !type.endsWith('thinking') && invalid(`messages.${i}.content.0.type: Expected \`thinking\` or `
      + `\`redacted_thinking\`, `
      + `but found \`${type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a `
      + 'thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). To avoid this '
        + 'requirement, disable `thinking`.');
  }),
  // https://platform.claude.com/docs/en/build-with-claude/prompt-caching
  rule('cache marks', ({ body }) => cacheMarks(body) > 4 && invalid(
    `A maximum of 4 blocks with cache_control may be provided. Found ${cacheMarks(body)}.`)),
  // https://platform.claude.com/docs/en/build-with-claude/context-windows
  rule('context', ({ body: { messages }, model }) => tokensIn(messages) > model.context && invalid(
    `prompt is too long: ${tokensIn(messages)} tokens > ${model.context} maximum`)),
];

export const anthropicRules = [...form, ...sampling, ...thinking, ...history];
export const anthropicError = ({ message, facts: { type = 'invalid_request_error' } }) => (
  { type: 'error', error: { type, message }, request_id: 'req_strict' });
