// A host for Connection whose clock moves when the test says, and whose server
// answers what the test says.
import type { Host } from "../api/connection";
import { snapshot } from "./rows";

interface Timer {
  at: number;
  action: () => void;
}

/** One GET of the stream, with a hand on its other end. */
export class OpenStream {
  closed = false;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  readonly response: Response;

  constructor(
    readonly url: string,
    signal: AbortSignal | null | undefined,
  ) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
    });
    this.response = new Response(body, { headers: { "content-type": "text/event-stream" } });
    signal?.addEventListener("abort", () => this.break());
  }

  send(text: string): void {
    this.controller?.enqueue(new TextEncoder().encode(text));
  }

  event(name: string, data: unknown, id = ""): void {
    this.send(`${id && `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.closed = true;
    this.controller?.close();
  }

  break(): void {
    if (this.closed) return;
    this.closed = true;
    this.controller?.error(new TypeError("network error"));
  }
}

export class ManualHost implements Host {
  time = 1_000_000;
  streams: OpenStream[] = [];
  polls = 0;
  /** What the stream's address answers when it does not open. */
  refuse: (() => Response | Promise<Response>) | null = null;
  /** What REST answers; null is no answer at all. */
  rest: ((path: string) => unknown) | null = () => snapshot();
  private timers = new Set<Timer>();

  now = (): number => this.time;
  random = (): number => 0.5;

  after = (ms: number, action: () => void): (() => void) => {
    const timer = { at: this.time + ms, action };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    if (!url.startsWith("/metrics/stream")) {
      if (url === "/metrics/snapshot") this.polls += 1;
      if (!this.rest) throw new TypeError("connection refused");
      const answer = this.rest(url);
      return answer instanceof Response ? answer : new Response(JSON.stringify(answer));
    }
    if (this.refuse) return this.refuse();
    const stream = new OpenStream(url, init?.signal);
    this.streams.push(stream);
    return stream.response;
  };

  /** Lets `ms` pass, timer by timer, and everything they set off. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const next = [...this.timers].filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.timers.delete(next);
      next.action();
      await settle();
    }
    this.time = end;
  }

  get stream(): OpenStream {
    const stream = this.streams[this.streams.length - 1];
    if (!stream) throw new Error("no stream was opened");
    return stream;
  }
}

/** Promises and streams need some turns of the loop; none of them takes time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 6; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
