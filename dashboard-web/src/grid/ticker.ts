// Rewrites what moves with time in all cells that are on screen, past the grid's
// API: one walk per tick, none while the page is hidden.
import { serverNow, settings } from "../store";

type Tick = (serverNow: number) => void;

const ticks = new Set<Tick>();
let timer: ReturnType<typeof setInterval> | null = null;

export function onTick(tick: Tick): () => void {
  ticks.add(tick);
  return () => ticks.delete(tick);
}

function run(): void {
  const at = serverNow();
  for (const tick of ticks) tick(at);
}

function arrange(): void {
  if (timer !== null) clearInterval(timer);
  timer = null;
  if (document.visibilityState !== "visible") return;
  run();
  timer = setInterval(run, settings.peek().tickMs);
}

let tickMs = 0;
settings.subscribe((s) => {
  if (s.tickMs === tickMs) return;
  tickMs = s.tickMs;
  arrange();
});
document.addEventListener("visibilitychange", arrange);
