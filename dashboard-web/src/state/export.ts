// Rows as CSV or JSON text for download. Pure.

type Row = Record<string, unknown>;

/** RFC 4180, with a guard: a spreadsheet runs a cell that begins with = + - @ as a formula. */
export function csv(rows: readonly object[], columns: readonly string[]): string {
  const lines = [columns.join(",")];
  for (const row of rows) lines.push(columns.map((name) => cell((row as Row)[name])).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function json(rows: readonly object[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** vandamme-active-20260131-140322.csv */
export function fileName(what: string, extension: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `vandamme-${what}-${stamp}.${extension}`;
}
