// The Report stream as bytes. A recorder forwards streams between proxies and the metrics service and stores the
// messages of both directions; `replay` sends recorded messages to a service again. Messages are never altered; the recorder decodes
// a copy to read them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { root } from './paths.mjs';

const asIs = (bytes) => bytes;
const Report = { path: '/vdm.metrics.v1.Ingest/Report', requestStream: true, responseStream: true,
  requestDeserialize: asIs, requestSerialize: asIs, responseDeserialize: asIs, responseSerialize: asIs };

const contract = loader.loadSync('vdm/metrics/v1/ingest.proto',
  { includeDirs: [join(root, 'proto')], keepCase: true, longs: Number, defaults: true, oneofs: true });
const { requestDeserialize, responseDeserialize } = contract['vdm.metrics.v1.Ingest'].Report;

/** The last sequence number in the batches among these requests. */
export function lastSeq(requests) {
  const ends = requests.map((bytes) => requestDeserialize(bytes)).filter(({ batch }) => batch).map(({ batch }) => (
    batch.events.reduce((next, event) => Math.max(next, event.gap?.to_seq ?? 0) + 1, batch.first_seq) - 1));
  return Math.max(0, ...ends);
}

/** A message of the Report stream as bytes, from the fields of the `.proto`. */
export const requestBytes = (fields) => contract['vdm.metrics.v1.Ingest'].Report.requestSerialize(fields);

/** Joins messages, each after its length in four bytes, lowest byte first. */
export function pack(messages) {
  return Buffer.concat(messages.flatMap((message) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(message.length);
    return [length, message];
  }));
}

export function unpack(bytes) {
  const messages = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    messages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

export const unpackFile = (path) => unpack(readFileSync(path));

export class ReportRecorder {
  /** `serviceAddress`: where streams are forwarded to; it need not be running. */
  static async start(serviceAddress) {
    const recorder = new ReportRecorder();
    recorder.streams = [];
    recorder.serviceAddress = serviceAddress;
    recorder.server = new grpc.Server();
    recorder.server.addService({ Report }, { Report: (call) => recorder.#pass(call) });
    const port = await new Promise((resolve, reject) => recorder.server.bindAsync('127.0.0.1:0',
      grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
    recorder.address = `127.0.0.1:${port}`;
    return recorder;
  }

  #pass(call) {
    const stream = { requests: [], replies: [] };
    this.streams.push(stream);
    // A client per stream: a client that failed waits longer and longer before it tries again.
    const client = new grpc.Client(this.serviceAddress, grpc.credentials.createInsecure());
    const onwards = client.makeBidiStreamRequest(Report.path, asIs, asIs);
    call.on('data', (message) => { stream.requests.push(message); onwards.write(message); });
    call.on('end', () => onwards.end());
    call.on('cancelled', () => onwards.cancel());
    call.on('error', () => onwards.cancel());
    onwards.on('data', (message) => { stream.replies.push(message); call.write(message); });
    onwards.on('error', (error) => call.emit('error', error));
    onwards.on('end', () => call.end());
    onwards.on('status', () => client.close());
  }

  stop() {
    this.server.forceShutdown();
  }
}

/** Opens a stream to a service; `hear` gets each of its messages, decoded. */
export function openReport(address, hear) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const call = client.makeBidiStreamRequest(Report.path, asIs, asIs);
  call.on('data', (message) => hear(responseDeserialize(message)));
  return call;
}

/**
 * Sends the messages to a service, with the ingest token if there is one; `end` ends the stream and gives its status.
 * `acknowledged` is the service's last acknowledgement.
 */
export function replay(address, messages, token) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  if (token) metadata.set('authorization', `Bearer ${token}`);
  const call = client.makeBidiStreamRequest(Report.path, asIs, asIs, metadata);
  const said = { replies: 0, acknowledged: 0 };
  call.on('data', (message) => {
    said.replies += 1;
    said.acknowledged = responseDeserialize(message).ack?.committed_seq ?? said.acknowledged;
  });
  const ended = new Promise((resolve) => {
    call.on('error', resolve);
    call.on('status', resolve);
  });
  for (const message of messages) call.write(message);
  said.end = async () => {
    call.end();
    const status = await ended;
    client.close();
    return status;
  };
  return said;
}
