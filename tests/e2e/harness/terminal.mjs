// Runs a program on a terminal of its own, through `script` (util-linux); tests read its output and type keys.
import { spawn } from 'node:child_process';
import { eventually, within } from './wait.mjs';

export class Terminal {
  /** A shell runs `command`. */
  constructor(command, { env, cwd }) {
    this.shown = '';
    this.child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'],
      { cwd, env: { PATH: process.env.PATH, TERM: 'dumb', SHELL: '/bin/sh', ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.shown += text; });
    this.ended = new Promise((resolve) => { this.child.on('close', (code) => resolve(code)); });
    this.read = 0;
  }

  /** Types the keys when this prompt appears after the previous one. */
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
