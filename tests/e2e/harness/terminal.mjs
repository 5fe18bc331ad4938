// A program at a terminal of its own, by way of `script` (util-linux): what it shows, and keys typed when it asks.
import { spawn } from 'node:child_process';
import { eventually, within } from './wait.mjs';

export class Terminal {
  /** `command` is for a shell. */
  constructor(command, { env, cwd }) {
    this.shown = '';
    this.child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'],
      { cwd, env: { PATH: process.env.PATH, TERM: 'dumb', SHELL: '/bin/sh', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.shown += text; });
    this.ended = new Promise((resolve) => { this.child.on('close', (code) => resolve(code)); });
    this.read = 0;
  }

  /** Types once this question has come, after the one before. */
  async answer(question, keys) {
    await eventually(`it asks ${question}`, () => this.shown.indexOf(question, this.read) >= 0);
    this.read = this.shown.indexOf(question, this.read) + question.length;
    this.child.stdin.write(keys);
  }

  /** Its exit code. */
  async end() {
    try {
      return await within(20_000, 'it ends', this.ended);
    } finally {
      this.child.kill('SIGKILL');
    }
  }
}
