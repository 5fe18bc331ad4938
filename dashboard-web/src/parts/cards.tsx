// Rows as cards, for screens too narrow for a grid.
import type { ReadonlySignal } from "@preact/signals";
import type { TraceRow } from "../api/types";
import { duration, ticking } from "../format/duration";
import { modelName } from "../format/model";
import { count, NONE, rate } from "../format/numbers";
import { outcomeOf, phaseTone } from "../format/outcome";
import { badgeOf } from "../format/provider";
import { clockTime } from "../format/time";
import { isStalled } from "../state/headline";
import type { LiveRow } from "../state/live";
import { asOf, now, openRequest, shown } from "../store";
import { Notes } from "./notes";

/** More than anyone scrolls through with a thumb. */
const CARDS_MAX = 60;

export function ActiveCards({ rows }: { rows: ReadonlySignal<ReadonlyMap<string, LiveRow>> }) {
  const at = asOf.value + (shown.value?.clockOffset ?? 0);
  const sorted = [...rows.value.values()].sort((a, b) => b.start_time - a.start_time);
  return (
    <ul class="cards" data-grid="active">
      {sorted.slice(0, CARDS_MAX).map((row) => {
        const stalled = isStalled(row, at);
        const tone = row.stale ? "gone" : stalled ? "warn" : phaseTone(row.phase);
        return (
          <li key={row.request_id} row-id={row.request_id}>
            <button
              type="button"
              class={`card ${row.stale ? "stale" : ""}`}
              onClick={() => openRequest(row.request_id)}
            >
              <span class="card-line">
                <span class={`badge badge-${badgeOf(row.provider)}`}>{row.provider}</span>
                <span class="mono card-model">{modelName(row.requested_model, row.provider)}</span>
                <b class="num">{ticking(at - row.start_time * 1000)}</b>
              </span>
              <span class="card-line dim">
                <span class={`mark tone-${tone}`}>
                  {row.stale ? "stale" : stalled ? "stalled" : row.phase}
                </span>
                <Notes row={row} />
                <span class="num">{row.input_tokens ? count(row.input_tokens) : NONE} in</span>
                <span class="num">{row.output_tokens ? count(row.output_tokens) : NONE} out</span>
                <span class="num">{rate(row.tokens_per_second)} tok/s</span>
              </span>
            </button>
          </li>
        );
      })}
      <More shown={CARDS_MAX} of={sorted.length} />
    </ul>
  );
}

export function TraceCards(props: {
  name: "traces" | "errors";
  rows: ReadonlySignal<ReadonlyMap<string, TraceRow>>;
}) {
  const { name, rows } = props;
  const all = [...rows.value.values()];
  return (
    <ul class="cards" data-grid={name}>
      {all.slice(0, CARDS_MAX).map((row) => {
        const { label, tone } = outcomeOf(row.outcome);
        return (
          <li key={row.request_id} row-id={row.request_id}>
            <button type="button" class="card" onClick={() => openRequest(row.request_id)}>
              <span class="card-line">
                <span class={`badge badge-${badgeOf(row.provider)}`}>{row.provider}</span>
                <span class="mono card-model">{row.resolved_model || row.model}</span>
                <b class="num">{duration(row.duration_ms)}</b>
              </span>
              <span class="card-line dim">
                <span class={`mark tone-${tone}`}>{label}</span>
                <Notes row={row} />
                <span class="num">{clockTime(row.ts * 1000, now.value)}</span>
                <span class="num">{count(row.output_tokens)} out</span>
                {row.http_status && row.http_status >= 400 ? (
                  <span class="num">{row.http_status}</span>
                ) : null}
              </span>
              {row.error && <span class="card-error">{row.error}</span>}
            </button>
          </li>
        );
      })}
      <More shown={CARDS_MAX} of={all.length} />
    </ul>
  );
}

function More({ shown: some, of }: { shown: number; of: number }) {
  return of > some ? <li class="note dim">and {count(of - some)} more</li> : null;
}
