// The scripted provider's answers in the OpenAI dialect. As at the real service, the usage chunk is the last one
// and is sent only on request. Thoughts and tokens written to a cache have the fields that compatible services use:
// OpenAI has no field for either.

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
  for (const piece of facts.thinking?.match(/\S+\s*/g) ?? []) await send(chunk({ reasoning_content: piece }));
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

/** This dialect's error types and codes, by the Anthropic dialect's error types. */
const ErrorNames = {
  authentication_error: ['invalid_request_error', 'invalid_api_key'],
  permission_error: ['invalid_request_error', 'permission_denied'],
  not_found_error: ['invalid_request_error', 'model_not_found'],
  rate_limit_error: ['requests', 'rate_limit_exceeded'],
  api_error: ['server_error', null],
  overloaded_error: ['server_error', null],
};

export function openaiError({ type, message }) {
  const [name, code] = ErrorNames[type] ?? [type, null];
  return { error: { message, type: name, param: null, code } };
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
  if (facts.thinking) message.reasoning_content = facts.thinking;
  if (facts.tools.length) {
    message.tool_calls = facts.tools.map((call) => ({ id: call.id, type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.input) } }));
  }
  return { ...envelope(exchange, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(facts) }], usage: usageOf(facts.usage) };
}

function envelope(exchange, object) {
  return { id: `chatcmpl-script-${exchange.nth}`, object, created: 1_700_000_000, model: exchange.model };
}

function finishReason(facts) {
  return { stop: 'stop', tool: 'tool_calls', length: 'length', refusal: 'content_filter' }[facts.finish];
}

/** In this dialect prompt_tokens include tokens read from the cache and tokens written to it. */
function usageOf(usage) {
  const prompt = usage.input + usage.cacheRead + usage.cacheCreation;
  const written = usage.cacheCreation ? { cache_write_tokens: usage.cacheCreation } : {};
  return { prompt_tokens: prompt, completion_tokens: usage.output, total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, ...written },
    completion_tokens_details: { reasoning_tokens: usage.reasoning } };
}
