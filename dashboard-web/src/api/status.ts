// What the connection to the server is doing, as the indicator shows it. Pure.
import type { Disabled } from "./types";

export type Mode =
  | "connecting"
  | "live"
  | "reconnecting"
  | "polling"
  | "disabled"
  | "unauthorized"
  | "sleeping";

export interface Status {
  mode: Mode;
  /** Local time at which this mode began. */
  since: number;
  /** Failed attempts in a row. */
  failures: number;
  /** Local time of the next attempt to open the stream, if one is planned. */
  retryAt: number | null;
  /** Local time at which the server was last heard: data or heartbeat. */
  heardAt: number | null;
  /** One sentence: why the mode is what it is. */
  reason: string;
  disabled: Disabled | null;
  /** The stream is shared by this many tabs; 0 when the tab has its own. */
  tabs: number;
  /** How often the stream was opened since the page was. */
  opens: number;
}

export const FIRST_STATUS: Status = {
  mode: "connecting",
  since: 0,
  failures: 0,
  retryAt: null,
  heardAt: null,
  reason: "Opening the live stream.",
  disabled: null,
  tabs: 0,
  opens: 0,
};

const LABELS: Record<Mode, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  polling: "Polling",
  disabled: "Disabled",
  unauthorized: "Signed out",
  sleeping: "Asleep",
};

export const labelOf = (mode: Mode): string => LABELS[mode];

/** What a person can do about it; "" when there is nothing to do. */
export function adviceFor(status: Status): string {
  switch (status.mode) {
    case "live":
    case "connecting":
      return "";
    case "reconnecting":
      return "Check that vdm-metrics runs (curl -i /health on this address) and that nothing in between buffers or cuts event streams.";
    case "polling":
      return "Everything is refreshed at the polling interval.";
    case "disabled":
      return status.disabled?.suggestion ?? "";
    case "unauthorized":
      return "Sign in with the metrics key.";
    case "sleeping":
      return "Every tab with this page is hidden, so the stream is closed. It resumes when you look.";
  }
}

/** Data is stale when nothing, not even a heartbeat, was heard for two heartbeats. */
export function isStale(status: Status, heartbeatS: number, pollMs: number, now: number): boolean {
  if (status.heardAt === null) return false;
  const patience = status.mode === "polling" ? 2 * pollMs + 2_000 : 2 * heartbeatS * 1000;
  return now - status.heardAt > patience;
}
