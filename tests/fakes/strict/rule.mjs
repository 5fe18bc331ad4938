// A rule of a provider: a name, and a question about a request that is answered by a refusal or by nothing.
import { violations } from './shape.mjs';

/** What a provider says instead of an answer; `facts` are further members that its error's form shows. */
export class Refusal {
  constructor(status, message, facts = {}) {
    this.status = status;
    this.message = message;
    this.facts = facts;
  }
}

/** `check(ask)` returns a Refusal if the request breaks the rule. */
export const rule = (name, check) => ({ name, check });

/** The body has this shape; `say(violations)` makes the refusal. */
export function shaped(name, shape, say) {
  return rule(name, ({ body }) => {
    const found = violations(shape, body);
    return found.length > 0 && say(found);
  });
}

/** The first refusal that these rules have for a request, with its rule's name. */
export function firstRefusal(rules, ask) {
  for (const { name, check } of rules) {
    const refusal = check(ask);
    if (refusal) return Object.assign(refusal, { rule: name });
  }
  return undefined;
}

/** The row of a model: its own name's, or the longest that its name begins with (before a date or a tag). */
export function modelRow(models, name) {
  const names = Object.keys(models).filter((known) => name === known || name?.startsWith?.(`${known}-`)
    || name?.startsWith?.(`${known}:`));
  const [best] = names.sort((a, b) => b.length - a.length);
  return best && { name: best, ...models[best] };
}

export const has = (body, member) => body[member] !== undefined && body[member] !== null;
