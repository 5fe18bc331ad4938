// OpenAI's Chat Completions. The models' words for effort, windows and limits are those of November 2026; that GPT-6 on
// Chat is as GPT-5.6 has no report yet.
import { chatAnswer } from './chat_answer.mjs';
import { bad, bearerOf, openaiError, openaiRules } from './openai_rules.mjs';
import { Refusal, rule } from './rule.mjs';

const plain = { context: 1_047_576, output: 32_768 };
const reasons = (body, row) => (body.reasoning_effort ?? row.effort) !== 'none';
const thinker = (effort, efforts, more) => {
  const row = { context: 400_000, output: 128_000, effort, efforts: efforts.split(' '), ...more };
  return { ...row, reasons: (body) => reasons(body, row) };
};

/** `effort` is the one in force when none is sent: https://platform.openai.com/docs/guides/reasoning */
export const openaiModels = {
  'gpt-4': { context: 8192, output: 8192 },
  'gpt-4o': { context: 128_000, output: 16_384 },
  'gpt-4.1': plain,
  'gpt-4.1-mini': plain,
  o3: thinker('medium', 'low medium high', { context: 200_000, output: 100_000, takesStop: false }),
  'o4-mini': thinker('medium', 'low medium high', { context: 200_000, output: 100_000, takesStop: false }),
  'gpt-5': thinker('medium', 'minimal low medium high', { takesStop: false }),
  'gpt-5-mini': thinker('medium', 'minimal low medium high', { takesStop: false }),
  'gpt-5.1': thinker('none', 'none low medium high', { takesStop: false }),
  'gpt-5.2': thinker('none', 'none low medium high xhigh', { takesStop: false }),
  'gpt-5.4': thinker('none', 'none low medium high xhigh', { context: 1_050_000, takesStop: false,
    toolsNeedNone: 'responses' }),
  'gpt-5.4-mini': thinker('none', 'none low medium high xhigh', { takesStop: false, toolsNeedNone: 'responses' }),
  'gpt-5.5': thinker('none', 'none low medium high xhigh', { context: 1_050_000, toolsNeedNone: 'responses' }),
  'gpt-5.6-sol': thinker('medium', 'none low medium high xhigh max', { context: 1_050_000, toolsNeedNone: 'none' }),
  'gpt-5.6-terra': thinker('medium', 'none low medium high xhigh max', { context: 1_050_000, toolsNeedNone: 'none' }),
  'gpt-6-sol': thinker('medium', 'none low medium high xhigh max', { context: 1_050_000, toolsNeedNone: 'none' }),
  'gpt-6.1-terra': thinker('medium', 'none low medium high xhigh max', { context: 1_050_000, toolsNeedNone: 'none' }),
};

export const openai = {
  name: 'openai', key: 'sk-strict-openai', models: openaiModels,
  doors: [{
    dialect: 'openai', path: /^\/v1\/chat\/completions$/, error: openaiError, rules: openaiRules(),
    entry: [
      // https://platform.openai.com/docs/guides/error-codes#401
      rule('key', (ask) => {
        const key = bearerOf(ask);
        if (!key) {
          return new Refusal(401, "You didn't provide an API key. You need to provide your API key in an Authorization "
            + 'header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).');
        }
        return key !== ask.spec.key && new Refusal(401, `Incorrect API key provided: ${key.slice(0, 8)}***. You can `
          + 'find your API key at https://platform.openai.com/account/api-keys.', { code: 'invalid_api_key' });
      }),
    ],
    unreadable: () => bad(
      'We could not parse the JSON body of your request. (HINT: This likely means you aren\'t using '
      + 'your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)'),
    headers: () => ({ 'x-request-id': 'req_strict', 'openai-version': '2020-10-01' }),
    // A recorded stream:
    // https://github.com/vercel/ai/blob/main/packages/openai/src/chat/__fixtures__/openai-text.chunks.txt
    answer: chatAnswer({
      envelope: () => ({ service_tier: 'default', system_fingerprint: 'fp_strict' }),
      message: () => ({ refusal: null, annotations: [] }), choice: () => ({ logprobs: null }),
    }),
  }],
  notFound: ({ method, path }) =>
    ({ status: 404, body: openaiError({ message: `Invalid URL (${method} ${path})`, facts: {} }) }),
};
