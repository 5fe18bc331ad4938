// SIGTERM of a proxy while the metrics service is away, again and again: everything that clients saw answered is stored once.
//   node tests/chaos/stops.mjs --times 20 --requests 100
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { System } from '../e2e/harness/system.mjs';
import { eventually } from '../e2e/harness/wait.mjs';
import { faultsIn } from './checker.mjs';
import { Ledger } from './ledger.mjs';
import { Load } from './load.mjs';
import { openProvider } from './provider.mjs';
import { Subscriber, restTotals, storedRows } from './readers.mjs';

const { values } = parseArgs({ options: {
  times: { type: 'string', default: '20' }, requests: { type: 'string', default: '100' },
} });
const ledger = new Ledger();
const provider = await openProvider(ledger);
const system = new System('stops', { proxies: 0 });
const startProxy = (name) => system.startProxy(name, {
  VDM_SPOOL_DIR: join(system.dataDir, 'spool'), CHAOS_API_KEY: 'chaos',
  CHAOS_BASE_URL: `http://127.0.0.1:${provider.address().port}/v1`,
});
let faults;
try {
  await system.start();
  for (let time = 1; time <= Number(values.times); ++time) {
    const proxy = await startProxy(`proxy-${time}`);
    await system.metrics.kill();
    const load = new Load(ledger, () => [{ name: proxy.name, port: proxy.port }], 500, ledger.requests.size + 1);
    await eventually('they are asked', () => load.asked >= Number(values.requests), { every: 2 });
    await load.stop();
    const { code } = await proxy.program.stop({ patience: 20_000 });
    if (code !== 0) throw new Error(`it ended with ${code}`);
    await system.startMetrics();
    console.log(`${time}: ${ledger.requests.size} requests so far`);
  }
  const subscriber = new Subscriber(system.eventsAddress);
  subscriber.resets = 1; // it came late
  await startProxy('last');
  const ended = () => storedRows(system).filter((row) => row.kind === 'ended').length;
  await eventually('all of it is stored', () => ended() === ledger.requests.size, { within: 30_000, every: 500 });
  const totals = await restTotals(system);
  const { summary } = (await system.snapshot()).totals;
  faults = faultsIn(ledger, { stored: storedRows(system), rest: totals, seen: summary, subscribed: subscriber });
  subscriber.close();
} catch (error) {
  faults = [error.stack];
} finally {
  await system.stop();
  provider.close();
  provider.closeAllConnections();
}
for (const fault of faults) console.log(`FAILED: ${fault}`);
console.log(`${ledger.requests.size} requests; ${faults.length === 0 ? 1 : 0} passed, ${faults.length} failed`);
process.exit(faults.length === 0 ? 0 : 1);
