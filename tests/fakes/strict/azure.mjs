// Azure OpenAI: OpenAI's rules for its models, a deployment in the path with an api-version, or the newer /openai/v1.
//   https://learn.microsoft.com/azure/ai-foundry/openai/reference and …/openai/api-version-lifecycle
//   https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
import { chatAnswer, chatUsage } from './chat_answer.mjs';
import { openaiModels } from './openai.mjs';
import { bad, bearerOf, openaiError, openaiRules } from './openai_rules.mjs';
import { Refusal, modelRow, rule } from './rule.mjs';

const Versions = ['2024-06-01', '2024-10-21', '2025-01-01-preview', '2025-04-01-preview', 'preview', 'latest', 'v1'];
const plain = (status, code, message) => new Refusal(status, message, { plain: true, code });

const key = rule('key', (ask) => ![ask.headers['api-key'], bearerOf(ask)].includes(ask.spec.key) && plain(401, '401',
  'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active '
    + 'subscription and use a correct regional API endpoint for your resource.'));
// https://github.com/vibrantlabsai/ragas/issues/478: what has no version is no resource.
const version = (isNeeded) => rule('api-version', ({ query }) => {
  const given = query.get('api-version');
  if (given === null) return isNeeded && plain(404, '404', 'Resource not found');
  return !Versions.includes(given) && plain(400, 'BadRequest', 'API version not supported');
});

// https://github.com/chatboxai/chatbox/issues/861
const missing = () => plain(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist. If you '
  + 'created the deployment within the last 5 minutes, please wait a moment and try again.');
const deploymentIn = ({ path }) => decodeURIComponent(/\/deployments\/([^/]+)\//.exec(path)[1]);

const Safe = { hate: { filtered: false, severity: 'safe' }, self_harm: { filtered: false, severity: 'safe' },
  sexual: { filtered: false, severity: 'safe' }, violence: { filtered: false, severity: 'safe' } };
const filter = rule('content filter', ({ text }) => text.includes('trip the content filter') && new Refusal(400,
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify "
    + 'your prompt and retry. To learn more about our content filtering policies please read our documentation: '
    + 'https://go.microsoft.com/fwlink/?linkid=2198766', { param: 'prompt', code: 'content_filter', type: null,
    innererror: { code: 'ResponsibleAIPolicyViolation',
      content_filter_result: { ...Safe, violence: { filtered: true, severity: 'medium' } } } }));

const error = (refusal) => {
  const { status, message, facts } = refusal;
  if (facts.plain) return { error: { code: facts.code, message } };
  const body = openaiError(refusal);
  return facts.innererror ? { error: { ...body.error, status, innererror: facts.innererror } } : body;
};

// A recorded stream:
// https://github.com/vercel/ai/blob/main/packages/openai/src/chat/__fixtures__/azure-model-router.1.chunks.txt
const filtered = { prompt_filter_results: [{ prompt_index: 0, content_filter_results: Safe }] };
const answer = chatAnswer({
  before: () => `data: ${JSON.stringify({ choices: [], created: 0, id: '', model: '', object: '', ...filtered })}\n\n`,
  envelope: (ask) => ({ system_fingerprint: null, ...(!ask.body.stream && filtered) }),
  message: () => ({ refusal: null, annotations: [] }), choice: () => ({ logprobs: null, content_filter_results: {} }),
    usage: chatUsage,
});

const door = { dialect: 'openai', error, answer, unreadable: () =>
  bad('We could not parse the JSON body of your request.') };

export const azure = {
  name: 'azure', key: 'azure-strict', models: openaiModels,
  doors: [{
    ...door, path: /^\/openai\/deployments\/[^/]+\/chat\/completions$/,
    entry: [key, version(true), rule('deployment', (ask) => !modelRow(ask.spec.models, deploymentIn(ask))
      && missing())],
    // The deployment is the model, whatever the body names.
    rules: [rule('deployment is the model', (ask) => {
      const name = deploymentIn(ask);
      ask.model = modelRow(ask.spec.models, name);
      ask.body = { ...ask.body, model: name };
    }), filter, ...openaiRules()],
  }, {
    ...door, path: /^\/openai\/v1\/chat\/completions$/, entry: [key, version(false)],
    rules: [rule('deployment of the name', ({ model }) => !model && missing()), filter, ...openaiRules()],
  }],
  notFound: () => ({ status: 404, body: { error: { code: '404', message: 'Resource not found' } } }),
};
