// Whether the screen is too narrow for grids.
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 640px)");
export const narrow = signal(query.matches);
query.addEventListener("change", (event) => {
  narrow.value = event.matches;
});
