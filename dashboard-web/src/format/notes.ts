// What is out of the ordinary about a request, in a word or two: every view shows
// it behind the model. Pure.
import type { Tone } from "./outcome";

export interface Note {
  /** Words that a narrow cell leaves to its tooltip and to screen readers. */
  before: string;
  text: string;
  tone: Tone;
  says: string;
}

export interface Noted {
  kind: string;
  credential: string | null;
  answered_model: string | null;
  model_mismatch: boolean;
  resolved_model: string;
}

export function notesOf(row: Noted): Note[] {
  const notes: Note[] = [];
  if (row.model_mismatch)
    notes.push({
      before: "answered by",
      text: row.answered_model ?? "another model",
      tone: "warn",
      says: `The provider was asked for ${row.resolved_model}; its answer names another model.`,
    });
  if (row.kind && row.kind !== "completion")
    notes.push({
      before: "",
      text: row.kind,
      tone: "calm",
      says: `What was asked for: ${row.kind}`,
    });
  if (row.credential === "subscription")
    notes.push({
      before: "",
      text: "subscription",
      tone: "work",
      says: "The client's own login was passed on: its subscription pays, not a key.",
    });
  return notes;
}

/** The note in full. */
export const noteText = (note: Note): string => `${note.before} ${note.text}`.trim();

const CREDENTIALS: Record<string, string> = {
  key: "a key of the gateway",
  client_key: "the client's own key",
  subscription: "the client's subscription",
  none: "none",
};

/** What the provider was shown, for a person. Empty when it is not known. */
export const credentialName = (credential: string | null): string =>
  credential === null
    ? ""
    : Object.hasOwn(CREDENTIALS, credential)
      ? (CREDENTIALS[credential] as string)
      : credential;
