// Which client meets which strict provider, with which model, and what a program for that model sends beside the plain
// request. The models are those of November 2026.
//
//   doors(url)     the addresses of a provider: {chat, messages}, as its settings name them
//   messages, chat [{model, more}] for clients of either dialect; claude: the model for Claude Code
//   claudeBy       'chat': Claude Code passes by the provider's door for Chat alone. An answer that passes untouched names
//                  the provider's model, not the provider:model that was asked. Claude Code, when it takes a session up
//                  again, leaves out the thoughts of answers of another model, and by Messages these two refuse that
//   own            {client: reason}: the client leaves out what this provider wants back, or sends what it refuses, in
//                  its own dialect. It fails without a gateway too, so the refusal has to reach it.
const thinks = { thinking: { type: 'adaptive', display: 'summarized' } };
const effort = (word) => ({ reasoning_effort: word });
const plain = (model) => ({ model, more: {} });
const withoutThinking = { thinking: undefined };
/** What programs for GPT send out of habit. */
const habits = { store: false, temperature: 0.2, stop: ['\n', 'END'], parallel_tool_calls: true };

const dropsReasoning = 'LangChain drops reasoning_content';
const renamesReasoning = 'its generic provider gives reasoning back as reasoning_content';
const always = 'LangChain sends stream_options with every stream';

export const matrix = {
  anthropic: {
    doors: (url) => ({ messages: url }),
    messages: [{ model: 'claude-opus-5-5', more: thinks }, plain('claude-sonnet-4-5')], claude: 'claude-opus-5-5',
    chat: [{ model: 'claude-sonnet-4-5', more: effort('medium') },
      { model: 'claude-opus-4-7', more: { ...habits, ...effort('high') } }],
  },
  azure: {
    doors: (url) => ({ chat: `${url}/openai/deployments/gpt-5.4` }), env: { AZURE_API_VERSION: '2024-10-21' },
    messages: [plain('gpt-5.4')], chat: [plain('gpt-5.4')], claude: 'gpt-5.4',
  },
  cerebras: {
    doors: (url) => ({ chat: `${url}/v1` }), own: { aiSdk: renamesReasoning },
    messages: [plain('gpt-oss-120b'), plain('qwen-3.8-27b')], chat: [{ model: 'gpt-oss-120b', more: effort('medium') }],
      claude: 'gpt-oss-120b',
  },
  deepseek: {
    doors: (url) => ({ chat: `${url}/v1`, messages: `${url}/anthropic` }), own: { langchain: dropsReasoning },
    messages: [plain('deepseek-v4-pro')], chat: [{ model: 'deepseek-v4-pro', more: effort('high') }],
      claude: 'deepseek-v4-pro', claudeBy: 'chat',
  },
  gemini: {
    doors: (url) => ({ chat: `${url}/v1beta/openai` }), own: { langchain: 'LangChain drops extra_content' },
    messages: [plain('gemini-3.8-flash')], chat: [{ model: 'gemini-3.8-flash', more: effort('medium') }],
      claude: 'gemini-3.8-flash',
  },
  llamacpp: {
    doors: (url) => ({ chat: `${url}/v1` }),
    messages: [plain('qwen3.5-9b')], chat: [plain('qwen3.5-9b')], claude: 'qwen3.5-9b',
  },
  mistral: {
    doors: (url) => ({ chat: `${url}/v1` }), own: { 'langchain, streamed': always },
    messages: [plain('mistral-large-latest'), plain('mistral-medium-latest'),
      { model: 'mistral-large-2512', more: withoutThinking }],
    chat: [plain('mistral-large-latest')], claude: 'mistral-large-latest',
  },
  moonshot: {
    doors: (url) => ({ chat: `${url}/v1`, messages: `${url}/anthropic` }), own: { langchain: dropsReasoning },
    messages: [plain('kimi-k3')], chat: [{ model: 'kimi-k3', more: effort('high') }], claude: 'kimi-k3',
      claudeBy: 'chat',
  },
  ollama: {
    doors: (url) => ({ chat: `${url}/v1`, messages: url }),
    messages: [plain('qwen3.5:9b'), plain('llama3.2:3b')], chat: [{ model: 'qwen3.5:9b', more: effort('medium') }],
      claude: 'qwen3.5:9b',
  },
  openai: {
    doors: (url) => ({ chat: `${url}/v1` }),
    messages: [plain('gpt-5.4'), plain('gpt-5.6-sol'), plain('gpt-6-sol'), plain('gpt-4.1'),
      { model: 'o3', more: { stop_sequences: ['END'] } }],
    chat: [plain('gpt-5.4')], claude: 'gpt-5.6-sol',
  },
  openrouter: {
    doors: (url) => ({ chat: `${url}/api/v1`, messages: `${url}/api` }),
    messages: [{ model: 'anthropic/claude-sonnet-5', more: thinks }, plain('openai/gpt-5.4'),
      plain('deepseek/deepseek-v4-pro')],
    chat: [{ model: 'anthropic/claude-sonnet-5', more: { reasoning: { effort: 'high' } } }],
      claude: 'anthropic/claude-sonnet-5',
  },
  zai: {
    doors: (url) => ({ chat: `${url}/api/paas/v4`, messages: `${url}/api/anthropic` }),
    messages: [plain('glm-5.3')], chat: [plain('glm-5.3')], claude: 'glm-5.3',
  },
};

/**
 * The environment in which a proxy knows the provider. With `doors` 'every' it has each of its addresses, with 'chat' the
 * one for Chat alone; {P}_BASE_URL and {P}_API_FORMAT name the one that they always meant.
 */
export function settings(name, key, url, doors = 'every') {
  const { doors: at, env = {} } = matrix[name];
  const { chat, messages } = at(url);
  const P = name.toUpperCase();
  const one = doors === 'chat' || !messages || chat ? { [`${P}_BASE_URL`]: chat, [`${P}_API_FORMAT`]: 'openai' }
    : { [`${P}_BASE_URL`]: messages, [`${P}_API_FORMAT`]: 'anthropic' };
  const all = doors === 'every' && chat && messages
    ? { [`${P}_CHAT_BASE_URL`]: chat, [`${P}_MESSAGES_BASE_URL`]: messages } : {};
  return { [`${P}_API_KEY`]: key, ...one, ...all, ...env };
}
