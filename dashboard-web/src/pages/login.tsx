// Asks for the metrics key and trades it for a cookie. The key is not kept.
import { useState } from "preact/hooks";
import { HttpError, post } from "../api/rest";
import { startSession } from "../store";

export function LoginPage() {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const key = String(new FormData(form).get("key") ?? "");
    if (!key) {
      setProblem("Enter the key.");
      return;
    }
    setBusy(true);
    setProblem("");
    try {
      await post("/login", { key });
      await startSession();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <main class="login" id="main">
      <form class="login-box" onSubmit={submit}>
        <h1>
          <svg class="mark-logo" viewBox="0 0 32 32" aria-hidden="true">
            <path d="M6 9l6.4 14h2.2L21 9" />
            <path class="pulse" d="M19 19h3l2-5 2 8 1-3" />
          </svg>
          Vandamme
        </h1>
        <p>This gateway's live view asks for a key.</p>
        <label for="key">Metrics key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          autofocus
          aria-invalid={problem !== ""}
          aria-describedby="login-problem"
        />
        <p class="bad-text" id="login-problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <p class="dim">
          It is the value of <code>VDM_METRICS_API_KEY</code>, or of <code>PROXY_API_KEY</code>{" "}
          where that is not set.
        </p>
      </form>
    </main>
  );
}

function problemOf(error: unknown): string {
  if (error instanceof HttpError) {
    if (error.status === 401 || error.status === 403) return "That is not the key.";
    if (error.status === 429) return "Too many attempts. Wait a moment.";
    return `The server answered ${error.status}.`;
  }
  return "The server does not answer. Check that vdm-metrics runs.";
}
