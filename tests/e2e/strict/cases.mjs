// How the tests of the strict providers are written: for each door a good request, and for each of its rules at least
// one that breaks it.
//
//   doors    [{path, query, headers, good, history, passes, bad, never}]: a good body; messages with a call, good too;
//            heads that are as good; requests that break a rule; rules that another one keeps from being met
//   breaks(rule, status, says, change, head)     `change` is merged into the good body; `head` = {headers, query, raw,
//                                                path} is for rules that are not about the body
export const breaks = (rule, status, says, change = {}, head = {}) => ({ rule, status, says, change, head });

export const schema = { type: 'object', properties: { city: { type: 'string' }, unit: { type: 'string' } },
  required: ['city'] };
export const order = 'Please call weather with {"city":"Rome"}';

/** Chat's tool, with changes to the function. */
export const chatTool = (more = {}) =>
  ({ type: 'function', function: { name: 'weather', parameters: schema, ...more } });
export const messagesTool = (more = {}) => ({ name: 'weather', input_schema: schema, ...more });
export const user = (content = 'hi') => ({ role: 'user', content });

/** A call and its result, with changes to the assistant's message. */
export function called({ id = 'call_1', args = '{"city":"Rome"}', ...more } = {}) {
  return [user(), { role: 'assistant', content: null, ...more,
    tool_calls: [{ id, type: 'function', function: { name: 'weather', arguments: args } }] },
  { role: 'tool', tool_call_id: id, content: 'sunny' }];
}

/** The same in Messages, with further blocks ahead of the use. */
export function used({ id = 'toolu_1', before = [], input = { city: 'Rome' } } = {}) {
  return [user(), { role: 'assistant', content: [...before, { type: 'tool_use', id, name: 'weather', input }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'sunny' }] }];
}

export const chat = (model, more = {}) => ({ model, messages: [user()], tools: [chatTool()], ...more });
export const messages = (model, more = {}) => ({ model, max_tokens: 2000, messages: [user()], tools: [messagesTool()],
  ...more });
export const words = (count) => [user('word '.repeat(count))];
