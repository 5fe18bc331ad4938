// What a person chose, remembered by the browser. Pure: text in, valid settings
// out, whatever the text holds.

export type Theme = "auto" | "light" | "dark";
export type Density = "compact" | "comfortable";

/** One column as remembered: its place is its place in the list. */
export interface ColumnChoice {
  id: string;
  hide: boolean;
  width: number | null;
}

export type GridName = "active" | "providers" | "models" | "traces" | "errors";

export interface Settings {
  theme: Theme;
  density: Density;
  sse: boolean;
  pollMs: number;
  tickMs: number;
  columns: Partial<Record<GridName, ColumnChoice[]>>;
}

export const POLL_CHOICES: readonly number[] = [2_000, 5_000, 10_000, 30_000];
export const TICK_CHOICES: readonly number[] = [250, 500, 1_000, 2_000, 5_000];
export const TICK_MIN_MS = 250;

export const DEFAULTS: Settings = {
  theme: "auto",
  density: "compact",
  sse: true,
  pollMs: 5_000,
  tickMs: 1_000,
  columns: {},
};

export function parseSettings(text: string | null): Settings {
  let said: Record<string, unknown> = {};
  try {
    const json: unknown = JSON.parse(text ?? "{}");
    if (typeof json === "object" && json !== null) said = json as Record<string, unknown>;
  } catch {
    // Someone else's or a damaged value: begin afresh.
  }
  return {
    theme: oneOf(said.theme, ["auto", "light", "dark"], DEFAULTS.theme),
    density: oneOf(said.density, ["compact", "comfortable"], DEFAULTS.density),
    sse: typeof said.sse === "boolean" ? said.sse : DEFAULTS.sse,
    pollMs: within(said.pollMs, 1_000, 300_000, DEFAULTS.pollMs),
    tickMs: within(said.tickMs, TICK_MIN_MS, 60_000, DEFAULTS.tickMs),
    columns: columnsIn(said.columns),
  };
}

function oneOf<T extends string>(value: unknown, choices: readonly T[], otherwise: T): T {
  return choices.includes(value as T) ? (value as T) : otherwise;
}

function within(value: unknown, min: number, max: number, otherwise: number): number {
  return typeof value === "number" && value >= min && value <= max ? value : otherwise;
}

function columnsIn(value: unknown): Settings["columns"] {
  const columns: Settings["columns"] = {};
  if (typeof value !== "object" || value === null) return columns;
  for (const name of ["active", "providers", "models", "traces", "errors"] as const) {
    const list = (value as Record<string, unknown>)[name];
    if (!Array.isArray(list)) continue;
    columns[name] = list.flatMap((item: unknown) => {
      const one = item as Partial<ColumnChoice> | null;
      if (typeof one?.id !== "string") return [];
      const width = typeof one.width === "number" && one.width > 0 ? one.width : null;
      return [{ id: one.id, hide: one.hide === true, width }];
    });
  }
  return columns;
}
