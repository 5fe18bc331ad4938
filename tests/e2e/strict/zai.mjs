import { breaks, called, chat, chatTool, messages, used, user } from './cases.mjs';

const parameter = /^Invalid API parameter, please check the documentation.$/;
const illegal = /The messages parameter is illegal. Please check the documentation./;
const both = [
  breaks('key', 401, /^Authentication Failed$/, {}, { headers: {} }),
  breaks('readable', 400, parameter, {}, { raw: 'no' }),
  breaks('known model', 400, /^Unknown Model, please check the model code.$/, { model: 'glm-9' }),
];

export const doors = [{
  path: '/api/paas/v4/chat/completions', headers: { authorization: 'Bearer strict.zai' }, good: chat('glm-5.3'),
    history: called(),
  bad: [
    ...both,
    breaks('members', 400, parameter, { max_tokens: '9' }),
    breaks('at least one message', 400, /^The prompt parameter was not received normally.$/, { messages: [] }),
    breaks('roles', 400, /^Incorrect role information$/, { messages: [{ role: 'developer', content: 'x' }, user()] }),
    breaks('calls and results', 400, illegal, { messages: [user(), called()[2]] }),
    breaks('temperature range', 400, parameter, { temperature: 1.5 }),
    breaks('top_p range', 400, parameter, { top_p: 0 }),
    breaks('output limit', 400, parameter, { max_tokens: 200_000 }),
    breaks('one stop word', 400, parameter, { stop: ['a', 'b'] }),
    breaks('tool_choice', 400, parameter, { tool_choice: 'required' }),
    breaks('tool schemas', 400, parameter, { tools: [chatTool({ parameters: {} })] }),
  ],
}, {
  path: '/api/anthropic/v1/messages', headers: { 'x-api-key': 'strict.zai' }, good: messages('glm-5.3'),
    history: used(),
  bad: [
    ...both,
    breaks('members', 400, illegal, { messages: [{ role: 'tool', content: 'x' }] }),
    breaks('max_tokens', 500, /^\[500\]\['>' not supported between instances of 'int' and 'NoneType'\]/,
      { max_tokens: undefined }),
    breaks('input is an object', 500, /has no attribute/, { messages: used({ input: 'x' }) }),
    breaks('uses and results', 400, illegal, { messages: used().slice(2) }),
  ],
}];
export const wrongPath = { path: '/api/paas/v4/chat', status: 404, says: /^Not Found$/ };
