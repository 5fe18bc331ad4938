// How an outcome or a phase is named and coloured. One table for every view. Pure.

/** A tone is a CSS class; its colours are in styles/tokens.css. */
export type Tone = "good" | "bad" | "warn" | "gone" | "calm" | "work" | "wait";

const OUTCOMES: Record<string, { label: string; tone: Tone; says: string }> = {
  ok: { label: "ok", tone: "good", says: "Answered in full." },
  upstream_error: {
    label: "upstream error",
    tone: "bad",
    says: "The provider refused or failed. See the status and the error type.",
  },
  client_cancelled: {
    label: "client left",
    tone: "calm",
    says: "The client closed its connection before the answer was complete.",
  },
  timeout: { label: "timeout", tone: "warn", says: "The provider did not answer in time." },
  rejected: {
    label: "rejected",
    tone: "warn",
    says: "The gateway refused the request before it reached a provider.",
  },
  gateway_shutdown: {
    label: "shutdown",
    tone: "gone",
    says: "The proxy was stopped while the request was running.",
  },
  cancelled_by_operator: {
    label: "cancelled",
    tone: "calm",
    says: "Someone cancelled it from the dashboard or the command line.",
  },
  lost: {
    label: "lost",
    tone: "gone",
    says: "The proxy vanished while the request was running, so its end is not known.",
  },
};

export function outcomeOf(outcome: string): { label: string; tone: Tone; says: string } {
  return Object.hasOwn(OUTCOMES, outcome)
    ? (OUTCOMES[outcome] as { label: string; tone: Tone; says: string })
    : { label: outcome || "unknown", tone: "warn", says: "An outcome this page does not know." };
}

export const OUTCOME_NAMES: readonly string[] = Object.keys(OUTCOMES);
export const PHASE_NAMES: readonly string[] = ["connecting", "waiting", "streaming", "draining"];

const PHASES: Record<string, Tone> = {
  connecting: "calm",
  waiting: "wait",
  streaming: "work",
  draining: "gone",
};

export function phaseTone(phase: string): Tone {
  return Object.hasOwn(PHASES, phase) ? (PHASES[phase] as Tone) : "calm";
}
