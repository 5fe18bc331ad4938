// The chaos run: clients and a provider that keep books, a gateway between them, and a nemesis. Ends with "N passed, N failed".
//   node tests/chaos/run.mjs --seconds 20 --rate 150 --proxies 2 --seed 7 --only kill-proxy,cut-ingest
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { SseReader } from '../e2e/harness/sse.mjs';
import { System } from '../e2e/harness/system.mjs';
import { eventually } from '../e2e/harness/wait.mjs';
import { faultsIn } from './checker.mjs';
import { Ledger } from './ledger.mjs';
import { Link } from './link.mjs';
import { Load } from './load.mjs';
import { deedNames, torment } from './nemesis.mjs';
import { openProvider } from './provider.mjs';
import { randomOf } from './random.mjs';
import { Subscriber, restTotals, storedRows } from './readers.mjs';

const { values } = parseArgs({ options: {
  seconds: { type: 'string', default: '20' }, rate: { type: 'string', default: '150' },
  proxies: { type: 'string', default: '2' }, seed: { type: 'string' }, only: { type: 'string' },
  help: { type: 'boolean', default: false },
} });
if (values.help) {
  console.log(`usage: node tests/chaos/run.mjs [--seconds 20] [--rate 150] [--proxies 2] [--seed N] [--only DEED,…]
deeds: ${deedNames.join(', ')}`);
  process.exit(0);
}
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const names = values.only?.split(',') ?? deedNames;
const unknown = names.filter((name) => !deedNames.includes(name));
if (unknown.length > 0) {
  console.error(`no such deed: ${unknown.join(', ')}`);
  process.exit(2);
}

/** The gateway, and what the nemesis may do to it. */
class Target {
  constructor(system, ledger, links) {
    Object.assign(this, { system, ledger, ...links });
    this.proxies = new Map();
  }

  proxyNames() { return [...this.proxies.keys()]; }
  ports() { return [...this.proxies.values()].filter(({ up }) => up).map(({ name, port }) => ({ name, port })); }

  async startProxy(name) {
    const proxy = await this.system.startProxy(name, {
      VDM_INGEST_ADDRESS: `127.0.0.1:${this.ingest.port}`, VDM_SPOOL_DIR: join(this.system.dataDir, 'spool'),
      CHAOS_API_KEY: 'chaos', CHAOS_BASE_URL: `http://127.0.0.1:${this.provider.port}/v1`,
    });
    this.proxies.set(name, { ...proxy, up: true });
  }

  async killProxy(name) {
    this.proxies.get(name).up = false;
    await this.proxies.get(name).program.kill();
  }

  killMetrics() { return this.system.metrics.kill(); }
  startMetrics() { return this.system.startMetrics(); }

  async suspend(name, ms) {
    const program = name === 'metrics' ? this.system.metrics : this.proxies.get(name).program;
    program.signal('SIGSTOP');
    await pause(ms);
    program.signal('SIGCONT');
  }

  async broken(link, fault, random) {
    link.fault = fault;
    await pause(random.between(300, 2500));
    link.heal();
    link.cut(); // what was lost on the way is not made up for
  }

  async deed(target, work) {
    const from = performance.now();
    await work();
    return { target, from, to: performance.now() };
  }
}

async function sseTotals(system) {
  const reader = await SseReader.open(`${system.metricsUrl}/metrics/stream`);
  try {
    const { json } = await reader.find('a snapshot', (event) => event.event === 'snapshot');
    const { requests, lost } = json.totals.summary;
    return { requests, lost };
  } finally {
    reader.close();
  }
}

/** Until the files say no more: every spool but those of living proxies is sent, nothing runs, nothing waits. */
async function settled(target) {
  let before = -1;
  await eventually('everything is told', async () => {
    const rows = storedRows(target.system).length;
    const { requests } = await restTotals(target.system);
    const active = (await target.system.active()).length;
    const same = rows === before && active === 0;
    before = rows;
    const ended = storedRows(target.system).filter((row) => row.kind === 'ended').length;
    return same && requests === ended;
  }, { within: 30_000, every: 1500 }).catch((error) => console.log(`not settled: ${error.message.slice(0, 200)}`));
}

console.log(`chaos: seed ${seed}, ${values.seconds} s at ${values.rate} requests/s, ${values.proxies} proxies`);
const random = randomOf(seed);
const ledger = new Ledger();
const provider = await openProvider(ledger);
const system = new System(`chaos-${seed}`, { proxies: 0 });
let faults;
try {
  await system.start();
  const target = new Target(system, ledger, {
    ingest: await Link.open(Number(system.commonEnv.VDM_INGEST_ADDRESS.split(':')[1])),
    provider: await Link.open(provider.address().port),
  });
  for (let i = 1; i <= Number(values.proxies); ++i) await target.startProxy(`proxy-${i}`);
  await system.connected(Number(values.proxies));
  const subscriber = new Subscriber(system.eventsAddress);
  const load = new Load(ledger, () => target.ports(), Number(values.rate));
  const end = performance.now() + Number(values.seconds) * 1000;
  const done = await torment(target, random, names, () => performance.now() > end);
  await load.stop();
  await settled(target);
  const requests = [...ledger.requests.values()];
  const stored = storedRows(system);
  console.log(`deeds: ${done.join(', ')}`);
  console.log(`${requests.length} requests, ${requests.filter((request) => request.whole).length} answered whole; stored `
    + `${stored.filter((row) => row.kind === 'ended').length} ended, ${stored.filter((row) => row.kind === 'lost').length} lost; `
    + `subscriber heard ${new Set(subscriber.ended).size}, ${subscriber.resets} resets`);
  faults = faultsIn(ledger, {
    stored, rest: await restTotals(system), seen: await sseTotals(system), subscribed: subscriber,
  });
  subscriber.close();
  target.ingest.close();
  target.provider.close();
} catch (error) {
  faults = [error.stack];
} finally {
  await system.stop();
  provider.close();
  provider.closeAllConnections();
}
for (const fault of faults) console.log(`FAILED seed ${seed}: ${fault}`);
console.log(`${faults.length === 0 ? 1 : 0} passed, ${faults.length} failed`);
if (faults.length > 0) console.log(`logs: ${system.logDir}`);
process.exit(faults.length === 0 ? 0 : 1);
