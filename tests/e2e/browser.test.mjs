// What a person sees: the real dashboard, served by the real metrics service, in a real browser.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser, axe, cell, headline, picture, row } from './harness/browser.mjs';
import {
  Gate, chatBody, eventually, held, jsonHeaders, naming, open, paced, percentile, request, scenario as plainScenario,
  silent, text, within,
} from './harness/index.mjs';

let browser;
before(async () => { browser = await Browser.start(); });
after(() => browser.stop());

const start = (proxy, model, headers = {}) => open(`${proxy.url}/v1/chat/completions`,
  { method: 'POST', headers: { ...jsonHeaders, ...headers }, body: chatBody(model) });

const post = (url, body) => request(url, { method: 'POST', headers: jsonHeaders, body });

/** A scenario with the dashboard open, connected, and without complaints at its end. */
function scenario(name, options, body) {
  plainScenario(name, options, async (system) => {
    const page = await browser.open(`${system.metricsUrl}/dashboard/`, options.page);
    try {
      if (options.login === undefined) await connected(page);
      await body(system, page);
      const complaints = page.complaints.filter((line) => !(options.expected ?? / ^/).test(line));
      assert.deepEqual(complaints, []);
    } catch (error) {
      await picture(page, `failed-${name.slice(0, 60).replace(/\W+/g, '-')}`).catch(() => {});
      throw error;
    } finally {
      await page.close();
    }
  });
}

// A machine that builds beside takes long for Chromium's first page.
const connected = (page) => page.locator('.indicator [data-mode="live"]').waitFor({ timeout: 30_000 });
const number = (words) => Number(words.replace(/[^\d.]/g, ''));

scenario('a request appears, its tokens grow, it ends, and the totals change', {}, async (system, page) => {
  const gate = new Gate();
  const steps = [];
  system.provider.answer('grow', paced(40, async (i) => {
    if (i < 30) await pause(50);
    else await gate.passed;
    steps.push(i);
  }, { usage: { input: 9, output: 4321 } }));

  const stream = await start(system.proxy, 'script:grow');
  const id = stream.headers['x-request-id'];
  await row(page, id).waitFor();
  assert.match(await cell(page, id, 'model').textContent(), /grow/);
  assert.match(await cell(page, id, 'proxy').textContent(), /proxy-1/);
  const first = await eventually('it has tokens', async () => number(await cell(page, id, 'out').textContent()));
  await eventually('they grow', async () => number(await cell(page, id, 'out').textContent()) > first);
  assert.match(await headline(page, 'Running').textContent(), /1/);

  gate.open();
  await stream.ended;

  await row(page, id).waitFor({ state: 'detached' });
  await eventually('the totals have its tokens', async () => /4[,. ]?3\d*k?|4,?321/i
    .test(await headline(page, 'Output tokens').textContent()));
  await page.getByRole('link', { name: /Traces/ }).click();
  await page.locator('[data-grid="traces"]').getByText('grow').first().waitFor();
});

scenario('a start or an end is a changed row within 300 ms', {}, async (system, page) => {
  system.provider.answer('timed', (exchange) => held(exchange.gate = new Gate())(exchange));
  const starts = [];
  const ends = [];

  // The first round warms the browser up and is not counted.
  for (let round = 0; round <= 20; round += 1) {
    const startedAt = Date.now();
    const stream = await start(system.proxy, 'script:timed');
    const id = stream.headers['x-request-id'];
    await row(page, id).waitFor();
    const endedAt = Date.now();
    (await system.provider.arrival('timed', { nth: round + 1 })).gate.open();
    await stream.ended;
    await row(page, id).waitFor({ state: 'detached' });
    const { seen, gone } = await page.evaluate((key) => window.vdmRows[key], id);
    if (round === 0) continue;
    starts.push(seen.at - startedAt);
    ends.push(gone - endedAt);
  }

  console.log(`  start → row: median ${percentile(starts, 0.5)} ms, worst ${Math.max(...starts)} ms; `
    + `end → row: median ${percentile(ends, 0.5)} ms, worst ${Math.max(...ends)} ms`);
  // One in twenty may meet a busy machine.
  assert.ok(percentile(starts, 0.94) < 300, `starts: ${starts}`);
  assert.ok(percentile(ends, 0.94) < 300, `ends: ${ends}`);
});

scenario('three proxies are one list, and a killed one is shown as such', { proxies: 3 }, async (system, page) => {
  system.provider.answer('spread', silent(new Gate()));
  const calls = system.proxies.map((proxy) => start(proxy, 'script:spread').catch(() => undefined));
  const rows = page.locator('[data-grid="active"] .ag-center-cols-container [row-id]');
  await eventually('three rows', async () => (await rows.count()) === 3);

  await system.proxies[0].program.kill();

  await eventually('its row is gone', async () => (await rows.count()) === 2, { within: 8000 });
  await page.getByText(/gone|lost/i).first().waitFor();
  await system.proxies[1].program.kill();
  await system.proxies[2].program.kill();
  await Promise.all(calls);
});

scenario('the page says that it is cut off, and comes back by itself', {
  expected: /ERR_CONNECTION|ERR_INCOMPLETE|Failed to load resource|ERR_EMPTY/,
}, async (system, page) => {
  system.provider.answer('before', held(new Gate()));
  await start(system.proxy, 'script:before');
  await page.locator('[data-grid="active"]').getByText('before').first().waitFor();

  await system.metrics.kill();

  await page.locator('[data-banner="stale"]').waitFor({ timeout: 10_000 });
  await picture(page, 'disconnected');
  await system.startMetrics();
  await page.locator('[data-banner="stale"]').waitFor({ state: 'detached', timeout: 40_000 });
  await connected(page);
  await page.locator('[data-grid="active"]').getByText('before').first().waitFor();
});

for (const [name, options] of Object.entries({
  light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' }, phone: { width: 390, height: 844 },
})) {
  scenario(`axe finds nothing on the ${name} page with traffic, and here is its picture`, {
    page: options, proxies: 2, demo: true,
  }, async (system, page) => {
    system.provider.answer('slow', held(new Gate(), { usage: { input: 12, output: 3 } }))
      .answer('done', text('done and counted', { usage: { input: 400, output: 120, cacheRead: 900 } }));
    system.provider.answer('swapped', naming('swapped-mini', held(new Gate(), { usage: { input: 9, output: 2 } })));
    system.provider.answer('swapped-once', naming('swapped-mini', text('not what was asked')));
    for (const proxy of system.proxies) {
      await start(proxy, 'script:swapped');
      await (await start(proxy, 'script:swapped-once')).ended;
      await post(`${proxy.url}/v1/chat/completions`, '{ no JSON');
      for (let i = 0; i < 4; i += 1) await start(proxy, 'script:slow');
      for (let i = 0; i < 6; i += 1) await (await start(proxy, 'script:done')).ended;
      await (await start(proxy, 'demo:demo-error-500')).ended;
    }
    await page.locator('[data-grid="active"]').getByText('slow').first().waitFor();

    await picture(page, name);
    assert.deepEqual(await axe(page), []);
    if (name === 'phone') {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `the page is ${wide} px wider than the phone`);
    }
    for (const other of ['Traces', 'Errors']) {
      await page.getByRole('link', { name: new RegExp(other) }).click();
      await page.locator(`[data-grid="${other.toLowerCase()}"] [row-id]`).first().waitFor();
      await picture(page, `${name}-${other.toLowerCase()}`);
      assert.deepEqual(await axe(page), [], other);
    }
  });
}

scenario('who answered and what was rejected are seen in the row and in the details', {}, async (system, page) => {
  system.provider.answer('swapped', naming('swapped-mini', text('not what was asked')));
  system.provider.answer('swapping', naming('swapped-mini', held(new Gate())));
  const running = (await start(system.proxy, 'script:swapping')).headers['x-request-id'];
  await cell(page, running, 'model').getByText('answered by swapped-mini').waitFor();
  const swapped = await start(system.proxy, 'script:swapped');
  await swapped.ended;
  const refused = await post(`${system.proxy.url}/v1/chat/completions`, '{ no JSON');
  assert.equal(refused.status, 400);
  const ids = { swapped: swapped.headers['x-request-id'], refused: refused.headers['x-request-id'] };

  await page.getByRole('link', { name: /Traces/ }).click();
  await cell(page, ids.swapped, 'model', 'traces').getByText('answered by swapped-mini').waitFor();
  await cell(page, ids.refused, 'outcome', 'traces').getByText('rejected').waitFor();
  await row(page, ids.swapped, 'traces').click();
  const drawer = page.locator('.drawer');
  await drawer.getByText('answered by swapped-mini').waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await picture(page, `swapped-${colorScheme}`);
    assert.deepEqual(await axe(page), [], colorScheme);
  }
  await page.keyboard.press('Escape');
  await row(page, ids.refused, 'traces').click();
  await drawer.getByText('rejected', { exact: true }).waitFor();
  await drawer.getByText(/JSON/).first().waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await picture(page, `rejected-${colorScheme}`);
    assert.deepEqual(await axe(page), [], colorScheme);
  }
  await page.keyboard.press('Escape');

  await page.goto(`${page.url().split('?')[0]}?page=traces&outcome=rejected`);
  await row(page, ids.refused, 'traces').waitFor();
  assert.equal(await row(page, ids.swapped, 'traces').count(), 0);
});

scenario('hostile text in every column is shown as text', {}, async (system, page) => {
  const evil = '<img src=x onerror="window.vdmPwned=1"><script>window.vdmPwned=1</script>"\'`${1}\u202e';
  const model = `${evil}m`;
  system.provider.otherwise = held(new Gate());
  const hostile = { 'user-agent': evil.replace(/[^\x20-\x7e]/g, ''), 'x-session-id': '<b>session</b>' };
  await start(system.proxy, `script:${model}`, hostile);
  system.provider.otherwise = (exchange) => exchange.json(400, { error: { message: evil, type: evil, code: evil } });
  await (await start(system.proxy, `script:${model}`, hostile)).ended;

  await page.locator('[data-grid="active"]').getByText('onerror').first().waitFor();
  for (const name of ['Traces', 'Errors']) {
    await page.getByRole('link', { name: new RegExp(name) }).click();
    const grid = page.locator(`[data-grid="${name.toLowerCase()}"]`);
    await grid.getByText('onerror').first().waitFor();
    await grid.locator('[row-id]').first().click();
    await picture(page, `hostile-${name.toLowerCase()}`);
    await page.keyboard.press('Escape');
  }

  assert.equal(await page.evaluate(() => window.vdmPwned), undefined);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
});

scenario('with a key the page asks for it once, refuses a wrong one, and then works', {
  env: { PROXY_API_KEY: 'door-key' }, apiHeaders: { 'x-api-key': 'door-key' }, login: true,
  expected: /401|Unauthorized/,
}, async (system, page) => {
  const field = page.locator('input[type="password"]');
  await field.waitFor();
  await field.fill('wrong');
  await field.press('Enter');
  await page.getByRole('alert').first().waitFor();
  await picture(page, 'login');
  assert.deepEqual(await axe(page), []);

  await field.fill('door-key');
  await field.press('Enter');

  await connected(page);
  const [cookie] = await browser.context.cookies(system.metricsUrl);
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['vdm_session', true, 'Strict']);
  assert.ok(!page.url().includes('door-key'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await field.waitFor();
});

scenario('a running request is cancelled from the page, after a question', {
  metricsEnv: { VDM_ALLOW_CANCEL: 'true' },
}, async (system, page) => {
  system.provider.answer('unwanted', held(new Gate()));
  const stream = await start(system.proxy, 'script:unwanted');
  const id = stream.headers['x-request-id'];
  await row(page, id).click();
  await page.getByRole('button', { name: /cancel/i }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the request' }).click();

  await within(5000, 'the client is told', stream.ended);
  await row(page, id).waitFor({ state: 'detached' });
  assert.equal((await system.trace(id)).outcome, 'cancelled_by_operator');
});

scenario('what the dashboard loads comes from its own server, under a strict policy', {}, async (system, page) => {
  const hosts = new Set();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  const answer = await page.reload();
  await connected(page);

  const policy = answer.headers()['content-security-policy'];
  assert.match(policy, /default-src 'none'|default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
  assert.deepEqual([...hosts], [system.metricsUrl]);
});
