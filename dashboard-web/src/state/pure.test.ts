import { describe, expect, it } from "vitest";
import { active, deltaMessage, snapshotMessage, totals, trace } from "../testing/rows";
import { offsetOf, sample } from "./clock";
import { diff } from "./diff";
import { slices } from "./donut";
import { csv, fileName, json } from "./export";
import { choices, filterActive, filterTotals, filterTraces } from "./filter";
import { chartData, headline, isStalled, smooth } from "./headline";
import { apply, type LiveRow, type LiveState } from "./live";
import { DEFAULTS, parseSettings } from "./settings";
import { errorRate, started } from "./totals";
import { formatView, NO_FILTERS, parseView } from "./url";
import { activeWaterfall, traceWaterfall } from "./waterfall";

const live = (facts: Partial<LiveRow> & { request_id: string }): LiveRow => ({
  ...active(facts),
  last_byte_at: null,
  ...facts,
});

describe("clock", () => {
  it("takes the largest of the recent samples, and starts afresh when a clock is set", () => {
    let samples: readonly number[] = [];
    for (const offset of [-40, -5, -90]) samples = sample(samples, offset);
    expect(offsetOf(samples)).toBe(-5);
    samples = sample(samples, 60_000);
    expect(offsetOf(samples)).toBe(60_000);
    expect(sample(samples, Number.NaN)).toBe(samples);
  });
});

describe("diff", () => {
  it("adds only what is not there, whatever order things come in", () => {
    const a = { id: "a" };
    const b = { id: "b" };
    const b2 = { id: "b" };
    const before = new Map([
      ["a", a],
      ["b", b],
    ]);
    expect(
      diff(
        before,
        new Map([
          ["b", b2],
          ["c", a],
        ]),
      ),
    ).toEqual({ add: [a], update: [b2], remove: [a] });
    expect(diff(before, before)).toBeNull();
  });
});

describe("headline", () => {
  const second = { t: 999, started: 5, ended: 4, errors: 1, input_tokens: 10, output_tokens: 300 };
  const state = apply(
    null,
    snapshotMessage({
      series: [second, { ...second, t: 900 }],
      active: [
        active({ request_id: "a", phase: "streaming", idle_ms: 4000 }),
        active({ request_id: "b", phase: "streaming", stale: true, idle_ms: 9000 }),
        active({ request_id: "c" }),
      ],
    }),
  ).next as LiveState;

  it("counts what runs and takes rates over the last whole seconds", () => {
    const n = headline(state, 1_000_000);
    expect([n.running, n.streaming, n.waiting, n.stale, n.stalled]).toEqual([3, 2, 1, 1, 0]);
    expect(n.requestsPerSecond).toBe(0.5);
    expect(n.outputPerSecond).toBe(30);
    expect(n.errorRate).toBe(0.25);
  });

  it("calls a stream stalled once its provider is silent for five seconds, a stale one never", () => {
    expect(headline(state, 1_001_500).stalled).toBe(1);
    expect(isStalled(live({ request_id: "x", last_byte_at: 0 }), 1e9)).toBe(false);
  });

  it("takes the rates of polled answers as of when they came, and calls no pause a stall", () => {
    const polled = apply(
      null,
      snapshotMessage({
        polled: true,
        series: [second],
        active: [active({ request_id: "s", phase: "streaming", idle_ms: 3000 })],
      }),
    ).next as LiveState;
    const n = headline(polled, 1_010_000);
    expect(n.requestsPerSecond).toBe(0.5);
    expect(n.errorRate).toBe(0.25);
    expect(n.stalled).toBe(0);
  });

  it("fills the silent seconds of a chart with zeros and leaves out the running one", () => {
    const data = chartData(state.series, 1_000_400, 3);
    expect(data.times).toEqual([997, 998, 999]);
    expect(data.started).toEqual([0, 0, 5]);
  });

  it("smooths without making or losing anything", () => {
    expect(smooth([0, 3, 0, 0, 6], 3)).toEqual([0, 1.5, 1, 1, 2]);
  });
});

describe("filters", () => {
  const rows = new Map(
    [
      live({
        request_id: "r1",
        provider: "openai",
        resolved_model: "gpt",
        phase: "streaming",
        session: "S9",
      }),
      live({ request_id: "r2", provider: "poe", resolved_model: "gemini", client: "Claude Code" }),
    ].map((row) => [row.request_id, row]),
  );

  it("finds all words anywhere, whatever their case", () => {
    expect([...filterActive(rows, { ...NO_FILTERS, q: "CLAUDE poe" }).keys()]).toEqual(["r2"]);
    expect([...filterActive(rows, { ...NO_FILTERS, q: "s9 r2" }).keys()]).toEqual([]);
  });

  it("hands back the same map when nothing is asked", () => {
    expect(filterActive(rows, NO_FILTERS)).toBe(rows);
  });

  it("narrows by phase, provider, model and outcome", () => {
    expect([...filterActive(rows, { ...NO_FILTERS, phase: "streaming" }).keys()]).toEqual(["r1"]);
    expect([
      ...filterActive(rows, { ...NO_FILTERS, provider: "poe", model: "gemini" }).keys(),
    ]).toEqual(["r2"]);
    const traces = [trace({ request_id: "a" }), trace({ request_id: "b", outcome: "timeout" })];
    expect(
      filterTraces(traces, { ...NO_FILTERS, outcome: "timeout" }).map((t) => t.request_id),
    ).toEqual(["b"]);
    const sums = new Map([
      ["x", totals({ provider: "x" })],
      ["y", totals({ provider: "y" })],
    ]);
    expect([...filterTotals(sums, { ...NO_FILTERS, provider: "y", q: "zzz" }).keys()]).toEqual([
      "y",
    ]);
  });

  it("finds rejected requests by their outcome", () => {
    const traces = [trace({ request_id: "a" }), trace({ request_id: "b", outcome: "rejected" })];
    expect(
      filterTraces(traces, { ...NO_FILTERS, outcome: "rejected" }).map((t) => t.request_id),
    ).toEqual(["b"]);
  });

  it("finds a request by the model that answered it, and by what is noted", () => {
    const traces = [
      trace({ request_id: "a", answered_model: "gpt-mini", model_mismatch: true }),
      trace({ request_id: "b", credential: "subscription" }),
    ];
    const found = (q: string) =>
      filterTraces(traces, { ...NO_FILTERS, q }).map((t) => t.request_id);
    expect([found("answered gpt-mini"), found("subscription")]).toEqual([["a"], ["b"]]);
  });

  it("offers a chosen value even when no row has it any more", () => {
    expect(choices(["b", undefined, "a", "b"], "z")).toEqual(["a", "b", "z"]);
  });
});

describe("address", () => {
  it("says the same view again", () => {
    const view = parseView(
      "?page=errors&q=rate+limit&provider=openai&sort=time:desc&id=req_1&debug=1",
    );
    expect(view.filters.q).toBe("rate limit");
    expect(view.sort).toEqual({ column: "time", direction: "desc" });
    expect(parseView(formatView(view))).toEqual(view);
  });

  it("takes nonsense as the plain first page", () => {
    expect(formatView(parseView("?page=admin&sort=<b>:up&x=1"))).toBe("");
  });
});

describe("settings", () => {
  it("reads anything and gives valid ones", () => {
    expect(parseSettings(null)).toEqual(DEFAULTS);
    expect(parseSettings("{broken")).toEqual(DEFAULTS);
    expect(parseSettings('{"theme":"pink","tickMs":10,"pollMs":"5"}')).toEqual(DEFAULTS);
    const kept = parseSettings(
      '{"theme":"dark","tickMs":250,"columns":{"active":[{"id":"in","hide":true,"width":-1},7]}}',
    );
    expect(kept.theme).toBe("dark");
    expect(kept.tickMs).toBe(250);
    expect(kept.columns.active).toEqual([{ id: "in", hide: true, width: null }]);
  });
});

describe("export", () => {
  it("quotes, and keeps a spreadsheet from running what a client sent", () => {
    const text = csv(
      [{ a: 'say "hi", ok', b: '=HYPERLINK("x")', c: null, d: 1 }],
      ["a", "b", "c", "d"],
    );
    expect(text).toBe('a,b,c,d\r\n"say ""hi"", ok","\'=HYPERLINK(""x"")",,1\r\n');
    expect(csv([{ n: -5 }], ["n"])).toBe("n\r\n-5\r\n");
  });

  it("gives JSON that reads back and a file name with the time", () => {
    expect(JSON.parse(json([{ a: [1] }]))).toEqual([{ a: [1] }]);
    expect(fileName("active", "csv", new Date("2026-01-31T14:03:22Z"))).toBe(
      "vandamme-active-20260131-140322.csv",
    );
  });
});

describe("donut", () => {
  it("closes the ring, takes reasoning out of output, and never sums cache into input", () => {
    const parts = slices(
      totals({ input_tokens: 50, output_tokens: 30, reasoning_tokens: 10, cache_read_tokens: 20 }),
    );
    expect(parts.map((p) => [p.name, p.tokens])).toEqual([
      ["input", 50],
      ["output", 20],
      ["reasoning", 10],
      ["cache read", 20],
      ["cache write", 0],
    ]);
    expect(parts[parts.length - 1]?.to).toBeCloseTo(1);
    expect(slices(totals({})).every((p) => p.share === 0)).toBe(true);
  });
});

describe("waterfall", () => {
  const attempt = {
    provider: "demo",
    model: "m",
    status: 200,
    error_type: null,
    started_ms: 5,
    connected_ms: 25,
    first_byte_ms: 300,
    ended_ms: 1000,
    reused: false,
  };

  it("cuts an attempt into its phases, without holes", () => {
    const fall = traceWaterfall(trace({ request_id: "a", duration_ms: 1000, attempts: [attempt] }));
    expect(fall.lanes[0]?.bars).toEqual([
      { kind: "gateway", from: 0, to: 5 },
      { kind: "connecting", from: 5, to: 25 },
      { kind: "waiting", from: 25, to: 300 },
      { kind: "streaming", from: 300, to: 1000 },
    ]);
  });

  it("takes an attempt without an error, whichever way that is said, as a good one", () => {
    const fall = traceWaterfall(
      trace({ request_id: "a", duration_ms: 1000, attempts: [{ ...attempt, error_type: "" }] }),
    );
    expect(fall.lanes[0]?.bars.some((bar) => bar.kind === "failed")).toBe(false);
  });

  it("shows a retry as two lanes, the first one failed", () => {
    const fall = traceWaterfall(
      trace({
        request_id: "a",
        duration_ms: 2000,
        attempts: [
          { ...attempt, status: 529, first_byte_ms: null, ended_ms: 400 },
          {
            ...attempt,
            started_ms: 900,
            connected_ms: null,
            reused: true,
            first_byte_ms: 1200,
            ended_ms: 2000,
          },
        ],
      }),
    );
    expect(fall.lanes.map((lane) => lane.bars.map((bar) => bar.kind))).toEqual([
      ["gateway", "connecting", "failed"],
      ["waiting", "streaming"],
    ]);
  });

  it("never draws outside of the request", () => {
    const fall = traceWaterfall(
      trace({
        request_id: "a",
        duration_ms: 10,
        ttft_ms: null,
        attempts: [{ ...attempt, ended_ms: null, started_ms: -5 }],
      }),
    );
    for (const bar of fall.lanes.flatMap((lane) => lane.bars)) {
      expect(bar.from).toBeGreaterThanOrEqual(0);
      expect(bar.to).toBeLessThanOrEqual(fall.total);
    }
  });

  it("grows with a request that still runs", () => {
    const row = active({ request_id: "a", phase: "streaming", ttft_ms: 200 });
    expect(activeWaterfall(row, 900).lanes[0]?.bars).toEqual([
      { kind: "waiting", from: 0, to: 200 },
      { kind: "streaming", from: 200, to: 900 },
    ]);
    expect(
      activeWaterfall(active({ request_id: "b", phase: "connecting" }), 50).lanes[0]?.bars,
    ).toEqual([{ kind: "connecting", from: 0, to: 50 }]);
  });
});

it("a pause keeps the frozen state while the live one moves on", () => {
  const frozen = apply(null, snapshotMessage({ active: [active({ request_id: "a" })] }))
    .next as LiveState;
  const moved = apply(frozen, deltaMessage({ remove: ["a"] })).next as LiveState;
  expect(frozen.active.size).toBe(1);
  expect(moved.active.size).toBe(0);
});

it("a request is among the ended, the running or the lost, and started counts all three", () => {
  const row = totals({ requests: 4, active: 2, lost: 1, errors: 1 });
  expect(started(row)).toBe(7);
  expect(errorRate(row)).toBe(0.25);
  expect(errorRate(totals({ active: 3 }))).toBeNull();
});
