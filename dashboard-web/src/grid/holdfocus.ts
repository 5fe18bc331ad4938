// AG Grid keeps the focus on a position; in a grid to which rows are added at the
// top that is a different request every moment. This keeps it on the row.
import type { GridApi } from "ag-grid-community";

/** The grid tells of a moved focus a moment after the key that moved it. */
const ACT_MS = 80;

export function holdFocus<T>(api: GridApi<T>, host: HTMLElement): void {
  /** The row a person put the focus on. */
  let held: string | null = null;
  let actedAt = 0;
  const act = () => {
    actedAt = performance.now();
  };
  // Only what a person does chooses a row; the grid's own refocusing does not.
  for (const event of ["keydown", "pointerdown"] as const) {
    host.ownerDocument.addEventListener(event, act, { capture: true, signal: gone(api) });
  }

  api.addEventListener("cellFocused", (event) => {
    if (api.isDestroyed() || event.rowIndex === null) return;
    if (performance.now() - actedAt > ACT_MS) return;
    held = api.getDisplayedRowAtIndex(event.rowIndex)?.id ?? null;
  });
  api.addEventListener("modelUpdated", () => {
    if (api.isDestroyed()) return; // told late, when the page is another already
    const at = api.getFocusedCell();
    if (held === null || !at || !host.contains(document.activeElement)) return;
    const row = api.getRowNode(held);
    if (!row || row.rowIndex === null) {
      held = api.getDisplayedRowAtIndex(at.rowIndex)?.id ?? null; // it ended: its neighbour is next
    } else if (row.rowIndex !== at.rowIndex) {
      api.setFocusedCell(row.rowIndex, at.column);
    }
  });
}

/** Ends listeners with the grid. */
function gone<T>(api: GridApi<T>): AbortSignal {
  const controller = new AbortController();
  api.addEventListener("gridPreDestroyed", () => controller.abort());
  return controller.signal;
}
