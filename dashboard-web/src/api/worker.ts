// The SharedWorker: one hub for all tabs of this origin.
import { realHost } from "./host";
import { Hub, type Port, type ToHub } from "./hub";

const hub = new Hub(realHost, true);

// TypeScript's DOM library has no type for a worker's own scope; this is all that is used of it.
const scope = self as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = (event) => {
  const channel = event.ports[0];
  if (!channel) return;
  const port: Port = { send: (message) => channel.postMessage(message) };
  channel.onmessage = (said: MessageEvent<ToHub>) => hub.receive(port, said.data);
  channel.start();
};
