// Points in time as text. Pure but for the reader's own time zone.

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const day = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });

/** 14:03:22 today, 2026-01-31 14:03:22 on another day. */
export function clockTime(ms: number, now: number): string {
  if (!Number.isFinite(ms)) return "–";
  const date = new Date(ms);
  const time = clock.format(date);
  return day.format(date) === day.format(new Date(now)) ? time : `${day.format(date)} ${time}`;
}

/** 2026-01-31T14:03:22.120Z, or a dash for what is no time. */
export function iso(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString();
}

/** Server times come as RFC 3339 text or as unix seconds. */
export function toMs(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === "") return null;
  const ms = typeof value === "number" ? value * 1000 : Date.parse(value);
  return Number.isFinite(ms) ? ms : null;
}
