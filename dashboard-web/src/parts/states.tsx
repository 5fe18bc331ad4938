// Why there is nothing to see, and what to do about it. One note per state:
// loading, empty, filtered away, disabled, error.
import { adviceFor } from "../api/status";
import { started } from "../state/totals";
import { isFiltered, NO_FILTERS } from "../state/url";
import { go, refresh, say, shown, status, view } from "../store";
import { copyText } from "./copy";
import { Icon } from "./icons";

/** The metrics service's own port: there, the gateway is one door further. */
const METRICS_PORT = "8083";
const PROXY_PORT = "8082";

export function gatewayUrl(): string {
  const { protocol, hostname, port, origin } = location;
  return port === METRICS_PORT ? `${protocol}//${hostname}:${PROXY_PORT}` : origin;
}

/** null when the view has something to show. `has` is the number of rows before filters. */
export function cover(has: number, shownRows: number, what: "running" | "done" | "failed") {
  const said = status.value;
  const state = shown.value;
  if (!state) {
    if (said.mode === "disabled") return <DisabledNote />;
    if (said.mode === "reconnecting") return <ErrorNote />;
    return <p class="note dim loading">Loading…</p>;
  }
  if (said.mode === "disabled") return <DisabledNote />;
  if (shownRows > 0) return null;
  if (has > 0 && isFiltered(view.value.filters)) return <FilteredNote has={has} />;
  if (what === "failed") return <p class="note dim">No errors. That is good news.</p>;
  const never = (state.summary ? started(state.summary) : 0) === 0 && state.traces.length === 0;
  if (never) return <FirstRequest />;
  return (
    <p class="note dim">
      {what === "running"
        ? "Nothing is running. The next request appears here at once."
        : "No traces yet."}
    </p>
  );
}

function FilteredNote({ has }: { has: number }) {
  return (
    <p class="note dim">
      No row matches the filters; {has} {has === 1 ? "is" : "are"} hidden.{" "}
      <button type="button" class="link" onClick={() => go({ filters: NO_FILTERS })}>
        Clear filters
      </button>
    </p>
  );
}

function DisabledNote() {
  const { disabled, reason } = status.value;
  return (
    <div class="note" data-note="disabled">
      <p>
        <b>{disabled?.message || reason || "Metrics are disabled."}</b>
      </p>
      {disabled?.suggestion && <p>{disabled.suggestion}</p>}
      <p>
        <button type="button" class="button" onClick={refresh}>
          Check again
        </button>
      </p>
    </div>
  );
}

function ErrorNote() {
  const said = status.value;
  return (
    <div class="note" role="alert" data-note="error">
      <p>
        <b>No data.</b> {said.reason}
      </p>
      <p class="dim">{adviceFor(said)}</p>
      <p>
        <button type="button" class="button" onClick={refresh}>
          Try now
        </button>
      </p>
    </div>
  );
}

function FirstRequest() {
  const url = gatewayUrl();
  return (
    <div class="note first" data-note="empty">
      <p>
        <b>No request yet.</b> Send the first one and watch it here.
      </p>
      <p class="dim">Claude Code (put the gateway's address there if it is another one):</p>
      <Command text={`ANTHROPIC_BASE_URL=${url} claude`} />
      <p class="dim">Or by hand:</p>
      <Command
        text={`curl -N ${url}/v1/messages -H 'content-type: application/json' -H 'x-api-key: any' -d '{"model":"demo:demo-chat","max_tokens":400,"stream":true,"messages":[{"role":"user","content":"Hello"}]}'`}
      />
    </div>
  );
}

function Command({ text }: { text: string }) {
  return (
    <p class="command">
      <code>{text}</code>
      <button
        type="button"
        class="tool"
        title="Copy"
        onClick={async () =>
          say((await copyText(text)) ? "Copied." : "The browser did not allow it.")
        }
      >
        <Icon name="copy" />
        <span class="sr">Copy the command</span>
      </button>
    </p>
  );
}
