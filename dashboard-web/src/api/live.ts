// The page's end of the live stream: through the SharedWorker where the browser
// has one, with a hub of its own where it has not or the worker does not answer.
import type { Wanted } from "./connection";
import { realHost } from "./host";
import { type FromHub, HERE_MS, Hub, type Port, type ToHub } from "./hub";

declare const __WORKER_URL__: string;

/** A worker that has not said anything by now never will. */
const WORKER_PATIENCE_MS = 3_000;

export interface LiveClient {
  wanted(wanted: Wanted): void;
  refresh(): void;
  close(): void;
}

export function connect(wanted: Wanted, receive: (message: FromHub) => void): LiveClient {
  let current = wanted;
  let send: (message: ToHub) => void = () => {};
  const visible = () => document.visibilityState === "visible";
  const hello = () => send({ kind: "hello", visible: visible(), wanted: current });

  const own = () => {
    const hub = new Hub(realHost, false);
    const port: Port = { send: receive };
    send = (message) => hub.receive(port, message);
    hello();
  };

  const worker = openWorker();
  if (worker) {
    let answered = false;
    const giveUp = (why: string) => {
      if (answered) return;
      answered = true;
      worker.port.onmessage = null;
      receive({
        kind: "log",
        at: Date.now(),
        line: `shared worker: ${why}; this tab connects alone`,
      });
      own();
    };
    worker.onerror = () => giveUp("could not be started");
    worker.port.onmessage = (event: MessageEvent<FromHub>) => {
      answered = true;
      receive(event.data);
    };
    send = (message) => worker.port.postMessage(message);
    setTimeout(() => giveUp("no answer"), WORKER_PATIENCE_MS);
    hello();
  } else {
    own();
  }

  const onVisibility = () => send({ kind: "visible", visible: visible() });
  const onHide = () => send({ kind: "bye" });
  // A page that comes back from the back-forward cache has said bye: it greets again.
  const onShow = (event: PageTransitionEvent) => event.persisted && hello();
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("pagehide", onHide);
  window.addEventListener("pageshow", onShow);
  const here = setInterval(() => send({ kind: "here" }), HERE_MS);

  return {
    wanted(next) {
      current = next;
      send({ kind: "wanted", wanted: next });
    },
    refresh: () => send({ kind: "refresh" }),
    close() {
      clearInterval(here);
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("pagehide", onHide);
      window.removeEventListener("pageshow", onShow);
      send({ kind: "bye" });
    },
  };
}

function openWorker(): SharedWorker | null {
  if (typeof SharedWorker === "undefined") return null;
  try {
    // The hashed URL is the name too: a new version of the page gets a new worker.
    return new SharedWorker(__WORKER_URL__, { name: __WORKER_URL__ });
  } catch {
    return null;
  }
}
