// Every field of a request as name and text, grouped for the drawer. Pure.
import type { ActiveRow, TraceRow } from "../api/types";
import { duration } from "../format/duration";
import { credentialName } from "../format/notes";
import { bytes, count, NONE, rate } from "../format/numbers";
import { iso } from "../format/time";

export type Fact = [name: string, value: string];
export interface FactGroup {
  title: string;
  facts: Fact[];
}

const text = (value: string | null | undefined): string => value || NONE;
const yes = (value: boolean): string => (value ? "yes" : "no");
const tokens = (n: number | null, estimated: boolean): string =>
  estimated && n ? `~${count(n)} (estimate)` : count(n);

export function activeFacts(row: ActiveRow): FactGroup[] {
  return [
    {
      title: "Request",
      facts: [
        ["Requested model", text(row.requested_model)],
        ["Resolved model", text(row.resolved_model)],
        ["Provider", text(row.provider)],
        ["Kind", text(row.kind)],
        ["Phase", row.stale ? `${row.phase} (stale: its proxy is not heard from)` : row.phase],
        ["Answered by", text(row.answered_model)],
        ["Paid by", text(credentialName(row.credential))],
        ["Attempt", String(row.attempt)],
        ["Streaming", yes(row.is_streaming)],
        ["Started", iso(row.start_time * 1000)],
        ["Request size", bytes(row.request_size)],
        ["Messages", count(row.message_count)],
      ],
    },
    {
      title: "So far",
      facts: [
        ["Time to first token", duration(row.ttft_ms)],
        ["Input tokens", count(row.input_tokens)],
        ["Output tokens", tokens(row.output_tokens, row.estimated)],
        ["Tokens per second", rate(row.tokens_per_second)],
        ["Cache read", count(row.cache_read_tokens)],
        ["Cache write", count(row.cache_creation_tokens)],
        ["Tool uses (prompt)", count(row.tool_uses)],
        ["Tool results (prompt)", count(row.tool_results)],
        ["Tool calls (answer)", count(row.tool_calls)],
      ],
    },
    whereFacts(row),
  ];
}

export function traceFacts(row: TraceRow): FactGroup[] {
  return [
    {
      title: "Request",
      facts: [
        ["Requested model", text(row.requested_model)],
        ["Resolved model", text(row.resolved_model)],
        ["Provider", text(row.provider)],
        ["Kind", text(row.kind)],
        ["Streaming", yes(row.is_streaming)],
        ["Started", iso(row.start_time * 1000)],
        ["Ended", iso(row.ts * 1000)],
        ["Request size", bytes(row.request_size)],
        ["Messages", count(row.message_count)],
      ],
    },
    {
      title: "Answer",
      facts: [
        ["HTTP status", row.http_status ? String(row.http_status) : NONE],
        ["Answered by", text(row.answered_model)],
        ["Paid by", text(credentialName(row.credential))],
        ["Finish reason", text(row.finish_reason)],
        ["Error type", text(row.error_type)],
        ["Duration", duration(row.duration_ms)],
        ["Time to first token", duration(row.ttft_ms)],
        ["Added by the gateway", duration(row.overhead_ms)],
        ["Answer size", bytes(row.response_bytes)],
      ],
    },
    {
      title: "Tokens",
      facts: [
        ["Input", count(row.input_tokens)],
        ["Output", tokens(row.output_tokens, row.estimated)],
        ["Reasoning", count(row.reasoning_tokens)],
        ["Cache read", count(row.cache_read_tokens)],
        ["Cache write", count(row.cache_creation_tokens)],
        ["Tool uses (prompt)", count(row.tool_use_count)],
        ["Tool results (prompt)", count(row.tool_result_count)],
        ["Tool calls (answer)", count(row.tool_call_count)],
      ],
    },
    whereFacts(row),
  ];
}

function whereFacts(row: ActiveRow | TraceRow): FactGroup {
  const facts: Fact[] = [
    ["Proxy", text(row.proxy)],
    ["Client", text(row.client)],
    ["Session", text(row.session)],
    ["Agent", text(row.agent)],
  ];
  if ("user_agent" in row) facts.push(["User agent", text(row.user_agent)]);
  facts.push(["Trace id", text(row.trace_id)], ["Request id", text(row.request_id)]);
  return { title: "Where", facts };
}
