// What earlier releases left behind, read by the built programs: tests/golden/released/README.md says what that is.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  Program, aliasesOf, chatBody, eventually, postJson, releases, replayed, scenario, servedFrom, settingsOf, unpackFile,
} from './harness/index.mjs';

const alone = { metrics: false, proxies: 0 };

/** What was recorded must be there; what came since may be there too. */
function assertHolds(actual, recorded, where) {
  if (recorded === null || typeof recorded !== 'object') return assert.equal(actual, recorded, where);
  assert.ok(actual !== null && typeof actual === 'object', `${where} is there`);
  for (const [key, value] of Object.entries(recorded)) assertHolds(actual[key], value, `${where}.${key}`);
  return undefined;
}

/** A folder of days that holds the release's. */
function dayOf(system, release) {
  const folder = join(system.dataDir, release.name);
  mkdirSync(folder);
  const day = join(folder, release.day);
  copyFileSync(release.path(release.day), day);
  return { folder, day };
}

for (const release of releases()) {
  const { name, expected } = release;

  scenario(`a day of ${name} gives the totals it gave, and is not rewritten by what comes later`, alone,
    async (system) => {
      const { folder, day } = dayOf(system, release);
      const writtenAt = statSync(day).mtimeMs;

      const totals = await servedFrom(system, folder, async () => {
        const before = await system.totals();
        const proxy = await system.startProxy('today');
        await system.connected(1);
        await postJson(`${proxy.url}/v1/chat/completions`, JSON.parse(chatBody('script:today', { stream: false })));
        await system.trace((trace) => trace.model === 'today');
        await proxy.program.stop();
        return before;
      });

      assertHolds(totals, expected.history.totals, 'totals');
      assert.ok(readFileSync(day).equals(readFileSync(release.path(release.day))), 'not a byte is another');
      assert.equal(statSync(day).mtimeMs, writtenAt);
      const days = readdirSync(folder).filter((file) => file.startsWith('history-'));
      assert.equal(days.length, 2, `the release's day and today: ${days}`);
    });

  scenario(`the configuration of ${name} means what it meant`, alone, async (system) => {
    const settings = await settingsOf(system, release.path('vandamme.toml'));
    const aliases = await aliasesOf(system, release.path('vandamme.toml'));

    for (const [program, lines] of Object.entries(expected.settings)) {
      for (const line of lines) assert.ok(settings[program].includes(line), `${program}: ${line}`);
    }
    assertHolds(aliases, expected.aliases, 'aliases');
  });

  scenario(`vdm tail goes on from the state file of ${name} with a reset, not a fault`, { proxies: 0 },
    async (system) => {
      const state = join(system.dataDir, 'tail.state');
      copyFileSync(release.path('tail.state'), state);
      const tail = new Program('vdm', { args: ['tail', '--state', state], cwd: system.dataDir,
        env: { VDM_EVENTS_ADDRESS: system.eventsAddress } });
      system.programs.push(tail);

      const [reset, snapshot] = await eventually('two lines', () => {
        const lines = tail.stdout.split('\n').filter(Boolean);
        return lines.length >= 2 && lines.map((line) => JSON.parse(line));
      });

      assert.equal(reset.kind, 'reset');
      assert.equal(reset.reason, 'epoch');
      assert.equal(snapshot.kind, 'snapshot');
      assert.equal((await tail.stop()).code, 0);
    });

  scenario(`a proxy of ${name} still reports`, alone, async (system) => {
    const answer = await replayed(system, unpackFile(release.path('report.requests')));

    assertHolds(answer, expected.report, 'report');
  });
}
