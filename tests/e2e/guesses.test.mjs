// Guessed keys against real processes: one attacker at ten a second on every way in, and nobody else notices.
import assert from 'node:assert/strict';
import { request, scenario } from './harness/index.mjs';

const key = 'the-right-key-of-this-gateway';
const here = '127.0.0.1';
const elsewhere = '127.0.0.2';

const login = (system, shown, localAddress, headers = {}) => request(`${system.metricsUrl}/login`, {
  method: 'POST', body: JSON.stringify({ key: shown }), localAddress,
  headers: { 'content-type': 'application/json', ...headers },
});
const read = (url, shown, localAddress, headers = {}) => request(url, { localAddress, headers: { 'x-api-key': shown, ...headers } });

/** Ten guesses a second on each way in, until stop(): what they were answered, by way. */
function attack(system) {
  const ways = {
    login: (guess) => login(system, guess, here),
    metrics: (guess) => read(`${system.metricsUrl}/metrics/running-totals`, guess, here),
    proxy: (guess) => read(`${system.proxy.url}/v1/aliases`, guess, here),
  };
  const answers = { login: [], metrics: [], proxy: [] };
  let guesses = 0;
  const timer = setInterval(() => {
    const guess = `guess-${guesses++}`;
    for (const [way, ask] of Object.entries(ways)) {
      ask(guess).then(({ status }) => answers[way].push(status), (error) => answers[way].push(error.message));
    }
  }, 100);
  return { answers, stop: () => clearInterval(timer) };
}

scenario('who guesses ten keys a second is stopped, and nobody else notices', {
  env: { PROXY_API_KEY: key }, apiHeaders: { 'x-api-key': key }, proxies: 0, timeout: 60_000,
}, async (system) => {
  await system.startProxy('proxy-1');
  const attacker = attack(system);
  const until = Date.now() + 4000;
  let others = 0;
  while (Date.now() < until) {
    assert.equal((await login(system, key, elsewhere)).status, 204);
    assert.equal((await read(`${system.metricsUrl}/metrics/running-totals`, key, elsewhere)).status, 200);
    assert.equal((await read(`${system.proxy.url}/v1/aliases`, key, elsewhere)).status, 200);
    others += 1;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  attacker.stop();

  const { login: logins, metrics, proxy } = attacker.answers;
  assert.ok(others > 10, `${others} rounds of others`);
  const unread = (statuses) => statuses.filter((status) => status === 429).length;
  for (const statuses of [logins, metrics, proxy]) {
    assert.ok(statuses.every((status) => status === 401 || status === 429), `${statuses}`);
    assert.ok(unread(statuses) > 10, `${statuses}`);
  }
  assert.equal(logins.length - unread(logins) + metrics.length - unread(metrics), 10, 'ten were compared at the metrics service');
  assert.equal(proxy.length - unread(proxy), 10, 'and ten at the proxy');
  const refused = await read(`${system.proxy.url}/v1/aliases`, key, here);
  assert.equal(refused.status, 429, 'from there no key counts');
  assert.ok(Number(refused.headers['retry-after']) > 0);
});

scenario('a trusted proxy says whose guess it is, and nobody else is believed', {
  env: { PROXY_API_KEY: key, VDM_TRUSTED_PROXIES: elsewhere }, proxies: 0,
}, async (system) => {
  await system.startProxy('proxy-1');
  const forwarded = (client) => ({ 'x-forwarded-for': client });
  const ways = [
    (shown, from, client) => read(`${system.proxy.url}/v1/aliases`, shown, from, forwarded(client)),
    (shown, from, client) => read(`${system.metricsUrl}/metrics/running-totals`, shown, from, forwarded(client)),
  ];
  for (const ask of ways) {
    for (let i = 0; i < 10; i += 1) assert.equal((await ask('guess', elsewhere, `10.9.9.${i}, 192.0.2.1`)).status, 401);
    assert.equal((await ask(key, elsewhere, '192.0.2.1')).status, 429);
    assert.equal((await ask(key, elsewhere, '192.0.2.2')).status, 200);
    for (let i = 0; i < 10; i += 1) assert.equal((await ask('guess', here, `192.0.2.${10 + i}`)).status, 401);
    assert.equal((await ask(key, here, '192.0.2.99')).status, 429, 'who is not trusted speaks for itself');
  }
});
