// The colour a provider always has, wherever its name is shown. The four the
// original knew keep theirs; any other gets one of six by its name. Pure.

export const BADGES = ["primary", "success", "info", "warning", "danger", "secondary"] as const;
export type Badge = (typeof BADGES)[number];

const KNOWN: Record<string, Badge> = {
  openai: "primary",
  openrouter: "info",
  anthropic: "danger",
  poe: "success",
};

export function badgeOf(provider: string): Badge {
  const name = provider.toLowerCase();
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name] as Badge;
  let sum = 0;
  for (const letter of name) sum += letter.codePointAt(0) ?? 0;
  return BADGES[sum % BADGES.length] as Badge;
}
