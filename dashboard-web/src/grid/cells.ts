// The cells that are more than text: dots, badges, phases. They build DOM nodes;
// what the server sent only ever becomes textContent.
import { ago, duration, ticking } from "../format/duration";
import { type Note, noteText } from "../format/notes";
import { outcomeOf, phaseTone } from "../format/outcome";
import { badgeOf } from "../format/provider";
import { recencyColour } from "../format/recency";
import { iso } from "../format/time";
import { idleMs, isStalled } from "../state/headline";
import type { LiveRow } from "../state/live";
import { settings } from "../store";
import { el } from "./column";

export function badge(provider: string): HTMLElement {
  return el("span", `badge badge-${badgeOf(provider)}`, provider || "unknown");
}

export function badgeCell(element: HTMLElement, provider: string): void {
  element.replaceChildren(badge(provider));
}

export function modelCell(
  element: HTMLElement,
  provider: string,
  model: string,
  notes: Note[] = [],
): void {
  element.replaceChildren(badge(provider), el("span", "model", model), ...notes.map(noteMark));
  element.title = [`${provider}:${model}`, ...notes.map(noteTitle)].join("\n");
}

/** What it leaves out stands as an arrow. */
function noteMark(note: Note): HTMLElement {
  const mark = el("span", `mark tone-${note.tone}`, note.text);
  if (note.before) {
    mark.prepend(el("span", "sr", `${note.before} `));
    mark.classList.add("mark-arrow");
  }
  return mark;
}

const noteTitle = (note: Note): string => `${noteText(note)}: ${note.says}`;

/** A dot and a text beside it, made once and then only rewritten. */
function dotted(element: HTMLElement): { dot: HTMLElement; text: HTMLElement } {
  if (!element.firstElementChild) {
    const dot = el("span", "dot");
    dot.setAttribute("aria-hidden", "true");
    element.append(dot, el("span", "dot-text"));
  }
  return {
    dot: element.firstElementChild as HTMLElement,
    text: element.lastElementChild as HTMLElement,
  };
}

export function runningTick(element: HTMLElement, row: LiveRow, serverNow: number): void {
  const { dot, text } = dotted(element);
  const age = Math.max(0, serverNow - row.start_time * 1000);
  dot.style.backgroundColor = recencyColour(age);
  setText(text, ticking(age, settings.peek().tickMs));
  element.title = `started ${iso(row.start_time * 1000)}`;
}

export function agoTick(element: HTMLElement, ms: number | null, serverNow: number): void {
  const { dot, text } = dotted(element);
  if (ms === null) {
    dot.style.backgroundColor = "transparent";
    setText(text, "never");
    element.title = "no request yet";
    return;
  }
  const age = Math.max(0, serverNow - ms);
  dot.style.backgroundColor = recencyColour(age);
  setText(text, ago(age));
  element.title = iso(ms);
}

export function phaseTick(element: HTMLElement, row: LiveRow, serverNow: number): void {
  let mark = element.firstElementChild as HTMLElement | null;
  if (!mark) {
    mark = el("span");
    element.append(mark);
  }
  const stalled = isStalled(row, serverNow);
  const idle = idleMs(row, serverNow);
  const [tone, text] = row.stale
    ? ["gone", "stale"]
    : stalled
      ? ["warn", `stalled ${ticking(idle ?? 0)}`]
      : [phaseTone(row.phase), row.phase];
  const className = `mark tone-${tone}`;
  if (mark.className !== className) mark.className = className;
  setText(mark, text);
  element.title = row.stale
    ? "The proxy that runs it is not heard from; its true state is not known."
    : stalled
      ? `Nothing came from the provider for ${duration(idle)}.`
      : `phase: ${row.phase}${row.attempt > 1 ? `, attempt ${row.attempt}` : ""}`;
}

export function outcomeCell(element: HTMLElement, outcome: string): void {
  const { label, tone, says } = outcomeOf(outcome);
  element.replaceChildren(el("span", `mark tone-${tone}`, label));
  element.title = says;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
