// The colour of a recency dot: how long ago something happened. Red is now,
// then orange, yellow, green, white, blue, and black after an hour. Pure.

type Rgb = readonly [number, number, number];

const STOPS: readonly (readonly [number, Rgb])[] = [
  [0, [255, 0, 0]],
  [5, [255, 165, 0]],
  [20, [255, 255, 0]],
  [120, [0, 255, 0]],
  [600, [255, 255, 255]],
  [1800, [0, 128, 255]],
  [3600, [0, 0, 0]],
];

export function recencyColour(ageMs: number): string {
  const age = Math.min(3600, Math.max(0, ageMs / 1000));
  for (let i = 1; i < STOPS.length; i += 1) {
    const [from, a] = STOPS[i - 1] as (typeof STOPS)[number];
    const [to, b] = STOPS[i] as (typeof STOPS)[number];
    if (age > to) continue;
    const share = (age - from) / (to - from);
    const mix = (k: 0 | 1 | 2) => Math.round(a[k] + (b[k] - a[k]) * share);
    return `rgb(${mix(0)}, ${mix(1)}, ${mix(2)})`;
  }
  return "rgb(0, 0, 0)";
}
