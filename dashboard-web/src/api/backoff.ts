// How long to wait before trying again. Pure: chance is an argument.

export const BASE_MS = 750;
export const FACTOR = 1.6;
export const CAP_MS = 30_000;
export const JITTER = 0.25;
export const FLOOR_MS = 250;

/** `failures` counts from 1; `random` is in [0, 1). */
export function backoff(failures: number, random: number): number {
  const base = Math.min(CAP_MS, BASE_MS * FACTOR ** Math.max(0, failures - 1));
  return Math.round(Math.max(FLOOR_MS, base * (1 - JITTER + 2 * JITTER * random)));
}
