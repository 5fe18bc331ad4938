// A model's name without its provider. Everything after the provider belongs
// to the model, further colons too. Pure.

/** "openai:gpt-4o" of provider openai is "gpt-4o"; "org/m:free" stays whole. */
export function modelName(name: string, provider: string): string {
  const prefix = `${provider}:`;
  return provider !== "" && name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
