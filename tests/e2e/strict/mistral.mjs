import { breaks, called, chat, user } from './cases.mjs';

const id = 'abcdef123';
const extra = (at) => new RegExp(`"type":"extra_forbidden","loc":\\[${at}\\],"msg":"Extra inputs are not permitted"`);

export const doors = [{
  path: '/v1/chat/completions', headers: { authorization: 'Bearer mistral-strict' }, good: chat('mistral-large-latest'),
    history: called({ id }),
  bad: [
    breaks('key', 401, /^Unauthorized$/, {}, { headers: {} }),
    breaks('readable', 422, /JSON decode error/, {}, { raw: 'no' }),
    breaks('members', 422, extra('"body","stream_options"'), { stream: true, stream_options: { include_usage: true } }),
    breaks('members', 422, extra('"body","max_completion_tokens"'), { max_completion_tokens: 9 }),
    breaks('members', 422, extra('"body","user"'), { user: 'me' }),
    breaks('members', 422, extra('"body","store"'), { store: false }),
    breaks('members', 422, extra('"body","messages",1,"assistant","reasoning_content"'),
      { messages: called({ id, reasoning_content: 'Hm.' }) }),
    breaks('members', 422,
      /Input tag 'developer' found using 'role' does not match any of the expected tags: 'system', 'user', /,
      { messages: [{ role: 'developer', content: 'x' }, user()] }),
    breaks('known model', 400, /^Invalid model: mistral-9$/, { model: 'mistral-9' }),
    breaks('reasoning_effort of a model that has none', 400, /^reasoning_effort is not enabled for this model$/,
      { model: 'mistral-large-2512', reasoning_effort: 'high' }),
    breaks('reasoning_effort words', 400, /is not supported for this model, supported values: \[high, none\]$/,
      { model: 'mistral-small-latest', reasoning_effort: 'low' }),
    breaks('temperature range', 422, /less than or equal to 1.5/, { temperature: 1.8 }),
    breaks('call ids', 400, /^Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.$/,
      { messages: called() }),
    breaks('order of roles', 400, /^Unexpected role 'user' after role 'tool'$/,
      { messages: [...called({ id }), user()] }),
    breaks('order of roles', 400, /^Unexpected role 'system' after role 'assistant'$/,
      { messages: [user(), { role: 'assistant', content: 'x' }, { role: 'system', content: 'x' }, user()] }),
    breaks('last role', 400, /^Expected last role User or Tool/,
      { messages: [user(), { role: 'assistant', content: 'x' }] }),
    breaks('calls and results', 400, /^Not the same number of function calls and responses$/,
      { messages: [...called({ id }).slice(0, 2), user()] }),
    breaks('an assistant says something', 400, /^Assistant message must have either content or tool_calls/,
      { messages: [user(), { role: 'assistant', content: '' }, user()] }),
  ],
}];
export const wrongPath = { path: '/v1/chat', status: 404, says: /^Not Found$/ };
