// Keeps the live stream open and says what it is doing: opens it with fetch, so
// that status codes, heartbeats and silence are seen; reconnects with backoff;
// polls while the stream does not come; resumes with a cursor. No DOM, no
// globals: clock, chance, timers and fetch are handed in, so tests drive it.
import { backoff } from "./backoff";
import { poll } from "./poll";
import { type Fetch, HttpError, messageIn, retryAfterMs } from "./rest";
import { type SseEvent, SseSplitter } from "./sse";
import { FIRST_STATUS, type Status } from "./status";
import type { Delta, Disabled, LiveMessage, Reset, Snapshot } from "./types";

export const OPEN_TIMEOUT_MS = 5_000;
/** The stream counts as recovered once it has held for this long. */
export const STABLE_MS = 5_000;
export const FAILURES_BEFORE_POLLING = 3;
/** A server that says it is switched off is asked again this often. */
export const DISABLED_RECHECK_MS = 60_000;

export interface Host {
  fetch: Fetch;
  now(): number;
  random(): number;
  /** Runs `action` once after `ms`; the returned function takes it back. */
  after(ms: number, action: () => void): () => void;
}

export interface Wanted {
  sse: boolean;
  pollMs: number;
}

export interface Listener {
  message(message: LiveMessage): void;
  status(status: Status): void;
  log(line: string): void;
}

type Timer = "retry" | "watchdog" | "open" | "stable" | "poll";

export class Connection {
  private status: Status = FIRST_STATUS;
  private running = false;
  private abort: AbortController | null = null;
  /** Bumped whenever a stream is given up, so that its late answers are ignored. */
  private generation = 0;
  private cursor = "";
  private heartbeatMs = 15_000;
  private polling = false;
  private pollRun = 0;
  private readonly timers = new Map<Timer, () => void>();

  constructor(
    private readonly host: Host,
    private readonly listener: Listener,
    private wanted: Wanted = { sse: true, pollMs: 5_000 },
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.log("start");
    this.begin();
  }

  /** Closes everything; the cursor stays, so that start() resumes. */
  stop(reason: string): void {
    if (!this.running) return;
    this.running = false;
    this.quiet();
    this.set({ mode: "sleeping", reason, retryAt: null });
  }

  configure(wanted: Wanted): void {
    const same = wanted.sse === this.wanted.sse && wanted.pollMs === this.wanted.pollMs;
    const switched = wanted.sse !== this.wanted.sse;
    this.wanted = wanted;
    if (same || !this.running) return;
    this.log(`settings: stream ${wanted.sse ? "on" : "off"}, polling every ${wanted.pollMs} ms`);
    if (switched) this.begin();
    else if (this.polling) void this.pollOnce();
  }

  /** The person asked: now, whatever was planned. */
  refresh(): void {
    if (!this.running) return;
    this.log("refresh asked for");
    this.cursor = ""; // a whole snapshot, not what came since
    this.set({ failures: 0 });
    this.begin();
  }

  private begin(): void {
    this.quiet();
    if (this.wanted.sse) {
      void this.open();
      return;
    }
    this.cursor = "";
    this.set({
      mode: "polling",
      failures: 0,
      retryAt: null,
      disabled: null,
      reason: "The live stream is switched off in the settings of this page.",
    });
    this.startPolling();
  }

  private quiet(): void {
    this.generation += 1;
    this.abort?.abort();
    this.abort = null;
    this.stopPolling();
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }

  private async open(): Promise<void> {
    this.generation += 1;
    const mine = this.generation;
    const abort = new AbortController();
    this.abort = abort;
    const quietly = this.polling || this.status.mode === "disabled";
    if (this.status.failures === 0 && !quietly) {
      this.set({ mode: "connecting", reason: "Opening the live stream.", retryAt: null });
    } else {
      this.set({ retryAt: null });
    }
    this.after("open", OPEN_TIMEOUT_MS, () =>
      this.failed(mine, `The server did not answer within ${OPEN_TIMEOUT_MS / 1000} s.`),
    );
    const url = `/metrics/stream${this.cursor ? `?after=${encodeURIComponent(this.cursor)}` : ""}`;
    this.log(`open ${url}`);
    try {
      const response = await this.host.fetch(url, {
        headers: { Accept: "text/event-stream" },
        cache: "no-store",
        credentials: "same-origin",
        signal: abort.signal,
      });
      if (mine !== this.generation) return;
      if (!(await this.accepted(mine, response))) return;
      await this.read(mine, response, this.cursor !== "");
      this.failed(mine, "The server ended the stream.");
    } catch (error) {
      this.failed(mine, `No connection: ${describe(error)}.`);
    }
  }

  private async accepted(mine: number, response: Response): Promise<boolean> {
    if (response.status === 401 || response.status === 403) {
      this.signedOut();
      return false;
    }
    const type = response.headers.get("content-type") ?? "";
    if (response.ok && type.startsWith("text/event-stream")) return true;
    const said = messageIn(await response.text().catch(() => ""));
    const what = response.ok
      ? `Something that is not an event stream answers at this address (${type || "no type"}).`
      : `The server answered ${response.status}${said ? `: ${said}` : ""}.`;
    this.failed(mine, what, retryAfterMs(response.headers));
    return false;
  }

  /** `resumed`: the server may have nothing new, so its first bytes are enough to be live. */
  private async read(mine: number, response: Response, resumed: boolean): Promise<void> {
    const reader = response.body?.getReader();
    if (!reader) return;
    const splitter = new SseSplitter();
    const decoder = new TextDecoder();
    this.status = { ...this.status, opens: this.status.opens + 1 };
    this.watch(mine);
    for (;;) {
      const { done, value } = await reader.read();
      if (mine !== this.generation) return;
      if (done) return;
      this.watch(mine);
      const comments = splitter.comments;
      const events = splitter.push(decoder.decode(value, { stream: true }));
      for (const event of events) {
        this.took(mine, event);
        if (mine !== this.generation) return;
      }
      if (events.length > 0) continue;
      if (resumed || splitter.comments > comments) this.heard("heartbeat");
    }
  }

  private took(mine: number, event: SseEvent): void {
    let data: unknown;
    try {
      data = JSON.parse(event.data);
    } catch {
      this.cursor = "";
      this.failed(mine, `The stream carried malformed data in a ${event.event} event.`);
      return;
    }
    const at = this.host.now();
    if (event.event === "disabled") {
      void this.switchedOff(data as Disabled);
      return;
    }
    if (event.id) this.cursor = event.id;
    if (event.event === "snapshot") {
      const snapshot = data as Snapshot;
      this.heartbeatMs = Math.max(1, snapshot.settings?.heartbeat_s ?? 15) * 1000;
      this.log(`snapshot ${event.id}: ${snapshot.active.length} running`);
      this.listener.message({ kind: "snapshot", at, data: snapshot });
    } else if (event.event === "delta") {
      this.listener.message({ kind: "delta", at, data: data as Delta });
    } else if (event.event === "reset") {
      this.log(`reset: ${(data as Reset).reason}`);
      this.listener.message({ kind: "reset", at, data: data as Reset });
    }
    this.heard(event.event);
  }

  /** Something came: the stream is alive. */
  private heard(what: string): void {
    this.cancel("open");
    this.stopPolling();
    const heardAt = this.host.now();
    if (this.status.mode !== "live") {
      this.after("stable", STABLE_MS, () => this.set({ failures: 0 }));
      this.set({
        mode: "live",
        heardAt,
        retryAt: null,
        disabled: null,
        reason: "Changes arrive as they happen.",
      });
    } else {
      if (what === "heartbeat") this.log("heartbeat");
      this.set({ heardAt });
    }
  }

  private watch(mine: number): void {
    this.after("watchdog", 2 * this.heartbeatMs, () =>
      this.failed(mine, `Nothing was heard for ${(2 * this.heartbeatMs) / 1000} s.`),
    );
  }

  private failed(mine: number, reason: string, floorMs: number | null = null): void {
    if (mine !== this.generation || !this.running) return;
    this.generation += 1;
    this.abort?.abort();
    this.abort = null;
    for (const timer of ["open", "watchdog", "stable"] as const) this.cancel(timer);
    const failures = this.status.failures + 1;
    const wait = Math.max(backoff(failures, this.host.random()), floorMs ?? 0);
    this.log(`failed (${failures}): ${reason} again in ${wait} ms`);
    const fallback = failures >= FAILURES_BEFORE_POLLING;
    this.set({
      mode: this.polling ? this.status.mode : "reconnecting",
      failures,
      reason,
      retryAt: this.host.now() + wait,
    });
    this.after("retry", wait, () => void this.open());
    if (fallback && !this.polling) this.startPolling();
  }

  private signedOut(): void {
    this.quiet();
    this.cursor = "";
    this.log("signed out");
    this.set({ mode: "unauthorized", reason: "The server asks for a key.", retryAt: null });
  }

  /** The stream says it is off. If REST still answers, polling is the way; else all is off. */
  private async switchedOff(said: Disabled): Promise<void> {
    this.quiet();
    const mine = this.generation;
    this.cursor = "";
    this.log(`disabled: ${said.message}`);
    const answer = await poll(this.host.fetch).catch(() => null);
    if (mine !== this.generation) return;
    const retryAt = this.host.now() + DISABLED_RECHECK_MS;
    this.after("retry", DISABLED_RECHECK_MS, () => void this.open());
    if (answer && "snapshot" in answer) {
      this.set({ mode: "polling", reason: said.message, disabled: said, failures: 0, retryAt });
      this.startPolling();
    } else {
      this.set({ mode: "disabled", reason: said.message, disabled: said, failures: 0, retryAt });
    }
  }

  private startPolling(): void {
    this.polling = true;
    void this.pollOnce();
  }

  private stopPolling(): void {
    this.polling = false;
    this.pollRun += 1;
    this.cancel("poll");
  }

  private async pollOnce(): Promise<void> {
    this.pollRun += 1;
    const run = this.pollRun;
    try {
      const answer = await poll(this.host.fetch);
      if (run !== this.pollRun) return;
      if ("disabled" in answer) {
        const { disabled } = answer;
        this.set({ mode: "disabled", reason: disabled.message, disabled });
      } else {
        this.cursor = ""; // what the page knew of the stream is older: begin with a snapshot
        const at = this.host.now();
        this.listener.message({ kind: "snapshot", at, data: answer.snapshot });
        this.set({ mode: "polling", heardAt: at });
      }
    } catch (error) {
      if (run !== this.pollRun) return;
      if (error instanceof HttpError && (error.status === 401 || error.status === 403)) {
        this.signedOut();
        return;
      }
      this.log(`poll failed: ${error}`);
      this.set({
        mode: "reconnecting",
        reason: `Polling failed too: ${describe(error)}.`,
      });
    }
    this.after("poll", this.wanted.pollMs, () => void this.pollOnce());
  }

  private set(change: Partial<Status>): void {
    const moved = change.mode !== undefined && change.mode !== this.status.mode;
    this.status = { ...this.status, ...change };
    if (moved) {
      this.status.since = this.host.now();
      this.log(`now ${this.status.mode}: ${this.status.reason}`);
    }
    this.listener.status(this.status);
  }

  private after(timer: Timer, ms: number, action: () => void): void {
    this.cancel(timer);
    this.timers.set(
      timer,
      this.host.after(ms, () => {
        this.timers.delete(timer);
        action();
      }),
    );
  }

  private cancel(timer: Timer): void {
    this.timers.get(timer)?.();
    this.timers.delete(timer);
  }

  private log(line: string): void {
    this.listener.log(line);
  }
}

function describe(error: unknown): string {
  if (error instanceof HttpError) return `the server answered ${error.status} (${error.message})`;
  if (error instanceof TypeError) return `nobody answers (${error.message})`;
  return error instanceof Error ? error.message : String(error);
}
