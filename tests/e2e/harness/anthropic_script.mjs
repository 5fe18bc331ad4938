// The scripted provider's answers in the Anthropic dialect.

export async function anthropicAnswer(exchange, facts) {
  if (!exchange.body.stream) {
    await facts.before?.(exchange, 0);
    return exchange.json(200, whole(exchange, facts));
  }
  const send = (event) => exchange.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  exchange.beginStream();
  await send({ type: 'message_start', message: { ...whole(exchange, { ...facts, finish: undefined }),
    content: [], usage: usageOf({ ...facts.usage, output: 1, reasoning: 0 }) } });
  await send({ type: 'ping' });
  let index = 0;
  for (const block of blocks(facts)) {
    await streamBlock(exchange, send, facts, block, index);
    index += 1;
  }
  await facts.atEnd?.(exchange);
  await send({ type: 'message_delta', delta: { stop_reason: stopReason(facts), stop_sequence: null },
    usage: outputOf(facts.usage) });
  await send({ type: 'message_stop' });
  exchange.response.end();
}

export function anthropicError({ type, message }) {
  return { type: 'error', error: { type, message }, request_id: 'req_script' };
}

async function streamBlock(exchange, send, facts, block, index) {
  const delta = (value) => send({ type: 'content_block_delta', index, delta: value });
  if (block.type === 'text') {
    await send({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
    for (const [i, piece] of facts.pieces.entries()) {
      await facts.before?.(exchange, i);
      await delta({ type: 'text_delta', text: piece });
    }
  } else if (block.type === 'thinking') {
    const opening = { type: 'thinking', thinking: '', signature: '' };
    await send({ type: 'content_block_start', index, content_block: opening });
    for (const piece of block.thinking.match(/\S+\s*/g)) await delta({ type: 'thinking_delta', thinking: piece });
    await delta({ type: 'signature_delta', signature: block.signature });
  } else {
    await send({ type: 'content_block_start', index, content_block: { ...block, input: {} } });
    for (const piece of JSON.stringify(block.input).match(/.{1,7}/gs)) {
      await delta({ type: 'input_json_delta', partial_json: piece });
    }
  }
  await send({ type: 'content_block_stop', index });
}

function whole(exchange, facts) {
  return {
    id: `msg_script_${exchange.nth}`, type: 'message', role: 'assistant', model: exchange.model, content: blocks(facts),
    stop_reason: facts.finish ? stopReason(facts) : null, stop_sequence: null, usage: usageOf(facts.usage),
  };
}

function blocks(facts) {
  const list = [];
  if (facts.thinking) list.push({ type: 'thinking', thinking: facts.thinking, signature: 'c2lnbmF0dXJl' });
  if (facts.text) list.push({ type: 'text', text: facts.text });
  for (const call of facts.tools) list.push({ type: 'tool_use', id: call.id, name: call.name, input: call.input });
  return list;
}

function stopReason(facts) {
  return { stop: 'end_turn', tool: 'tool_use', length: 'max_tokens', refusal: 'refusal' }[facts.finish];
}

function usageOf(usage) {
  return { input_tokens: usage.input, cache_creation_input_tokens: usage.cacheCreation,
    cache_read_input_tokens: usage.cacheRead, ...outputOf(usage) };
}

function outputOf(usage) {
  const details = usage.reasoning ? { output_tokens_details: { thinking_tokens: usage.reasoning } } : {};
  return { output_tokens: usage.output, ...details };
}
