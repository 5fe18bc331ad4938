// HTTP/2 as an attacker writes it: frames made by hand over a plain socket.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const endStream = 1;
export const endHeaders = 4;

export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
export const headers = (stream, block, flags = endHeaders) => frame(1, flags, stream, block);
export const continuation = (stream, block, flags = 0) => frame(9, flags, stream, block);
export const reset = (stream) => frame(3, 0, stream, Buffer.from([0, 0, 0, 8]));
export const settings = () => frame(4, 0, 0);
export const ping = (flags = 0) => frame(6, flags, 0, Buffer.alloc(8, 'p'));

const literal = (name, value) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name),
  Buffer.from([value.length]), Buffer.from(value)]);

/** The head of a call, as gRPC's clients send it but for compression. */
export const call = (path) => Buffer.concat([
  Buffer.from([0x83, 0x86]), // :method POST, :scheme http
  literal(':path', path), literal(':authority', 'localhost'), literal('te', 'trailers'),
  literal('content-type', 'application/grpc')]);

/** A connection that sends what it is told, until the server closes it. */
export class Attacker {
  constructor(address, { greet = true } = {}) {
    const [host, port] = address.split(':');
    this.socket = connect({ host, port: Number(port), noDelay: true });
    this.socket.on('error', () => {});
    this.socket.resume(); // what the server says is of no interest
    this.sent = 0;
    this.closed = new Promise((resolve) => { this.socket.on('close', () => resolve()); });
    if (greet) this.send(Buffer.concat([preface, settings()]));
  }

  get isClosed() { return this.socket.destroyed; }

  /** Returns when the system has taken the bytes, or false when the connection is closed. */
  async send(bytes) {
    if (this.isClosed) return false;
    this.sent += bytes.length;
    if (this.socket.write(bytes)) return true;
    await Promise.race([this.closed, new Promise((resolve) => { this.socket.once('drain', resolve); })]);
    return !this.isClosed;
  }

  /** Sends what `make` gives for 0, 1, 2 ..., `times` of them or for `ms`, in writes of some size. */
  async repeat(times, make, { ms = 20_000, batch = 64 * 1024 } = {}) {
    const end = performance.now() + ms;
    for (let i = 0; i < times && performance.now() < end;) {
      const parts = [];
      for (let size = 0; i < times && size < batch; i += 1) {
        parts.push(make(i));
        size += parts.at(-1).length;
      }
      if (!await this.send(Buffer.concat(parts))) return;
    }
  }

  end() { this.socket.destroy(); }
}

/** What a process has used: milliseconds of CPU, and MiB of memory now. */
export function useOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 10,
    memory: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
}
