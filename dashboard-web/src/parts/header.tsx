// The bar at the top: where one is, what the connection does, what can be done.
import { count } from "../format/numbers";
import type { Page } from "../state/url";
import { go, paused, refresh, session, shown, signOut, togglePause, view } from "../store";
import { openDialog } from "./dialog";
import { Icon } from "./icons";
import { Indicator } from "./indicator";
import { SettingsButton } from "./settings";

export function Header() {
  const state = shown.value;
  return (
    <header class="top">
      <span class="brand">
        <svg class="mark-logo" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M6 9l6.4 14h2.2L21 9" />
          <path class="pulse" d="M19 19h3l2-5 2 8 1-3" />
        </svg>
        Vandamme
      </span>
      <nav aria-label="Pages">
        <Tab page="live" label="Live" count={state?.active.size} />
        <Tab page="traces" label="Traces" count={state?.traces.length} />
        <Tab page="errors" label="Errors" count={state?.errors.length} />
      </nav>
      <span class="spacer" />
      <Indicator />
      <button
        type="button"
        class="tool"
        aria-pressed={paused.value !== null}
        title={paused.value ? "Resume (p)" : "Pause: hold the picture still (p)"}
        onClick={togglePause}
        disabled={!state}
      >
        <Icon name={paused.value ? "play" : "pause"} />
        <span class="sr">{paused.value ? "Resume" : "Pause"}</span>
      </button>
      <button type="button" class="tool" title="Refresh now (r)" onClick={refresh}>
        <Icon name="refresh" />
        <span class="sr">Refresh now</span>
      </button>
      <SettingsButton />
      <button
        type="button"
        class="tool wide"
        title="Keyboard and help (?)"
        onClick={() => openDialog({ kind: "help" })}
      >
        <Icon name="help" />
        <span class="sr">Help</span>
      </button>
      {session.value.info?.authentication_required && (
        <button type="button" class="tool" title="Sign out" onClick={signOut}>
          <Icon name="out" />
          <span class="sr">Sign out</span>
        </button>
      )}
    </header>
  );
}

function Tab(props: { page: Page; label: string; count: number | undefined }) {
  const here = view.value.page === props.page;
  return (
    <a
      href={props.page === "live" ? "?" : `?page=${props.page}`}
      class="tab"
      aria-current={here ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go({ page: props.page, id: "", sort: null }, true);
      }}
    >
      {props.label}
      {props.count !== undefined && <span class="tab-count">{count(props.count)}</span>}
    </a>
  );
}
