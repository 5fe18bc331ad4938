// The fallback: the snapshot that the stream would begin with, asked for again
// and again.
import { type Fetch, get } from "./rest";
import type { Disabled, Snapshot } from "./types";

type Answer = (Disabled & { disabled: true }) | (Snapshot & { disabled?: never });

export type Polled = { disabled: Disabled } | { snapshot: Snapshot };

export async function poll(fetcher: Fetch): Promise<Polled> {
  const answer = await get<Answer>("/metrics/snapshot", fetcher);
  if (answer.disabled) {
    return { disabled: { message: answer.message, suggestion: answer.suggestion } };
  }
  return { snapshot: { ...answer, polled: true } };
}
