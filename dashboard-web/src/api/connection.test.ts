import { beforeEach, describe, expect, it } from "vitest";
import { ManualHost } from "../testing/manual";
import { snapshot } from "../testing/rows";
import { BASE_MS, backoff, CAP_MS, FACTOR } from "./backoff";
import { Connection } from "./connection";
import { FIRST_STATUS, isStale, type Status } from "./status";
import type { LiveMessage } from "./types";

let host: ManualHost;
let connection: Connection;
let messages: LiveMessage[];
let status: Status;
let lines: string[];

beforeEach(() => {
  host = new ManualHost();
  messages = [];
  lines = [];
  status = FIRST_STATUS;
  connection = new Connection(host, {
    message: (message) => messages.push(message),
    status: (next) => {
      status = next;
    },
    log: (line) => lines.push(line),
  });
});

async function goLive(): Promise<void> {
  connection.start();
  await host.advance(0);
  host.stream.event("snapshot", snapshot(), "e1-1");
  await host.advance(0);
}

describe("backoff", () => {
  it("grows by its factor up to the cap, with a quarter of jitter either way", () => {
    expect([1, 2, 3].map((n) => backoff(n, 0.5))).toEqual([
      BASE_MS,
      Math.round(BASE_MS * FACTOR),
      Math.round(BASE_MS * FACTOR ** 2),
    ]);
    expect(backoff(50, 0.5)).toBe(CAP_MS);
    expect(backoff(1, 0)).toBe(Math.round(BASE_MS * 0.75));
    expect(backoff(1, 1)).toBe(Math.round(BASE_MS * 1.25));
  });
});

describe("the stream", () => {
  it("is live once its snapshot is there, and hands on every message", async () => {
    connection.start();
    await host.advance(0);
    expect(status.mode).toBe("connecting");
    host.stream.event("snapshot", snapshot(), "e1-1");
    host.stream.event("delta", { revision: 2, server_time: 1001 }, "e1-2");
    await host.advance(0);
    expect(status.mode).toBe("live");
    expect(messages.map((m) => m.kind)).toEqual(["snapshot", "delta"]);
  });

  it("comes back with its cursor after a cut, at growing intervals", async () => {
    await goLive();
    host.stream.break();
    await host.advance(BASE_MS - 1);
    expect(status.mode).toBe("reconnecting");
    expect(host.streams).toHaveLength(1);
    await host.advance(1);
    expect(host.streams).toHaveLength(2);
    expect(host.stream.url).toBe("/metrics/stream?after=e1-1");
    host.stream.break();
    await host.advance(Math.round(BASE_MS * FACTOR) - 1);
    expect(host.streams).toHaveLength(2);
    await host.advance(1);
    expect(host.streams).toHaveLength(3);
  });

  it("is live again after a resume that brings nothing new", async () => {
    await goLive();
    host.stream.break();
    await host.advance(BASE_MS);
    host.stream.send("retry: 2500\n\n");
    await host.advance(0);
    expect(status.mode).toBe("live");
    await host.advance(10_000);
    expect(host.streams).toHaveLength(2);
  });

  it("does not count as recovered before it has held for a while", async () => {
    await goLive();
    host.stream.end();
    await host.advance(BASE_MS);
    host.stream.event("snapshot", snapshot(), "e1-1");
    await host.advance(1000);
    expect(status.failures).toBe(1);
    await host.advance(5000);
    expect(status.failures).toBe(0);
  });

  it("is given up when nothing opens within five seconds", async () => {
    connection.start();
    await host.advance(4_999);
    expect(status.mode).toBe("connecting");
    await host.advance(1);
    expect(status.mode).toBe("reconnecting");
    expect(status.reason).toMatch(/5 s/);
  });

  it("is given up after two heartbeats of silence, and heartbeats keep it", async () => {
    await goLive();
    await host.advance(29_000);
    host.stream.send(": heartbeat\n\n");
    await host.advance(29_000);
    expect(status.mode).toBe("live");
    await host.advance(1_000);
    expect(status.reason).toMatch(/Nothing was heard for 30 s/);
  });

  it("goes on after malformed data with a fresh snapshot", async () => {
    await goLive();
    host.stream.send("id: e1-9\nevent: delta\ndata: {oops\n\n");
    await host.advance(0);
    expect(status.reason).toMatch(/malformed/);
    await host.advance(BASE_MS);
    expect(host.stream.url).toBe("/metrics/stream");
  });

  it("waits as long as the server asks when it is turned away", async () => {
    host.refuse = () =>
      new Response('{"detail":"busy"}', { status: 503, headers: { "retry-after": "7" } });
    connection.start();
    await host.advance(0);
    expect(status.reason).toBe("The server answered 503: busy.");
    host.refuse = null;
    await host.advance(6_999);
    expect(host.streams).toHaveLength(0);
    await host.advance(1);
    expect(host.streams).toHaveLength(1);
  });

  it("stops at a 401 and goes on when asked", async () => {
    host.refuse = () => new Response("{}", { status: 401 });
    connection.start();
    await host.advance(120_000);
    expect(status.mode).toBe("unauthorized");
    host.refuse = null;
    connection.refresh();
    await host.advance(0);
    expect(host.streams).toHaveLength(1);
  });

  it("says so when something else answers at the address", async () => {
    host.refuse = () => new Response("<html>", { headers: { "content-type": "text/html" } });
    connection.start();
    await host.advance(0);
    expect(status.reason).toMatch(/not an event stream.*text\/html/);
  });

  it("is opened anew, without the cursor, by a manual refresh", async () => {
    await goLive();
    connection.refresh();
    await host.advance(0);
    expect(host.streams).toHaveLength(2);
    expect(host.streams[0]?.closed).toBe(true);
    expect(host.stream.url).toBe("/metrics/stream");
  });

  it("is closed by stop and resumed by start", async () => {
    await goLive();
    connection.stop("hidden");
    await host.advance(600_000);
    expect(status.mode).toBe("sleeping");
    expect(host.streams).toHaveLength(1);
    expect(host.streams[0]?.closed).toBe(true);
    connection.start();
    await host.advance(0);
    expect(host.stream.url).toBe("/metrics/stream?after=e1-1");
  });
});

describe("polling", () => {
  it("begins after three failures while the stream is still tried, and ends with it", async () => {
    host.refuse = () => new Response("{}", { status: 503 });
    connection.start();
    await host.advance(BASE_MS);
    expect(host.polls).toBe(0);
    await host.advance(BASE_MS * FACTOR);
    expect(status.mode).toBe("polling");
    expect(messages[0]).toMatchObject({ kind: "snapshot", data: { polled: true } });
    await host.advance(10_000);
    const polls = host.polls;
    expect(polls).toBeGreaterThanOrEqual(3);
    host.refuse = null;
    await host.advance(30_000);
    host.stream.event("snapshot", snapshot(), "e1-5");
    await host.advance(0);
    expect(status.mode).toBe("live");
    const before = host.polls;
    await host.advance(20_000);
    expect(host.polls).toBe(before);
  });

  it("is all there is when the stream is switched off in the settings", async () => {
    connection.configure({ sse: false, pollMs: 2_000 });
    connection.start();
    await host.advance(6_100);
    expect(host.streams).toHaveLength(0);
    expect(host.polls).toBe(4);
    expect(status.mode).toBe("polling");
    connection.configure({ sse: true, pollMs: 2_000 });
    await host.advance(0);
    expect(host.streams).toHaveLength(1);
  });

  it("takes over when the server has switched its stream off, and says why", async () => {
    connection.start();
    await host.advance(0);
    host.stream.event("disabled", {
      disabled: true,
      message: "SSE is off",
      suggestion: "turn it on",
    });
    host.stream.end();
    await host.advance(0);
    expect(status.mode).toBe("polling");
    expect(status.disabled?.suggestion).toBe("turn it on");
  });

  it("says reconnecting when it fails too", async () => {
    host.refuse = () => Promise.reject(new TypeError("refused"));
    host.rest = null;
    connection.start();
    await host.advance(10_000);
    expect(status.mode).toBe("reconnecting");
  });
});

describe("disabled", () => {
  it("is one state, not a reconnecting for ever, and is asked again now and then", async () => {
    host.rest = () => ({ disabled: true, message: "off", suggestion: "turn it on" });
    connection.start();
    await host.advance(0);
    host.stream.event("disabled", { disabled: true, message: "off", suggestion: "turn it on" });
    host.stream.end();
    await host.advance(59_000);
    expect(status.mode).toBe("disabled");
    expect(host.streams).toHaveLength(1);
    await host.advance(1_000);
    expect(host.streams).toHaveLength(2);
    expect(status.mode).toBe("disabled");
  });
});

it("data is stale after two heartbeats without a word, or two missed polls", () => {
  const heard: Status = { ...FIRST_STATUS, mode: "live", heardAt: 0 };
  expect(isStale(heard, 15, 5_000, 30_000)).toBe(false);
  expect(isStale(heard, 15, 5_000, 30_001)).toBe(true);
  expect(isStale({ ...heard, mode: "polling" }, 15, 5_000, 12_001)).toBe(true);
  expect(isStale(FIRST_STATUS, 15, 5_000, 1e9)).toBe(false);
});
