#!/usr/bin/env node
// How long what vdm-metrics shows holds up what it is told: 20,000 requests run and report progress twice a second, ten
// dashboards read every change and now and then come anew, active-requests is asked twice a second. Prints the longest time from
// a batch to its acknowledgement, and of GET /health. Needs `npm ci --prefix tests/e2e`.
//
//   node tests/bench/many_active.mjs [--active 20000] [--readers 10] [--seconds 20] [--most 50] [--binaries DIR]
//
// `--most MS`: fails when one of the two takes longer. `late` is how late timers of this program fire meanwhile: what the
// machine itself adds, and so what no figure can be better than.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { binDir } from '../e2e/harness/paths.mjs';
import { openReport, requestBytes } from '../e2e/harness/report_recorder.mjs';

const BatchEvents = 500;
const ProgressEveryMs = 500;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

class Times {
  all = [];
  add(ms) { this.all.push(ms); }
  at(part) { return this.all.toSorted((a, b) => a - b)[Math.floor(part * (this.all.length - 1))] ?? NaN; }
  text() {
    const words = { '50 %': 0.5, '99 %': 0.99, most: 1 };
    return Object.entries(words).map(([word, part]) => `${word} ${this.at(part).toFixed(1)} ms`).join(', ');
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Asks GET `path` on one connection; the time until the whole answer is there, and its length. */
function ask(agent, port, path) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    http.get({ agent, port, host: '127.0.0.1', path }, (answer) => {
      let bytes = 0;
      answer.on('data', (piece) => { bytes += piece.length; });
      answer.on('end', () => resolve({ ms: performance.now() - began, bytes }));
    }).on('error', reject);
  });
}

// --- what each thread does --------------------------------------------------------------------

async function askHealth({ port }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const { ms } = await ask(agent, port, '/health');
    const due = performance.now() + 10;
    await sleep(10);
    parentPort.postMessage({ health: ms, late: Math.max(0, performance.now() - due) });
  }
}

async function watch({ port, readers }) {
  let bytes = 0;
  const open = () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET /metrics/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.on('data', (piece) => { bytes += piece.length; });
    socket.on('error', () => {});
    return socket;
  };
  const sockets = Array.from({ length: readers }, open);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let round = 0; ; ++round) {
    if (round % 4 === 3) {
      sockets.shift()?.destroy();
      sockets.push(open());
    }
    const answer = await ask(agent, port, '/metrics/active-requests');
    parentPort.postMessage({ rows: answer.ms, body: answer.bytes, bytes });
    bytes = 0;
    await sleep(Math.max(0, 500 - answer.ms));
  }
}

const requestId = (i) => `req_${String(i).padStart(26, '0')}`;

function startedEvent(i) {
  return { started: { facts: { request_id: requestId(i), started_at_unix_us: Date.now() * 1000 + i, client_dialect: 1,
    upstream_dialect: 2, requested_model: 'openai:gpt-5.4', resolved_model: 'gpt-5.4', provider: 'openai', streaming: true,
    message_count: 12, request_bytes: 40_000, client_label: '0123456789ab', user_agent: 'claude-cli/2.0 (external, cli)',
    session_id: '7d9f1c5e-0000-4000-8000-000000000000', credential: 1 } } };
}

function progressedEvent(i, elapsedMs) {
  return { progressed: { request_id: requestId(i), phase: 3, elapsed_us: elapsedMs * 1000, ttft_us: 400_000,
    usage: { input_tokens: 9_000, output_tokens: Math.floor(elapsedMs / 20) }, response_bytes: elapsedMs * 3, attempt: 1 } };
}

/** A proxy: one stream, batches within the service's credit, the time of each until its acknowledgement. */
class Proxy {
  acks = new Times();
  #next = 1;
  #unacked = [];

  constructor(address) {
    this.call = openReport(address, (reply) => this.#hear(reply));
    this.call.write(requestBytes({ hello: { instance_id: 'b'.repeat(32), proxy_name: 'bench', protocol: 1, version: '0',
      oldest_unacked_seq: 1, secret: 'c'.repeat(64) } }));
    this.welcome = new Promise((resolve) => { this.welcomed = resolve; });
  }
  #hear({ welcome, ack }) {
    if (welcome) this.welcomed((this.credit = welcome.credit_bytes));
    if (!ack) return;
    while (this.#unacked[0]?.last <= ack.committed_seq) this.acks.add(performance.now() - this.#unacked.shift().sent);
  }
  /** Waits first while the credit is used up. */
  async send(events) {
    const bytes = requestBytes({ batch: { first_seq: this.#next, events } });
    const used = () => this.#unacked.reduce((sum, batch) => sum + batch.bytes, 0);
    while (used() + bytes.length > this.credit) await sleep(1);
    this.#next += events.length;
    this.#unacked.push({ last: this.#next - 1, bytes: bytes.length, sent: performance.now() });
    this.call.write(bytes);
  }
  async settled() {
    while (this.#unacked.length > 0) await sleep(5);
  }
}

// --- the run ----------------------------------------------------------------------------------

async function main() {
  const { values: given } = parseArgs({ options: {
    active: { type: 'string', default: '20000' }, readers: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '20' }, most: { type: 'string' },
    binaries: { type: 'string', default: binDir } } });
  const active = Number(given.active);
  const folder = mkdtempSync(join(tmpdir(), 'vdm-many-active-'));
  const [port, ingest, events] = [await freePort(), await freePort(), await freePort()];
  const service = spawn(join(given.binaries, 'vdm-metrics'), [], { cwd: folder, stdio: 'ignore',
    env: { VDM_METRICS_PORT: `${port}`, VDM_DATA_DIR: join(folder, 'history'), VDM_INGEST_ADDRESS: `127.0.0.1:${ingest}`,
      VDM_EVENTS_ADDRESS: `127.0.0.1:${events}` } });
  const health = new Times();
  const late = new Times();
  const rows = new Times();
  let fedBytes = 0;
  let body = 0;
  const workers = [];
  try {
    const agent = new http.Agent();
    for (let tries = 0; !await ask(agent, port, '/health').catch(() => false); ++tries) {
      if (tries > 500) throw new Error('the service does not listen');
      await sleep(20);
    }
    const proxy = new Proxy(`127.0.0.1:${ingest}`);
    await proxy.welcome;
    for (let first = 0; first < active; first += BatchEvents) {
      const count = Math.min(BatchEvents, active - first);
      await proxy.send(Array.from({ length: count }, (_, i) => startedEvent(first + i)));
    }
    await proxy.settled();
    proxy.acks = new Times();

    for (const job of ['askHealth', 'watch']) {
      const worker = new Worker(new URL(import.meta.url), { workerData: { job, port, readers: Number(given.readers) } });
      worker.on('message', (said) => {
        if ('health' in said) {
          health.add(said.health);
          late.add(said.late);
        } else {
          rows.add(said.rows);
          fedBytes += said.bytes;
          body = said.body;
        }
      });
      workers.push(worker);
    }
    const began = performance.now();
    const batches = Math.ceil(active / BatchEvents);
    for (let sent = 0; performance.now() - began < Number(given.seconds) * 1000; ++sent) {
      const due = began + (sent * ProgressEveryMs) / batches;
      await sleep(Math.max(0, due - performance.now()));
      const first = (sent % batches) * BatchEvents;
      const elapsed = Math.floor(performance.now() - began) + 500;
      const count = Math.min(BatchEvents, active - first);
      await proxy.send(Array.from({ length: count }, (_, i) => progressedEvent(first + i, elapsed)));
    }
    const seconds = (performance.now() - began) / 1000;
    await proxy.settled();
    const told = proxy.acks.all.length * BatchEvents;
    console.log(`${active} active, ${given.readers} dashboards, ${seconds.toFixed(0)} s: ` +
      `${(told / seconds).toFixed(0)} events/s told, ${(fedBytes / seconds / 1e6).toFixed(0)} MB/s to dashboards, ` +
      `active-requests is ${(body / 1e6).toFixed(1)} MB`);
    console.log(`acknowledged after  ${proxy.acks.text()}`);
    console.log(`GET /health         ${health.text()}`);
    console.log(`active-requests     ${rows.text()}`);
    console.log(`timers late         ${late.text()}`);
    const worst = Math.max(proxy.acks.at(1), health.at(1));
    if (given.most && worst > Number(given.most)) throw new Error(`${worst.toFixed(1)} ms are too long`);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    service.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const jobs = { askHealth, watch };
if (isMainThread) {
  main().then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
} else {
  await jobs[workerData.job](workerData);
}
