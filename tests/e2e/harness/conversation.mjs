// What a model reads in a request, in words that belong to neither dialect. Neighbours of one role are one turn: the
// OpenAI dialect gives every tool result a message of its own, the Anthropic dialect puts them all in one.
//
//   turns     [{role, text, thinking, calls: [{id, name, input}], results: [{id, text, isError}], images}]
//   system    all system text, wherever it stands
//   asked     the text of the last user turn
//   results   the tools' results since the model's last turn
//   tools     the names of the tools that the model may call now;  choice, parallel, maxTokens, stops: as plain values

export function readConversation(body, dialect) {
  const entries = dialect === 'anthropic' ? anthropicEntries(body) : openaiEntries(body);
  const system = entries.filter((entry) => entry.role === 'system').map((entry) => entry.text).join('\n');
  const turns = join(entries.filter((entry) => entry.role !== 'system'));
  const last = turns.at(-1);
  return {
    system, turns, asked: last?.role === 'user' ? last.text : '', results: last?.results ?? [],
    ...(dialect === 'anthropic' ? anthropicSettings(body) : openaiSettings(body)),
  };
}

function join(entries) {
  const turns = [];
  for (const entry of entries) {
    const before = turns.at(-1);
    if (before?.role !== entry.role) { turns.push(entry); continue; }
    before.text = [before.text, entry.text].filter(Boolean).join('\n');
    for (const list of ['calls', 'results', 'images']) before[list].push(...entry[list]);
  }
  return turns;
}

const empty = (role) => ({ role, text: '', thinking: '', calls: [], results: [], images: [] });

const asBlocks = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content ?? []);

const textOf = (content) => asBlocks(content).filter((block) => block.type === 'text')
  .map((block) => block.text).join('\n');

function anthropicEntries(body) {
  const said = body.system === undefined ? [] : [{ ...empty('system'), text: textOf(body.system) }];
  return [...said, ...body.messages.map(({ role, content }) => {
    const entry = { ...empty(role), text: textOf(content) };
    for (const block of asBlocks(content)) {
      if (block.type === 'thinking') entry.thinking += block.thinking;
      if (block.type === 'tool_use') entry.calls.push({ id: block.id, name: block.name, input: block.input });
      if (block.type === 'tool_result') {
        entry.results.push({ id: block.tool_use_id, text: textOf(block.content), isError: block.is_error === true });
        entry.images.push(...imagesIn(block.content));
      }
    }
    entry.images.push(...imagesIn(content));
    return entry;
  })];
}

const imagesIn = (content) => asBlocks(content).filter((block) => block.type === 'image')
  .map((block) => anthropicImage(block.source));

function anthropicImage(source) {
  return source.type === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
}

function anthropicSettings(body) {
  const choice = body.tool_choice;
  const usable = (body.tools ?? []).filter((each) => !each.defer_loading || referenced(body).has(each.name));
  return {
    tools: usable.map((each) => each.name), choice: choice?.type === 'tool' ? choice.name : choice?.type,
    parallel: choice?.disable_parallel_tool_use !== true, maxTokens: body.max_tokens, stops: body.stop_sequences ?? [],
  };
}

/** A deferred tool can be called once a result has named it. */
function referenced(body) {
  const results = body.messages.flatMap((message) => asBlocks(message.content))
    .filter((block) => block.type === 'tool_result').flatMap((block) => asBlocks(block.content));
  return new Set(results.filter((block) => block.type === 'tool_reference').map((block) => block.tool_name));
}

function openaiEntries(body) {
  return body.messages.map((message) => {
    if (message.role === 'tool') {
      const result = { id: message.tool_call_id, text: textOf(message.content), isError: false };
      return { ...empty('user'), results: [result] };
    }
    const role = message.role === 'developer' ? 'system' : message.role;
    const entry = { ...empty(role), text: textOf(message.content), thinking: message.reasoning_content ?? '' };
    for (const call of message.tool_calls ?? []) {
      entry.calls.push({ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments || '{}') });
    }
    for (const block of asBlocks(message.content)) {
      if (block.type === 'image_url') entry.images.push(block.image_url.url);
    }
    return entry;
  });
}

function openaiSettings(body) {
  const choice = body.tool_choice?.function?.name ?? body.tool_choice;
  return {
    tools: (body.tools ?? []).map((each) => each.function.name), choice: choice === 'required' ? 'any' : choice,
    parallel: body.parallel_tool_calls !== false, maxTokens: body.max_completion_tokens ?? body.max_tokens,
    stops: [body.stop ?? []].flat(),
  };
}

/** A picture for tests, as base64. */
export const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA'
  + 'WjR9awAAAABJRU5ErkJggg==';
