// Anthropic's Messages. Windows, limits and what a model takes are those of November 2026
// (https://platform.claude.com/docs/en/about-claude/models/overview).
import { anthropicError, anthropicRules, invalid } from './anthropic_rules.mjs';
import { messagesAnswer } from './messages_answer.mjs';
import { Refusal, rule } from './rule.mjs';

const small = { context: 200_000, output: 64_000, thinking: 'budget', sampling: 'one' };
const large = { context: 1_000_000, output: 128_000, prefill: false };
const Efforts = ['low', 'medium', 'high'];

export const anthropicModels = {
  'claude-haiku-4-5': small,
  'claude-sonnet-4-5': small,
  'claude-opus-4-5': { ...small, efforts: Efforts },
  'claude-sonnet-4-6': { ...large, thinking: 'either', sampling: 'one', efforts: [...Efforts, 'max'] },
  'claude-opus-4-6': { ...large, thinking: 'either', sampling: 'one', efforts: [...Efforts, 'max'] },
  'claude-opus-4-7': { ...large, thinking: 'adaptive', sampling: 'none', efforts: [...Efforts, 'xhigh', 'max'] },
  'claude-sonnet-5': { ...large, thinking: 'adaptive', sampling: 'none', efforts: [...Efforts, 'xhigh', 'max'] },
  ...Object.fromEntries(['claude-opus-4-8', 'claude-opus-5', 'claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5',
  ].map((name) => [name, { ...large, thinking: 'adaptive', sampling: 'none', systemTurns: true,
    efforts: [...Efforts, 'xhigh', 'max'] }])),
};

const unauthorized = (message) => new Refusal(401, message, { type: 'authentication_error' });

/** The subscription that Claude Code has; it goes as a bearer and with its own beta, and as nothing else. */
const OauthToken = 'sk-ant-oat01-strict';

/** https://platform.claude.com/docs/en/api/errors and …/api/versioning */
const entry = [
  rule('key', ({ headers, spec }) => {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (bearer === OauthToken) {
      return !headers['anthropic-beta']?.includes('oauth-2025-04-20')
        && unauthorized('OAuth authentication is currently not supported.');
    }
    if (bearer !== undefined) return unauthorized('Invalid bearer token');
    if (headers['x-api-key'] === undefined) return unauthorized('x-api-key header is required');
    return headers['x-api-key'] !== spec.key && unauthorized('invalid x-api-key');
  }),
  rule('version', ({ headers }) => !headers['anthropic-version'] && invalid('anthropic-version: header is required')),
];

/** From Opus 4.7 on thoughts are left out unless asked for: https://github.com/MoonshotAI/kimi-cli/pull/1918 */
const shows = ({ body: { thinking }, model }) => model.thinking !== 'adaptive'
  || (thinking.display ?? 'omitted') !== 'omitted';

export const anthropic = {
  name: 'anthropic', key: 'sk-ant-strict', oauthToken: OauthToken, models: anthropicModels,
  doors: [{
    dialect: 'anthropic', path: /^\/v1\/messages$/, entry, rules: anthropicRules, error: anthropicError,
    unreadable: () => invalid('The request body is not valid JSON: expected value at line 1 column 1 (char 0)'),
    headers: () => ({ 'request-id': 'req_strict' }),
    answer: messagesAnswer({ shows }),
  }],
  notFound: () => ({ status: 404, body: anthropicError({ message: 'Not Found', facts: { type: 'not_found_error' } }) }),
};
