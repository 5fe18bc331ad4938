// The token composition as arcs. Cache reads and writes are parts of their own,
// never summed into input. Pure.
import type { TotalsRow } from "../api/types";

export interface Slice {
  name: "input" | "output" | "cache read" | "cache write" | "reasoning";
  tokens: number;
  share: number;
  /** As fractions of the circle, from the top, clockwise. */
  from: number;
  to: number;
}

export function slices(totals: TotalsRow): Slice[] {
  // Reasoning tokens are counted within output by both dialects: shown apart, taken out there.
  const reasoning = Math.min(totals.reasoning_tokens, totals.output_tokens);
  const parts: [Slice["name"], number][] = [
    ["input", totals.input_tokens],
    ["output", totals.output_tokens - reasoning],
    ["reasoning", reasoning],
    ["cache read", totals.cache_read_tokens],
    ["cache write", totals.cache_creation_tokens],
  ];
  const sum = parts.reduce((n, [, tokens]) => n + Math.max(0, tokens), 0);
  let at = 0;
  return parts.map(([name, raw]) => {
    const tokens = Math.max(0, raw);
    const share = sum === 0 ? 0 : tokens / sum;
    const from = at;
    at += share;
    return { name, tokens, share, from, to: at };
  });
}
