// The answers of a scripted model. Each has the same content in every dialect and mode that a client requests.
//   options: usage; pieces (how the text is cut); before(exchange, i) awaited ahead of piece i; atEnd(exchange)
import { anthropicAnswer, anthropicError } from './anthropic_script.mjs';
import { openaiAnswer, openaiError } from './openai_script.mjs';

const defaultUsage = { input: 12, output: 7, cacheRead: 0, cacheCreation: 0, reasoning: 0 };

export function text(words, options = {}) {
  return respond({ text: words, finish: 'stop', ...options });
}

export function tool(name, input, options = {}) {
  return respond({ text: '', tools: [{ id: 'call_1', name, input }], finish: 'tool', ...options });
}

export function thinking(thoughts, words, options = {}) {
  return respond({ thinking: thoughts, text: words, finish: 'stop', ...options });
}

/** Gives a text (or none) and calls tools, [{name, input}], all in one answer. */
export function calls(tools, { words = '', ...options } = {}) {
  return (exchange) => {
    // As at the real services, no two calls of a conversation share an id.
    const turn = exchange.conversation.turns.length;
    const known = tools.map((each, i) => ({ id: `call_${turn}_${i}`, ...each }));
    return respond({ text: words, tools: known, finish: 'tool', ...options })(exchange);
  };
}

/** A small deterministic model: `play` reads the conversation and returns the answer to it. */
export function model(play) {
  return (exchange) => play(exchange.conversation, exchange)(exchange);
}

/** The first request gets the first answer, the second the second; all later ones the last. */
export function inTurn(...answers) {
  let asked = 0;
  return (exchange) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return answer(exchange);
  };
}

/** Streams `pieces` texts one by one, each after `ask(i)` has settled: the test sets the pace. */
export function paced(count, ask, options = {}) {
  const pieces = Array.from({ length: count }, (_, i) => `word${i} `);
  return respond({
    text: pieces.join(''), pieces, finish: 'stop', before: (_, i) => ask(i),
    usage: { output: count }, ...options,
  });
}

/** Sends the first piece, waits until the test opens the gate, then ends. */
export function held(gate, options = {}) {
  return respond({
    text: 'first rest', pieces: ['first ', 'rest'], finish: 'stop',
    before: (_, i) => (i === 0 ? undefined : gate.passed), ...options,
  });
}

/** Accepts the request and sends nothing until the test opens the gate. */
export function silent(gate, then = text('late')) {
  return async (exchange) => {
    await Promise.race([gate.passed, exchange.closed]);
    if (exchange.state === 'open') await then(exchange);
  };
}

export function fails(status, message, { type = 'api_error', headers = {} } = {}) {
  return (exchange) => {
    exchange.json(status, errorOf(exchange, { type, message }), headers);
  };
}

function errorOf(exchange, error) {
  return exchange.dialect === 'anthropic' ? anthropicError(error) : openaiError(error);
}

/** The same, but the provider's answer names another model than the one asked. */
export function naming(model, answer) {
  return (exchange) => {
    exchange.model = model;
    return answer(exchange);
  };
}

/** The same as a whole answer, even when the client requested a stream. */
export function unstreamed(answer) {
  return async (exchange) => {
    const { body } = exchange;
    exchange.body = { ...body, stream: false };
    await answer(exchange);
    exchange.body = body;
  };
}

/** A 200 stream that sends `count` pieces and then an error event. */
export function failsAfter(count, message, { type = 'api_error' } = {}) {
  return endsEarly(count, async (exchange) => {
    const name = exchange.dialect === 'anthropic' ? 'event: error\n' : '';
    await exchange.write(`${name}data: ${JSON.stringify(errorOf(exchange, { type, message }))}\n\n`);
    exchange.response.end();
  });
}

/** A 200 stream that breaks after `count` pieces. */
export function cutAfter(count) {
  return endsEarly(count, async (exchange) => {
    await new Promise((resolve) => exchange.response.write('', resolve));
    exchange.cut();
  });
}

function endsEarly(count, end) {
  const pieces = Array.from({ length: count }, (_, i) => `word${i} `);
  return respond({ text: pieces.join(''), pieces: [...pieces, 'never'], finish: 'stop',
    before: async (exchange, i) => {
      if (i < count) return;
      await end(exchange);
      await exchange.closed;
    } });
}

function respond(facts) {
  return (exchange) => {
    const usage = { ...defaultUsage, ...facts.usage };
    const pieces = facts.pieces ?? facts.text.match(/\S+\s*/g) ?? [];
    const full = { tools: [], ...facts, usage, pieces };
    return exchange.dialect === 'anthropic' ? anthropicAnswer(exchange, full) : openaiAnswer(exchange, full);
  };
}
