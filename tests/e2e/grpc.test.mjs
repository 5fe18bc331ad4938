// The open event stream: another language, with nothing but the .proto files, or not even those.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import {
  Gate, Program, chatBody, eventually, held, jsonHeaders, open, postJson, root, scenario, text, within,
} from './harness/index.mjs';

const options = { includeDirs: [join(root, 'proto')], keepCase: true, longs: Number, enums: String,
  defaults: true, oneofs: true };
const { Events } = grpc.loadPackageDefinition(loader.loadSync('vdm/metrics/v1/events.proto', options)).vdm.metrics.v1;

function eventsOf(system, key) {
  const metadata = new grpc.Metadata();
  if (key) metadata.set('x-api-key', key);
  const client = new Events(system.eventsAddress, grpc.credentials.createInsecure());
  return {
    client, metadata,
    call: (method, message) => new Promise((resolve, reject) => {
      client[method](message, metadata, (error, reply) => (error ? reject(error) : resolve(reply)));
    }),
    subscribe(request) {
      const stream = client.Subscribe(request, metadata);
      const seen = [];
      stream.on('data', (reply) => seen.push(reply));
      const failed = new Promise((resolve) => stream.on('error', resolve));
      return { stream, seen, failed };
    },
  };
}

const ask = (system, model) => postJson(`${system.proxy.url}/v1/chat/completions`,
  JSON.parse(chatBody(model, { stream: false })));

scenario('the subscriber in the README runs as printed and sees a request', {}, async (system) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, source] = /<!-- subscriber -->\s*```js\n([\s\S]*?)```/.exec(readme);
  assert.ok(source.trim().split('\n').length <= 20, 'twenty lines');
  const folder = mkdtempSync(join(tmpdir(), 'vdm-subscriber-'));
  symlinkSync(join(root, 'proto'), join(folder, 'proto'));
  symlinkSync(join(root, 'tests/e2e/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'subscriber.mjs'), source);
  const subscriber = new Program('subscriber', { command: process.execPath, args: ['subscriber.mjs'], cwd: folder,
    env: { VDM_EVENTS_ADDRESS: system.eventsAddress } });
  system.programs.push(subscriber);
  await eventually('it has its snapshot', () => subscriber.stdout.includes('running'));

  system.provider.answer('printed', text('hello', { usage: { input: 3, output: 77 } }));
  await ask(system, 'script:printed');

  await eventually('it prints the request', () => subscriber.stdout.includes('printed')
    && subscriber.stdout.includes('77'));
  assert.equal(subscriber.stderr, '');
  await subscriber.stop();
  rmSync(folder, { recursive: true });
});

scenario('a subscriber gets a snapshot, then events in order with cursors, and resumes after any of them', {},
  async (system) => {
    const gate = new Gate();
    system.provider.answer('watched', held(gate)).answer('later', text('later'));
    const events = eventsOf(system);
    const first = events.subscribe({});
    await eventually('a snapshot', () => first.seen[0]?.message === 'snapshot');
    const stream = await open(`${system.proxy.url}/v1/chat/completions`,
      { method: 'POST', headers: jsonHeaders, body: chatBody('script:watched') });
    gate.open();
    await stream.ended;
    const kinds = () => first.seen.filter((reply) => reply.event).map((reply) => reply.event.kind);
    await eventually('its end', () => kinds().includes('ended'));
    const started = first.seen.find((reply) => reply.event?.kind === 'started');
    first.stream.cancel();

    await ask(system, 'script:later');
    const second = events.subscribe({ cursor: started.cursor, without_snapshot: true });
    await eventually('the later end', () => second.seen.some(
      (reply) => reply.event?.ended?.facts.resolved_model === 'later'));

    assert.ok(kinds().indexOf('started') < kinds().indexOf('ended'));
    const ended = second.seen.filter((reply) => reply.event?.kind === 'ended');
    assert.deepEqual(ended.map((reply) => reply.event.ended.facts.resolved_model), ['watched', 'later']);
    assert.ok(!second.seen.some((reply) => reply.event?.kind === 'started'
      && reply.event.started.facts.resolved_model === 'watched'), 'nothing before the cursor');
    second.stream.cancel();
    events.client.close();
  });

scenario('a cursor of another life gets a reset and a snapshot, never silence', {}, async (system) => {
  const events = eventsOf(system);

  const { stream, seen } = events.subscribe({ cursor: 'cafecafe-3', without_snapshot: true });

  await eventually('both', () => seen.length >= 2);
  assert.deepEqual(seen.slice(0, 2).map((reply) => reply.message), ['reset', 'snapshot']);
  stream.cancel();
  events.client.close();
});

scenario('queries give the present, and cancel over gRPC ends a request', {
  metricsEnv: { VDM_ALLOW_CANCEL: 'true' },
}, async (system) => {
  system.provider.answer('endless', held(new Gate()));
  const stream = await open(`${system.proxy.url}/v1/chat/completions`,
    { method: 'POST', headers: jsonHeaders, body: chatBody('script:endless') });
  const id = stream.headers['x-request-id'];
  const events = eventsOf(system);
  const { active } = await eventually('it is active', async () => {
    const reply = await events.call('GetActiveRequests', {});
    return reply.active.length === 1 && reply;
  });
  assert.equal(active[0].facts.request_id, id);
  assert.equal(active[0].facts.provider, 'script');

  await events.call('CancelRequest', { request_id: id });
  await within(3000, 'the stream ends', stream.ended);

  const { traces } = await eventually('its trace', async () => {
    const reply = await events.call('GetTraces', { limit: 10 });
    return reply.traces.length === 1 && reply;
  });
  assert.equal(traces[0].ended.outcome, 'OUTCOME_CANCELLED_BY_OPERATOR');
  await assert.rejects(events.call('CancelRequest', { request_id: 'req_none_1' }),
    (error) => error.code === grpc.status.NOT_FOUND);
  const status = await events.call('GetStatus', {});
  assert.equal(status.started, status.ended + status.lost + status.active);
  const totals = await events.call('GetRunningTotals', { provider: 's*' });
  assert.equal(totals.summary.requests, 1);
  assert.equal(totals.summary.cancelled, 1);
  events.client.close();
});

scenario('with a key, a caller without it is UNAUTHENTICATED', {
  env: { PROXY_API_KEY: 'door-key' }, apiHeaders: { 'x-api-key': 'door-key' },
}, async (system) => {
  const stranger = eventsOf(system);
  const friend = eventsOf(system, 'door-key');

  await assert.rejects(stranger.call('GetStatus', {}), (error) => error.code === grpc.status.UNAUTHENTICATED);
  const { failed } = stranger.subscribe({});
  assert.equal((await within(3000, 'the refusal', failed)).code, grpc.status.UNAUTHENTICATED);
  assert.equal((await friend.call('GetStatus', {})).proxies.length, 1);
  stranger.client.close();
  friend.client.close();
});

scenario('ordinary gRPC tools find the services by reflection and their health', {}, async (system) => {
  const health = clientOf('grpc.health.v1', 'Health', `
    syntax = "proto3"; package grpc.health.v1;
    message HealthCheckRequest { string service = 1; }
    message HealthCheckResponse { enum Status { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; } Status status = 1; }
    service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }`, system.eventsAddress);
  const reflection = clientOf('grpc.reflection.v1alpha', 'ServerReflection', `
    syntax = "proto3"; package grpc.reflection.v1alpha;
    message ServerReflectionRequest { string host = 1; oneof message_request { string list_services = 7; } }
    message ServerReflectionResponse { ListServiceResponse list_services_response = 6; }
    message ListServiceResponse { repeated ServiceResponse service = 1; }
    message ServiceResponse { string name = 1; }
    service ServerReflection {
      rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse); }`,
  system.eventsAddress);

  const { status } = await new Promise((resolve, reject) => {
    health.Check({ service: 'vdm.metrics.v1.Events' }, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
  const call = reflection.ServerReflectionInfo();
  const listed = new Promise((resolve, reject) => { call.on('data', resolve); call.on('error', reject); });
  call.write({ list_services: '' });
  const { list_services_response: services } = await within(3000, 'the list', listed);
  call.end();

  assert.equal(status, 'SERVING');
  const names = services.service.map((service) => service.name);
  assert.ok(names.includes('vdm.metrics.v1.Events'), names.join());
  health.close();
  reflection.close();
});

/** A client for a service that is written here: standard ones, whose files we do not carry. */
function clientOf(pkg, service, source, address) {
  const folder = mkdtempSync(join(tmpdir(), 'vdm-proto-'));
  writeFileSync(join(folder, 'service.proto'), source);
  const definition = loader.loadSync(join(folder, 'service.proto'), { ...options, keepCase: true });
  rmSync(folder, { recursive: true });
  const at = pkg.split('.').reduce((node, name) => node[name], grpc.loadPackageDefinition(definition));
  return new at[service](address, grpc.credentials.createInsecure());
}
