// A grid as a component. It loads the grid's chunk, buffers until the grid is
// there (the first difference is against nothing), and follows its signal.
import { effect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { GridName } from "../state/settings";
import type { Sort } from "../state/url";
import { change, settings, view } from "../store";
import type { MountedGrid } from "./aggrid";
import type { Column } from "./column";

interface Props<T> {
  name: GridName;
  label: string;
  columns: Column<T>[];
  rows: ReadonlySignal<ReadonlyMap<string, T>>;
  rowId(row: T): string;
  rowRules?: Record<string, (row: T) => boolean>;
  sort: Sort | null;
  onSort?(sort: Sort | null): void;
  onOpen?(row: T): void;
}

/** The grid that j and k move in: the last one mounted as the page's main grid. */
export const mainGrid: { current: MountedGrid<never> | null } = { current: null };

export const rowHeight = (): number => (settings.value.density === "compact" ? 28 : 36);

export function Grid<T>(props: Props<T>) {
  const host = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState("");
  const main = props.onOpen !== undefined;

  useEffect(() => {
    let over = false;
    let undo = () => {};
    import("./aggrid")
      .then(({ mountGrid }) => {
        if (over || !host.current) return;
        undo = follow(mountGrid<T>(host.current, specOf(props)), props, main);
      })
      .catch((error) => setFailed(String(error)));
    return () => {
      over = true;
      undo();
    };
  }, [props.name]);

  if (failed) {
    return (
      <p class="note bad" role="alert">
        The grid could not be loaded: {failed}. Reload the page; a new version may have been
        installed.
      </p>
    );
  }
  return <div ref={host} class="grid ag-theme-quartz" data-grid={props.name} />;
}

function specOf<T>(props: Props<T>) {
  return {
    label: props.label,
    columns: props.columns,
    rowId: props.rowId,
    ...(props.rowRules && { rowRules: props.rowRules }),
    choices: settings.peek().columns[props.name],
    sort: props.sort,
    rowHeight: settings.peek().density === "compact" ? 28 : 36,
    onOpen: (row: T) => props.onOpen?.(row),
    onSort: (sort: Sort | null) => props.onSort?.(sort),
    onColumns: (choices: NonNullable<ReturnType<typeof choicesFor>>) =>
      change({ columns: { ...settings.peek().columns, [props.name]: choices } }),
  };
}

const choicesFor = (name: GridName) => settings.value.columns[name];

function follow<T>(grid: MountedGrid<T>, props: Props<T>, main: boolean): () => void {
  if (main) mainGrid.current = grid as unknown as MountedGrid<never>;
  let first = true;
  let known = settings.peek().columns[props.name];
  let height = rowHeight();
  const stopRows = effect(() => grid.show(props.rows.value));
  const stopMark = effect(() => grid.mark(view.value.id));
  const stopSettings = effect(() => {
    const choices = choicesFor(props.name);
    if (!first && choices !== known) grid.choose(choices);
    known = choices;
    if (rowHeight() !== height) {
      height = rowHeight();
      grid.setRowHeight(height);
    }
    first = false;
  });
  return () => {
    stopRows();
    stopMark();
    stopSettings();
    if (mainGrid.current === (grid as unknown)) mainGrid.current = null;
    grid.destroy();
  };
}
