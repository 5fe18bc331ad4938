// What the sums mean. `requests` counts what has ended; running and lost ones
// stand beside it, so each request is in exactly one of the three. Pure.
import type { TotalsRow } from "../api/types";

/** Everything that was ever started. */
export function started(row: TotalsRow): number {
  return row.requests + row.active + row.lost;
}

export function errorRate(row: TotalsRow): number | null {
  return row.requests > 0 ? row.errors / row.requests : null;
}
