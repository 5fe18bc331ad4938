// The programs that people use, each leading one conversation: a question that makes the model call a tool, the tool's
// result, and the answer that quotes it. What the model said before goes back as it came, thoughts too.
//
//   client({ url, key, model, marker, stream, more })   `more` are members that a program for this model would send
// Each returns the last answer's text.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, isStepCount, streamText, tool as aiTool } from 'ai';
import { z } from 'zod';
import { ClaudeCode, anthropicAt, openaiAt } from '../harness/index.mjs';
import { chatTool, messagesTool } from './cases.mjs';
import { FromClaude } from '../../fakes/strict/openrouter.mjs';

const asked = (marker) => `Please call weather with {"city":"Rome"}\n(${marker})`;
const weather = async () => 'sunny';
const Place = z.object({ city: z.string(), unit: z.string().optional() });

export async function anthropicSdk({ url, key = 'client-key', model, marker, stream, more = {} }) {
  const client = anthropicAt(url, { apiKey: key });
  const ask = async (messages) => {
    const body = { model, max_tokens: 8000, messages, tools: [messagesTool()],
      thinking: { type: 'enabled', budget_tokens: 2000 }, ...more };
    return stream ? client.messages.stream(body).finalMessage() : client.messages.create(body);
  };
  const messages = [{ role: 'user', content: asked(marker) }];
  const first = await ask(messages);
  const results = first.content.filter(({ type }) => type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'sunny' }));
  const last = await ask([...messages, { role: 'assistant', content: first.content },
    { role: 'user', content: results }]);
  return last.content.filter(({ type }) => type === 'text').map(({ text }) => text).join('');
}

/** A conversation that began on Claude: its ids and signatures, a blank text, and a tool without properties. */
export async function begunOnClaude({ url, key = 'client-key', model, marker, more = {} }) {
  const id = 'toolu_01A09q90qw90lq917835lq9';
  const messages = [
    { role: 'user', content: 'What is there?' },
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'I should look.', signature: FromClaude },
      { type: 'text', text: '\n\n' }, { type: 'tool_use', id, name: 'list_all', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'nothing' },
      { type: 'text', text: 'I see.' }] },
    { role: 'assistant', content: 'There is nothing.' },
    { role: 'user', content: asked(marker) },
  ];
  const tools = [messagesTool(), { name: 'list_all', input_schema: { type: 'object' } }];
  const answer = await anthropicAt(url, { apiKey: key }).messages.create({ model, max_tokens: 8000, messages, tools,
    thinking: { type: 'enabled', budget_tokens: 2000 }, ...more });
  const [call] = answer.content.filter(({ type }) => type === 'tool_use');
  return call ? `The tool said: ${await weather(call.input)}` : 'no call';
}

export async function openaiSdk({ url, key = 'client-key', model, marker, stream, more = {} }) {
  const client = openaiAt(url, { apiKey: key });
  const ask = async (messages) => {
    const body = { model, messages, tools: [chatTool()], ...more };
    if (!stream) return (await client.chat.completions.create(body)).choices[0].message;
    return gathered(await client.chat.completions.create({ ...body, stream: true }));
  };
  const messages = [{ role: 'user', content: asked(marker) }];
  const first = await ask(messages);
  const results = first.tool_calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' }));
  return (await ask([...messages, first, ...results])).content;
}

/** A stream's message, with members that the SDK does not know: they go back too. */
async function gathered(chunks) {
  const message = { role: 'assistant' };
  for await (const { choices: [choice] } of chunks) {
    for (const [name, value] of Object.entries(choice?.delta ?? {})) {
      if (name === 'tool_calls') value.forEach((piece) => addCall(message, piece));
      else if (name === 'reasoning_details') value.forEach((piece) => addDetail(message, piece));
      else if (typeof value === 'string' && name !== 'role') message[name] = (message[name] ?? '') + value;
    }
  }
  return { content: null, ...message };
}

/** Pieces of one thought have one index; the signature comes with the last. */
function addDetail(message, { text, ...piece }) {
  const details = (message.reasoning_details ??= []);
  const detail = details[piece.index ?? 0] ??= {};
  Object.assign(detail, piece, text !== undefined && { text: (detail.text ?? '') + text });
}

function addCall(message, { index, id, type, function: { name, arguments: text } = {}, ...rest }) {
  const calls = (message.tool_calls ??= []);
  const call = calls[index ?? calls.length] ??= { id, type: type ?? 'function', function: { name, arguments: '' },
    ...rest };
  call.function.arguments += text ?? '';
}

export async function aiSdk({ url, key = 'client-key', provider, model, marker, stream, more = {} }) {
  const make = createOpenAICompatible({ name: provider, baseURL: `${url}/v1`, apiKey: key });
  const program = {
    model: make(model), prompt: asked(marker), stopWhen: isStepCount(3), maxRetries: 0,
    tools: { weather: aiTool({ inputSchema: Place, execute: weather }) },
    providerOptions: { [provider]: more },
  };
  if (!stream) return (await generateText(program)).text;
  let fault;
  const result = streamText({ ...program, onError: ({ error }) => { fault = error; } });
  await result.consumeStream();
  if (fault) throw fault;
  return result.text;
}

export async function langchain({ url, key = 'client-key', model, marker, stream, more: { reasoning_effort: effort,
  ...more } = {} }) {
  const llm = new ChatOpenAI({
    model, apiKey: key, configuration: { baseURL: `${url}/v1` }, maxRetries: 0, modelKwargs: more,
    ...(effort && { reasoning: { effort } }),
  }).bindTools([langchainTool(weather, { name: 'weather', description: 'Tells the weather.', schema: Place })]);
  const ask = async (messages) => {
    if (!stream) return llm.invoke(messages);
    let whole;
    for await (const chunk of await llm.stream(messages)) whole = whole ? whole.concat(chunk) : chunk;
    return whole;
  };
  const messages = [new HumanMessage(asked(marker))];
  const first = await ask(messages);
  const results = first.tool_calls.map(({ id }) => new ToolMessage({ tool_call_id: id, content: 'sunny' }));
  return (await ask([...messages, first, ...results])).text;
}

/** Claude Code with a tool that really runs, and a second turn; thinking is on by itself. */
export async function claudeCode({ url, key = 'client-key', model, marker }) {
  const code = new ClaudeCode({ url, model, env: { ANTHROPIC_API_KEY: key, CLAUDE_CODE_MAX_RETRIES: '0' } });
  const patience = 120_000;  // It takes long to start where the machine is busy.
  try {
    const order = { command: 'echo sunny $((40 + 2))', description: 'the weather' };
    const first = await code.print(`Please call Bash with ${JSON.stringify(order)}\n(${marker})`,
      { patience, args: ['--allowedTools', 'Bash'] });
    const second = await code.print(`And now say hello (${marker})`, { patience, args: ['--continue'] });
    return `${first.text}\n${second.text}`;
  } finally {
    code.remove();
  }
}
