// The headline: what a person looks for first.
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { duration } from "../format/duration";
import { compact, NONE, percent, rate } from "../format/numbers";
import { headline, RATE_WINDOW_S } from "../state/headline";
import { started } from "../state/totals";
import { asOf, shown } from "../store";

export function Kpis() {
  const numbers = useComputed(() => {
    const state = shown.value;
    return state ? headline(state, asOf.value) : null;
  });
  const n = numbers.value;
  const summary = shown.value?.summary ?? null;
  const trouble = n !== null && n.stalled + n.stale > 0;
  return (
    <section class="kpis" aria-label="Headline numbers">
      <Kpi
        name="Running"
        value={n ? String(n.running) : NONE}
        sub={
          n === null
            ? ""
            : trouble
              ? [n.stalled && `${n.stalled} stalled`, n.stale && `${n.stale} stale`]
                  .filter(Boolean)
                  .join(", ")
              : `${n.streaming} streaming, ${n.waiting} waiting`
        }
        tone={trouble ? "warn" : ""}
      />
      <Kpi
        name="Requests"
        value={rate(n?.requestsPerSecond)}
        unit="/s"
        sub={total(n?.requestsPerSecond, summary && started(summary))}
      />
      <Kpi
        name="Output tokens"
        value={rate(n?.outputPerSecond)}
        unit="/s"
        sub={total(n?.outputPerSecond, summary?.output_tokens ?? null)}
      />
      <Kpi
        name="Error rate"
        value={percent(n?.errorRate)}
        sub={n ? `${n.errors} of ${n.ended} in 5 min` : ""}
        tone={n?.errorRate ? (n.errorRate >= 0.05 ? "bad" : "warn") : ""}
      />
      <Kpi
        name="Duration p50"
        value={duration(summary?.p50_ms)}
        sub={summary ? `p95 ${duration(summary.p95_ms)}` : ""}
      />
      <Kpi
        name="First token p50"
        value={duration(summary?.ttft_p50_ms)}
        sub={summary ? `p95 ${duration(summary.ttft_p95_ms)}` : ""}
      />
    </section>
  );
}

/** What the rate is over, where there is one, and the sum. */
function total(rate: number | null | undefined, n: number | null): string {
  if (n === null) return "";
  return `${typeof rate === "number" ? `over ${RATE_WINDOW_S} s · ` : ""}${compact(n)} in all`;
}

function Kpi(props: {
  name: string;
  value: string;
  unit?: string;
  sub: ComponentChildren;
  tone?: string;
}) {
  const known = props.value !== NONE;
  return (
    <div class={`kpi ${props.tone ? `kpi-${props.tone}` : ""}`} data-kpi={props.name}>
      <div class="kpi-name">{props.name}</div>
      <div class="kpi-value">
        {props.value}
        {known && props.unit && <span class="kpi-unit">{props.unit}</span>}
      </div>
      <div class="kpi-sub">{props.sub}</div>
    </div>
  );
}
