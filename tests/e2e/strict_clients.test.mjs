// The programs that people use, in front of every strict provider, through a proxy: nothing that the gateway sends may
// be
// refused, not even once, and the tool's round trip ends with the answer. Each cell has words of its own in what it
// asks,
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

/** Asks, and returns the answer's text or what the client threw. */
const outcome = (asking) => asking.then((text) => ({ text }), (fault) => ({ fault }));
const sentence = ({ rule, status, message }) =>
  `${status} ${rule}: ${typeof message === 'string' ? message : JSON.stringify(message)}`;

for (const doors of ['every', 'chat']) {
  describe(`clients in front of strict providers, ${doors === 'every' ? 'with every door' : 'by Chat alone'}`,
    { concurrency: 2 }, () => {
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

    /** A conversation of its own; `own`: why the client itself is refused, if it is. */
    function cell(name, client, ask, { model, more = {}, stream = false, own }) {
      cells += 1;
      const marker = `cell ${cells} of ${doors}.`;
      test(`${client}, ${name}:${model}${client === 'Claude Code' ? '' : stream ? ', streamed' : ', whole'}`,
        { timeout: 250_000 }, async () => {
        const { text, fault } = await outcome(ask({ url: proxy.url, provider: name, model: `${name}:${model}`, marker,
          stream, more }));

        const refusals = providers[name].refusals(marker).map(sentence);
        if (own) {
          assert.equal(refusals.length, 1, `it is refused for what it does itself: ${own}\n${refusals.join('\n')}`);
          return;
        }
        assert.deepEqual(refusals, []);
        assert.equal(fault, undefined);
        assert.match(text, /The tool said: sunny/);
      });
    }

    for (const [name, { doors: at, messages, chat, claude, own = {} }] of Object.entries(matrix)) {
      const has = at('');
      if (doors === 'chat' && !(has.chat && has.messages)) continue;
      for (const [way, stream] of Object.entries(Ways)) {
        for (const each of messages) cell(name, 'Anthropic SDK', anthropicSdk, { ...each, stream });
        if (doors === 'chat') continue;
        for (const [client, ask] of Object.entries(ChatClients)) {
          for (const each of chat) cell(name, client, ask,
            { ...each, stream, own: own[`${client}, ${way}`] ?? own[client] });
        }
      }
      // Anthropic itself refuses another maker's signature.
      if (name !== 'anthropic') for (const each of messages) cell(name, 'a conversation begun on Claude', begunOnClaude,
        each);
      if (doors === 'every') cell(name, 'Claude Code', claudeCode, { model: claude });
    }
  });
}
