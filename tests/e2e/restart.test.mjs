// The measure of a start with a long history, with little of it: bench/restart.py judges the times and the totals.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { binDir, root, run } from './harness/index.mjs';

test('proxies can report at once and totals are whole in seconds, by rows and by a checkpoint', { timeout: 90_000 }, async () => {
  const { code, stdout, stderr } = await run('python3', {
    command: 'python3', patience: 80_000,
    args: [join(root, 'tests/bench/restart.py'), '--rows', '60000', '--behind', '2000', '--binaries', binDir, '--slack', '10'],
  });

  assert.equal(code, 0, stderr);
  assert.match(stdout, /a checkpoint and 2000 rows behind it/);
});
