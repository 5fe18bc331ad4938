// Claude Code itself, in print mode: a home, a configuration and a working directory of its own, only the
// environment that the test gives it, and settings that keep it from calling anything but the proxy.
// Killed by its pid when it takes too long.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Program } from './program.mjs';
import { within } from './wait.mjs';

/** In the platform's own package: the binary is there even where install scripts are not run. */
export function claudeBinary() {
  const require = createRequire(import.meta.url);
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  return join(dirname(require.resolve(`${platform}/package.json`)), 'claude');
}

export class ClaudeCode {
  /** Claude Code uses `model` for everything, also where it would take a smaller one. */
  constructor({ url, model, env = {} }) {
    this.root = mkdtempSync(join(tmpdir(), 'vdm-claude-'));
    this.cwd = join(this.root, 'work');
    mkdirSync(this.cwd);
    this.env = {
      HOME: this.root, CLAUDE_CONFIG_DIR: join(this.root, 'config'), TMPDIR: this.root,
      ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'client-key', ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model, ANTHROPIC_DEFAULT_SONNET_MODEL: model, ANTHROPIC_DEFAULT_OPUS_MODEL: model,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1',
      DISABLE_ERROR_REPORTING: '1', ...env,
    };
  }

  path(name) { return join(this.cwd, name); }

  /** Starts a run and returns it; the caller must end it. */
  start(prompt, { args = [], env = {} } = {}) {
    return new Program('claude', {
      command: claudeBinary(), cwd: this.cwd, env: { ...this.env, ...env },
      args: ['-p', prompt, '--output-format', 'stream-json', '--verbose', ...args],
    });
  }

  /** One run to its end. `events` are the lines it printed, `result` the last of them, `text` the model's answer. */
  async print(prompt, { patience = 60_000, ...options } = {}) {
    const program = this.start(prompt, options);
    try {
      const end = await within(patience, 'Claude Code ends', program.exited);
      const events = program.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
      const result = events.findLast((event) => event.type === 'result');
      return { ...end, stderr: program.stderr, events, result, text: result?.result };
    } catch (error) {
      error.message += `\n${program.output.slice(-2000)}`;
      throw error;
    } finally {
      if (program.running) await program.kill();
    }
  }

  remove() { rmSync(this.root, { recursive: true, force: true }); }
}
