// Lengths of time as short text. Pure.

/** "0.3 ms", "340 ms", "3.4 s", "42 s", "3m 05s", "1h 02m", "2d 03h". */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  const clamped = Math.max(0, ms);
  if (clamped > 0 && clamped < 9.95) return `${clamped.toFixed(1)} ms`;
  if (clamped < 999.5) return `${Math.round(clamped)} ms`;
  const seconds = clamped / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return longDuration(Math.round(seconds));
}

/** Whole seconds only, for what ticks once a second: "0s", "42s", "3m 05s". */
export function ticking(ms: number, tickMs = 1000): string {
  const seconds = Math.max(0, ms) / 1000;
  if (tickMs < 1000 && seconds < 60) return `${seconds.toFixed(1)} s`;
  return longDuration(Math.floor(seconds));
}

function longDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** The original's classes for how long an answer took. */
export function durationClass(ms: number): "none" | "quick" | "fair" | "slow" {
  if (!(ms > 0)) return "none";
  if (ms < 500) return "quick";
  return ms < 2000 ? "fair" : "slow";
}

/** "just now", "12 s ago", "3m 05s ago". */
export function ago(ms: number): string {
  return ms < 1500 ? "just now" : `${ticking(ms)} ago`;
}
