// The first page: what runs now, and what it adds up to.
import { computed } from "@preact/signals";
import type { TotalsRow } from "../api/types";
import { count } from "../format/numbers";
import { PHASE_NAMES } from "../format/outcome";
import { ACTIVE_COLUMNS, CANCEL_COLUMN } from "../grid/activeColumns";
import { Grid } from "../grid/Grid";
import { MODEL_COLUMNS, PROVIDER_COLUMNS } from "../grid/totalsColumns";
import { narrow } from "../narrow";
import { ActiveCards } from "../parts/cards";
import { Chart, type Line } from "../parts/chart";
import { Donut } from "../parts/donut";
import { FilterBar } from "../parts/filters";
import { GridTools } from "../parts/gridtools";
import { Kpis } from "../parts/kpis";
import { Panel } from "../parts/panel";
import { Proxies } from "../parts/proxies";
import { cover } from "../parts/states";
import { TotalsFacts } from "../parts/totals";
import { filterActive, filterTotals } from "../state/filter";
import { type LiveRow, modelKey, providerKey } from "../state/live";
import { started } from "../state/totals";
import { go, mayCancel, openRequest, shown, view } from "../store";

const WITH_CANCEL = [...ACTIVE_COLUMNS, CANCEL_COLUMN];
const NO_ROWS: ReadonlyMap<string, LiveRow> = new Map();
const NO_TOTALS: ReadonlyMap<string, TotalsRow> = new Map();

const filters = computed(() => view.value.filters);
const activeRows = computed(() => filterActive(shown.value?.active ?? NO_ROWS, filters.value));
const providerRows = computed(() =>
  filterTotals(shown.value?.providers ?? NO_TOTALS, filters.value),
);
const modelRows = computed(() => filterTotals(shown.value?.models ?? NO_TOTALS, filters.value));

const REQUEST_LINES: Line[] = [
  { name: "requests/s", colour: "--c-requests", of: (d) => d.started, fill: true },
  { name: "errors/s", colour: "--c-errors", of: (d) => d.errors },
];
const TOKEN_LINES: Line[] = [
  { name: "output tok/s", colour: "--c-output", of: (d) => d.output, fill: true },
  { name: "input tok/s", colour: "--c-input", of: (d) => d.input, legendOnly: true },
];

export function LivePage() {
  const state = shown.value;
  const nothing = state ? null : <p class="note dim">No data yet.</p>;
  return (
    <main class="page" id="main">
      <h1 class="sr">Live</h1>
      <Kpis />
      <Proxies />
      <ActivePanel />
      <div class="row quarters">
        <Panel title="Requests" sub="last 3 min" cover={nothing}>
          <Chart
            label="Requests and errors per second over the last three minutes"
            lines={REQUEST_LINES}
          />
        </Panel>
        <Panel title="Tokens" sub="last 3 min" cover={nothing}>
          <Chart
            label="Output and input tokens per second over the last three minutes"
            lines={TOKEN_LINES}
          />
        </Panel>
        <Panel title="Token composition" cover={nothing}>
          <Donut />
        </Panel>
        <Panel title="Totals" cover={nothing}>
          <TotalsFacts />
        </Panel>
      </div>
      <div class="row halves">
        <Rollup title="Providers" name="providers" />
        <Rollup title="Models" name="models" />
      </div>
    </main>
  );
}

function ActivePanel() {
  const state = shown.value;
  const all = state?.active ?? NO_ROWS;
  const rows = activeRows.value;
  const cancel = mayCancel.value;
  const columns = cancel ? WITH_CANCEL : ACTIVE_COLUMNS;
  const sub =
    rows.size === all.size ? count(all.size) : `${count(rows.size)} of ${count(all.size)}`;
  const list = [...all.values()];
  const models = [...(state?.models.values() ?? [])].map((row) => row.model);
  return (
    <Panel
      title="Running"
      class="active-panel"
      sub={state ? sub : ""}
      tools={
        <FilterBar
          options={[
            { name: "provider", label: "Provider", values: [...(state?.providers.keys() ?? [])] },
            { name: "model", label: "Model", values: models },
            {
              name: "proxy",
              label: "Proxy",
              values: [...(state?.proxies ?? []), ...list].map((p) => p.proxy),
            },
            { name: "phase", label: "Phase", values: PHASE_NAMES },
          ]}
        >
          {!narrow.value && (
            <GridTools name="active" columns={columns} rows={() => activeRows.peek().values()} />
          )}
        </FilterBar>
      }
      cover={cover(all.size, rows.size, "running")}
    >
      {narrow.value ? (
        <ActiveCards rows={activeRows} />
      ) : (
        <Grid<LiveRow>
          key={cancel ? "cancel" : "plain"}
          name="active"
          label="Running requests"
          columns={columns}
          rows={activeRows}
          rowId={(row) => row.request_id}
          rowRules={{ "row-stale": (row) => row.stale }}
          sort={view.value.sort ?? { column: "duration", direction: "asc" }}
          onSort={(sort) => go({ sort })}
          onOpen={(row) => openRequest(row.request_id)}
        />
      )}
    </Panel>
  );
}

function Rollup({ title, name }: { title: string; name: "providers" | "models" }) {
  const rows = name === "providers" ? providerRows : modelRows;
  const columns = name === "providers" ? PROVIDER_COLUMNS : MODEL_COLUMNS;
  const key = name === "providers" ? providerKey : modelKey;
  const empty =
    shown.value && rows.value.size === 0 ? <p class="note dim">Nothing to add up yet.</p> : null;
  return (
    <Panel
      title={title}
      sub={count(rows.value.size)}
      class="rollup-panel"
      tools={
        !narrow.value && (
          <GridTools name={name} columns={columns} rows={() => rows.peek().values()} />
        )
      }
      cover={empty}
    >
      {narrow.value ? (
        <RollupList rows={[...rows.value.values()]} name={name} />
      ) : (
        <Grid<TotalsRow>
          name={name}
          label={title}
          columns={columns}
          rows={rows}
          rowId={key}
          sort={{ column: "requests", direction: "desc" }}
        />
      )}
    </Panel>
  );
}

function RollupList({ rows, name }: { rows: TotalsRow[]; name: "providers" | "models" }) {
  const sorted = [...rows].sort((a, b) => started(b) - started(a));
  return (
    <table class="rollup">
      <thead>
        <tr>
          <th scope="col">{name === "providers" ? "Provider" : "Model"}</th>
          <th scope="col">Requests</th>
          <th scope="col">Errors</th>
          <th scope="col">Out</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((row) => (
          <tr key={`${row.provider}:${row.model}`}>
            <th scope="row">{name === "providers" ? row.provider : row.model}</th>
            <td>{count(started(row))}</td>
            <td>{count(row.errors)}</td>
            <td>{count(row.output_tokens)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
