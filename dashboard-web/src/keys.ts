// The keyboard. Nothing here works while a person types in a field or a dialog is open.
import { mainGrid } from "./grid/Grid";
import { dialogOpen, openDialog } from "./parts/dialog";
import { SEARCH_ID } from "./parts/filters";
import { closeSettings } from "./parts/settings";
import { go, openRequest, refresh, togglePause, view } from "./store";

const PAGES = { "1": "live", "2": "traces", "3": "errors" } as const;

export function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialogOpen()) return;
    const target = event.target as HTMLElement;
    if (event.key === "Escape") {
      closeNearest(target);
      return;
    }
    if (target.matches("input, select, textarea")) return;
    if (onKey(event.key)) event.preventDefault();
  });
}

function onKey(key: string): boolean {
  switch (key) {
    case "j":
      mainGrid.current?.moveFocus(1);
      return true;
    case "k":
      mainGrid.current?.moveFocus(-1);
      return true;
    case "/":
      document.getElementById(SEARCH_ID)?.focus();
      return true;
    case "p":
      togglePause();
      return true;
    case "r":
      refresh();
      return true;
    case "?":
      openDialog({ kind: "help" });
      return true;
    case "1":
    case "2":
    case "3":
      go({ page: PAGES[key], id: "", sort: null }, true);
      return true;
    default:
      return false;
  }
}

/** Closes the nearest thing: settings, then the drawer, then the search. */
function closeNearest(target: HTMLElement): void {
  if (closeSettings()) return;
  if (target.id === SEARCH_ID) {
    const { filters } = view.peek();
    if (filters.q) go({ filters: { ...filters, q: "" } });
    else target.blur();
    return;
  }
  if (view.peek().id) openRequest("");
}
