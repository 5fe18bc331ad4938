// `vdm init`, `config check`, `models` and `test`: from no configuration to a provider that answers.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program, Terminal, binDir, fails, run, scenario, text, within } from './harness/index.mjs';

const vdm = (system, args, env = {}) =>
  run('vdm', { args, cwd: system.dataDir, env: { HOME: system.dataDir, PATH: '/usr/bin:/bin', ...env } });

/** The same, with this on its standard input. */
async function vdmReading(system, input, args, env = {}) {
  const program = new Program('vdm', {
    command: '/bin/sh', args: ['-c', 'printf %s "$INPUT" | "$0" "$@"', join(binDir, 'vdm'), ...args], cwd: system.dataDir,
    env: { HOME: system.dataDir, INPUT: input, ...env },
  });
  const end = await within(20_000, 'vdm ends', program.exited);
  return { ...end, stdout: program.stdout, stderr: program.stderr };
}

const configOf = (system) => join(system.dataDir, '.config/vandamme/vandamme.toml');
const alone = { metrics: false, proxies: 0 };

scenario('vdm init writes a private file that the services accept', alone, async (system) => {
  const made = await vdmReading(system, 'canary-1\ncanary-2\n',
    ['init', '--provider', 'anthropic', '--provider', 'mine', '--base-url', 'mine=https://llm.example/v1']);
  const check = await vdm(system, ['config', 'check', '--show']);

  assert.equal(made.code, 0, made.stderr);
  assert.ok(made.stdout.includes(configOf(system)), made.stdout);
  assert.ok(!(made.stdout + made.stderr).includes('canary'));
  assert.equal(statSync(configOf(system)).mode & 0o777, 0o600);
  assert.match(readFileSync(configOf(system), 'utf8'), /\[providers.mine\][^[]*api-key = "canary-2"/);
  assert.equal(check.code, 0, check.stderr);
  assert.match(check.stdout, /MINE_API_KEY +set +file, mine.api-key/);
  assert.match(check.stdout, /VDM_DEFAULT_PROVIDER +anthropic +file, defaults.default-provider/);
  assert.ok(!check.stdout.includes('canary'));
});

scenario('vdm init asks at a terminal, and shows no key', alone, async (system) => {
  const terminal = new Terminal(`${join(binDir, 'vdm')} init`, { cwd: system.dataDir, env: { HOME: system.dataDir } });

  await terminal.answer('Provider [anthropic]: ', '\n');
  await terminal.answer('not shown): ', 'canarx\u007fy-key\n');
  await terminal.answer('well-known one): ', '\n');
  await terminal.answer('Another provider: ', 'mine\n');
  await terminal.answer('not shown): ', 'canary-two\r');
  await terminal.answer('well-known one): ', 'https://llm.example\n');
  await terminal.answer('[openai]: ', 'anthropic\n');
  await terminal.answer('Another provider: ', '\n');

  assert.equal(await terminal.end(), 0, terminal.shown);
  assert.ok(!terminal.shown.includes('canar'), terminal.shown);
  const written = readFileSync(configOf(system), 'utf8');
  assert.match(written, /api-key = "canary-key"/);
  assert.match(written, /api-key = "canary-two"\nbase-url = "https:\/\/llm.example"\napi-format = "anthropic"/);
});

scenario('Ctrl-C at a key ends vdm init, with nothing written and a terminal that shows again', alone, async (system) => {
  const terminal = new Terminal(`${join(binDir, 'vdm')} init; echo code=$?; stty -a`,
    { cwd: system.dataDir, env: { HOME: system.dataDir } });

  await terminal.answer('Provider [anthropic]: ', '\n');
  await terminal.answer('not shown): ', '\u0003');

  await terminal.end();
  assert.match(terminal.shown, /code=130/);
  assert.match(terminal.shown, / echo /);
  assert.ok(!existsSync(configOf(system)));
});

scenario('vdm init replaces a file only when told', alone, async (system) => {
  mkdirSync(join(system.dataDir, '.config/vandamme'), { recursive: true });
  writeFileSync(configOf(system), '# mine\n');
  const init = ['init', '--provider', 'openai'];

  const refused = await vdmReading(system, 'k\n', init);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is there already; --yes replaces it/);
  assert.equal(readFileSync(configOf(system), 'utf8'), '# mine\n');

  const done = await vdmReading(system, 'k\n', [...init, '--yes']);
  assert.equal(done.code, 0, done.stderr);
  assert.match(readFileSync(configOf(system), 'utf8'), /openai/);
});

scenario('vdm init writes nothing that vdm-proxy refuses, and says what it says', alone, async (system) => {
  const unknown = await vdmReading(system, 'k\n', ['init', '--provider', 'nowhere']);
  const unasked = await vdmReading(system, '', ['init']);

  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /NOWHERE_BASE_URL: expected a URL/);
  assert.deepEqual(readdirSync(join(system.dataDir, '.config/vandamme')), []);
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /needs a terminal/);
});

scenario('vdm config check says all that is wrong with both, sorted, without a secret', alone, async (system) => {
  const file = join(system.dataDir, 'other.toml');
  writeFileSync(file, '[proxy]\nprot = 1\n[metrics]\nprot = 1\n');

  const wrong = await vdm(system, ['--config', file, 'config', 'check'],
    { OPENAI_API_KEY: 'canary', VDM_METRICS_PORT: '80x', PROXY_API_KEY: 'canary canary' });
  const right = await vdm(system, ['config', 'check'], { OPENAI_API_KEY: 'canary' });

  assert.equal(wrong.code, 2);
  const lines = wrong.stderr.trim().split('\n');
  assert.deepEqual(lines, [...lines].sort());
  for (const part of ['proxy.prot: no such setting; did you mean proxy.port?', 'metrics.prot', "VDM_METRICS_PORT: expected 1..65535, got '80x'"]) {
    assert.ok(wrong.stderr.includes(part), `${part}\n${wrong.stderr}`);
  }
  assert.ok(!(wrong.stdout + wrong.stderr).includes('canary'));
  assert.equal(right.code, 0, right.stderr);
  assert.match(right.stdout, /^vdm-metrics: the configuration is valid\nvdm-proxy: the configuration is valid\n$/);
});

scenario('vdm models lists what a provider offers', {}, async (system) => {
  system.provider.answer('model-one', text('x'));
  const gateway = ['--gateway', `127.0.0.1:${system.proxy.port}`];

  const table = await vdm(system, ['models', '--provider', 'script', ...gateway]);
  const json = await vdm(system, ['models', '--json'], { PORT: String(system.proxy.port) });
  const unknown = await vdm(system, ['models', '--provider', 'nobody', ...gateway]);

  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^MODEL .*\n(.*\n)*model-one/);
  assert.doesNotMatch(table.stdout, /\u001b/);
  assert.ok(JSON.parse(json.stdout).data.some(({ id }) => id === 'model-one'), json.stderr);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /it has script, scriptclaude/);
});

scenario('vdm test says that a provider works in either dialect, and which model answered', {}, async (system) => {
  system.provider.answer('tiny-mini', text('OK'));
  const env = { PORT: String(system.proxy.port) };

  for (const provider of ['script', 'scriptclaude']) {
    const { code, stdout, stderr } = await vdm(system, ['test', provider], env);

    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^${provider} works: tiny-mini answered, first byte after [0-9.]+m?s, `));
  }
});

scenario('vdm test says what to check when it does not work', {}, async (system) => {
  system.provider.answer('bad', fails(401, 'no such key'));
  const env = { PORT: String(system.proxy.port) };

  const refused = await vdm(system, ['test', 'script', '--model', 'bad'], env);
  const nobody = await vdm(system, ['test', 'script'], { PORT: '1' });
  const other = await vdm(system, ['test', 'script'], { PORT: system.metricsUrl.split(':').pop() });

  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stderr, /401/);
  assert.match(refused.stderr, /SCRIPT_API_KEY/);
  assert.equal(nobody.code, 3);
  assert.match(nobody.stderr, /nobody listens at 127.0.0.1:1/);
  assert.equal(other.code, 3);
  assert.match(other.stderr, /is no vdm-proxy/);
});
