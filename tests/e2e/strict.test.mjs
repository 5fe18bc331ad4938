// The strict stand-ins themselves: a good request passes, streamed and whole; for each rule of each door a request that
// breaks it is refused with the real one's status and words; the scripted agent calls a tool and hears its result.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import test, { after, before, describe } from 'node:test';
import { StrictProvider, strictProviders } from '../fakes/strict/index.mjs';
import { parseSse, postJson, request } from './harness/index.mjs';
import { order, user } from './strict/cases.mjs';

/** The sentence of an error, whatever its form. */
function sentence(text) {
  let value;
  try { value = JSON.parse(text); } catch { return text; }
  const error = [value].flat()[0].error ?? value;
  const said = error.message ?? error.error_msg ?? error.detail ?? error;
  if (error.metadata) return JSON.stringify(error.metadata);
  return typeof said === 'string' ? said : JSON.stringify(said);
}

/** The model's own turn as it came, and the result of its call. */
const turn = {
  openai: ({ choices: [{ message }] }) => [message, { role: 'tool', tool_call_id: message.tool_calls[0].id,
    content: 'sunny' }],
  anthropic: ({ content }) => [{ role: 'assistant', content },
    user([{ type: 'tool_result', tool_use_id: content.at(-1).id, content: 'sunny' }])],
};

for (const [name, spec] of Object.entries(strictProviders)) {
  const { doors, wrongPath } = await import(`./strict/${name}.mjs`);

  describe(`strict ${name}`, () => {
    let provider;
    before(async () => { provider = await StrictProvider.start(spec); });
    after(() => provider.stop());

    test('says that there is nothing at another path', async () => {
      const answer = await postJson(`${provider.url}${wrongPath.path}`, {});

      assert.equal(answer.status, wrongPath.status);
      assert.match(sentence(answer.text), wrongPath.says);
    });

    for (const [i, { path, query = '', headers, good, history, passes = [], bad, never = [] }] of doors.entries()) {
      const door = spec.doors[i];
      const send = (body, head = {}) => {
        const asked = head.query ?? query;
        return request(`${provider.url}${head.path ?? path}${asked && `?${asked}`}`, {
          method: 'POST', body: head.raw ?? JSON.stringify(body),
          headers: { 'content-type': 'application/json', ...(head.headers ?? headers) },
        });
      };

      test(`${path}: answers a good request, and a history with a call`, async () => {
        for (const messages of [good.messages, history]) {
          const answer = await send({ ...good, messages });
          assert.equal(answer.status, 200, answer.text);
          assert.match(answer.text, /Hello from the strict provider\.|The tool said: sunny/);
        }
      });

      test(`${path}: takes its own call back, with the thoughts before it`, async () => {
        const asked = [user(order)];
        const first = JSON.parse((await send({ ...good, messages: asked })).text);

        const answer = await send({ ...good, messages: [...asked, ...turn[door.dialect](first)] });

        assert.match(answer.text, /The tool said: sunny/);
      });

      for (const head of passes) {
        test(`${path}: answers ${Object.keys(head.headers)}`, async () => {
          const answer = await send(good, head);

          assert.equal(answer.status, 200, answer.text);
        });
      }

      test(`${path}: streams in its dialect`, async () => {
        const answer = await send({ ...good, stream: true, messages: [user(order)] });

        assert.equal(answer.status, 200, answer.text);
        const events = parseSse(answer.text).filter(({ data }) => data && data !== '[DONE]').map(({ data }) =>
          JSON.parse(data));
        assert.match(JSON.stringify(events), /"name":"weather"/);
        assert.match(JSON.stringify(events), door.dialect === 'anthropic' ? /"stop_reason":"tool_use"/
          : /"finish_reason":"tool_calls"/);
      });

      if (!door.takesGzip) {
        test(`${path}: cannot read a compressed body`, async () => {
          const answer = await send(undefined, { raw: gzipSync(JSON.stringify(good)),
            headers: { ...headers, 'content-encoding': 'gzip' } });

          assert.equal(provider.asks.at(-1).refusal?.rule, 'readable', answer.text);
        });
      }

      for (const { rule, status, says, change, head } of bad) {
        test(`${path}: ${rule}: ${String(says).slice(1, 60)}`, async () => {
          const answer = await send({ ...good, ...change }, head);

          assert.equal(provider.asks.at(-1).refusal?.rule, rule, answer.text.slice(0, 500));
          assert.equal(answer.status, status);
          assert.match(sentence(answer.text), says);
        });
      }

      test(`${path}: every rule has a request that breaks it`, () => {
        const rules = [...(door.entry ?? []), ...door.rules].map((each) => each.name);
        const broken = new Set([...bad.map((each) => each.rule), ...never]);

        assert.deepEqual(rules.filter((each) => !broken.has(each)), []);
      });
    }
  });
}
