// Both SDKs behind one interface, so that one test can run with either: a request uses the names of
// conversation.mjs, and the answer is {text, thinking, calls, finish, usage, requestId, events}.
//   ask: model, system, turns, tools: [{name, schema}], choice, parallel, maxTokens, stops, effort; stream, signal
import { anthropicAt, openaiAt } from './sdk.mjs';

export const user = (text, rest = {}) => ({ role: 'user', text, ...rest });
export const assistant = (text, rest = {}) => ({ role: 'assistant', text, ...rest });

export function talker(dialect, url) {
  return dialect === 'anthropic' ? anthropicTalker(anthropicAt(url)) : openaiTalker(openaiAt(url));
}

/** Anthropic's budget for each of OpenAI's efforts. */
const Budget = { low: 1024, medium: 8192, high: 16_384 };

const Finish = {
  end_turn: 'stop', stop_sequence: 'stop', tool_use: 'tool', max_tokens: 'length', refusal: 'refusal',
  stop: 'stop', tool_calls: 'tool', length: 'length', content_filter: 'refusal',
};

const present = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function anthropicTalker(client) {
  return {
    client,
    async ask({ stream = false, signal, onText, ...ask }) {
      const body = anthropicBody(ask);
      if (!stream) {
        const { data, response } = await client.messages.create(body, { signal }).withResponse();
        return anthropicSaid(data, response);
      }
      const events = [];
      const reader = client.messages.stream(body, { signal });
      // A copy, since the SDK builds the whole message in the object of the first event.
      reader.on('streamEvent', (event) => events.push(structuredClone(event)));
      if (onText) reader.on('text', onText);
      const { response } = await reader.withResponse();
      return { ...anthropicSaid(await reader.finalMessage(), response), events };
    },
  };
}

function anthropicBody({ model, system, turns, tools, choice, parallel, maxTokens = 20_000, stops, effort }) {
  const kind = choice && (['auto', 'any', 'none'].includes(choice) ? { type: choice } : { type: 'tool', name: choice });
  return present({
    model, system, max_tokens: maxTokens, messages: turns.map(anthropicTurn), stop_sequences: stops,
    tools: tools?.map(({ name, schema }) => ({ name, input_schema: schema })),
    tool_choice: kind && { ...kind, ...(parallel === false && { disable_parallel_tool_use: true }) },
    thinking: effort && { type: 'enabled', budget_tokens: Budget[effort] },
  });
}

function anthropicTurn({ role, text, thinking, calls = [], results = [], images = [] }) {
  const content = [
    ...(thinking ? [{ type: 'thinking', thinking, signature: 'c2lnbmF0dXJl' }] : []),
    ...results.map(({ id, text: said, isError }) => present(
      { type: 'tool_result', tool_use_id: id, content: said, is_error: isError || undefined })),
    ...images.map((url) => ({ type: 'image', source: anthropicSource(url) })),
    ...(text ? [{ type: 'text', text }] : []),
    ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
  ];
  return { role, content };
}

function anthropicSource(url) {
  const data = /^data:([^;]+);base64,(.*)$/.exec(url);
  return data ? { type: 'base64', media_type: data[1], data: data[2] } : { type: 'url', url };
}

function anthropicSaid({ model, content, stop_reason: reason, usage }, response) {
  const of = (type) => content.filter((block) => block.type === type);
  return {
    text: of('text').map((block) => block.text).join(''),
    thinking: of('thinking').map((block) => block.thinking).join(''),
    calls: of('tool_use').map(({ id, name, input }) => ({ id, name, input })),
    finish: Finish[reason],
    usage: {
      input: usage.input_tokens, output: usage.output_tokens, cacheRead: usage.cache_read_input_tokens ?? 0,
      cacheCreation: usage.cache_creation_input_tokens ?? 0,
      reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
    },
    model, requestId: response.headers.get('x-request-id'),
  };
}

function openaiTalker(client) {
  return {
    client,
    async ask({ stream = false, signal, onText, ...ask }) {
      const body = openaiBody(ask);
      if (!stream) {
        const { data, response } = await client.chat.completions.create(body, { signal }).withResponse();
        return openaiSaid(data, response);
      }
      const { data, response } = await client.chat.completions
        .create({ ...body, stream: true, stream_options: { include_usage: true } }, { signal }).withResponse();
      const events = [];
      const whole = { message: { content: '', reasoning_content: '', tool_calls: [] } };
      for await (const chunk of data) {
        events.push(chunk);
        gather(whole, chunk);
        if (chunk.choices[0]?.delta.content) onText?.(chunk.choices[0].delta.content);
      }
      return { ...openaiSaid({ model: events[0]?.model, choices: [whole], usage: whole.usage }, response), events };
    },
  };
}

function gather(whole, chunk) {
  whole.usage = chunk.usage ?? whole.usage;
  const [choice] = chunk.choices;
  if (!choice) return;
  whole.finish_reason = choice.finish_reason ?? whole.finish_reason;
  whole.message.content += choice.delta.content ?? '';
  whole.message.reasoning_content += choice.delta.reasoning_content ?? '';
  for (const call of choice.delta.tool_calls ?? []) {
    const known = (whole.message.tool_calls[call.index] ??= {
      id: call.id, function: { name: call.function.name, arguments: '' } });
    known.function.arguments += call.function.arguments ?? '';
  }
}

function openaiBody({ model, system, turns, tools, choice, parallel, maxTokens, stops, effort }) {
  const said = system === undefined ? [] : [{ role: 'system', content: system }];
  const words = { any: 'required', auto: 'auto', none: 'none' };
  return present({
    model, messages: [...said, ...turns.flatMap(openaiMessages)], max_tokens: maxTokens, stop: stops,
    tools: tools?.map(({ name, schema }) => ({ type: 'function', function: { name, parameters: schema } })),
    tool_choice: choice && (words[choice] ?? { type: 'function', function: { name: choice } }),
    parallel_tool_calls: parallel, reasoning_effort: effort,
  });
}

function openaiMessages({ role, text, calls = [], results = [], images = [] }) {
  const messages = results.map(({ id, text: said }) => ({ role: 'tool', tool_call_id: id, content: said }));
  if (role === 'assistant') {
    const tools = calls.map(({ id, name, input }) => (
      { id, type: 'function', function: { name, arguments: JSON.stringify(input) } }));
    return [present({ role, content: text || null, tool_calls: tools.length ? tools : undefined })];
  }
  if (!text && !images.length) return messages;
  const parts = [...images.map((url) => ({ type: 'image_url', image_url: { url } })), { type: 'text', text }];
  return [...messages, { role, content: images.length ? parts : text }];
}

function openaiSaid({ model, choices: [{ message, finish_reason: finish }], usage }, response) {
  const details = usage?.prompt_tokens_details ?? {};
  const [cacheRead, cacheCreation] = [details.cached_tokens ?? 0, details.cache_write_tokens ?? 0];
  return {
    text: message.content ?? '', thinking: message.reasoning_content ?? '',
    calls: (message.tool_calls ?? []).map((call) => (
      { id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) })),
    finish: Finish[finish],
    usage: usage && {
      input: usage.prompt_tokens - cacheRead - cacheCreation, output: usage.completion_tokens, cacheRead, cacheCreation,
      reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
    },
    model, requestId: response.headers.get('x-request-id'),
  };
}
