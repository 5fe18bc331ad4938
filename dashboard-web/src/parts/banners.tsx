// What must be seen before any number is believed: stale data, a connection
// that is gone, a server that is degraded, a picture that is paused.
import { adviceFor } from "../api/status";
import { ticking } from "../format/duration";
import { count } from "../format/numbers";
import { live, now, paused, refresh, stale, status, togglePause } from "../store";

const BLINK_MS = 2_000;

export function Banners() {
  const said = status.value;
  const state = live.value;
  const age = said.heardAt === null ? null : now.value - said.heardAt;
  // A blink is the indicator's business; a banner moves the page, so it waits.
  const cutOff = said.mode === "reconnecting" && state !== null && (age ?? 0) > BLINK_MS;
  return (
    <div class="banners" aria-live="polite">
      {cutOff || (stale.value && said.mode !== "sleeping") ? (
        <p class="banner warn" data-banner="stale">
          <b>Not live.</b> {said.reason} What you see is{" "}
          {age === null ? "old" : `${ticking(age)} old`}. {adviceFor(said)}{" "}
          <button type="button" class="link" onClick={refresh}>
            Try now
          </button>
        </p>
      ) : null}
      {said.mode === "polling" && said.failures > 0 ? (
        <p class="banner warn" data-banner="polling">
          <b>Polling.</b> The live stream does not come: {said.reason}
        </p>
      ) : null}
      {said.mode === "polling" && said.disabled ? (
        <p class="banner" data-banner="sse-off">
          <b>Polling.</b> {said.disabled.message} {said.disabled.suggestion}
        </p>
      ) : null}
      {state?.degraded.map((reason) => (
        <p class="banner warn" key={reason} data-banner="degraded">
          <b>Degraded.</b> {reason}
        </p>
      ))}
      <PausedBanner />
    </div>
  );
}

function PausedBanner() {
  const frozen = paused.value;
  if (!frozen) return null;
  const { started, ended, failed } = frozen.arrived;
  return (
    <p class="banner calm" data-banner="paused">
      <b>Paused for {ticking(now.value - frozen.at)}.</b> Since then {count(started)} started,{" "}
      {count(ended)} ended{failed > 0 ? `, ${count(failed)} of them failed` : ""}.{" "}
      <button type="button" class="link" onClick={togglePause}>
        Resume
      </button>
    </p>
  );
}
