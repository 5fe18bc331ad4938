// The connection light. It says what the connection does; on hover or focus it
// explains itself: why, since when, what was heard last, and what to check.
import { adviceFor, labelOf, type Status } from "../api/status";
import { ago, ticking } from "../format/duration";
import { live, now, settings, stale, status } from "../store";

export function Indicator() {
  const said = status.value;
  const quiet = said.heardAt === null ? null : Math.max(0, now.value - said.heardAt);
  const label = stale.value && said.mode === "live" ? "Silent" : labelOf(said.mode);
  return (
    <div class="indicator">
      <button
        type="button"
        class={`light light-${stale.value ? "stale" : said.mode}`}
        aria-describedby="connection-facts"
        data-mode={said.mode}
      >
        <span class="lamp" aria-hidden="true" />
        <span>{label}</span>
        <span class="age">
          {quiet === null ? "no data yet" : quiet < 1500 ? "now" : ticking(quiet)}
        </span>
      </button>
      <div class="bubble" id="connection-facts" role="tooltip">
        <p class="bubble-why">{said.reason}</p>
        {adviceFor(said) && <p>{adviceFor(said)}</p>}
        <dl class="facts">
          {facts(said, quiet).map(([name, value]) => [<dt>{name}</dt>, <dd>{value}</dd>])}
        </dl>
        <p class="dim">Add ?debug=1 to the address to log every step to the console.</p>
      </div>
    </div>
  );
}

function facts(said: Status, quiet: number | null): [string, string][] {
  const list: [string, string][] = [
    ["State", `${labelOf(said.mode)} for ${ticking(now.value - said.since)}`],
    ["Last heard", quiet === null ? "never" : ago(quiet)],
  ];
  if (said.retryAt !== null) {
    list.push(["Next attempt", `in ${ticking(Math.max(0, said.retryAt - now.value))}`]);
  }
  if (said.failures > 0) list.push(["Failed attempts", String(said.failures)]);
  if (said.mode === "polling") list.push(["Polling", `every ${settings.value.pollMs / 1000} s`]);
  list.push([
    "Stream",
    said.tabs > 0 ? `shared by ${said.tabs} tab${said.tabs > 1 ? "s" : ""}` : "this tab's own",
  ]);
  const state = live.value;
  if (state) {
    list.push(["Clock", `server ${offset(state.clockOffset)}`]);
    list.push(["Revision", String(state.revision)]);
  }
  return list;
}

function offset(ms: number): string {
  const rounded = Math.round(ms / 100) / 10;
  if (Math.abs(rounded) < 0.3) return "in step with yours";
  return rounded > 0 ? `${rounded} s ahead` : `${-rounded} s behind`;
}
