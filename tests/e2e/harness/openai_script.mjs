// The scripted provider's answers in the OpenAI dialect. The usage chunk is the last one and comes only when asked
// for, as the real service does it.

export async function openaiAnswer(exchange, facts) {
  if (!exchange.body.stream) {
    await facts.before?.(exchange, 0);
    return exchange.json(200, whole(exchange, facts));
  }
  const send = (value) => exchange.write(`data: ${JSON.stringify(value)}\n\n`);
  const chunk = (delta, finish = null) => ({ ...envelope(exchange, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  exchange.beginStream();
  await send(chunk({ role: 'assistant', content: '' }));
  for (const [i, piece] of facts.pieces.entries()) {
    await facts.before?.(exchange, i);
    await send(chunk({ content: piece }));
  }
  for (const [index, call] of facts.tools.entries()) await streamTool(send, chunk, call, index);
  await facts.atEnd?.(exchange);
  await send(chunk({}, finishReason(facts)));
  if (exchange.body.stream_options?.include_usage) {
    await send({ ...envelope(exchange, 'chat.completion.chunk'), choices: [], usage: usageOf(facts.usage) });
  }
  await exchange.write('data: [DONE]\n\n');
  exchange.response.end();
}

async function streamTool(send, chunk, call, index) {
  const opening = { name: call.name, arguments: '' };
  await send(chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: opening }] }));
  for (const piece of JSON.stringify(call.input).match(/.{1,7}/gs)) {
    await send(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }));
  }
}

function whole(exchange, facts) {
  const message = { role: 'assistant', content: facts.text || null, refusal: null };
  if (facts.tools.length) {
    message.tool_calls = facts.tools.map((call) => ({ id: call.id, type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.input) } }));
  }
  return { ...envelope(exchange, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(facts) }], usage: usageOf(facts.usage) };
}

function envelope(exchange, object) {
  return { id: 'chatcmpl-script', object, created: 1_700_000_000, model: exchange.model };
}

function finishReason(facts) {
  return { stop: 'stop', tool: 'tool_calls', length: 'length' }[facts.finish];
}

/** In this dialect prompt_tokens include what was read from the cache. */
function usageOf(usage) {
  return { prompt_tokens: usage.input + usage.cacheRead, completion_tokens: usage.output,
    total_tokens: usage.input + usage.cacheRead + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning } };
}
