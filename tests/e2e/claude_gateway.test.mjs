// Claude Code's gateway contract with the real program, started by `vdm claude`: the models that it discovers, the
// window that it takes them to have, and who is asked when one is chosen.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Screen, Terminal, binDir, claudeBinary, eventually, run, scenario, text } from './harness/index.mjs';

const facts = { provider: 'script', models: {
  small: { context_tokens: 32_000 }, large: { context_tokens: 272_000 }, medium: { context_tokens: 100_000 } } };

const byKey = { SCRIPT_ALIAS_FAST: 'small', SCRIPT_ALIAS_SONNET: 'large' };
// The client's own credential is for Anthropic, whose place the script takes; other models are the script's.
const byLogin = (provider) => ({
  ...byKey, ANTHROPIC_API_KEY: '!PASSTHRU', ANTHROPIC_BASE_URL: provider.anthropicUrl, VDM_DEFAULT_PROVIDER: 'anthropic',
});

/** Ends a program at a terminal as a person does, so that it has written its last file when its home is removed. */
async function interrupted(terminal) {
  let ended = false;
  terminal.ended.then(() => { ended = true; });
  terminal.child.stdin.on('error', () => {});  // it may end between two keys
  try {
    await eventually('it ends', () => {
      if (!ended) terminal.child.stdin.write('\x03');
      return ended;
    }, { within: 60_000 });
  } finally {
    terminal.child.kill('SIGKILL');
  }
}

/** A running proxy, and a home in which Claude Code has been used before; `vdm claude` finds both. */
function contract(name, proxyEnv, body) {
  scenario(name, { proxies: 0, timeout: 300_000 }, async (system, t) => {
    const models = join(system.dataDir, 'models.json');
    writeFileSync(models, JSON.stringify(facts));
    const proxy = await system.startProxy('proxy', { VDM_MODELS_FILE: models, ...proxyEnv(system.provider) });
    const home = mkdtempSync(join(tmpdir(), 'vdm-claude-'));
    // Claude Code leaves programs behind that write a moment longer.
    t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));
    const [bin, config, cwd] = ['bin', 'config', 'work'].map((folder) => join(home, folder));
    for (const folder of [bin, config, cwd]) mkdirSync(folder, { recursive: true });
    symlinkSync(claudeBinary(), join(bin, 'claude'));
    writeFileSync(join(config, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, theme: 'dark',
      projects: { [cwd]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } }));
    // Discovery counts as nonessential, and is switched off with it: a web proxy that is not there keeps the rest in.
    const env = {
      ...system.commonEnv, HOME: home, TMPDIR: home, CLAUDE_CONFIG_DIR: config, PATH: `${bin}:${process.env.PATH}`,
      PORT: String(proxy.port), ...system.provider.env, DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1',
      DISABLE_ERROR_REPORTING: '1', HTTPS_PROXY: 'http://127.0.0.1:9',
    };
    await body({
      system, proxy, config, cwd, env,
      claude: (args, more = {}) => run('vdm', { args: ['claude', ...args], cwd, env: { ...env, ...more }, patience: 120_000 }),
      discovered: () => JSON.parse(readFileSync(join(config, 'cache', 'gateway-models.json'), 'utf8')),
      /** Types the keys, each when the screen shows what comes before them; the screen once it shows what is wanted. */
      async screen(typed, wanted) {
        const vdm = join(binDir, 'vdm');
        const terminal = new Terminal(`stty cols 120 rows 50; exec '${vdm}' claude`, {
          env: { ...env, TERM: 'xterm-256color' }, cwd });
        const shown = () => Screen.text(terminal.shown).replace(/ +/g, ' ');
        try {
          for (const [prompt, keys] of typed) {
            await eventually(`the screen shows ${prompt}`, () => prompt.test(shown()), { within: 40_000 });
            terminal.child.stdin.write(keys);
          }
          await eventually(`the screen shows ${wanted}`, () => wanted.test(shown()), { within: 40_000 });
          return shown();
        } catch (error) {
          error.message += `\n${shown().slice(-3000)}`;
          throw error;
        } finally {
          await interrupted(terminal);
        }
      },
    });
  });
}

const openModels = [[/\/effort/, '/model'], [/\/model Switch model/, '\r']];
const asJson = ({ stdout, stderr }) => {
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout);
};

contract('Claude Code discovers the aliases, knows their window, and asks by their ids', () => byKey, async (world) => {
  world.system.provider.answer('small', text('From the small one.'));

  const end = await world.claude(['-p', 'say hi', '--model', 'claude/fast', '--output-format', 'json']);

  const result = asJson(end);
  assert.equal(result.result, 'From the small one.');
  assert.equal(result.modelUsage['claude/fast'].contextWindow, 32_000);
  const { baseUrl, models } = world.discovered();
  assert.equal(baseUrl, world.proxy.url);
  assert.deepEqual(models.filter(({ id }) => id.startsWith('claude/')), [
    { id: 'claude/fast', display_name: 'fast', description: 'script:small, window 32000 tokens' },
    { id: 'claude/sonnet', display_name: 'sonnet', description: 'script:large, window 272000 tokens' }]);
  const [trace] = await eventually('it is recorded', async () => {
    const traces = (await world.system.traces()).filter((each) => each.resolved_model === 'small');
    return traces.length > 0 && traces;
  });
  assert.deepEqual([trace.requested_model, trace.provider, trace.outcome], ['claude/fast', 'script', 'ok']);
  assert.equal(world.system.provider.seen('claude/fast').length, 0);
});

contract('a tier that another model answers is asked by its alias, with a window no larger than any', () => byKey,
  async (world) => {
    const end = await world.claude(['-p', 'say hi', '--model', 'sonnet', '--output-format', 'json']);

    assert.equal(asJson(end).modelUsage['claude/sonnet'].contextWindow, 32_000, 'the smallest alias is fast');
    assert.ok(world.system.provider.seen('large').length > 0);
  });

contract('a foreign model is taken to have the window that it has', () => ({}), async (world) => {
  const known = await world.claude(['-p', 'say hi', '--model', 'script:medium', '--output-format', 'json']);
  const unknown = await world.claude(['-p', 'say hi', '--model', 'script:odd', '--output-format', 'json']);

  assert.equal(asJson(known).modelUsage['script:medium'].contextWindow, 100_000);
  assert.ok(!known.stderr.includes('not known'), known.stderr);
  assert.match(unknown.stderr, /vdm: the window of odd is not known.*CLAUDE_CODE_MAX_CONTEXT_TOKENS/);
});

contract('/model shows the aliases', () => byKey, async (world) => {
  const shown = await world.screen(openModels, /fast script:small/);

  assert.match(shown, /Select model/);
  assert.match(shown, /fast script:small, window 32000 tokens/);
  assert.match(shown, /sonnet: script:large/, 'the tier is named by its alias');
});

contract('with a login alone /model shows what Claude Code\'s own variables name, and vdm says so', byLogin,
  async (world) => {
    const token = 'sk-ant-oat01-of-a-subscription';
    writeFileSync(join(world.config, '.credentials.json'), JSON.stringify({ claudeAiOauth: {
      accessToken: token, refreshToken: 'sk-ant-ort01-none', expiresAt: Date.now() + 86_400_000,
      scopes: ['user:inference', 'user:profile'], subscriptionType: 'max' } }), { mode: 0o600 });
    world.system.provider.answer('small', text('From the small one.'));

    const end = await world.claude(['-p', 'say hi', '--model', 'claude/fast', '--output-format', 'json']);
    const shown = await world.screen(openModels, /fast script:small/);

    assert.equal(asJson(end).result, 'From the small one.');
    assert.match(end.stderr, /vdm: with a login alone Claude Code asks for no list of models: .*claude\/fast/);
    assert.match(shown, /fast script:small/);
    assert.throws(world.discovered, /ENOENT/, 'it asks for none');
    const [exchange] = world.system.provider.seen('small');
    assert.ok(!JSON.stringify(exchange.headers).includes(token), 'a subscription is shown to nobody else');
  });
