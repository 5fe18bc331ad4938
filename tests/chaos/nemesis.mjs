// Does to the services what nights do, in an order that a seed decides: kills, stops, cuts, slow and broken links.
import { setTimeout as pause } from 'node:timers/promises';
import { faults } from './link.mjs';

/** Each: what it does to the system, and for how long. The names stand in the ledger. */
const Deeds = {
  'kill-proxy': async (on, random) => {
    const name = random.pick(on.proxyNames());
    return on.deed(name, async () => {
      await on.killProxy(name);
      await on.startProxy(name);
    });
  },
  'stop-proxy': async (on, random) => {
    const name = random.pick(on.proxyNames());
    return on.deed(name, () => on.suspend(name, random.between(200, 2500)));
  },
  'kill-metrics': async (on, random) => on.deed('all', async () => {
    await on.killMetrics();
    await pause(random.between(0, 1500));
    await on.startMetrics();
  }),
  'stop-metrics': async (on, random) => on.deed('all', () => on.suspend('metrics', random.between(200, 2500))),
  'cut-ingest': async (on) => on.deed('all', () => on.ingest.cut()),
  'hole-ingest': async (on, random) => on.deed('all', () => on.broken(on.ingest, faults.blackHole(), random)),
  'slow-ingest': async (on, random) => on.deed('all',
    () => on.broken(on.ingest, random.pick([faults.latency(200), faults.bandwidth(20_000)]), random)),
  'slice-ingest': async (on, random) => on.deed('all', () => on.broken(on.ingest, faults.slices(), random)),
  'reset-ingest': async (on, random) => on.deed('all',
    () => on.broken(on.ingest, faults.resetAfter(random.between(1, 20_000)), random)),
  'cut-provider': async (on) => on.deed('all', () => on.provider.cut()),
  'slow-provider': async (on, random) => on.deed('all',
    () => on.broken(on.provider, random.pick([faults.latency(300), faults.slices()]), random)),
  'corrupt-provider': async (on, random) => on.deed('all', () => on.broken(on.provider, faults.corrupt(900), random)),
};
export const deedNames = Object.keys(Deeds);

/** Does one after another of `names` until `until()`; returns what it did. */
export async function torment(on, random, names, until) {
  const done = [];
  while (!until()) {
    await pause(random.between(100, 900));
    if (until()) break;
    const name = random.pick(names);
    const { target, from, to } = await Deeds[name](on, random);
    on.ledger.did(name, target, from, to);
    done.push(`${name} ${target}`);
  }
  return done;
}
