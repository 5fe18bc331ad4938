// Sums since the totals began: what the headline has no room for.
import { ago, duration, durationClass } from "../format/duration";
import { compact, count } from "../format/numbers";
import { iso, toMs } from "../format/time";
import { started } from "../state/totals";
import { asOf, shown } from "../store";

export function TotalsFacts() {
  const state = shown.value;
  const sum = state?.summary;
  if (!state || !sum) return null;
  const last = toMs(sum.last_accessed);
  const lastText = last === null ? "never" : ago(asOf.value + state.clockOffset - last);
  const list: [string, string, string?, string?][] = [
    [
      "Requests",
      compact(started(sum)),
      "",
      `${count(sum.requests)} ended, ${count(sum.active)} running`,
    ],
    ["Errors", compact(sum.errors), sum.errors > 0 ? "bad-text" : ""],
    ["Cancelled", compact(sum.cancelled)],
    ["Lost", compact(sum.lost), sum.lost > 0 ? "bad-text" : ""],
    ["Tool calls", compact(sum.tool_calls)],
    ["Last activity", lastText, "", iso(last)],
    [
      "Average",
      duration(sum.average_duration_ms),
      `speed-${durationClass(sum.average_duration_ms)}`,
    ],
    ["Total time", duration(sum.total_duration_ms), "", "The sum of all durations, not wall time"],
    ["Streaming", averageOf(sum.streaming), "", "Mean duration of streamed answers"],
    ["Not streaming", averageOf(sum.non_streaming), "", "Mean duration of whole answers"],
  ];
  return (
    <dl class="totals">
      {list.map(([name, value, tone, title]) => (
        <div key={name} title={title || undefined}>
          <dt>{name}</dt>
          <dd class={tone ?? ""}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function averageOf(split: { requests: number; average_duration_ms: number } | undefined): string {
  return split && split.requests > 0 ? duration(split.average_duration_ms) : "–";
}
