// What the scripted agent says, as a Chat Completions answer. A style says where a provider departs from OpenAI:
//
//   envelope      members beside id, object, created and model; message: of a whole answer's message
//   reasoning     the member of a message that holds its thoughts; none if it shows none
//   content       (text) => how a text stands in a delta or message; thoughts(text) likewise, in place of `reasoning`
//   callId        () => the id of a call
//   call          (call, i) => how a finished call stands in a message
//   callsWhole    a stream has each call in one chunk, as `call` writes it
//   usage         (counts, ask) => the numbers
//   usageStands   'asked': a chunk of its own, if stream_options ask for it; 'last': beside the last choice;
//                 'choice': within the last choice; 'every': beside every choice
//   before        (ask) => text ahead of the first chunk
//   choice, delta (ask) => members of every choice, or of every delta, of a stream
import { randomBytes } from 'node:crypto';
import { tokensIn } from './agent.mjs';

const letters = (count) => randomBytes(count).toString('hex').slice(0, count);

export const chatUsage = ({ prompt, completion, reasoning }) => ({
  prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0, accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0 },
});

const OpenAi = {
  envelope: () => ({}), message: () => ({}), content: (text) => text, callId: () => `call_${letters(24)}`,
  call: ({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } }),
  usage: chatUsage, usageStands: 'asked', before: () => '', choice: () => ({}), delta: () => ({}),
};

export function chatAnswer(changes = {}) {
  const style = { ...OpenAi, ...changes };
  return (reply, ask, said) => {
    const reasons = ask.model?.reasons ?? false;
    const shows = typeof reasons === 'function' ? reasons(ask.body) : reasons;
    const thinking = shows && (style.reasoning || style.thoughts) ? said.thinking : '';
    const calls = said.calls.map(({ name, input }, i) =>
      ({ i, id: style.callId(), name, text: JSON.stringify(input) }));
    const counts = { prompt: tokensIn(ask.body.messages), completion: tokensIn(said),
      reasoning: shows ? tokensIn(said.thinking) : 0 };
    const answer = { ...said, thinking, calls, finish: calls.length ? 'tool_calls' : 'stop',
      usage: style.usage(counts, ask) };
    const envelope = { id: `chatcmpl-${letters(16)}`, created: Math.floor(Date.now() / 1000), model: ask.body.model };
    if (ask.body.stream) return stream(reply, ask, style, answer, envelope);
    return reply.json(200, whole(ask, style, answer, envelope));
  };
}

function whole(ask, style, { text, thinking, calls, finish, usage }, envelope) {
  const message = { role: 'assistant', content: text || calls.length === 0 ? style.content(text) : null,
    ...style.message(ask) };
  if (thinking && style.thoughts) message.content = [style.thoughts(thinking),
    ...(text ? [{ type: 'text', text }] : [])];
  else if (thinking) Object.assign(message, style.reasoning(thinking, { ask, last: true }));
  if (calls.length > 0) message.tool_calls = calls.map((call) => style.call(call, ask));
  return { ...envelope, object: 'chat.completion', ...style.envelope(ask),
    choices: [{ index: 0, message, finish_reason: finish }], usage };
}

function stream(reply, ask, style, { text, thinking, calls, finish, usage }, envelope) {
  const send = (value) => reply.write(`data: ${JSON.stringify(value)}\n\n`);
  const always = style.usageStands === 'every' ? { usage } : {};
  const chunk = (choices, more) => send({ ...envelope, object: 'chat.completion.chunk', ...style.envelope(ask), choices,
    ...always, ...more });
  const choice = (delta, reason = null, more = {}) => ({ index: 0, delta: { ...delta, ...style.delta(ask) },
    finish_reason: reason, ...style.choice(ask), ...more });
  reply.begin();
  reply.write(style.before(ask));
  chunk([choice({ role: 'assistant', content: '' })]);
  const thoughts = thinking.match(/\S+\s*/g) ?? [];
  for (const [i, piece] of thoughts.entries()) {
    const last = i === thoughts.length - 1;
    chunk([choice(style.thoughts ? { content: [style.thoughts(piece)] } : style.reasoning(piece, { ask, last }))]);
  }
  for (const piece of text.match(/\S+\s*/g) ?? []) chunk([choice({ content: style.content(piece) })]);
  for (const call of calls) {
    if (style.callsWhole) chunk([choice({ tool_calls: [style.call(call, ask)] })]);
    else for (const tool of inPieces(call)) chunk([choice({ tool_calls: [tool] })]);
  }
  const last = { choice: { usage } }[style.usageStands];
  chunk([choice({}, finish, last)], style.usageStands === 'last' ? { usage } : {});
  if (style.usageStands === 'asked' && ask.body.stream_options?.include_usage) chunk([], { usage });
  reply.write('data: [DONE]\n\n');
  reply.end();
}

function inPieces({ i, id, name, text }) {
  const pieces = text.match(/.{1,9}/gs).map((piece) => ({ index: i, function: { arguments: piece } }));
  return [{ index: i, id, type: 'function', function: { name, arguments: '' } }, ...pieces];
}
