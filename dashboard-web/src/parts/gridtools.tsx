// The buttons of a grid: choose columns, export what is shown.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Column } from "../grid/column";
import { csv, fileName, json } from "../state/export";
import type { ColumnChoice, GridName } from "../state/settings";
import { change, settings } from "../store";
import { download } from "./copy";
import { Icon } from "./icons";

interface Props<T> {
  name: GridName;
  columns: Column<T>[];
  /** The rows as filtered, for export. */
  rows(): Iterable<T>;
}

export function GridTools<T extends object>(props: Props<T>) {
  const [open, setOpen] = useState<"" | "columns" | "export">("");
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const outside = (event: Event) => {
      if (box.current && !box.current.contains(event.target as Node)) setOpen("");
    };
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setOpen("");
    document.addEventListener("pointerdown", outside);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  const toggle = (what: "columns" | "export") => setOpen(open === what ? "" : what);
  const save = (extension: "csv" | "json") => {
    const rows = [...props.rows()];
    const first = rows[0];
    const text = extension === "json" ? json(rows) : csv(rows, first ? Object.keys(first) : []);
    const type = extension === "json" ? "application/json" : "text/csv;charset=utf-8";
    download(fileName(props.name, extension, new Date()), type, text);
    setOpen("");
  };
  return (
    <div class="popover-anchor grid-tools" ref={box}>
      <button
        type="button"
        class="tool small"
        title="Columns"
        aria-expanded={open === "columns"}
        onClick={() => toggle("columns")}
      >
        <Icon name="columns" />
        <span class="sr">Columns of {props.name}</span>
      </button>
      <button
        type="button"
        class="tool small"
        title="Export"
        aria-expanded={open === "export"}
        onClick={() => toggle("export")}
      >
        <Icon name="down" />
        <span class="sr">Export {props.name}</span>
      </button>
      {open === "columns" && <Columns {...props} />}
      {open === "export" && (
        <fieldset class="popover menu" aria-label="Export">
          <button type="button" onClick={() => save("csv")}>
            CSV
          </button>
          <button type="button" onClick={() => save("json")}>
            JSON
          </button>
          <p class="dim">The rows as filtered.</p>
        </fieldset>
      )}
    </div>
  );
}

function Columns<T>({ name, columns }: Props<T>) {
  const chosen = settings.value.columns[name];
  const hidden = (column: Column<T>) =>
    chosen?.find((c) => c.id === column.id)?.hide ?? (chosen ? false : (column.hide ?? false));
  const toggle = (column: Column<T>) => {
    const all: ColumnChoice[] =
      chosen ?? columns.map((c) => ({ id: c.id, hide: c.hide ?? false, width: null }));
    const next = all.map((c) => (c.id === column.id ? { ...c, hide: !hidden(column) } : c));
    change({ columns: { ...settings.peek().columns, [name]: next } });
  };
  const reset = () => {
    const { [name]: _gone, ...rest } = settings.peek().columns;
    change({ columns: rest });
  };
  return (
    <fieldset class="popover menu" aria-label="Columns">
      {columns.map((column) => (
        <label key={column.id}>
          <input type="checkbox" checked={!hidden(column)} onChange={() => toggle(column)} />
          {column.title}
        </label>
      ))}
      <button type="button" class="link" onClick={reset}>
        Reset
      </button>
    </fieldset>
  );
}
