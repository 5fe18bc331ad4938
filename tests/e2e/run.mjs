// Runs the test files given (or all), one after another: the tests measure times, and the machine is shared.
// VDM_E2E_ONLY=words runs only tests whose name has these words.
// Ends with node's own summary; exit code 1 if anything failed.
import { readdirSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const here = dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2);
const files = readdirSync(here).filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => named.length === 0 || named.some((name) => file.startsWith(name)))
  .map((file) => join(here, file)).sort();
if (files.length === 0) {
  console.error(`no test file matches: ${named.join(' ')}`);
  process.exit(2);
}
const testNamePatterns = process.env.VDM_E2E_ONLY;
run({ files, concurrency: 1, ...(testNamePatterns && { testNamePatterns }) })
  .on('test:fail', () => { process.exitCode = 1; })
  .compose(new spec())
  .pipe(process.stdout);
