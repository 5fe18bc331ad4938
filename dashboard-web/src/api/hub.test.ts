import { beforeEach, expect, it } from "vitest";
import { ManualHost } from "../testing/manual";
import { active, snapshot } from "../testing/rows";
import { type FromHub, GONE_MS, HIDDEN_GRACE_MS, Hub, type Port } from "./hub";

const WANTED = { sse: true, pollMs: 5_000 };

class Tab implements Port {
  got: FromHub[] = [];
  send(message: FromHub): void {
    this.got.push(message);
  }
  get messages() {
    return this.got.flatMap((m) => (m.kind === "message" ? [m.message] : []));
  }
  get status() {
    const all = this.got.flatMap((m) => (m.kind === "status" ? [m.status] : []));
    return all[all.length - 1];
  }
}

let host: ManualHost;
let hub: Hub;

beforeEach(() => {
  host = new ManualHost();
  hub = new Hub(host, true);
});

async function join(visible = true): Promise<Tab> {
  const tab = new Tab();
  hub.receive(tab, { kind: "hello", visible, wanted: WANTED });
  await host.advance(0);
  return tab;
}

it("opens one stream for all tabs, and the second gets a snapshot at once", async () => {
  const first = await join();
  host.stream.event("snapshot", snapshot({ active: [active({ request_id: "a" })] }), "e1-1");
  await host.advance(0);
  const second = await join();
  expect(host.streams).toHaveLength(1);
  expect(second.messages[0]).toMatchObject({
    kind: "snapshot",
    data: { active: [{ request_id: "a" }] },
  });
  expect(second.status?.tabs).toBe(2);
  expect(first.messages).toHaveLength(1);
});

it("closes the stream some time after the last tab is hidden and resumes when one is seen", async () => {
  const tab = await join();
  host.stream.event("snapshot", snapshot(), "e1-1");
  await host.advance(0);
  hub.receive(tab, { kind: "visible", visible: false });
  await host.advance(HIDDEN_GRACE_MS - 1);
  expect(host.stream.closed).toBe(false);
  await host.advance(1);
  expect(host.stream.closed).toBe(true);
  expect(tab.status?.mode).toBe("sleeping");
  hub.receive(tab, { kind: "visible", visible: true });
  await host.advance(0);
  expect(host.stream.url).toBe("/metrics/stream?after=e1-1");
});

it("keeps the stream through a short look at another tab", async () => {
  const tab = await join();
  hub.receive(tab, { kind: "visible", visible: false });
  await host.advance(1_000);
  hub.receive(tab, { kind: "visible", visible: true });
  host.stream.event("snapshot", snapshot(), "e1-1");
  await host.advance(HIDDEN_GRACE_MS - 1_000);
  host.stream.send(": heartbeat\n\n");
  await host.advance(2_000);
  expect(host.streams).toHaveLength(1);
  expect(host.stream.closed).toBe(false);
});

it("sends nothing to a hidden tab, and a snapshot when it is seen again", async () => {
  const seen = await join();
  const hidden = await join(false);
  host.stream.event("snapshot", snapshot(), "e1-1");
  host.stream.event(
    "delta",
    { revision: 2, server_time: 1001, upsert: [active({ request_id: "a" })] },
    "e1-2",
  );
  await host.advance(0);
  expect(seen.messages).toHaveLength(2);
  expect(hidden.messages).toHaveLength(0);
  hub.receive(hidden, { kind: "visible", visible: true });
  expect(hidden.messages).toMatchObject([{ kind: "snapshot", data: { revision: 2 } }]);
});

it("forgets a tab that crashed, and then sleeps", async () => {
  await join();
  host.stream.event(
    "snapshot",
    snapshot({ settings: { ...snapshot().settings, heartbeat_s: 10_000 } }),
    "e1-1",
  );
  await host.advance(2 * GONE_MS + HIDDEN_GRACE_MS);
  expect(host.stream.closed).toBe(true);
});

it("closes the stream after the last tab said bye", async () => {
  const tab = await join();
  hub.receive(tab, { kind: "bye" });
  await host.advance(HIDDEN_GRACE_MS);
  expect(host.stream.closed).toBe(true);
});
