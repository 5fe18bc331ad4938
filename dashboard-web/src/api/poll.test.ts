import { expect, it } from "vitest";
import { active, trace } from "../testing/rows";
import { poll, snapshotOf } from "./poll";

const ANSWER = {
  summary: {
    last_accessed: { top: "2026-01-31T14:03:22Z" },
    total_requests: 3,
    total_errors: 1,
    total_input_tokens: 30,
    total_output_tokens: 12,
    total_tool_calls: 2,
    active_requests: 1,
    average_duration_ms: 400,
    total_duration_ms: 1200,
  },
  providers: {
    openai: {
      last_accessed: "2026-01-31T14:03:22Z",
      rollup: {
        total: { requests: 3, errors: 1, average_duration_ms: 400 },
        streaming: { requests: 2, errors: 0, average_duration_ms: 500 },
      },
      models: { "org/m:free": { last_accessed: null, total: { requests: 3 } } },
    },
  },
};

it("puts the stream's picture together from the REST answers", () => {
  const row = active({
    request_id: "a",
    provider: "openai",
    resolved_model: "org/m:free",
    start_time: 50,
    duration_ms: 2000,
  });
  const made = snapshotOf([row], ANSWER, { traces: [trace({ request_id: "t" })], errors: [] }, 0);
  expect(made.polled).toBe(true);
  expect(made.server_time).toBe(52);
  expect(made.totals.summary).toMatchObject({
    requests: 3,
    errors: 1,
    input_tokens: 30,
    tool_calls: 2,
    active: 1,
    average_duration_ms: 400,
    total_duration_ms: 1200,
    last_accessed: "2026-01-31T14:03:22Z",
    streaming: { requests: 2, average_duration_ms: 500 },
  });
  expect(made.totals.providers[0]).toMatchObject({ provider: "openai", requests: 3, active: 1 });
  expect(made.totals.models[0]).toMatchObject({
    provider: "openai",
    model: "org/m:free",
    active: 1,
  });
});

it("says that metrics are off in the server's own words", async () => {
  const answer = { disabled: true, message: "off", suggestion: "turn it on", active_requests: [] };
  const fetcher = async () => new Response(JSON.stringify(answer));
  expect(await poll(fetcher, 0)).toEqual({
    disabled: { message: "off", suggestion: "turn it on" },
  });
});
