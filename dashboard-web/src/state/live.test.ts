import { describe, expect, it } from "vitest";
import type { LiveMessage } from "../api/types";
import { active, deltaMessage, snapshotMessage, totals, trace } from "../testing/rows";
import { apply, knownUntil, type LiveState, modelKey, TRACES_MAX, toSnapshot } from "./live";

function stateAfter(...messages: LiveMessage[]): LiveState {
  let state: LiveState | null = null;
  for (const message of messages) state = apply(state, message).next;
  if (!state) throw new Error("no state");
  return state;
}

describe("apply", () => {
  it("knows nothing from a delta that comes before any snapshot", () => {
    expect(apply(null, deltaMessage({ upsert: [active({ request_id: "a" })] })).next).toBeNull();
  });

  it("adds, changes and removes rows and counts what happened", () => {
    const state = stateAfter(
      snapshotMessage({ active: [active({ request_id: "a" }), active({ request_id: "b" })] }),
    );
    const { next, change } = apply(
      state,
      deltaMessage({
        upsert: [active({ request_id: "a", output_tokens: 5 }), active({ request_id: "c" })],
        remove: ["b", "never-seen"],
        errors: [trace({ request_id: "b" })],
      }),
    );
    expect([...(next?.active.keys() ?? [])]).toEqual(["a", "c"]);
    expect(change).toEqual({ started: 1, ended: 1, updated: 1, failed: 1 });
  });

  it("ignores a delta it has already applied", () => {
    const state = stateAfter(snapshotMessage({ revision: 7 }));
    const again = apply(
      state,
      deltaMessage({ revision: 7, upsert: [active({ request_id: "a" })] }),
    );
    expect(again.next).toBe(state);
  });

  it("keeps the identity of rows that a new snapshot repeats", () => {
    const before = stateAfter(
      snapshotMessage({ active: [active({ request_id: "a" }), active({ request_id: "b" })] }),
    );
    const next = apply(
      before,
      snapshotMessage({
        revision: 2,
        server_time: 1005,
        active: [
          active({ request_id: "a", duration_ms: 5000 }),
          active({ request_id: "b", output_tokens: 1 }),
        ],
      }),
    ).next;
    expect(next?.active.get("a")).toBe(before.active.get("a"));
    expect(next?.active.get("b")).not.toBe(before.active.get("b"));
  });

  it("takes a snapshot that names one request twice as one row, and drops rows without an id", () => {
    const state = stateAfter(
      snapshotMessage({
        active: [
          active({ request_id: "a", output_tokens: 2 }),
          active({ request_id: "a", output_tokens: 1 }),
          active({ request_id: "" }),
        ],
      }),
    );
    expect([...state.active.values()].map((row) => row.output_tokens)).toEqual([2]);
  });

  it("takes over what a snapshot says, gone rows and totals included", () => {
    const state = stateAfter(
      snapshotMessage({ active: [active({ request_id: "a" })] }),
      snapshotMessage({ epoch: "e2", revision: 1, active: [active({ request_id: "b" })] }),
    );
    expect([...state.active.keys()]).toEqual(["b"]);
    expect(state.epoch).toBe("e2");
  });

  it("merges only the totals rows that a delta names, and never confuses two models", () => {
    const one = totals({ provider: "a", model: "b:c", requests: 1 });
    const two = totals({ provider: "a:b", model: "c", requests: 2 });
    expect(modelKey(one)).not.toBe(modelKey(two));
    const state = stateAfter(
      snapshotMessage({
        totals: { summary: totals({ requests: 3 }), providers: [], models: [one, two] },
      }),
      deltaMessage({ totals: { models: [{ ...two, requests: 9 }] } }),
    );
    expect(state.models.get(modelKey(one))?.requests).toBe(1);
    expect(state.models.get(modelKey(two))?.requests).toBe(9);
    expect(state.summary?.requests).toBe(3);
  });

  it("keeps traces newest first, each request once, and no more than the most", () => {
    const old = Array.from({ length: TRACES_MAX }, (_, i) => trace({ request_id: `t${i}` }));
    const state = stateAfter(
      snapshotMessage({ traces: old }),
      deltaMessage({
        traces: [trace({ request_id: "new" }), trace({ request_id: "t0", duration_ms: 2 })],
      }),
    );
    expect(state.traces).toHaveLength(TRACES_MAX);
    expect(state.traces[0]?.request_id).toBe("new");
    expect(state.traces.filter((t) => t.request_id === "t0").map((t) => t.duration_ms)).toEqual([
      2,
    ]);
  });

  it("replaces a second of the series that a delta repeats and forgets old ones", () => {
    const second = { t: 1000, started: 1, ended: 0, errors: 0, input_tokens: 0, output_tokens: 0 };
    const state = stateAfter(
      snapshotMessage({ series: [second, { ...second, t: 500 }] }),
      deltaMessage({ series: [{ ...second, started: 4 }] }),
    );
    expect([...state.series.values()].map((s) => [s.t, s.started])).toEqual([[1000, 4]]);
  });

  it("takes proxies and series from a polled snapshot too, and knows no seconds after it", () => {
    const second = { t: 990, started: 1, ended: 0, errors: 0, input_tokens: 0, output_tokens: 0 };
    const state = stateAfter(
      snapshotMessage({ proxies: [{ proxy: "gone" }] as never }),
      snapshotMessage({ polled: true, proxies: [{ proxy: "p" }] as never, series: [second] }),
    );
    expect(state.proxies.map((p) => p.proxy)).toEqual(["p"]);
    expect(state.series.get(990)).toEqual(second);
    expect(knownUntil(state, 1_007_000)).toBe(1_000_000);
    const streamed = stateAfter(snapshotMessage({}));
    expect(knownUntil(streamed, 1_007_000)).toBe(1_007_000);
  });

  it("turns idle time into a moment, and carries it into the next snapshot", () => {
    const state = stateAfter(
      snapshotMessage({ active: [active({ request_id: "a", idle_ms: 2000 })] }),
    );
    expect(state.active.get("a")?.last_byte_at).toBe(998_000);
    expect(toSnapshot(state, 1010).active[0]?.idle_ms).toBe(12_000);
  });

  it("leads a newcomer to the same state by its snapshot", () => {
    const state = stateAfter(
      snapshotMessage({
        active: [active({ request_id: "a", idle_ms: 10 })],
        traces: [trace({ request_id: "t" })],
      }),
      deltaMessage({
        upsert: [active({ request_id: "b", start_time: 1001 })],
        degraded: ["slow disk"],
      }),
    );
    const joined = stateAfter({ kind: "snapshot", at: 1_000_100, data: toSnapshot(state, 1000.1) });
    expect(new Set(joined.active.keys())).toEqual(new Set(state.active.keys()));
    expect(joined.active.get("a")).toEqual({ ...state.active.get("a"), idle_ms: 110 });
    expect(joined.revision).toBe(2);
    expect(joined.degraded).toEqual(["slow disk"]);
    expect(joined.traces).toEqual(state.traces);
  });
});
