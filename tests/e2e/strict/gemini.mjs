import { breaks, called, chat, user } from './cases.mjs';

const unknown = (what) => new RegExp(`^Invalid JSON payload received. Unknown name ${what}: Cannot find field.$`);

export const doors = [{
  path: '/v1beta/openai/chat/completions', headers: { authorization: 'Bearer AIza-strict' },
    good: chat('gemini-3.8-flash'), history: [user()],
  bad: [
    breaks('key', 400, /^API key not valid. Please pass a valid API key.$/, {}, { headers: {} }),
    breaks('readable', 400, /^Invalid JSON payload received./, {}, { raw: 'no' }),
    breaks('members', 400, unknown('"store"'), { store: false }),
    breaks('members', 400, unknown('"frequency_penalty"'), { frequency_penalty: 0 }),
    breaks('members', 400, unknown('"reasoning"'), { reasoning: { effort: 'low' } }),
    breaks('members', 400, unknown(`"reasoning_content" at 'messages\\[1\\]'`),
      { messages: [user(), { role: 'assistant', content: 'x', reasoning_content: 'Hm.' }, user()] }),
    breaks('known model', 404, /^models\/gemini-9 is not found for API version v1main/, { model: 'gemini-9' }),
    breaks('reasoning_effort words', 400, /^Thinking level MINIMAL is not supported for this model./,
      { reasoning_effort: 'minimal' }),
    breaks('reasoning_effort words', 400, /^Budget 0 is invalid. This model only works in thinking mode.$/,
      { reasoning_effort: 'none' }),
    breaks('contents', 400, /contents is not specified/, { messages: [{ role: 'system', content: 'x' }] }),
    breaks('calls after a user or a result', 400, /^Please ensure that function call turn comes immediately after/,
      { messages: called().slice(1) }),
    breaks('as many results as calls', 400, /^Please ensure that the number of function response parts is equal/,
      { messages: [...called().slice(0, 2), user()] }),
    breaks('arguments', 400, /^Request contains an invalid argument.$/, { messages: called({ args: 'null' }) }),
    breaks('thought signatures', 400,
      /^Function call is missing a thought_signature in functionCall parts.*`default_api:weather` , position 2/,
      { messages: called() }),
  ],
}];
export const wrongPath = { path: '/v1beta/chat/completions', status: 404, says: /^$/ };
