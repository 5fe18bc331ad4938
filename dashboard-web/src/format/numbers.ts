// Numbers as text with a fixed shape, so that columns line up. Pure.

export const NONE = "–";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 12,345 */
export function count(n: number | null | undefined): string {
  return n === null || n === undefined || !Number.isFinite(n) ? NONE : whole.format(n);
}

/** 950, 12.3k, 4.56M: for headlines, where width matters more than the last digit. */
export function compact(n: number | null | undefined): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return NONE;
  const size = Math.abs(n);
  if (size < 10_000) return whole.format(n);
  if (size < 999_950) return `${(n / 1e3).toFixed(1)}k`;
  if (size < 999_950_000) return `${(n / 1e6).toFixed(2)}M`;
  return `${(n / 1e9).toFixed(2)}G`;
}

/** 0.0, 4.2, 131: a rate, one decimal while it matters. */
export function rate(n: number | null | undefined): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return NONE;
  return n < 99.95 ? n.toFixed(1) : compact(n);
}

/** 0 %, 0.4 %, 12 % */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return NONE;
  const p = ratio * 100;
  if (p === 0) return "0 %";
  return p < 0.1 ? "<0.1 %" : `${p < 9.95 ? p.toFixed(1) : p.toFixed(0)} %`;
}

/** 512 B, 3.4 KiB, 12 MiB */
export function bytes(n: number | null | undefined): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return NONE;
  if (n < 1024) return `${n} B`;
  const units = ["KiB", "MiB", "GiB"];
  let size = n / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 9.95 ? size.toFixed(1) : size.toFixed(0)} ${units[unit]}`;
}
