// Finished requests: all of them as traces, the failed ones with their message.
import { computed } from "@preact/signals";
import type { TraceRow } from "../api/types";
import { count } from "../format/numbers";
import { OUTCOME_NAMES, outcomeOf } from "../format/outcome";
import { Grid } from "../grid/Grid";
import { ERROR_COLUMNS, TRACE_COLUMNS } from "../grid/traceColumns";
import { narrow } from "../narrow";
import { TraceCards } from "../parts/cards";
import { FilterBar } from "../parts/filters";
import { GridTools } from "../parts/gridtools";
import { Panel } from "../parts/panel";
import { cover } from "../parts/states";
import { filterTraces } from "../state/filter";
import { go, openRequest, shown, view } from "../store";

const toMap = (rows: readonly TraceRow[]): ReadonlyMap<string, TraceRow> =>
  new Map(rows.map((row) => [row.request_id, row]));

const traceRows = computed(() =>
  toMap(filterTraces(shown.value?.traces ?? [], view.value.filters)),
);
const errorRows = computed(() =>
  toMap(filterTraces(shown.value?.errors ?? [], view.value.filters)),
);

/** A coloured edge for what did not end well; the outcome column says it in words. */
const EDGES = Object.fromEntries(
  (["bad", "warn", "gone", "calm"] as const).map((tone) => [
    `edge-${tone}`,
    (row: TraceRow) => outcomeOf(row.outcome).tone === tone,
  ]),
);

export function LogsPage({ page }: { page: "traces" | "errors" }) {
  const errors = page === "errors";
  const rows = errors ? errorRows : traceRows;
  const columns = errors ? ERROR_COLUMNS : TRACE_COLUMNS;
  const all = (errors ? shown.value?.errors : shown.value?.traces) ?? [];
  const seen = rows.value.size;
  const sub =
    seen === all.length ? `newest ${count(all.length)}` : `${count(seen)} of ${count(all.length)}`;
  return (
    <main class="page page-logs" id="main">
      <h1 class="sr">{errors ? "Errors" : "Traces"}</h1>
      <Panel
        title={errors ? "Errors" : "Traces"}
        sub={shown.value ? sub : ""}
        class="log-panel"
        tools={
          <FilterBar
            options={[
              {
                name: "outcome",
                label: "Outcome",
                values: OUTCOME_NAMES,
                text: (name) => outcomeOf(name).label,
              },
              { name: "provider", label: "Provider", values: all.map((row) => row.provider) },
              {
                name: "model",
                label: "Model",
                values: all.map((row) => row.resolved_model || row.model),
              },
              { name: "proxy", label: "Proxy", values: all.map((row) => row.proxy) },
            ]}
          >
            {!narrow.value && (
              <GridTools name={page} columns={columns} rows={() => rows.peek().values()} />
            )}
          </FilterBar>
        }
        cover={cover(all.length, seen, errors ? "failed" : "done")}
      >
        {narrow.value ? (
          <TraceCards name={page} rows={rows} />
        ) : (
          <Grid<TraceRow>
            key={page}
            name={page}
            label={errors ? "Errors" : "Traces"}
            columns={columns}
            rows={rows}
            rowId={(row) => row.request_id}
            rowRules={EDGES}
            sort={view.value.sort ?? { column: "time", direction: "desc" }}
            onSort={(sort) => go({ sort })}
            onOpen={(row) => openRequest(row.request_id)}
          />
        )}
      </Panel>
    </main>
  );
}
