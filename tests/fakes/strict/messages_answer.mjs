// What the scripted agent says, as a Messages answer. A style says where a provider departs from Anthropic:
//
//   thinks      (ask) => whether the answer begins with thoughts
//   shows       (ask) => whether they can be read: else the block has a signature and no text
//   signature   (text, ask) => what signs them
//   useId       () => the id of a tool use
import { randomBytes } from 'node:crypto';
import { tokensIn } from './agent.mjs';

const letters = (count) => randomBytes(count).toString('hex').slice(0, count);
const thinksOf = ({ body: { thinking } }) => thinking !== undefined && thinking.type !== 'disabled';

/** A new signature for these thoughts, which the provider recognises when it comes back. */
export function signed(text, { provider }) {
  const signature = randomBytes(48).toString('base64');
  provider.signatures.set(signature, text);
  return signature;
}

const Anthropic = { thinks: thinksOf, shows: () => true, signature: signed, useId: () => `toolu_01${letters(22)}` };

export function messagesAnswer(changes = {}) {
  const style = { ...Anthropic, ...changes };
  return (reply, ask, said) => {
    const blocks = [];
    if (style.thinks(ask)) {
      const thinking = style.shows(ask) ? said.thinking : '';
      blocks.push({ type: 'thinking', thinking, signature: style.signature(thinking, ask) });
    }
    if (said.text) blocks.push({ type: 'text', text: said.text });
    for (const { name, input } of said.calls) blocks.push({ type: 'tool_use', id: style.useId(), name, input });
    const usage = { input_tokens: tokensIn(ask.body.messages), cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: tokensIn(said) };
    const message = { id: `msg_01${letters(22)}`, type: 'message', role: 'assistant', model: ask.body.model,
      content: blocks, stop_reason: said.calls.length ? 'tool_use' : 'end_turn', stop_sequence: null, usage };
    const headers = { 'request-id': `req_strict_${letters(12)}` };
    if (!ask.body.stream) return reply.json(200, message, headers);
    return stream(reply, message, headers);
  };
}

function stream(reply, { content, stop_reason: reason, usage, ...message }, headers) {
  const send = (event) => reply.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  reply.begin(headers);
  send({ type: 'message_start', message: { ...message, content: [], stop_reason: null,
    usage: { ...usage, output_tokens: 1 } } });
  send({ type: 'ping' });
  for (const [index, block] of content.entries()) {
    const delta = (value) => send({ type: 'content_block_delta', index, delta: value });
    if (block.type === 'thinking') {
      send({ type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } });
      for (const piece of block.thinking.match(/\S+\s*/g) ?? []) delta({ type: 'thinking_delta', thinking: piece });
      delta({ type: 'signature_delta', signature: block.signature });
    } else if (block.type === 'text') {
      send({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
      for (const piece of block.text.match(/\S+\s*/g)) delta({ type: 'text_delta', text: piece });
    } else {
      send({ type: 'content_block_start', index, content_block: { ...block, input: {} } });
      delta({ type: 'input_json_delta', partial_json: '' });
      for (const piece of JSON.stringify(block.input).match(/.{1,9}/gs)) delta({ type: 'input_json_delta',
        partial_json: piece });
    }
    send({ type: 'content_block_stop', index });
  }
  send({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage });
  send({ type: 'message_stop' });
  reply.end();
}
