// Every strict provider, by the name that the proxy knows it by.
import { anthropic } from './anthropic.mjs';
import { azure } from './azure.mjs';
import { cerebras } from './cerebras.mjs';
import { deepseek } from './deepseek.mjs';
import { gemini } from './gemini.mjs';
import { llamacpp } from './llamacpp.mjs';
import { mistral } from './mistral.mjs';
import { moonshot } from './moonshot.mjs';
import { ollama } from './ollama.mjs';
import { openai } from './openai.mjs';
import { openrouter } from './openrouter.mjs';
import { zai } from './zai.mjs';

export { StrictProvider } from './strict_provider.mjs';

export const strictProviders = {
  anthropic, azure, cerebras, deepseek, gemini, llamacpp, mistral, moonshot, ollama, openai, openrouter, zai,
};
