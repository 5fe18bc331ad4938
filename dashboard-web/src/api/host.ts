// The real clock, chance, timers and fetch, for page and worker alike.
import type { Host } from "./connection";

export const realHost: Host = {
  fetch: (input, init) => fetch(input, init),
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
