// The scripted agent that every strict provider plays. A user who writes `call NAME with {…}` on one line gets that
// call, with a thought before it; after the tool's result comes a text that quotes it. Anything else gets a text.
import { readConversation } from '../../e2e/harness/conversation.mjs';

const Order = /call ([\w-]+) with (\{[^\n]*\})/;

export function play(body, dialect) {
  const { asked, results, tools } = readConversation(body, dialect);
  if (results.length > 0) {
    return { thinking: 'The tool has answered.', text: `The tool said: ${results.at(-1).text.trim()}`, calls: [] };
  }
  const orders = [...asked.matchAll(new RegExp(Order, 'g'))];
  const calls = orders.filter(([, name]) => tools.includes(name))
    .map(([, name, input]) => ({ name, input: JSON.parse(input) }));
  if (calls.length > 0) return { thinking: 'I should use the tool. ', text: '', calls };
  return { thinking: 'That is easy. ', text: 'Hello from the strict provider.', calls: [] };
}

/** A quarter of the letters, as a count of tokens. */
export const tokensIn = (value) => Math.ceil(JSON.stringify(value).length / 4);
