// What the services tell: a subscriber that goes on where it stopped, the last picture of the dashboard's feed, the
// stored files, and REST.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../e2e/harness/paths.mjs';

export { storedRows } from '../e2e/harness/history.mjs';

const require = createRequire(join(root, 'tests/e2e/package.json'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const { Events } = grpc.loadPackageDefinition(loader.loadSync('vdm/metrics/v1/events.proto', {
  includeDirs: [join(root, 'proto')], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true,
})).vdm.metrics.v1;

/** Hears of every end, over breaks and restarts of the service. */
export class Subscriber {
  constructor(address) {
    this.address = address;
    this.ended = [];
    this.resets = 0;
    this.#open();
  }

  #open() {
    if (this.closed) return;
    const client = new Events(this.address, grpc.credentials.createInsecure());
    this.stream = client.Subscribe({ filter: { kinds: ['EVENT_KIND_ENDED'] }, cursor: this.cursor ?? '' });
    this.stream.on('data', ({ cursor, event, reset }) => {
      if (reset) this.resets += 1;
      if (event?.ended) this.ended.push(event.ended.facts.request_id);
      if (cursor) this.cursor = cursor;
    });
    this.stream.on('error', () => {
      client.close();
      setTimeout(() => this.#open(), 50);
    });
  }

  close() {
    this.closed = true;
    this.stream.cancel();
  }
}

export async function restTotals(system) {
  const { summary } = await system.totals();
  return { requests: summary.total_requests, input: summary.total_input_tokens, output: summary.total_output_tokens };
}
