// Runs the test files given (or all): those whose tests hold times of 300 ms and less alone, the others two at once.
// VDM_E2E_ONLY=words runs only tests whose name has these words.
// Ends with node's own summary of either; exit code 1 if anything failed.
import { readdirSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pipeline } from 'node:stream/promises';

const here = dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2);
const files = readdirSync(here).filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => named.length === 0 || named.some((name) => file.startsWith(name)))
  .map((file) => join(here, file)).sort();
if (files.length === 0) {
  console.error(`no test file matches: ${named.join(' ')}`);
  process.exit(2);
}
const alone = files.filter((file) => /(browser|live)\.test\.mjs$/.test(file));
const together = files.filter((file) => !alone.includes(file));
const testNamePatterns = process.env.VDM_E2E_ONLY;

// Each call ends with a summary of its own.
async function runAll(some, concurrency) {
  if (some.length === 0) return;
  const tests = run({ files: some, concurrency, ...(testNamePatterns && { testNamePatterns }) })
    .on('test:fail', () => { process.exitCode = 1; });
  await pipeline(tests, new spec(), process.stdout, { end: false });
}

await runAll(together, 2);
await runAll(alone, 1);
