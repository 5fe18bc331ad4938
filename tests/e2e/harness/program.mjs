// One of our programs as a child process: its lines, its end, its log file. It is ended by its pid only.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { binDir } from './paths.mjs';
import { within } from './wait.mjs';

const KeptBytes = 4 * 1024 * 1024;

export class Program {
  /** `env` is all that the program sees beside PATH and HOME: no key of the caller's leaks into a test. */
  constructor(name, { args = [], env = {}, cwd, logPath, command } = {}) {
    this.name = name;
    this.output = '';
    this.stdout = '';
    this.stderr = '';
    this.child = spawn(command ?? join(binDir, name), args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: process.env.HOME ?? '/tmp', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = logPath ? createWriteStream(logPath, { flags: 'a' }) : undefined;
    this.#collect('stdout', log);
    this.#collect('stderr', log);
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve({ code: null, signal: null, error }));
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    }).then((end) => { this.end = end; log?.end(); return end; });
  }

  get pid() { return this.child.pid; }
  get running() { return this.end === undefined; }

  #collect(stream, log) {
    this.child[stream].setEncoding('utf8');
    this.child[stream].on('data', (text) => {
      this[stream] = (this[stream] + text).slice(-KeptBytes);
      this.output = (this.output + text).slice(-KeptBytes);
      log?.write(text);
    });
  }

  signal(name) {
    if (this.running) this.child.kill(name);
  }

  /** SIGKILL, as when the machine loses power. */
  async kill() {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** SIGTERM, and SIGKILL if that is not enough. */
  async stop({ patience = 5000 } = {}) {
    this.signal('SIGTERM');
    try {
      return await within(patience, `${this.name} stops`, this.exited);
    } catch {
      return this.kill();
    }
  }
}

/** Runs a program to its end and returns its output: for command lines that finish by themselves. */
export async function run(name, options = {}) {
  const program = new Program(name, options);
  try {
    const end = await within(options.patience ?? 20_000, `${name} ends`, program.exited);
    return { ...end, stdout: program.stdout, stderr: program.stderr };
  } finally {
    if (program.running) await program.kill();
  }
}
