// Free TCP ports for programs that must come back on the same port after a restart.
// They lie below the kernel's ephemeral range, so that no outgoing connection takes one meanwhile.
import { createServer } from 'node:net';

const First = 12000;
const Last = 32000;
let next = First + Math.floor(Math.random() * (Last - First));

export async function freePort() {
  for (;;) {
    // Reserved before it is tried: another caller may ask meanwhile.
    const port = next;
    next = next >= Last ? First : next + 1;
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
