// The distance between the server's clock and ours. A message takes time to
// arrive, so each sample is a little too small: the largest of the recent ones
// is the nearest to the truth. Pure.

export type ClockSamples = readonly number[];

const SAMPLES_MAX = 20;

export function sample(samples: ClockSamples, offset: number): ClockSamples {
  if (!Number.isFinite(offset)) return samples;
  const last = samples[samples.length - 1];
  // A jump of seconds is a clock that was set, not latency: forget the past.
  if (last !== undefined && Math.abs(last - offset) > 5_000) return [offset];
  return [...samples.slice(-(SAMPLES_MAX - 1)), offset];
}

export function offsetOf(samples: ClockSamples): number {
  return samples.length === 0 ? 0 : Math.max(...samples);
}
