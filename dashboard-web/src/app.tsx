// Which page is shown, and what surrounds it.
import { LivePage } from "./pages/live";
import { LoginPage } from "./pages/login";
import { LogsPage } from "./pages/logs";
import { Banners } from "./parts/banners";
import { Dialogs } from "./parts/dialog";
import { Drawer } from "./parts/drawer";
import { Header } from "./parts/header";
import { hearing, refresh, session, shown, toast, view } from "./store";

export function App() {
  const { info, error } = session.value;
  if (error) return <Unreachable error={error} />;
  if (!info) return <p class="boot">Loading the dashboard…</p>;
  if (info.authentication_required && !info.authenticated) return <LoginPage />;
  const { page, id } = view.value;
  const dimmed = shown.value !== null && !hearing.value;
  return (
    <div class={`shell ${id ? "with-drawer" : ""} ${dimmed ? "not-live" : ""}`}>
      <a class="skip" href="#main">
        Skip to the data
      </a>
      <Header />
      <Banners />
      {page === "live" ? <LivePage /> : <LogsPage page={page} />}
      <Drawer />
      <footer class="foot">
        Vandamme {info.version} <span class="mono">{info.commit}</span> · ? for help
      </footer>
      <Dialogs />
      <output class={`toast ${toast.value ? "up" : ""}`}>{toast.value}</output>
    </div>
  );
}

function Unreachable({ error }: { error: string }) {
  return (
    <main class="login" id="main">
      <div class="login-box" role="alert" data-note="error">
        <h1>No answer</h1>
        <p>The page was loaded, but the metrics service does not answer: {error}.</p>
        <p class="dim">
          Check that vdm-metrics runs: <code>curl -i {location.origin}/health</code>
        </p>
        <button type="button" class="button primary" onClick={refresh}>
          Try again
        </button>
      </div>
    </main>
  );
}
