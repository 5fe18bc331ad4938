// What a stranger may cost the metrics service by HTTP/2, before any token is asked for: attacks on both gRPC ports,
// bounded in bytes and time, and what they cost in CPU and memory.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Attacker, call, chatBody, continuation, endHeaders, eventually, frame, headers, jsonHeaders, ping, request, reset,
  settings, suite, text, useOf, within,
} from './harness/index.mjs';

const report = call('/vdm.metrics.v1.Ingest/Report');
const ids = (i) => 2 * i + 1;
const MiB = 1024 * 1024;

/** A literal field whose name's length is a varint, and what of its padding fits. */
const padded = (size) => Buffer.concat([Buffer.from([0x00, 0x7f]), Buffer.alloc(size, 0x80)]);

/** Each says what it sends, at most; all must be closed before that, or cost no more than the bounds. */
const attacks = {
  'varints padded with zeros': async (one) => {
    await one.send(headers(1, padded(16_000), 0));
    await one.repeat(512, () => continuation(1, Buffer.alloc(16_384, 0x80)));
  },
  'a padded varint byte by byte': async (one) => {
    const block = headers(1, padded(16_000));
    for (const byte of block) if (!await one.send(Buffer.from([byte]))) return;
  },
  'a header block that never ends': async (one) => {
    const huge = Buffer.from([0x00, 0x7f, 0x80, 0x80, 0x80, 0x80, 0x07]); // a name of 1.9 GB
    await one.send(headers(1, huge, 0));
    await one.repeat(4_000, () => continuation(1, Buffer.alloc(16_384, 'x')));
  },
  'CONTINUATION frames without a byte': async (one) => {
    await one.send(headers(1, report, 0));
    await one.repeat(1_000_000, () => continuation(1, Buffer.alloc(0)));
  },
  'streams opened and reset': async (one) => {
    await one.repeat(100_000, (i) => Buffer.concat([headers(ids(i), report), reset(ids(i))]));
  },
  'streams opened and left': async (one) => {
    await one.repeat(20_000, (i) => headers(ids(i), report));
  },
  pings: async (one) => one.repeat(1_000_000, () => ping()),
  'answers to no ping': async (one) => one.repeat(1_000_000, () => ping(1)),
  SETTINGS: async (one) => one.repeat(1_000_000, () => settings()),
  'empty DATA': async (one) => {
    await one.send(headers(1, report));
    await one.repeat(1_000_000, () => frame(0, 0, 1));
  },
  'frames of no known type': async (one) => one.repeat(1_000_000, () => frame(200, 0, 0)),
  'PRIORITY of streams that there are not': async (one) => (
    one.repeat(1_000_000, (i) => frame(2, 0, ids(i), Buffer.alloc(5)))),
  'the same headers again and again': async (one) => (
    one.repeat(1_000_000, () => headers(1, report))),
};

suite('HTTP/2 of a stranger', { timeout: 120_000, metricsEnv: { VDM_INGEST_TOKEN: 'a-token-of-this-test-only' },
  proxyEnv: { VDM_INGEST_TOKEN: 'a-token-of-this-test-only' } }, (system, it) => {
  const portOf = { ingest: () => system.commonEnv.VDM_INGEST_ADDRESS, events: () => system.eventsAddress };
  let asked = 0;

  /** A request through the proxy is counted: ingest works, on the connection that it has. */
  const isStillServed = async () => {
    system.provider.answer('small', text('hello'));
    await request(`${system.proxy.url}/v1/chat/completions`,
      { method: 'POST', headers: jsonHeaders, body: chatBody('script:small', { stream: false }) });
    asked += 1;
    await eventually('it is counted', async () => (await system.totals()).summary.total_requests === asked);
  };

  for (const [name, attack] of Object.entries(attacks)) {
    for (const port of ['ingest', 'events']) {
      it(`costs little on ${port}: ${name}`, async () => {
        const before = useOf(system.metrics.pid);
        const one = new Attacker(portOf[port]());
        await attack(one);
        await Promise.race([one.closed, pause(300)]);
        one.end();
        await one.closed;
        await isStillServed();
        const after = useOf(system.metrics.pid);
        const cost = { cpu: after.cpu - before.cpu, memory: Math.round(after.memory - before.memory) };
        const told = `${cost.cpu} ms of CPU, ${cost.memory} MiB, for ${(one.sent / MiB).toFixed(1)} MiB`;
        if (process.env.VDM_E2E_TELL) console.log(`${port}: ${name}: ${told}`);
        assert.ok(cost.cpu <= 400 && cost.memory <= 16, told);
      });
    }
  }

  it('closes who says nothing, and who does not go on, within some ten seconds', async () => {
    const silent = Array.from({ length: 100 }, () => new Attacker(portOf.ingest(), { greet: false }));
    const begun = new Attacker(portOf.events(), { greet: false });
    await begun.send(Buffer.from('PRI * HTTP/2.0\r\n'));
    const within_a_block = new Attacker(portOf.events());
    await within_a_block.send(headers(1, report, 0));
    const all = [...silent, begun, within_a_block];

    await within(15_000, 'all are closed', Promise.all(all.map((one) => one.closed)));
    await isStillServed();
  }, { timeout: 30_000 });

  it('says in the log whom it closed, and why', async () => {
    await eventually('the log has it', () => (
      /connection closed.*peer=.?ipv4:127\.0\.0\.1:\d+/.test(system.metrics.output)
      || /"connection closed".*"ipv4:127\.0\.0\.1:\d+"/.test(system.metrics.output)));
  });

  it('lets a call pass whose head comes in pieces', async () => {
    const one = new Attacker(portOf.events());
    const block = call('/vdm.metrics.v1.Events/GetStatus');
    await one.send(headers(1, block.subarray(0, 10), 0));
    await one.send(continuation(1, block.subarray(10), endHeaders));
    const answer = new Promise((resolve) => { one.socket.on('data', (bytes) => { if (bytes.includes('grpc-status')) resolve(); }); });
    await one.send(frame(0, 1, 1, Buffer.alloc(5)));
    await within(5_000, 'it is answered', answer);
    one.end();
  });
});
