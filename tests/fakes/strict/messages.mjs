// Anthropic Messages, for all who speak it: its members, and readings that several providers share. The members are
// those of `MessageCreateParams` in @anthropic-ai/sdk 1.14.0, the beta ones last
// (https://github.com/anthropics/anthropic-sdk-typescript/blob/main/src/resources/beta/messages/messages.ts).
import { byMember, listOf, mapOf, nullable, open, textOr, words } from './shape.mjs';

const cached = { cache_control: nullable({ 'type!': words('ephemeral'), ttl: words('5m', '1h') }) };
const Text = { 'type!': 'text', 'text!': 'text', ...cached, citations: 'any' };
const Image = { 'type!': 'text', 'source!': 'any', ...cached, transformations: 'any' };
const Document = { 'type!': 'text', 'source!': 'any', ...cached, title: 'text?', context: 'text?', citations: 'any' };
const ToolReference = { 'type!': 'text', 'tool_name!': 'text', ...cached };
const ResultBlocks = listOf(byMember('type', {
  text: Text, image: Image, document: Document, search_result: open({}), tool_reference: ToolReference,
}));

export const Blocks = {
  text: Text, image: Image, document: Document, search_result: open({}),
  thinking: { 'type!': 'text', 'thinking!': 'text', 'signature!': 'text' },
  redacted_thinking: { 'type!': 'text', 'data!': 'text' },
  tool_use: { 'type!': 'text', 'id!': 'text', 'name!': 'text', 'input!': mapOf('any'), ...cached, caller: 'any' },
  tool_result: { 'type!': 'text', 'tool_use_id!': 'text', content: textOr(ResultBlocks), is_error: 'boolean',
    ...cached },
  server_tool_use: open({}), web_search_tool_result: open({}), tool_search_tool_result: open({}),
};

const Tool = {
  type: 'text?', 'name!': 'text', description: 'text', 'input_schema!': open({ 'type!': words('object') }), ...cached,
  strict: 'boolean', defer_loading: 'boolean', input_examples: 'any', allowed_callers: 'any',
  eager_input_streaming: 'boolean?',
};

const Message = {
  'role!': words('user', 'assistant', 'system'), 'content!': textOr(listOf(byMember('type', Blocks))),
};

export const MessagesBody = {
  'model!': 'text', 'max_tokens!': 'integer', 'messages!': listOf(Message),
  ...cached, container: 'any', diagnostics: 'any', inference_geo: 'text?', metadata: { user_id: 'text?' },
  output_config: { effort: 'text?', format: 'any', task_budget: 'any' }, service_tier: words('auto', 'standard_only'),
  speed: 'text?', stop_sequences: listOf('text'), stream: 'boolean',
    system: textOr(listOf(byMember('type', { text: Text }))),
  thinking: byMember('type', {
    enabled: { 'type!': 'text', 'budget_tokens!': 'integer', display: 'text?' },
    adaptive: { 'type!': 'text', display: 'text?' },
    disabled: { 'type!': 'text' },
  }),
  temperature: 'number', top_p: 'number', top_k: 'integer',
  tool_choice: { 'type!': words('auto', 'any', 'tool', 'none'), name: 'text', disable_parallel_tool_use: 'boolean' },
  tools: listOf(byMember('type', { custom: Tool, ...Object.fromEntries(['web_search_20250305', 'web_search_20260209',
    'tool_search_tool_regex_20251119', 'tool_search_tool_bm25_20251119'].map((name) => [name, open({})])) }, 'custom')),
};

const BetaMembers = Object.fromEntries(['context_management', 'mcp_servers', 'output_format', 'compaction',
  'fallbacks', 'thread', 'billing_policy', 'fallback_credit_token'].map((name) => [name, 'any']));

/** What a body may hold with these betas; Claude Code 2.1.332 sends effort with a message under `per-turn-control`. */
export function messagesBody(betas) {
  const message = betas.includes('per-turn-control') ? { ...Message, output_config: 'any' } : Message;
  return { ...MessagesBody, 'messages!': listOf(message), ...(betas && BetaMembers) };
}

export const blocksOf = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content);
export const isBlank = (text) => text.trim() === '';

/** Every block of a body, with its place: [block, 'messages.0.content.1']. */
export function allBlocks({ messages }) {
  return messages.flatMap(({ content }, i) => blocksOf(content).map((block, j) =>
    [block, `messages.${i}.content.${j}`]));
}

/** Marks for the cache, wherever they stand. */
export function cacheMarks({ system, messages, tools, cache_control: whole }) {
  const everywhere = [...blocksOf(system ?? []), ...(tools ?? []),
    ...messages.flatMap(({ content }) => blocksOf(content).flatMap((block) => (
      [block, ...(Array.isArray(block.content) ? block.content : [])])))];
  return everywhere.filter((block) => block.cache_control).length + (whole ? 1 : 0);
}

/** Uses and results that do not belong together: {kind: 'unanswered', at, ids} or {kind: 'orphan', at, place, id}. */
export function unpairedUses(messages) {
  const found = [];
  const idsOf = (message, type, member) => (message ? blocksOf(message.content) : [])
    .filter((block) => block.type === type).map((block) => block[member]);
  for (const [i, message] of messages.entries()) {
    const next = messages[i + 1];
    const uses = message.role === 'assistant' ? idsOf(message, 'tool_use', 'id') : [];
    // A text ahead of the results hides them.
    const isFirst = next && blocksOf(next.content)[0]?.type === 'tool_result';
    const answered = isFirst ? idsOf(next, 'tool_result', 'tool_use_id') : [];
    const ids = uses.filter((id) => !answered.includes(id));
    if (ids.length > 0) found.push({ kind: 'unanswered', at: i, ids });
    if (message.role !== 'user') continue;
    const known = idsOf(messages[i - 1], 'tool_use', 'id');
    for (const [place, block] of blocksOf(message.content).entries()) {
      if (block.type === 'tool_result' && !known.includes(block.tool_use_id)) {
        found.push({ kind: 'orphan', at: i, place, id: block.tool_use_id });
      }
    }
  }
  return found;
}
