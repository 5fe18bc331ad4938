// The page's modal questions: help, and "cancel this request?". One at a time,
// in a native dialog, which keeps the focus inside and gives it back.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { HttpError, post } from "../api/rest";
import type { LiveRow } from "../state/live";
import { say } from "../store";

export type DialogKind = { kind: "help" } | { kind: "cancel"; row: LiveRow };

const open = signal<DialogKind | null>(null);

export function openDialog(kind: DialogKind): void {
  open.value = kind;
}

export const dialogOpen = (): boolean => open.peek() !== null;

export function Dialogs() {
  const what = open.value;
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (what && ref.current && !ref.current.open) ref.current.showModal();
  }, [what]);
  if (!what) return null;
  const close = () => {
    open.value = null;
  };
  return (
    <dialog ref={ref} class="dialog" onClose={close} aria-labelledby="dialog-title">
      {what.kind === "help" ? <Help close={close} /> : <Cancel row={what.row} close={close} />}
    </dialog>
  );
}

const KEYS: [string, string][] = [
  ["j / k", "next or previous row"],
  ["Enter", "open the row's details"],
  ["Esc", "close details, or clear the search"],
  ["/", "search"],
  ["p", "pause or resume"],
  ["r", "refresh now"],
  ["1 2 3", "Live, Traces, Errors"],
  ["?", "this help"],
];

function Help({ close }: { close: () => void }) {
  return (
    <>
      <h2 id="dialog-title">Keyboard</h2>
      <dl class="facts keys">
        {KEYS.map(([key, what]) => [
          <dt>
            <kbd>{key}</kbd>
          </dt>,
          <dd>{what}</dd>,
        ])}
      </dl>
      <h2>Reading the page</h2>
      <p>
        A dot is red for what happened just now and cools over orange, yellow, green and white to
        blue within half an hour. <b>~</b> before a number marks an estimate. A request is{" "}
        <b>stalled</b> when its provider has sent nothing for 5 s, and <b>stale</b> when its proxy
        is not heard from. Filters, order and the open request are in the address: a copied link
        shows the same view.
      </p>
      <p class="dim">
        <a href="/dashboard/assets/licenses.txt">Licences</a> of what this page is made of.
      </p>
      <p class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Close
        </button>
      </p>
    </>
  );
}

function Cancel({ row, close }: { row: LiveRow; close: () => void }) {
  const cancel = async () => {
    close();
    try {
      await post(`/metrics/active-requests/${encodeURIComponent(row.request_id)}/cancel`, {});
      say("Cancel was sent to the proxy.");
    } catch (error) {
      say(cancelProblem(error));
    }
  };
  return (
    <>
      <h2 id="dialog-title">Cancel this request?</h2>
      <p>
        The client of <b class="mono">{row.qualified_model}</b> gets an error at once and the
        provider's connection is closed. Tokens produced so far may still be charged.
      </p>
      <p class="mono dim wrap">{row.request_id}</p>
      <p class="dialog-actions">
        <button type="button" class="button" onClick={close} autofocus>
          Keep it running
        </button>
        <button type="button" class="button danger" onClick={cancel}>
          Cancel the request
        </button>
      </p>
    </>
  );
}

function cancelProblem(error: unknown): string {
  if (error instanceof HttpError && error.status === 404) return "It has already ended.";
  if (error instanceof HttpError && error.status === 403) {
    return "Cancelling is not allowed: start vdm-metrics with VDM_ALLOW_CANCEL=true.";
  }
  return `Not cancelled: ${error instanceof Error ? error.message : error}`;
}
