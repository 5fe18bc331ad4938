// The programs that people use, in front of every strict provider, through a proxy: nothing that the gateway sends may be
// refused, not even once, and the tool's round trip ends with the answer. Each cell has words of its own in what it asks,
// by which its requests are found among the provider's.
//   VDM_E2E_ONLY='Claude Code' node run.mjs strict_clients     a row; a provider's name: a column
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StrictProvider, strictProviders } from '../fakes/strict/index.mjs';
import { System } from './harness/index.mjs';
import { aiSdk, anthropicSdk, begunOnClaude, claudeCode, langchain, openaiSdk } from './strict/clients.mjs';
import { matrix, settings } from './strict/matrix.mjs';

const ChatClients = { openaiSdk, aiSdk, langchain };
const Ways = { whole: false, streamed: true };

/** The answer's text, or what the client threw. */
const outcome = (asking) => asking.then((text) => ({ text }), (fault) => ({ fault }));
const wordsOf = ({ message }) => (typeof message === 'string' ? message : message.detail[0].msg);
const listed = ({ rule, status, message }) => `${status} ${rule}: ${JSON.stringify(message)}`;

/** Nothing was refused, and the answer came. */
function passed({ text, fault }, refusals) {
  assert.deepEqual(refusals.map(listed), []);
  assert.equal(fault, undefined);
  assert.match(text, /The tool said: sunny/);
}

/** What the client does itself was refused once, and it is told why; or the gateway got over it. */
function refusedForItsOwn({ text, fault }, refusals) {
  assert.equal(refusals.length, 1, refusals.map(listed).join('\n'));
  if (!fault) return assert.match(text, /The tool said: sunny/);
  const told = `${fault.message} ${fault.responseBody ?? ''}`;
  return assert.ok(told.includes(wordsOf(refusals[0])), told);
}

/** Where the provider has a door of the client's dialect, all requests came by that one. */
function cameByItsOwn(dialect, asks) {
  assert.deepEqual([...new Set(asks.map(({ door }) => door?.dialect))], [dialect]);
}

function clientsInFront(doors, title) {
  describe(title, { concurrency: 2 }, () => {
    const system = new System(`strict-${doors}`, { metrics: false, proxies: 0 });
    const providers = {};
    let proxy;
    let cells = 0;

    before(async () => {
      await system.start();
      const env = { VDM_DEFAULT_PROVIDER: 'openai' };
      for (const [name, spec] of Object.entries(strictProviders)) {
        providers[name] = await StrictProvider.start(spec);
        Object.assign(env, settings(name, spec.key, providers[name].url, doors));
      }
      proxy = await system.startProxy('proxy', env);
    });
    after(async () => {
      await system.stop();
      await Promise.all(Object.values(providers).map((provider) => provider.stop()));
    });

    function cell(client, provider, lead, { model, more = {}, way = '', own }) {
      cells += 1;
      const marker = `cell ${cells} of ${doors}.`;
      const name = [client, `${provider}:${model}`, way, own && `(${own})`].filter(Boolean).join(', ');
      test(name, { timeout: 250_000 }, async () => {
        const conversation = lead({
          url: proxy.url, provider, model: `${provider}:${model}`, marker, stream: Ways[way], more });

        const end = await outcome(conversation);

        (own ? refusedForItsOwn : passed)(end, providers[provider].refusals(marker));
        const { chat, messages } = matrix[provider].doors('');
        if (doors === 'every' && chat && messages) {
          cameByItsOwn(client in ChatClients ? 'openai' : 'anthropic', providers[provider].asked(marker));
        }
      });
    }

    for (const [provider, { doors: at, messages, chat, claude, claudeBy = 'every', own = {} }] of Object.entries(matrix)) {
      const has = at('');
      if (doors === 'chat' && !(has.chat && has.messages)) continue;
      for (const way of Object.keys(Ways)) {
        for (const each of messages) cell('Anthropic SDK', provider, anthropicSdk, { ...each, way });
      }
      // Anthropic itself refuses another maker's signature.
      const begun = provider === 'anthropic' ? [] : messages;
      for (const each of begun) cell('a conversation begun on Claude', provider, begunOnClaude, each);
      if (claudeBy === doors) cell('Claude Code', provider, claudeCode, { model: claude });
      if (doors === 'chat') continue;
      for (const [client, lead] of Object.entries(ChatClients)) {
        for (const way of Object.keys(Ways)) {
          const why = own[`${client}, ${way}`] ?? own[client];
          for (const each of chat) cell(client, provider, lead, { ...each, way, own: why });
        }
      }
    }
  });
}

clientsInFront('every', 'clients in front of strict providers, with every door');
clientsInFront('chat', 'clients in front of strict providers, by Chat alone');
