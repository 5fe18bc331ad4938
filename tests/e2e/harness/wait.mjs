// Waits by polling. A test never sleeps for a time that may be enough: it asks until it gets the answer.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks until the answer is truthy and returns it; the last fault or answer is in the error.
 * A fault with `final` set ends the polling.
 */
export async function eventually(what, ask, { within = 10_000, every = 20 } = {}) {
  const end = performance.now() + within;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = JSON.stringify(answer);
    } catch (error) {
      if (error.final) throw error;
      last = error.stack ?? String(error);
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${within} ms; last: ${last}`);
    await pause(every);
  }
}

/** The promise's value, or an error that names what did not arrive in time. */
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Scripted answers wait at a gate until the test opens it. */
export class Gate {
  constructor() {
    this.passed = new Promise((resolve) => { this.open = resolve; });
  }
}

/** The work's value, and how many milliseconds it took. */
export async function timed(work) {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

/** The p-th percentile (0..1) of some numbers. */
export function percentile(numbers, p) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
}
