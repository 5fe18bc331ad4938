// Serves one stream to all tabs. It lives in the SharedWorker, or in the page
// where there is none. It keeps the state too, so that a tab that joins or wakes
// gets a snapshot at once and the server is not asked again.
import { apply, type LiveState, toSnapshot } from "../state/live";
import { Connection, type Host, type Wanted } from "./connection";
import { FIRST_STATUS, type Status } from "./status";
import type { LiveMessage } from "./types";

export type ToHub =
  | { kind: "hello"; visible: boolean; wanted: Wanted }
  | { kind: "visible"; visible: boolean }
  | { kind: "wanted"; wanted: Wanted }
  | { kind: "refresh" }
  | { kind: "here" }
  | { kind: "bye" };

export type FromHub =
  | { kind: "message"; message: LiveMessage }
  | { kind: "status"; status: Status }
  | { kind: "log"; at: number; line: string };

export interface Port {
  send(message: FromHub): void;
}

interface Tab {
  visible: boolean;
  /** It was hidden while something arrived: it needs a snapshot when it wakes. */
  behind: boolean;
  heardAt: number;
}

/** All tabs hidden for this long: the stream is closed. Switching tabs for a moment costs nothing. */
export const HIDDEN_GRACE_MS = 30_000;
/** Browsers slow a hidden page's timers to one a minute; two missed calls and a bit is gone. */
export const GONE_MS = 150_000;
export const HERE_MS = 20_000;

export class Hub {
  private readonly tabs = new Map<Port, Tab>();
  private readonly connection: Connection;
  private state: LiveState | null = null;
  private status: Status = FIRST_STATUS;
  private cancelSleep: (() => void) | null = null;

  constructor(
    private readonly host: Host,
    private readonly shared: boolean,
  ) {
    this.connection = new Connection(host, {
      message: (message) => this.spread(message),
      status: (status) => this.tell(status),
      log: (line) => this.broadcast({ kind: "log", at: host.now(), line }),
    });
    if (shared) this.sweep();
  }

  receive(port: Port, message: ToHub): void {
    if (message.kind === "bye") {
      this.tabs.delete(port);
      this.settle();
      return;
    }
    let tab = this.tabs.get(port);
    if (!tab) {
      tab = { visible: false, behind: true, heardAt: this.host.now() };
      this.tabs.set(port, tab);
    }
    tab.heardAt = this.host.now();
    switch (message.kind) {
      case "hello":
        this.connection.configure(message.wanted);
        this.look(port, tab, message.visible);
        break;
      case "visible":
        this.look(port, tab, message.visible);
        break;
      case "wanted":
        this.connection.configure(message.wanted);
        break;
      case "refresh":
        this.connection.refresh();
        break;
      case "here":
        break;
    }
  }

  private look(port: Port, tab: Tab, visible: boolean): void {
    tab.visible = visible;
    if (visible && tab.behind) {
      tab.behind = false;
      if (this.state) {
        const at = this.host.now();
        const data = toSnapshot(this.state, (at + this.state.clockOffset) / 1000);
        port.send({ kind: "message", message: { kind: "snapshot", at, data } });
      }
    }
    this.settle();
    port.send({ kind: "status", status: this.counted() });
  }

  /** Opens the stream while somebody looks, closes it some time after nobody does. */
  private settle(): void {
    const watched = [...this.tabs.values()].some((tab) => tab.visible);
    if (watched) {
      this.cancelSleep?.();
      this.cancelSleep = null;
      this.connection.start();
    } else if (!this.cancelSleep) {
      this.cancelSleep = this.host.after(HIDDEN_GRACE_MS, () => {
        this.cancelSleep = null;
        this.connection.stop("Every tab with this page is hidden.");
      });
    }
  }

  private spread(message: LiveMessage): void {
    this.state = apply(this.state, message).next;
    for (const [port, tab] of this.tabs) {
      if (tab.visible) port.send({ kind: "message", message });
      else tab.behind = true;
    }
  }

  private tell(status: Status): void {
    this.status = status;
    this.broadcast({ kind: "status", status: this.counted() });
  }

  private counted(): Status {
    return { ...this.status, tabs: this.shared ? this.tabs.size : 0 };
  }

  private broadcast(message: FromHub): void {
    for (const port of this.tabs.keys()) port.send(message);
  }

  /** A tab that crashed never says bye. */
  private sweep(): void {
    this.host.after(GONE_MS, () => {
      for (const [port, tab] of this.tabs) {
        if (this.host.now() - tab.heardAt > GONE_MS) this.tabs.delete(port);
      }
      this.settle();
      this.sweep();
    });
  }
}
