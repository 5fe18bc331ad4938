// Compares the ledger with everything that tells what happened: the store's files, REST, a reader of SSE, a subscriber.
// Multisets of ids and sums of tokens; the services' own counters of losses are looked at and never trusted.
import { tokensOf } from './ledger.mjs';

/** Deeds of the nemesis that may fail a request. */
const Fails = ['kill-proxy', 'cut-provider', 'corrupt-provider', 'slow-provider'];

/**
 * `stored`: rows { kind, id, input, output, gapEnded } of the files. `rest`: { requests, input, output }. `subscribed`:
 * { ended: ids, resets }. `seen`: { requests, lost } of the SSE reader's last snapshot. Returns sentences, none: all agree.
 */
export function faultsIn(ledger, { stored, rest, subscribed, seen }) {
  const faults = [];
  const say = (what, list) => {
    if (list.length > 0) faults.push(`${list.length} ${what}, such as ${JSON.stringify(list[0])}`);
  };
  const ended = stored.filter((row) => row.kind === 'ended');
  const lost = new Set(stored.filter((row) => row.kind === 'lost').map((row) => row.id));
  const byId = new Map();
  for (const row of ended) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
  const requests = [...ledger.requests.values()];
  const whole = requests.filter((request) => request.whole);
  const answered = requests.filter(({ id }) => id);  // refused, or cut within the answer, too

  say('ends are stored twice', [...byId].filter(([, rows]) => rows.length > 1));
  say('requests that were answered are stored nowhere',
    answered.filter(({ id }) => !byId.has(id) && !lost.has(id)));
  say('requests that were answered are told as lost, and their proxy was not killed',
    answered.filter((request) => !byId.has(request.id) && lost.has(request.id)
      && !ledger.excuse(request, ['kill-proxy'])));
  say('ends have other tokens than the provider gave', whole.filter((request) => {
    const row = byId.get(request.id)?.[0];
    const tokens = tokensOf(request.mark);
    return row && (row.input !== tokens.input || row.output !== tokens.output)
      && !ledger.excuse(request, ['corrupt-provider']);
  }));
  say('answers came that the provider never gave', whole.filter(({ mark }) => !ledger.answers.has(mark)));
  say('requests failed, and nothing was done to them',
    requests.filter((request) => !request.whole && !ledger.excuse(request, Fails)));

  const known = new Set(requests.map(({ id }) => id).filter(Boolean));
  const unknown = ended.filter(({ id }) => !known.has(id));
  const withoutId = requests.filter(({ id }) => !id).length;
  if (unknown.length > withoutId) {
    faults.push(`${unknown.length} ends are stored that no client knows, and ${withoutId} clients know no id`);
  }
  say('gaps declare ends lost', stored.filter((row) => row.gapEnded > 0));

  const sum = (pick) => ended.reduce((total, row) => total + pick(row), 0);
  const told = { requests: ended.length, input: sum((row) => row.input), output: sum((row) => row.output) };
  for (const [name, value] of Object.entries(told)) {
    if (rest[name] !== value) faults.push(`REST says ${rest[name]} ${name}, stored are ${value}`);
  }
  const lostForGood = [...lost].filter((id) => !byId.has(id)).length;
  if (seen.requests !== ended.length) faults.push(`SSE says ${seen.requests} requests, stored are ${ended.length}`);
  if (seen.lost !== lostForGood) faults.push(`SSE says ${seen.lost} lost, stored are ${lostForGood}`);

  const heard = new Set(subscribed.ended);
  say('ends were heard that are not stored', [...heard].filter((id) => !byId.has(id)));
  const missed = [...byId.keys()].filter((id) => !heard.has(id));
  // A subscriber that was told of a reset knows that it missed something.
  if (subscribed.resets === 0) say('ends are stored that the subscriber was never told', missed);
  return faults;
}
