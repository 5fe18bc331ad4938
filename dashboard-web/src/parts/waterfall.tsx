// One request's time, attempt by attempt.
import { duration } from "../format/duration";
import type { Bar, Waterfall } from "../state/waterfall";

const NAMES: Record<Bar["kind"], string> = {
  gateway: "in the gateway",
  connecting: "connecting",
  waiting: "waiting for the first byte",
  streaming: "receiving",
  failed: "failed",
};

export function WaterfallView({ fall }: { fall: Waterfall }) {
  const kinds = [...new Set(fall.lanes.flatMap((lane) => lane.bars.map((bar) => bar.kind)))];
  const place = (from: number, to: number) => ({
    left: `${(from / fall.total) * 100}%`,
    width: `${Math.max(0.4, ((to - from) / fall.total) * 100)}%`,
  });
  return (
    <figure class="waterfall">
      {fall.lanes.map((lane) => (
        <div class="lane" key={lane.label}>
          <div class="lane-name">
            <bdi>
              <b>{lane.label}</b>
            </bdi>{" "}
            <bdi class="dim">{lane.model}</bdi> <span class="dim">{lane.detail}</span>
          </div>
          <div class="lane-track">
            {lane.bars.map((bar) => (
              <span
                key={`${bar.kind}${bar.from}`}
                class={`bar bar-${bar.kind}`}
                style={place(bar.from, bar.to)}
                title={`${NAMES[bar.kind]}: ${duration(bar.to - bar.from)}`}
              />
            ))}
            {fall.firstTokenMs !== null && fall.firstTokenMs <= fall.total && (
              <span
                class="first-token"
                style={{ left: `${(fall.firstTokenMs / fall.total) * 100}%` }}
                title={`first token at ${duration(fall.firstTokenMs)}`}
              />
            )}
          </div>
          <ul class="lane-times">
            {lane.bars.map((bar) => (
              <li key={`${bar.kind}${bar.from}`}>
                <span class={`swatch bar-${bar.kind}`} aria-hidden="true" />
                {NAMES[bar.kind]} <b>{duration(bar.to - bar.from)}</b>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <figcaption class="waterfall-scale">
        <span>0</span>
        <span>{duration(fall.total / 2)}</span>
        <span>{duration(fall.total)}</span>
      </figcaption>
      {kinds.length === 0 && <p class="dim">No phases were recorded.</p>}
    </figure>
  );
}
