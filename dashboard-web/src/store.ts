// The page's signals: what is known, what is chosen, where one is. Pure code in
// state/ works it out; this file only holds it and moves it along.
import { computed, signal } from "@preact/signals";
import { backoff } from "./api/backoff";
import type { FromHub } from "./api/hub";
import { connect, type LiveClient } from "./api/live";
import { get, post } from "./api/rest";
import { FIRST_STATUS, isStale, type Status } from "./api/status";
import type { SessionInfo } from "./api/types";
import { apply, type Change, type LiveState, NO_CHANGE } from "./state/live";
import { parseSettings, type Settings } from "./state/settings";
import { formatView, parseView, type View } from "./state/url";

const SETTINGS_KEY = "vdm.dashboard.settings";
/** Changes are shown at most this often: more would be work nobody can see. */
export const SHOW_MS = 100;

export const settings = signal<Settings>(parseSettings(readStored()));
export const view = signal<View>(parseView(location.search));
export const status = signal<Status>({ ...FIRST_STATUS, since: Date.now() });
export const live = signal<LiveState | null>(null);
export const session = signal<{ info: SessionInfo | null; error: string }>({
  info: null,
  error: "",
});
export const now = signal(Date.now());
/** A short word to the person; it goes away by itself. */
export const toast = signal("");

export interface Paused {
  frozen: LiveState;
  at: number;
  arrived: Change;
}
export const paused = signal<Paused | null>(null);

/** What the views show: the frozen picture while paused. */
export const shown = computed(() => paused.value?.frozen ?? live.value);
/** Cancelling is on, and the role of the key that logged in allows it. */
export const mayCancel = computed(
  () => (shown.value?.settings.cancel_allowed ?? false) && session.value.info?.may_cancel !== false,
);
export const stale = computed(() =>
  isStale(status.value, live.value?.settings.heartbeat_s ?? 15, settings.value.pollMs, now.value),
);
/** The page hears the server, one way or the other: its picture moves with the clock. */
export const hearing = computed(
  () => !stale.value && ["live", "polling", "connecting"].includes(status.value.mode),
);
/** The local time the picture is of. It stands still while paused and while nothing is heard. */
export const asOf = computed(() => {
  if (paused.value) return paused.value.at;
  if (hearing.value) return now.value;
  return status.value.heardAt ?? now.value;
});
/** The server's clock at the moment the picture is of. */
export const serverNow = (): number => {
  const at = hearing.peek() && !paused.peek() ? Date.now() : asOf.peek();
  return at + (live.peek()?.clockOffset ?? 0);
};

let client: LiveClient | null = null;
let newest: LiveState | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;
let shownAt = 0;
let sessionFailures = 0;
let sessionTimer: ReturnType<typeof setTimeout> | undefined;

/** Asks who we are, and connects. A server that does not answer is asked again by itself. */
export async function startSession(): Promise<void> {
  clearTimeout(sessionTimer);
  try {
    session.value = { info: await get<SessionInfo>("/session"), error: "" };
  } catch (error) {
    session.value = { info: null, error: error instanceof Error ? error.message : String(error) };
    sessionFailures += 1;
    sessionTimer = setTimeout(startSession, backoff(sessionFailures, Math.random()));
    return;
  }
  sessionFailures = 0;
  const { info } = session.peek();
  if (info?.authentication_required && !info.authenticated) return;
  if (client) client.refresh();
  else client = connect(wanted(settings.peek()), receive);
}

/** Nothing that was seen stays behind the login page, and no stream stays open for it. */
export async function signOut(): Promise<void> {
  await post("/logout", {}).catch(() => undefined);
  client?.close();
  client = null;
  newest = null;
  live.value = null;
  paused.value = null;
  await startSession();
}

const wanted = (s: Settings) => ({ sse: s.sse, pollMs: s.pollMs });

function receive(message: FromHub): void {
  switch (message.kind) {
    case "status":
      status.value = message.status;
      if (message.status.mode === "unauthorized") void recheckSession();
      break;
    case "log":
      if (view.peek().debug) {
        console.info(`[vandamme] ${new Date(message.at).toISOString()} ${message.line}`);
      }
      break;
    case "message": {
      const { next, change } = apply(newest, message.message);
      newest = next;
      const frozen = paused.peek();
      if (frozen) paused.value = { ...frozen, arrived: sum(frozen.arrived, change) };
      publishSoon();
      break;
    }
  }
}

/** The first change is shown at once, those that follow within SHOW_MS together. */
function publishSoon(): void {
  if (timer !== null) return;
  const wait = Math.max(0, shownAt + SHOW_MS - Date.now());
  timer = setTimeout(() => {
    timer = null;
    shownAt = Date.now();
    now.value = shownAt;
    live.value = newest;
  }, wait);
}

async function recheckSession(): Promise<void> {
  const info = await get<SessionInfo>("/session").catch(() => null);
  if (info) session.value = { info, error: "" };
}

function sum(a: Change, b: Change): Change {
  return {
    started: a.started + b.started,
    ended: a.ended + b.ended,
    updated: a.updated + b.updated,
    failed: a.failed + b.failed,
  };
}

export function refresh(): void {
  if (client && session.peek().info) client.refresh();
  else void startSession();
}

export function togglePause(): void {
  if (paused.peek()) paused.value = null;
  else if (newest) paused.value = { frozen: newest, at: Date.now(), arrived: NO_CHANGE };
}

export function change(next: Partial<Settings>): void {
  settings.value = { ...settings.peek(), ...next };
  try {
    localStorage.setItem(SETTINGS_KEY, JSON.stringify(settings.peek()));
  } catch {
    // Storage is full or forbidden: the choice holds until the page is closed.
  }
  client?.wanted(wanted(settings.peek()));
}

/** `push` makes a step that Back returns from; else the address is corrected in place. */
export function go(next: Partial<View>, push = false): void {
  view.value = { ...view.peek(), ...next };
  const url = `${location.pathname}${formatView(view.peek())}`;
  if (push) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

export const openRequest = (id: string): void => go({ id }, id !== "");

export function say(text: string): void {
  toast.value = text;
  setTimeout(() => {
    if (toast.peek() === text) toast.value = "";
  }, 4_000);
}

function readStored(): string | null {
  try {
    return localStorage.getItem(SETTINGS_KEY);
  } catch {
    return null;
  }
}

/** Listeners that live as long as the page. */
export function watchBrowser(): void {
  window.addEventListener("popstate", () => {
    view.value = parseView(location.search);
  });
  window.addEventListener("storage", (event) => {
    if (event.key !== SETTINGS_KEY) return;
    settings.value = parseSettings(event.newValue);
    client?.wanted(wanted(settings.peek()));
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const dress = () => {
    const { theme, density } = settings.value;
    const root = document.documentElement;
    root.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.density = density;
  };
  settings.subscribe(dress);
  dark.addEventListener("change", dress);

  let ticker: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    clearInterval(ticker);
    if (document.visibilityState !== "visible") return;
    now.value = Date.now();
    ticker = setInterval(() => {
      now.value = Date.now();
    }, settings.peek().tickMs);
  };
  document.addEventListener("visibilitychange", tick);
  let tickMs = 0;
  settings.subscribe((s) => {
    if (s.tickMs !== tickMs) {
      tickMs = s.tickMs;
      tick();
    }
  });
}
