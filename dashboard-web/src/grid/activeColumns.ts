// The columns of the grid of running requests.
import { duration, ticking } from "../format/duration";
import { modelName } from "../format/model";
import { notesOf } from "../format/notes";
import { count, NONE, rate } from "../format/numbers";
import { openDialog } from "../parts/dialog";
import type { LiveRow } from "../state/live";
import { serverNow } from "../store";
import { answerColumns } from "./answerColumns";
import { badgeCell, modelCell, phaseTick, runningTick } from "./cells";
import { type Column, el } from "./column";

const tokens = (n: number): string => (n === 0 ? NONE : count(n));

/** Shown only where the server allows cancelling. */
export const CANCEL_COLUMN: Column<LiveRow> = {
  id: "cancel",
  title: "Stop",
  hint: "Cancel the request; asks first",
  width: 56,
  value: () => null,
  cell: (element, row) => {
    if (element.firstElementChild) return;
    const button = el("button", "cell-button", "✕") as HTMLButtonElement;
    button.type = "button";
    button.title = "Cancel this request…";
    button.setAttribute("aria-label", `Cancel ${row.request_id}`);
    button.addEventListener("click", () => openDialog({ kind: "cancel", row }));
    element.append(button);
  },
};

export const ACTIVE_COLUMNS: Column<LiveRow>[] = [
  {
    id: "duration",
    title: "Duration",
    hint: "Since the request began, by the server's clock. The dot's colour is its age.",
    width: 92,
    // Sorted by start: it never changes, so rows stay where they are.
    value: (row) => -row.start_time,
    text: (row) => ticking(serverNow() - row.start_time * 1000),
    tick: runningTick,
  },
  {
    id: "model",
    title: "Model",
    hint: "What the client asked for",
    width: 206,
    flex: 2,
    mono: true,
    value: (row) => row.qualified_model,
    cell: (element, row) =>
      modelCell(element, row.provider, modelName(row.requested_model, row.provider), notesOf(row)),
  },
  {
    id: "resolved",
    title: "Resolved",
    hint: "The model the provider is asked for",
    width: 150,
    flex: 1.4,
    mono: true,
    value: (row) => row.resolved_model,
  },
  {
    id: "provider",
    title: "Provider",
    width: 112,
    hide: true,
    value: (row) => row.provider,
    cell: (element, row) => badgeCell(element, row.provider),
  },
  {
    id: "phase",
    title: "Phase",
    hint: "connecting, waiting for the first token, streaming, draining; stalled when nothing comes",
    width: 104,
    value: (row) => (row.stale ? "stale" : row.phase),
    cell: (element, row) => phaseTick(element, row, serverNow()),
    tick: phaseTick,
  },
  { id: "proxy", title: "Proxy", width: 80, value: (row) => row.proxy },
  {
    id: "streaming",
    title: "Stream",
    width: 64,
    value: (row) => row.is_streaming,
    text: (row) => (row.is_streaming ? "yes" : "no"),
  },
  {
    id: "in",
    title: "In",
    hint: "Input tokens",
    width: 68,
    right: true,
    value: (row) => row.input_tokens,
    text: (row) => tokens(row.input_tokens),
  },
  {
    id: "out",
    title: "Out",
    hint: "Output tokens so far; ~ marks an estimate",
    width: 70,
    right: true,
    value: (row) => row.output_tokens,
    text: (row) =>
      row.output_tokens > 0 && row.estimated
        ? `~${count(row.output_tokens)}`
        : tokens(row.output_tokens),
  },
  {
    id: "tps",
    title: "Tok/s",
    hint: "Output tokens per second over the last few seconds",
    width: 60,
    right: true,
    value: (row) => row.tokens_per_second,
    text: (row) => rate(row.tokens_per_second),
  },
  {
    id: "ttft",
    title: "TTFT",
    hint: "Time to first token",
    width: 66,
    right: true,
    value: (row) => row.ttft_ms,
    text: (row) => duration(row.ttft_ms),
  },
  {
    id: "tools",
    title: "Tools",
    hint: "Tool calls in the answer",
    width: 58,
    right: true,
    value: (row) => row.tool_calls,
    text: (row) => tokens(row.tool_calls),
  },
  ...answerColumns<LiveRow>(),
  { id: "client", title: "Client", width: 110, value: (row) => row.client },
  { id: "session", title: "Session", width: 80, mono: true, value: (row) => row.session },
  { id: "agent", title: "Agent", width: 96, hide: true, value: (row) => row.agent },
  {
    id: "request",
    title: "Request id",
    width: 104,
    flex: 1,
    mono: true,
    value: (row) => row.request_id,
  },
];
