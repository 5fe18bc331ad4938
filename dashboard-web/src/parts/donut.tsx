// What the tokens were: input, output, reasoning, cache. An SVG ring and a list
// with the same numbers, so that colour is never the only way to tell.
import { compact, count, percent } from "../format/numbers";
import { type Slice, slices } from "../state/donut";
import { shown } from "../store";

const RADIUS = 40;
const ROUND = 2 * Math.PI * RADIUS;
/** A gap between the arcs, as a share of the ring. */
const GAP = 0.006;

export function Donut() {
  const summary = shown.value?.summary ?? null;
  const parts = summary ? slices(summary) : [];
  const total = parts.reduce((n, part) => n + part.tokens, 0);
  return (
    <div class="donut">
      <svg
        viewBox="0 0 100 100"
        role="img"
        aria-label={`Token composition, ${count(total)} tokens`}
      >
        <circle class="donut-track" cx="50" cy="50" r={RADIUS} />
        {parts.filter((part) => part.share > 0.001).map(arc)}
        <text x="50" y="49" class="donut-total">
          {compact(total)}
        </text>
        <text x="50" y="61" class="donut-unit">
          tokens
        </text>
      </svg>
      <ul class="legend column">
        {parts.map((part) => (
          <li key={part.name} title={`${count(part.tokens)} tokens`}>
            <span class={`swatch swatch-${part.name.replace(" ", "-")}`} aria-hidden="true" />
            <span class="legend-name">{part.name}</span>
            <b>{compact(part.tokens)}</b>
            <span class="dim">{percent(total === 0 ? null : part.share)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function arc(part: Slice, _index: number, all: Slice[]) {
  const gap = all.length > 1 ? GAP : 0;
  const length = Math.max(0.002, part.share - gap) * ROUND;
  return (
    <circle
      key={part.name}
      class={`donut-arc stroke-${part.name.replace(" ", "-")}`}
      cx="50"
      cy="50"
      r={RADIUS}
      stroke-dasharray={`${length} ${ROUND - length}`}
      stroke-dashoffset={-(part.from * ROUND)}
      transform="rotate(-90 50 50)"
    />
  );
}
