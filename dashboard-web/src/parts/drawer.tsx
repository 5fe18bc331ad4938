// The details of one request, running or done, beside the grid. It follows the
// request: when it ends, the drawer shows its trace.
import { useEffect, useRef } from "preact/hooks";
import type { TraceRow } from "../api/types";
import { duration, ticking } from "../format/duration";
import { outcomeOf, phaseTone } from "../format/outcome";
import { badgeOf } from "../format/provider";
import { isStalled } from "../state/headline";
import type { LiveRow } from "../state/live";
import { activeWaterfall, traceWaterfall } from "../state/waterfall";
import { asOf, mayCancel, openRequest, say, shown, view } from "../store";
import { copyText } from "./copy";
import { openDialog } from "./dialog";
import { activeFacts, type FactGroup, traceFacts } from "./facts";
import { Icon } from "./icons";
import { Notes } from "./notes";
import { WaterfallView } from "./waterfall";

export function Drawer() {
  const { id } = view.value;
  const state = shown.value;
  const close = useRef<HTMLButtonElement>(null);
  const back = useRef<Element | null>(null);
  useEffect(() => {
    if (!id) return;
    back.current = document.activeElement;
    close.current?.focus({ preventScroll: true });
    return () => {
      if (back.current instanceof HTMLElement && back.current.isConnected) back.current.focus();
    };
  }, [id]);
  if (!id || !state) return null;
  const active = state.active.get(id);
  const trace =
    state.traces.find((t) => t.request_id === id) ?? state.errors.find((t) => t.request_id === id);
  return (
    <aside class="drawer" aria-label="Request details" data-id={id}>
      <div class="drawer-head">
        <h2>Request</h2>
        <span class="spacer" />
        {active && mayCancel.value && (
          <button
            type="button"
            class="button danger small"
            onClick={() => openDialog({ kind: "cancel", row: active })}
          >
            Cancel…
          </button>
        )}
        <button
          ref={close}
          type="button"
          class="tool"
          title="Close (Esc)"
          onClick={() => openRequest("")}
        >
          <Icon name="close" />
          <span class="sr">Close details</span>
        </button>
      </div>
      <p class="drawer-id">
        <code>{id}</code>
        <button
          type="button"
          class="tool small"
          title="Copy id"
          onClick={async () =>
            say((await copyText(id)) ? "Request id copied." : "The browser did not allow it.")
          }
        >
          <Icon name="copy" />
          <span class="sr">Copy request id</span>
        </button>
      </p>
      {active ? (
        <ActiveDetails row={active} />
      ) : trace ? (
        <TraceDetails row={trace} />
      ) : (
        <p class="note dim">
          This request is not among the running ones nor the last {state.traces.length} traces. It
          may be older than what the server keeps.
        </p>
      )}
    </aside>
  );
}

function ActiveDetails({ row }: { row: LiveRow }) {
  const at = asOf.value + (shown.value?.clockOffset ?? 0);
  const age = Math.max(0, at - row.start_time * 1000);
  const stalled = isStalled(row, at);
  const tone = row.stale ? "gone" : stalled ? "warn" : phaseTone(row.phase);
  return (
    <>
      <Title row={row} />
      <p class="drawer-state">
        <span class={`mark tone-${tone}`}>
          {row.stale ? "stale" : stalled ? "stalled" : row.phase}
        </span>
        <b class="big">{ticking(age)}</b>
        <span class="dim">running</span>
      </p>
      <WaterfallView fall={activeWaterfall(row, age)} />
      <Groups groups={activeFacts(row)} />
    </>
  );
}

function TraceDetails({ row }: { row: TraceRow }) {
  const { label, tone, says } = outcomeOf(row.outcome);
  return (
    <>
      <Title row={row} />
      <p class="drawer-state">
        <span class={`mark tone-${tone}`}>{label}</span>
        <b class="big">{duration(row.duration_ms)}</b>
        <span class="dim">{says}</span>
      </p>
      {row.error && <p class={`message tone-${tone}`}>{row.error}</p>}
      <WaterfallView fall={traceWaterfall(row)} />
      <Groups groups={traceFacts(row)} />
    </>
  );
}

function Title({ row }: { row: LiveRow | TraceRow }) {
  return (
    <p class="drawer-title">
      <span class={`badge badge-${badgeOf(row.provider)}`}>{row.provider || "unknown"}</span>
      <span class="mono">{row.requested_model}</span>
      <Notes row={row} />
    </p>
  );
}

function Groups({ groups }: { groups: FactGroup[] }) {
  return (
    <>
      {groups.map((group) => (
        <section key={group.title} class="drawer-group">
          <h3>{group.title}</h3>
          <dl class="facts">
            {group.facts.map(([name, value]) => [
              <dt key={`n${name}`}>{name}</dt>,
              <dd key={`v${name}`}>{value}</dd>,
            ])}
          </dl>
        </section>
      ))}
    </>
  );
}
