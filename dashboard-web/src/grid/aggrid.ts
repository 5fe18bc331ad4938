// The only file that knows AG Grid; a chunk of its own, loaded when a grid is
// first shown. It takes columns and maps of rows and sends the differences.
import {
  CellApiModule,
  CellStyleModule,
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  type ColDef,
  ColumnApiModule,
  createGrid,
  EventApiModule,
  type GridApi,
  type ICellRendererComp,
  type ICellRendererParams,
  ModuleRegistry,
  RenderApiModule,
  RowApiModule,
  type RowClassParams,
  type RowClassRules,
  RowStyleModule,
  ScrollApiModule,
  TooltipModule,
} from "ag-grid-community";
import { diff } from "../state/diff";
import type { ColumnChoice } from "../state/settings";
import type { Sort } from "../state/url";
import { serverNow } from "../store";
import { type Column, el } from "./column";
import { holdFocus } from "./holdfocus";
import { onTick } from "./ticker";

ModuleRegistry.registerModules([
  CellApiModule,
  CellStyleModule,
  ClientSideRowModelApiModule,
  ClientSideRowModelModule,
  ColumnApiModule,
  EventApiModule,
  RenderApiModule,
  RowApiModule,
  RowStyleModule,
  ScrollApiModule,
  TooltipModule,
]);

export interface GridSpec<T> {
  label: string;
  columns: Column<T>[];
  rowId(row: T): string;
  /** Class of a row -> when it has it; looked at again whenever the row changes. */
  rowRules?: Record<string, (row: T) => boolean>;
  choices: ColumnChoice[] | undefined;
  sort: Sort | null;
  rowHeight: number;
  onOpen(row: T): void;
  onColumns(choices: ColumnChoice[]): void;
  onSort(sort: Sort | null): void;
}

export interface MountedGrid<T> {
  show(rows: ReadonlyMap<string, T>): void;
  choose(choices: ColumnChoice[] | undefined): void;
  setRowHeight(height: number): void;
  /** Marks the row whose details are open; "" marks none. */
  mark(id: string): void;
  /** Moves the focus down or up; from nowhere, to the first row. */
  moveFocus(by: number): void;
  destroy(): void;
}

/** AG Grid gathers transactions for this long and draws them together. */
const GATHER_MS = 20;

export function mountGrid<T>(host: HTMLElement, spec: GridSpec<T>): MountedGrid<T> {
  let has: ReadonlyMap<string, T> = new Map();
  let marked = "";
  const api: GridApi<T> = createGrid<T>(host, {
    theme: "legacy",
    columnDefs: spec.columns.map((column) => colDef(column, spec.choices, spec.sort)),
    defaultColDef: {
      sortable: true,
      resizable: true,
      minWidth: 50,
      suppressHeaderMenuButton: true,
    },
    rowData: [],
    getRowId: (params) => spec.rowId(params.data),
    rowClassRules: rulesOf({
      ...spec.rowRules,
      "row-open": (row: T) => spec.rowId(row) === marked,
    }),
    rowHeight: spec.rowHeight,
    headerHeight: 30,
    animateRows: false,
    asyncTransactionWaitMillis: GATHER_MS,
    enableCellTextSelection: true,
    ensureDomOrder: true,
    enableBrowserTooltips: true,
    suppressNoRowsOverlay: true,
    suppressDragLeaveHidesColumns: true,
    maintainColumnOrder: true,
    icons: icons(),
    onRowClicked: (event) => {
      const target = event.event?.target as Element | null | undefined;
      if (target?.closest("button") || getSelection()?.toString()) return;
      if (event.data) spec.onOpen(event.data);
    },
    onCellKeyDown: (event) => {
      const key = event.event as KeyboardEvent | null | undefined;
      const inButton = (key?.target as Element | null | undefined)?.closest("button");
      if (key?.key === "Enter" && event.data && !inButton) spec.onOpen(event.data);
    },
    onSortChanged: () => spec.onSort(sortOf(api)),
    onColumnMoved: (event) => event.finished && tellColumns(),
    onColumnResized: (event) =>
      event.finished && event.source === "uiColumnResized" && tellColumns(),
  });
  if (spec.choices) applyChoices(api, spec.choices);
  holdFocus(api, host);
  host.querySelector("[role=grid],[role=treegrid]")?.setAttribute("aria-label", spec.label);

  const tellColumns = () => spec.onColumns(choicesOf(api));

  return {
    show(rows) {
      const change = diff(has, rows);
      if (!change || api.isDestroyed()) return;
      has = rows;
      api.applyTransactionAsync(change);
    },
    choose(choices) {
      if (choices) applyChoices(api, choices);
      else api.resetColumnState();
    },
    mark(id) {
      const update = [has.get(marked), has.get(id)].filter((row): row is T => row !== undefined);
      marked = id;
      if (update.length > 0) api.applyTransactionAsync({ update });
    },
    setRowHeight: (height) => {
      api.setGridOption("rowHeight", height);
      api.resetRowHeights();
    },
    moveFocus(by) {
      const count = api.getDisplayedRowCount();
      const first = api.getAllDisplayedColumns()[0];
      if (count === 0 || !first) return;
      const at = api.getFocusedCell();
      const inside = at !== null && host.contains(document.activeElement);
      const to = inside ? Math.min(count - 1, Math.max(0, at.rowIndex + by)) : 0;
      api.ensureIndexVisible(to);
      api.setFocusedCell(to, at?.column ?? first);
    },
    destroy: () => api.destroy(),
  };
}

function rulesOf<T>(rules: Record<string, (row: T) => boolean>): RowClassRules<T> {
  return Object.fromEntries(
    Object.entries(rules).map(([name, holds]) => [
      name,
      (params: RowClassParams<T>) => params.data !== undefined && holds(params.data),
    ]),
  );
}

function colDef<T>(
  column: Column<T>,
  choices: ColumnChoice[] | undefined,
  sort: Sort | null,
): ColDef<T> {
  const def: ColDef<T> = {
    colId: column.id,
    headerName: column.title,
    initialWidth: column.width,
    initialHide: choices ? false : (column.hide ?? false),
    valueGetter: (params) => (params.data ? column.value(params.data) : null),
    cellClass: [
      column.right ? "right" : "",
      column.mono ? "mono" : "",
      column.cell || column.tick ? "rich" : "",
    ].filter(Boolean),
    headerClass: column.right ? "right" : "",
    headerTooltip: column.hint ?? column.title,
  };
  if (column.flex) {
    def.initialFlex = column.flex;
    def.minWidth = column.width;
  }
  if (sort?.column === column.id) def.initialSort = sort.direction;
  const { text, cell, tick } = column;
  if (cell || tick) {
    def.cellRenderer = rendererOf(column);
    def.equals = () => false; // a renderer may show more than the value it is sorted by
  } else if (text) {
    def.valueFormatter = (params) => (params.data ? text(params.data) : "");
  } else {
    def.valueFormatter = (params) => String(params.value ?? "");
  }
  return def;
}

/** A class, not a function: AG Grid takes a function's text as HTML, and makes it anew each time. */
function rendererOf<T>(column: Column<T>): new () => ICellRendererComp<T> {
  return class implements ICellRendererComp<T> {
    private element = el("span", "cell");
    private row: T | undefined;
    private forget: (() => void) | null = null;

    init(params: ICellRendererParams<T>): void {
      this.fill(params.data);
      const { tick } = column;
      if (tick) this.forget = onTick((at) => this.row && tick(this.element, this.row, at));
    }

    getGui(): HTMLElement {
      return this.element;
    }

    refresh(params: ICellRendererParams<T>): boolean {
      this.fill(params.data);
      return true;
    }

    destroy(): void {
      this.forget?.();
    }

    private fill(row: T | undefined): void {
      const first = this.row === undefined;
      this.row = row;
      if (!row) return;
      column.cell?.(this.element, row);
      // Later only in step with all other rows: an older one shall never look younger.
      if (first) column.tick?.(this.element, row, serverNow());
    }
  };
}

function applyChoices<T>(api: GridApi<T>, choices: ColumnChoice[]): void {
  api.applyColumnState({
    state: choices.map(({ id, hide, width }) =>
      width === null ? { colId: id, hide } : { colId: id, hide, width, flex: null },
    ),
    applyOrder: true,
  });
}

function choicesOf<T>(api: GridApi<T>): ColumnChoice[] {
  return api.getColumnState().map((state) => ({
    id: state.colId,
    hide: state.hide === true,
    width: state.flex ? null : (state.width ?? null),
  }));
}

function sortOf<T>(api: GridApi<T>): Sort | null {
  const sorted = api.getColumnState().find((state) => state.sort);
  return sorted?.sort ? { column: sorted.colId, direction: sorted.sort } : null;
}

/** The shipped icon font would be a data: URL, which the page's policy forbids. */
function icons(): Record<string, () => HTMLElement> {
  const glyph = (text: string) => () => el("span", "glyph", text);
  return { sortAscending: glyph("↑"), sortDescending: glyph("↓"), sortUnSort: glyph("") };
}
