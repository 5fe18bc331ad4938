// Finds the root element and starts the app.
import { render } from "preact";
import { App } from "./app";
import { watchKeys } from "./keys";
import { startSession, watchBrowser } from "./store";

const root = document.getElementById("app");
if (root) {
  watchBrowser();
  watchKeys();
  root.textContent = "";
  render(<App />, root);
  void startSession();
}
