import { breaks, called, chat, chatTool, user, words } from './cases.mjs';

export const doors = [{
  path: '/v1/chat/completions', headers: { authorization: 'Bearer csk-strict' }, good: chat('gpt-oss-120b'),
    history: called({ reasoning: 'Hm.' }),
  bad: [
    breaks('key', 401, /^Wrong API Key$/, {}, { headers: {} }),
    breaks('readable', 400, /not valid JSON/, {}, { raw: 'no' }),
    breaks('members', 400,
      /^messages.1.assistant.reasoning_content: property 'messages.1.assistant.reasoning_content' is unsupported$/,
      { messages: called({ reasoning_content: 'Hm.' }) }),
    breaks('members', 400, /^property 'store' is unsupported$/, { store: false }),
    breaks('members', 400, /^property 'enable_thinking' is unsupported$/, { enable_thinking: true }),
    breaks('known model', 404, /^Model llama-9 does not exist or you do not have access to it.$/, { model: 'llama-9' }),
    breaks('reasoning_effort words', 400, /^reasoning_effort: /, { reasoning_effort: 'none' }),
    breaks('one strictness', 422, /^Tools with mixed values for 'strict' are not allowed./,
      { tools: [chatTool({ strict: true }), chatTool({ name: 'other' })] }),
    breaks('tool schemas', 400, /^tools.0.function.parameters/, { tools: [chatTool({ parameters: {} })] }),
    breaks('calls and results', 400, /^Tool messages must follow/, { messages: [user(), called()[2]] }),
    breaks('context', 400,
      /^Please reduce the length of the messages or completion. Current length is \d+ while limit is 131072$/,
      { messages: words(110_000) }),
  ],
}];
export const wrongPath = { path: '/v1/chat', status: 404, says: /^Not Found$/ };
