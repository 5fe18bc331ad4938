// One chip per proxy: its state, what it has done, and whether its numbers have gaps.
import type { ProxyRow } from "../api/types";
import { ago } from "../format/duration";
import { bytes, compact, count } from "../format/numbers";
import { iso, toMs } from "../format/time";
import { now, shown } from "../store";

export function Proxies() {
  const state = shown.value;
  if (!state) return null;
  const { proxies } = state;
  if (proxies.length === 0) return <p class="proxies dim">No proxy has connected yet.</p>;
  return (
    <ul class="proxies" aria-label="Proxies">
      {proxies.map((proxy) => (
        <Chip key={proxy.instance_id} proxy={proxy} offset={state.clockOffset} />
      ))}
    </ul>
  );
}

const SAYS: Record<string, string> = {
  connected: "connected",
  stale: "not heard from; its requests may already be over",
  gone: "gone; what it ran is counted as lost",
};

function Chip({ proxy, offset }: { proxy: ProxyRow; offset: number }) {
  const gaps = proxy.gap_ended + proxy.undeclared_gaps;
  const seen = toMs(proxy.last_seen);
  const quiet = seen === null ? null : Math.max(0, now.value + offset - seen);
  const title = [
    `${proxy.proxy} ${SAYS[proxy.state] ?? proxy.state}`,
    `version ${proxy.version}, up since ${iso(toMs(proxy.boot_time))}`,
    `instance ${proxy.instance_id}`,
    proxy.buffered_bytes > 0
      ? `${bytes(proxy.buffered_bytes)} of events wait for an acknowledgement`
      : "",
    proxy.dropped_progress > 0
      ? `${count(proxy.dropped_progress)} progress reports were left out`
      : "",
  ]
    .filter(Boolean)
    .join("\n");
  return (
    <li
      class={`chip chip-${proxy.state}`}
      title={title}
      data-proxy={proxy.proxy}
      data-state={proxy.state}
    >
      <span class="lamp" aria-hidden="true" />
      <b>{proxy.proxy}</b>
      {proxy.state !== "connected" && (
        <span class="chip-state">
          {proxy.state}
          {quiet !== null && `, heard ${ago(quiet)}`}
        </span>
      )}
      <span>
        <b>{count(proxy.active)}</b> running
      </span>
      <span>{compact(proxy.started)} started</span>
      <span>{compact(proxy.ended)} ended</span>
      {proxy.lost > 0 && <span class="chip-bad">{count(proxy.lost)} lost</span>}
      {gaps > 0 && (
        <span
          class="chip-bad"
          title="Events that never arrived: totals are too low by about this many."
        >
          {count(gaps)} missing
        </span>
      )}
      {proxy.rejections_unlisted > 0 && (
        <span
          class="chip-bad"
          title="Refused before their route was found, too many at a time to be listed or counted."
        >
          {compact(proxy.rejections_unlisted)} refused unlisted
        </span>
      )}
      {proxy.implausible_numbers > 0 && (
        <span
          class="chip-bad"
          title="Numbers it reported that no request can have: they are left out of all totals."
        >
          {compact(proxy.implausible_numbers)} left out
        </span>
      )}
    </li>
  );
}
