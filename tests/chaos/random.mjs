// Numbers that a seed repeats: the same seed makes the same run, as far as a machine can.

/** Functions that draw: `unit()` in [0, 1), `between(least, most)` whole, `pick(list)`. */
export function randomOf(seed) {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const between = (least, most) => least + Math.floor(unit() * (most - least + 1));
  return { unit, between, pick: (list) => list[between(0, list.length - 1)] };
}
