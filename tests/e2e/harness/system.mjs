// The whole system for one test: a metrics service, proxies, and a provider, as real processes on free ports.
// `scenario` starts a system for a test and ends it afterwards; a failure's message names the folder of the logs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { binDir, dashboardDir, outPath } from './paths.mjs';
import { freePort } from './ports.mjs';
import { Program } from './program.mjs';
import { ScriptedProvider } from './provider.mjs';
import { getJson, request } from './http.mjs';
import { SseReader } from './sse.mjs';
import { eventually } from './wait.mjs';

/**
 * A test with a system of its own. Options: proxies (1), metrics (true), env (both services), proxyEnv, metricsEnv,
 * demo (false: also a vdm-demo-provider), demoSpeed (20: times human speed), demoTraffic (false), timeout, skip (false,
 * or the reason), proxyUnder (a command and its arguments that starts the proxy, whose path follows them).
 */
export function scenario(name, options, body) {
  test(name, { timeout: options.timeout ?? 60_000, skip: options.skip }, async (t) => {
    const system = new System(slug(name), options);
    try {
      await naming(system, async () => {
        await system.start();
        await body(system, t);
        await system.checkAlive();
      });
    } finally {
      await system.stop();
    }
  });
}

/**
 * Tests that share a system, `options.concurrency` (1) at a time; beside it the options of `scenario`.
 * `body(system, it)` registers them. After the last test no request may be running.
 */
export function suite(name, options, body) {
  const { concurrency = 1, skip, timeout = 60_000 } = options;
  describe(name, { concurrency }, () => {
    const system = new System(slug(name), options);
    // Each test is skipped rather than the suite, so that the runner counts the skipped tests.
    if (skip) return body(system, (title) => test(title, { skip }));
    let started = false;
    before(() => naming(system, async () => {
      await system.start();
      started = true;
    }));
    after(() => naming(system, async () => {
      try {
        if (!started) return;
        await eventually('nothing is left on the live list', async () => (await system.active()).length === 0);
        await system.checkAlive();
      } finally {
        await system.stop();
      }
    }));
    return body(system, (title, work, rest) => (
      test(title, { timeout, ...rest }, (t) => naming(system, () => work(t)))));
  });
}

/** Adds the folder of the programs' logs to a fault's message. */
async function naming(system, work) {
  try {
    return await work();
  } catch (error) {
    error.message += `\n  logs: ${system.logDir}`;
    throw error;
  }
}

/** Other faults do not end the asking, since a program that has not started yet refuses connections. */
class Ended extends Error {
  constructor(program) {
    super(`${program.name} ended: ${program.end.error ?? JSON.stringify(program.end)}\n${program.output}`);
    this.final = true;
  }
}

export class System {
  constructor(name, options = {}) {
    this.options = options;
    this.proxies = [];
    this.programs = [];
    this.logDir = dirname(outPath(name, 'any'));
  }

  async start() {
    this.dataDir = mkdtempSync(join(tmpdir(), 'vdm-e2e-'));
    const [metricsPort, ingestPort, eventsPort] = [await freePort(), await freePort(), await freePort()];
    this.metricsUrl = `http://127.0.0.1:${metricsPort}`;
    this.eventsAddress = `127.0.0.1:${eventsPort}`;
    this.commonEnv = {
      VDM_METRICS_HOST: '127.0.0.1', VDM_METRICS_PORT: String(metricsPort),
      VDM_INGEST_ADDRESS: `127.0.0.1:${ingestPort}`, VDM_EVENTS_ADDRESS: this.eventsAddress, ...this.options.env,
    };
    this.provider = await ScriptedProvider.start();
    if (this.options.demo) await this.#startDemo();
    const metrics = this.options.metrics === false ? undefined : this.startMetrics();
    const count = this.options.proxies ?? 1;
    await Promise.all([metrics, ...Array.from({ length: count }, (_, i) => this.startProxy(`proxy-${i + 1}`))]);
    if (metrics && count > 0) await this.connected(count);
    if (this.options.demoTraffic) this.#startTraffic();
  }

  /** Starts the metrics service (again) on its ports and waits until it is ready. */
  async startMetrics(env = {}) {
    this.metrics = this.spawn('vdm-metrics', 'metrics', {
      ...this.commonEnv, VDM_DATA_DIR: join(this.dataDir, 'metrics'), VDM_DASHBOARD_DIR: dashboardDir,
      ...this.options.metricsEnv, ...env,
    });
    await this.ready(this.metrics, this.metricsUrl);
    return this.metrics;
  }

  async startProxy(name, env = {}) {
    const port = Number(env.PORT ?? await freePort());
    const program = this.spawnProxy(name, {
      ...this.commonEnv, HOST: '127.0.0.1', VDM_THREADS: '2', VDM_PROXY_NAME: name,
      VDM_DATA_DIR: join(this.dataDir, name), ...this.provider.env, ...this.demoEnv, ...this.options.proxyEnv, ...env,
      PORT: String(port),
    });
    const proxy = { name, port, program, url: `http://127.0.0.1:${port}` };
    this.proxies.push(proxy);
    await this.ready(program, proxy.url);
    return proxy;
  }

  spawnProxy(name, env) {
    const [command, ...args] = this.options.proxyUnder ?? [];
    if (!command) return this.spawn('vdm-proxy', name, env);
    return this.spawn('vdm-proxy', name, env, [...args, join(binDir, 'vdm-proxy')], command);
  }

  async #startDemo() {
    const port = await freePort();
    this.demoUrl = `http://127.0.0.1:${port}`;
    const speed = String(this.options.demoSpeed ?? 20);
    this.demo = this.spawn('vdm-demo-provider', 'demo', {}, ['--port', String(port), '--speed', speed]);
    this.demoEnv = {
      DEMO_API_KEY: 'demo', DEMO_BASE_URL: `${this.demoUrl}/v1`,
      DEMOCLAUDE_API_KEY: 'demo', DEMOCLAUDE_BASE_URL: this.demoUrl, DEMOCLAUDE_API_FORMAT: 'anthropic',
    };
    await this.ready(this.demo, this.demoUrl);
  }

  /** The demo provider's own clients, a few for each proxy. */
  #startTraffic() {
    for (const { name, url } of this.proxies) {
      this.spawn('vdm-demo-provider', `traffic-${name}`, {},
        ['--traffic-only', '--traffic', url, '--conversations', '5']);
    }
  }

  spawn(binary, name, env, args = [], command = undefined) {
    const logPath = join(this.logDir, `${name}.log`);
    const program = new Program(binary, { args, env, cwd: this.dataDir, logPath, command });
    this.programs.push(program);
    return program;
  }

  async ready(program, url) {
    await eventually(`${program.name} is ready at ${url}`, async () => {
      if (!program.running) throw new Ended(program);
      return (await request(`${url}/health`)).status === 200;
    });
  }

  /** Waits until the metrics service sees so many connected proxies. */
  connected(count) {
    return eventually(`${count} proxies are connected`, async () => {
      const { proxies } = await this.snapshot();
      return proxies.filter((proxy) => proxy.state === 'connected').length === count;
    });
  }

  get proxy() { return this.proxies[0]; }
  get apiHeaders() { return this.options.apiHeaders ?? {}; }

  /** The first event of the dashboard's feed: the whole present state. */
  async snapshot() {
    const reader = await SseReader.open(`${this.metricsUrl}/metrics/stream`, { headers: this.apiHeaders });
    try {
      return (await reader.find('a snapshot', (event) => event.event === 'snapshot')).json;
    } finally {
      reader.close();
    }
  }

  async active() {
    return (await getJson(`${this.metricsUrl}/metrics/active-requests`, { headers: this.apiHeaders })).active_requests;
  }

  async traces() {
    return (await getJson(`${this.metricsUrl}/metrics/logs`, { headers: this.apiHeaders })).traces;
  }

  totals(query = '') {
    return getJson(`${this.metricsUrl}/metrics/running-totals${query}`, { headers: this.apiHeaders });
  }

  /** Waits for the finished request with this id, or the first for which the given function returns true. */
  trace(pick, options) {
    const question = typeof pick === 'string' ? (trace) => trace.request_id === pick : pick;
    return eventually('the trace is there', async () => (await this.traces()).find(question), options);
  }

  /** A program that died by itself is a failure even when no assertion saw it. */
  async checkAlive() {
    for (const program of this.programs) {
      if (program.end?.signal && !['SIGKILL', 'SIGTERM'].includes(program.end.signal)) {
        throw new Error(`${program.name} died of ${program.end.signal}\n${program.output.slice(-2000)}`);
      }
    }
  }

  async stop() {
    await Promise.all(this.programs.map((program) => program.stop({ patience: 3000 })));
    await this.provider?.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

function slug(name) {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 80).replace(/^-|-$/g, '');
}
