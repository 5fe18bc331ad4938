// Where a person is, as the address bar has it: a link shows the same view. Pure.

export type Page = "live" | "traces" | "errors";

export interface Filters {
  q: string;
  provider: string;
  model: string;
  proxy: string;
  phase: string;
  outcome: string;
}

export interface Sort {
  column: string;
  direction: "asc" | "desc";
}

export interface View {
  page: Page;
  filters: Filters;
  /** The request whose drawer is open, "" for none. */
  id: string;
  /** Order of the page's main grid; null is the grid's own. */
  sort: Sort | null;
  debug: boolean;
}

export const NO_FILTERS: Filters = {
  q: "",
  provider: "",
  model: "",
  proxy: "",
  phase: "",
  outcome: "",
};

const FILTER_NAMES = Object.keys(NO_FILTERS) as (keyof Filters)[];

export function parseView(search: string): View {
  const params = new URLSearchParams(search);
  const page = params.get("page");
  const filters = { ...NO_FILTERS };
  for (const name of FILTER_NAMES) filters[name] = (params.get(name) ?? "").slice(0, 200);
  const [, column = "", direction = ""] =
    /^([\w.]+):(asc|desc)$/.exec(params.get("sort") ?? "") ?? [];
  return {
    page: page === "traces" || page === "errors" ? page : "live",
    filters,
    id: (params.get("id") ?? "").slice(0, 200),
    sort: column ? { column, direction: direction as Sort["direction"] } : null,
    debug: params.get("debug") === "1",
  };
}

/** "" for the plain first page, else "?page=…&…", always in the same order. */
export function formatView(view: View): string {
  const params = new URLSearchParams();
  if (view.page !== "live") params.set("page", view.page);
  for (const name of FILTER_NAMES) if (view.filters[name]) params.set(name, view.filters[name]);
  if (view.sort) params.set("sort", `${view.sort.column}:${view.sort.direction}`);
  if (view.id) params.set("id", view.id);
  if (view.debug) params.set("debug", "1");
  const text = params.toString();
  return text ? `?${text}` : "";
}

export function isFiltered(filters: Filters): boolean {
  return FILTER_NAMES.some((name) => filters[name] !== "");
}
