// Chat Completions as OpenAI defines it, for all who speak it: its members, and rules that several providers share.
// The members are those of `ChatCompletionCreateParams` in the openai SDK 7.59.0
// (https://github.com/openai/openai-node/blob/master/src/resources/chat/completions/completions.ts).
import { byMember, listOf, mapOf, nullable, open, textOr, words } from './shape.mjs';
import { has, rule } from './rule.mjs';

const TextPart = { 'type!': 'text', 'text!': 'text', prompt_cache_breakpoint: 'any' };
const UserPart = byMember('type', {
  text: TextPart,
  image_url: { 'type!': 'text', 'image_url!': { 'url!': 'text', detail: 'text?' } },
  input_audio: { 'type!': 'text', 'input_audio!': 'any' },
  file: { 'type!': 'text', 'file!': 'any' },
});
const TextParts = listOf(byMember('type', { text: TextPart }));
const Call = { 'id!': 'text', 'type!': words('function'), 'function!': { 'name!': 'text', 'arguments!': 'text' } };

/** One message of each role, each an object of its members. */
export const ChatMessages = {
  system: { 'role!': 'text', 'content!': textOr(TextParts), name: 'text' },
  developer: { 'role!': 'text', 'content!': textOr(TextParts), name: 'text' },
  user: { 'role!': 'text', 'content!': textOr(listOf(UserPart)), name: 'text' },
  assistant: {
    'role!': 'text', content: nullable(textOr(TextParts)), refusal: 'text?', name: 'text', audio: 'any',
    function_call: 'any', tool_calls: listOf(Call),
    annotations: 'any',  // It is in the answers, which may be given back as they are.
  },
  tool: { 'role!': 'text', 'content!': textOr(TextParts), 'tool_call_id!': 'text' },
};

export const ChatFunction = { 'name!': 'text', description: 'text', parameters: mapOf('any'), strict: 'boolean?' };

export const ChatBody = {
  'model!': 'text', 'messages!': listOf(byMember('role', ChatMessages)),
  audio: 'any', frequency_penalty: 'number?', function_call: 'any', functions: 'any', logit_bias: 'any',
  logprobs: 'boolean?', max_completion_tokens: 'integer?', max_tokens: 'integer?', metadata: 'any', modalities: 'any',
  moderation: 'any', n: 'integer?', parallel_tool_calls: 'boolean', prediction: 'any', presence_penalty: 'number?',
  prompt_cache_key: 'text?', prompt_cache_options: 'any', prompt_cache_retention: 'text?', reasoning_effort: 'text?',
  response_format: open({ 'type!': words('text', 'json_object', 'json_schema') }), safety_identifier: 'text?',
  seed: 'integer?', service_tier: 'text?', stop: nullable(textOr(listOf('text'))), store: 'boolean?',
    stream: 'boolean?',
  stream_options: nullable({ include_usage: 'boolean', include_obfuscation: 'boolean' }), temperature: 'number?',
  tool_choice: 'any', tools: listOf({ 'type!': words('function'), 'function!': ChatFunction }),
  top_logprobs: 'integer?', top_p: 'number?', user: 'text', verbosity: 'text?', web_search_options: 'any',
};

/** The shape without some members, and with others added or changed. */
export function changed(members, { without = [], ...more }) {
  const kept = Object.entries(members).filter(([name]) => !without.includes(name.replace('!', '')));
  return { ...Object.fromEntries(kept), ...more };
}

export const hasTools = ({ tools }) => Array.isArray(tools) && tools.length > 0;

/** Calls and results that do not belong together: {kind: 'unanswered', at, ids} or {kind: 'orphan', at, id}. */
export function unpaired(messages) {
  const found = [];
  let waiting = [];
  let at;
  const close = () => {
    if (waiting.length > 0) found.push({ kind: 'unanswered', at, ids: waiting });
    waiting = [];
  };
  for (const [i, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!waiting.includes(message.tool_call_id)) found.push({ kind: 'orphan', at: i, id: message.tool_call_id });
      waiting = waiting.filter((id) => id !== message.tool_call_id);
      continue;
    }
    close();
    if (message.role !== 'assistant') continue;
    waiting = (message.tool_calls ?? []).map((call) => call.id);
    at = i;
  }
  close();
  return found;
}

/** A member that the models which `when` picks do not take: `say(ask)` makes the refusal. */
export const refuses = (name, member, when, say) => rule(name, (ask) => (
  has(ask.body, member) && when(ask) && say(ask)));

/** The first message for which `check(message, index, ask)` makes a refusal. */
export const eachMessage = (name, check) => rule(name, (ask) => {
  for (const [i, message] of ask.body.messages.entries()) {
    const refusal = check(message, i, ask);
    if (refusal) return refusal;
  }
  return undefined;
});

/** The first tool for which `check(function, index)` makes a refusal. */
export const eachFunction = (name, check) => rule(name, ({ body }) => {
  for (const [i, tool] of (body.tools ?? []).entries()) {
    const refusal = check(tool.function, i);
    if (refusal) return refusal;
  }
  return undefined;
});

/** Whether a call's arguments are the text of an object. */
export function isObjectText(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch { return false; }
}
