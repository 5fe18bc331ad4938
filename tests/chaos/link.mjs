// A link that misbehaves: TCP from one port to another, on loopback. A fault holds for every connection until healed.
import { once } from 'node:events';
import net from 'node:net';

/** What a link may do to the bytes of a connection, both ways. */
export const faults = {
  none: () => ({}),
  latency: (ms) => ({ latency: ms }),
  bandwidth: (bytesPerSecond) => ({ bandwidth: bytesPerSecond }),
  slices: () => ({ slice: 1 }),              // one byte at a time
  resetAfter: (bytes) => ({ resetAfter: bytes }),
  blackHole: () => ({ hole: true }),         // everything is taken, and nothing arrives
  corrupt: (every) => ({ corruptEvery: every }),
};

export class Link {
  static async open(targetPort) {
    const link = new Link(targetPort);
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    link.port = link.server.address().port;
    return link;
  }

  constructor(targetPort) {
    this.targetPort = targetPort;
    this.fault = faults.none();
    this.sockets = new Set();
    this.server = net.createServer((near) => this.#connect(near));
  }

  heal() { this.fault = faults.none(); }

  /** Resets every connection that there is. */
  cut() {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  #connect(near) {
    const far = net.connect(this.targetPort, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]]) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => { this.sockets.delete(from); to.destroy(); });
      this.#pass(from, to);
    }
  }

  async #pass(from, to) {
    let passed = 0;
    try {
      for await (const bytes of from) {
        const { latency = 0, bandwidth = 0, slice = 0, resetAfter = 0, hole = false, corruptEvery = 0 } = this.fault;
        if (hole) continue;
        if (latency > 0) await pause(latency);
        if (corruptEvery > 0 && Math.floor((passed + bytes.length) / corruptEvery) > Math.floor(passed / corruptEvery)) {
          bytes[bytes.length >> 1] ^= 0x20;
        }
        passed += bytes.length;
        if (resetAfter > 0 && passed > resetAfter) {
          from.resetAndDestroy();
          to.resetAndDestroy();
          return;
        }
        for (const part of slice > 0 ? slicesOf(bytes, slice) : [bytes]) {
          if (!to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        }
        if (bandwidth > 0) await pause((bytes.length / bandwidth) * 1000);
      }
      to.end();
    } catch {
      to.destroy(); // a reset on one side is one on the other
    }
  }

  close() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

function* slicesOf(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
