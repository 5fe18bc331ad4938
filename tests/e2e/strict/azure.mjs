import { breaks, called, chat } from './cases.mjs';
import { openaiBad } from './openai.mjs';

const headers = { 'api-key': 'azure-strict' };
const filtered = breaks('content filter', 400, /content management policy/,
  { messages: [{ role: 'user', content: 'trip the content filter' }] });
const denied = breaks('key', 401, /^Access denied due to invalid subscription key/, {},
  { headers: { 'api-key': 'wrong' } });
const unread = breaks('readable', 400, /could not parse the JSON body/, {}, { raw: 'no' });
const missing = /^The API deployment for this resource does not exist/;
const version = 'api-version=2024-10-21';
const at = (deployment) => ({ path: `/openai/deployments/${deployment}/chat/completions` });

export const doors = [{
  path: '/openai/deployments/gpt-5.4/chat/completions', query: version, headers, good: chat('gpt-5.4'),
    history: called(),
  // The deployment says which model is meant: a body that names another is sent to that one's deployment.
  bad: [
    denied, unread, filtered,
    breaks('api-version', 404, /^Resource not found$/, {}, { query: '' }),
    breaks('api-version', 400, /^API version not supported$/, {}, { query: 'api-version=2021-01-01' }),
    breaks('deployment', 404, missing, {}, at('gpt-9')),
    ...openaiBad.map((each) => (each.change.model ? { ...each, head: at(each.change.model) } : each)),
  ],
  never: ['deployment is the model', 'known model'],
}, {
  path: '/openai/v1/chat/completions', headers, good: chat('gpt-5.4'), history: called(),
  bad: [
    denied, unread, filtered, ...openaiBad,
    breaks('api-version', 400, /^API version not supported$/, {}, { query: 'api-version=2021-01-01' }),
    breaks('deployment of the name', 404, missing, { model: 'gpt-9' }),
  ],
  never: ['known model'],
}];
export const wrongPath = { path: '/openai/chat/completions', status: 404, says: /^Resource not found$/ };
