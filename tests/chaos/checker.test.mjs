// The checker notices each way in which the books can differ: one change at a time to books that agree.
import assert from 'node:assert/strict';
import test from 'node:test';
import { faultsIn } from './checker.mjs';
import { Ledger, tokensOf } from './ledger.mjs';

function agreeing() {
  const ledger = new Ledger();
  const stored = [];
  for (let mark = 1; mark <= 20; ++mark) {
    ledger.asked(mark, 'proxy-1');
    ledger.given(mark);
    ledger.answered(mark, { id: `req_${mark}`, whole: true });
    stored.push({ kind: 'ended', id: `req_${mark}`, ...tokensOf(mark), gapEnded: null });
  }
  const sum = (name) => stored.reduce((total, row) => total + row[name], 0);
  return { ledger, told: {
    stored, rest: { requests: 20, input: sum('input'), output: sum('output') }, seen: { requests: 20, lost: 0 },
    subscribed: { ended: stored.map((row) => row.id), resets: 0 },
  } };
}

const later = (ledger, mark) => ledger.requests.get(mark).to + 100_000;
const Changes = {
  'an end is missing': ({ told }) => told.stored.pop(),
  'an end is there twice': ({ told }) => told.stored.push({ ...told.stored[3] }),
  'an end has other tokens': ({ told }) => { told.stored[3].output += 1; },
  'an end became a loss, and nobody was killed': ({ told }) => { told.stored[3].kind = 'lost'; },
  'an end is of nobody': ({ told }) => told.stored.push({ kind: 'ended', id: 'req_x', input: 1, output: 1 }),
  'a gap declares ends lost': ({ told }) => told.stored.push({ kind: 'gap', gapEnded: 2 }),
  'an answer came from nowhere': ({ ledger }) => ledger.answers.delete(3),
  'a request failed, and nothing was done': ({ ledger }) => { ledger.requests.get(3).whole = false; },
  'a request failed long after what was done': ({ ledger }) => {
    ledger.requests.get(3).whole = false;
    ledger.did('kill-proxy', 'proxy-1', later(ledger, 3), later(ledger, 3));
  },
  'a request failed of which another proxy was killed': ({ ledger }) => {
    ledger.requests.get(3).whole = false;
    ledger.did('kill-proxy', 'proxy-2', 0, later(ledger, 3));
  },
  'a refused request is stored nowhere': ({ ledger, told }) => {
    ledger.requests.get(20).whole = false;
    ledger.did('cut-provider', 'all', 0, later(ledger, 3));
    told.stored.pop();
  },
  'REST counts one less': ({ told }) => { told.rest.requests -= 1; },
  'REST sums other tokens': ({ told }) => { told.rest.input += 1; },
  'SSE counts one more': ({ told }) => { told.seen.requests += 1; },
  'SSE counts a loss': ({ told }) => { told.seen.lost += 1; },
  'a subscriber missed one without a word': ({ told }) => told.subscribed.ended.pop(),
  'a subscriber heard of one that is not': ({ told }) => told.subscribed.ended.push('req_y'),
};

test('books that agree have no fault', () => {
  const { ledger, told } = agreeing();
  assert.deepEqual(faultsIn(ledger, told), []);
});

for (const [name, change] of Object.entries(Changes)) {
  test(`it is noticed that ${name}`, () => {
    const books = agreeing();
    change(books);
    assert.notDeepEqual(faultsIn(books.ledger, books.told), []);
  });
}

test('a request that failed while its proxy was killed is excused', () => {
  const { ledger, told } = agreeing();
  ledger.requests.get(3).whole = false;
  ledger.did('kill-proxy', 'proxy-1', 0, later(ledger, 3));
  assert.deepEqual(faultsIn(ledger, told), []);
});
