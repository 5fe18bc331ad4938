// The same test in front of either dialect: what a client gets must not depend on what its provider speaks.

/** The scripted provider's name in the proxies' configuration, for each dialect it speaks. */
const Provider = { anthropic: 'scriptclaude', openai: 'script' };

/** What the proxy does not do yet (conversions as client>upstream): its tests are skipped, with the reason. */
const Awaited = [];

/** The reason to skip what the proxy does not do yet, or false. */
export const awaited = (what) => Awaited.includes(what) && `the proxy does not do ${what} yet`;

/** Calls `body(upstream)` for each upstream dialect: {dialect, skip, model(name)} with what a client asks for. */
export function forEachUpstream(client, body) {
  for (const [dialect, provider] of Object.entries(Provider)) {
    body({ dialect, skip: awaited(`${client}>${dialect}`), model: (name) => `${provider}:${name}` });
  }
}
