// What both ends saw, written by themselves: the load each request and its answer, the provider each answer that it gave.
// Nothing of it comes from the gateway, but the id that its answer carried.

/** The tokens of an answer follow from the request's mark, so that any answer for it is told by the same numbers. */
export const tokensOf = (mark) => ({ input: 11 + (mark % 89), output: 3 + (mark % 57) });

/** Milliseconds after a deed in which it may still fail a request: a breaker opened, a connection is found dead. */
const Lasts = { 'cut-provider': 15_000, 'slow-provider': 15_000, 'corrupt-provider': 15_000, 'kill-proxy': 500 };

export class Ledger {
  constructor() {
    this.requests = new Map();  // by mark
    this.answers = new Map();   // by mark: how often the provider answered
    this.deeds = [];            // of the nemesis: { what, target, from, to }, in milliseconds
  }

  asked(mark, proxy) {
    this.requests.set(mark, { mark, proxy, from: performance.now(), whole: false });
  }

  /** `id`: of the answer's head; `whole`: all of it came and is the provider's. */
  answered(mark, { id, whole, why }) {
    Object.assign(this.requests.get(mark), { id, whole, why, to: performance.now() });
  }

  given(mark) { this.answers.set(mark, (this.answers.get(mark) ?? 0) + 1); }

  did(what, target, from, to) { this.deeds.push({ what, target, from, to }); }

  /** What the nemesis did to that target while the request ran, or so shortly before that it may have failed it. */
  excuse(request, kinds) {
    return this.deeds.find((deed) => kinds.includes(deed.what) && deed.from <= request.to + 50
      && deed.to + (Lasts[deed.what] ?? 0) >= request.from
      && (deed.target === request.proxy || deed.target === 'all'));
  }
}
