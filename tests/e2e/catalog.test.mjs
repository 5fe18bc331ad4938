// What clients ask beside completions: which models there are, what names mean, whether anybody is there.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicAt, getJson, openaiAt, request, scenario, text } from './harness/index.mjs';

const alone = { metrics: false, proxyEnv: { VDM_DEFAULT_PROVIDER: 'script', SCRIPT_ALIAS_QUICK: 'small' } };

scenario('both SDKs list models and look one up', alone, async (system) => {
  system.provider.answer('small', text('Hi.')).answer('org/large', text('Hi.'));

  const openai = await openaiAt(system.proxy.url).models.list();
  const anthropic = await anthropicAt(system.proxy.url).models.list({ limit: 1000 });

  assert.deepEqual(openai.data.map((model) => model.id), ['small', 'org/large']);
  assert.deepEqual(anthropic.data.map((model) => [model.id, model.created_at]),
    ['claude/quick', 'small', 'org/large'].map((id) => [id, '1970-01-01T00:00:00Z']));
  assert.equal((await openaiAt(system.proxy.url).models.retrieve('org/large')).id, 'org/large');
  assert.equal((await anthropicAt(system.proxy.url).models.retrieve('quick')).id, 'small');
  await assert.rejects(openaiAt(system.proxy.url).models.retrieve('none'), { status: 404 });
  await assert.rejects(anthropicAt(system.proxy.url).models.retrieve('none'), { status: 404 });
});

scenario('a list outlives its provider and the proxy, and says that it is old', alone, async (system) => {
  system.provider.answer('small', text('Hi.'));
  const url = `${system.proxy.url}/v1/models?provider=script`;
  const fresh = await request(url);
  await system.provider.stop();

  const old = await request(`${url}&refresh=true`);

  assert.equal(fresh.headers['x-vandamme-stale'], undefined);
  assert.equal(old.status, 200);
  assert.equal(old.headers['x-vandamme-stale'], 'true');
  assert.deepEqual([JSON.parse(old.text).stale, JSON.parse(old.text).data], [true, JSON.parse(fresh.text).data]);
  const folder = join(system.dataDir, 'proxy-1', 'models');
  assert.deepEqual(readdirSync(folder), ['script.json']);
  assert.ok(!readFileSync(join(folder, 'script.json'), 'utf8').includes('script-key'));

  await system.proxy.program.stop();
  const again = await system.startProxy('proxy-1');
  assert.equal((await request(`${again.url}/v1/models?provider=script`)).text, fresh.text);
});

scenario('aliases, profiles, top models, a tested connection, and a probe', alone, async (system) => {
  system.provider.answer('small', text('ok'));
  const { url } = system.proxy;

  assert.equal((await getJson(`${url}/v1/aliases`)).aliases.script.quick, 'small');
  assert.deepEqual(await getJson(`${url}/profiles`), { object: 'list', data: [] });
  assert.equal((await getJson(`${url}/top-models`)).suggested_aliases.top, 'script:small');
  const tested = await getJson(`${url}/test-connection?model=quick`);
  assert.deepEqual([tested.status, tested.provider, tested.model_used], ['success', 'script', 'small']);
  assert.equal((await request(`${url}/api/hello`, { method: 'HEAD' })).status, 200);
});
