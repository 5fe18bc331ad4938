// Serves dist/ and a World over HTTP exactly as the metrics service does:
// REST, the multiplexed stream, the session. For development and tests only.
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

const DISABLED = {
  disabled: true,
  message: "Request metrics are switched off.",
  suggestion: "Set LOG_REQUEST_METRICS=true and restart the metrics service.",
};

export class DevServer {
  /**
   * `key`: ask for it. `tickMs`: how long changes are gathered.
   * @param {import("./world.mjs").World} world
   * @param {{ dist: string, key?: string | null, tickMs?: number }} options
   */
  constructor(world, { dist, key = null, tickMs = 100 }) {
    this.world = world;
    this.dist = dist;
    this.key = key;
    this.disabled = false;
    /** "ok" | "refuse" (503) | "hang" | "missing" (404) | "off" (SSE disabled) */
    this.streamMode = "ok";
    /** REST answers 503 too: the whole service is in trouble. */
    this.down = false;
    this.readers = new Set();
    this.opened = 0;
    this.cancelled = [];
    this.server = http.createServer((req, res) => {
      this.route(req, res).catch((error) => {
        console.error(error);
        res.destroy();
      });
    });
    this.timers = [
      setInterval(() => this.flush(), tickMs),
      setInterval(() => this.write(": heartbeat\n\n"), world.settings.heartbeat_s * 1000),
    ];
  }

  listen(port = 0) {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", () => resolve(this.server.address().port));
    });
  }

  close() {
    for (const timer of this.timers) clearInterval(timer);
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** Cuts every open stream. */
  cut() {
    for (const res of this.readers) res.destroy();
    this.readers.clear();
  }

  async route(req, res) {
    const url = new URL(req.url, "http://dev");
    res.setHeader("Content-Security-Policy", CSP);
    res.setHeader("X-Content-Type-Options", "nosniff");
    const at = `${req.method} ${url.pathname}`;
    if (at === "GET /") return redirect(res, "/dashboard/");
    if (req.method === "GET" && url.pathname.startsWith("/dashboard")) {
      return this.file(url.pathname, res);
    }
    if (this.down) return json(res, 503, { detail: "the service is down for the test" });
    if (at === "GET /session") return this.session(req, res);
    if (at === "POST /login") return this.login(req, res);
    if (at === "POST /logout") {
      res.setHeader("Set-Cookie", "vdm_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
      res.writeHead(204).end();
      return;
    }
    if (!this.allowed(req)) return json(res, 401, { detail: "a key is needed" });
    if (at === "GET /metrics/stream") return this.stream(url, res);
    if (at === "GET /metrics/snapshot") {
      return json(res, 200, this.disabled ? DISABLED : this.snapshot());
    }
    const cancel = /^POST \/metrics\/active-requests\/([^/]+)\/cancel$/.exec(at);
    if (cancel) return this.cancel(decodeURIComponent(cancel[1]), res);
    return json(res, 404, { detail: `no such path: ${url.pathname}` });
  }

  async file(pathname, res) {
    if (pathname === "/dashboard") return redirect(res, "/dashboard/");
    const name = pathname === "/dashboard/" ? "index.html" : pathname.slice("/dashboard/".length);
    const full = path.resolve(this.dist, name);
    if (!full.startsWith(path.resolve(this.dist))) return json(res, 404, { detail: "no" });
    const body = await readFile(full).catch(() => null);
    if (!body) return json(res, 404, { detail: "no such file" });
    res.setHeader("Content-Type", TYPES[path.extname(name)] ?? "application/octet-stream");
    res.setHeader("Cache-Control", name === "index.html" ? "no-cache" : "max-age=31536000");
    res.end(body);
  }

  allowed(req) {
    return this.key === null || (req.headers.cookie ?? "").includes("vdm_session=yes");
  }

  session(req, res) {
    json(res, 200, {
      authentication_required: this.key !== null,
      authenticated: this.allowed(req),
      version: "0.1.0",
      commit: "development",
    });
  }

  async login(req, res) {
    let body = "";
    for await (const chunk of req) body += chunk;
    if (JSON.parse(body).key !== this.key) return json(res, 401, { detail: "wrong key" });
    res.setHeader("Set-Cookie", "vdm_session=yes; Path=/; HttpOnly; SameSite=Strict");
    res.writeHead(204).end();
  }

  cancel(id, res) {
    if (!this.world.settings.cancel_allowed) return json(res, 403, { detail: "not allowed" });
    if (!this.world.active.has(id)) return json(res, 404, { detail: "no such request" });
    this.cancelled.push(id);
    this.world.end(id, { outcome: "cancelled_by_operator" });
    res.writeHead(202).end();
  }

  stream(url, res) {
    if (this.streamMode === "hang") return;
    if (this.streamMode === "refuse") return json(res, 503, { detail: "try again later" });
    if (this.streamMode === "missing") return json(res, 404, { detail: "no such path" });
    res.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    });
    if (this.disabled || this.streamMode === "off") {
      const said = this.disabled
        ? DISABLED
        : {
            disabled: true,
            message: "The live stream is switched off on the server.",
            suggestion: "Set VDM_ACTIVE_REQUESTS_SSE_ENABLED=true and restart it.",
          };
      res.end(event("disabled", said, null));
      return;
    }
    this.flush();
    this.opened += 1;
    res.write(`retry: ${2000 + Math.round(Math.random() * 1000)}\n\n`);
    if (url.searchParams.get("after") !== `${this.world.epoch}-${this.world.revision}`) {
      if (url.searchParams.has("after")) {
        res.write(event("reset", { reason: "too far behind", lost: 0 }, null));
      }
      res.write(event("snapshot", this.snapshot(), this.id()));
    } else {
      // Nothing new: the server says no more than how long to wait next time.
    }
    this.readers.add(res);
    res.on("close", () => this.readers.delete(res));
  }

  id() {
    return `${this.world.epoch}-${this.world.revision}`;
  }

  rows() {
    const now = this.world.seconds();
    return [...this.world.active.values()]
      .map((row) => ({ ...row, duration_ms: Math.round((now - row.start_time) * 1000) }))
      .sort((a, b) => b.start_time - a.start_time);
  }

  snapshot() {
    const world = this.world;
    return {
      epoch: world.epoch,
      revision: world.revision,
      server_time: world.seconds(),
      settings: world.settings,
      active: this.rows(),
      totals: {
        summary: world.summary,
        providers: [...world.providers.values()],
        models: [...world.models.values()],
      },
      proxies: world.proxies,
      traces: world.traces,
      errors: world.errors,
      series: [...world.series.values()],
      degraded: world.degraded,
    };
  }

  /** Sends what changed since the last time, if anything did. */
  flush() {
    const { world } = this;
    const { dirty } = world;
    const delta = {};
    const rows = new Map(this.rows().map((row) => [row.request_id, row]));
    if (dirty.upsert.size) delta.upsert = [...dirty.upsert].map((id) => rows.get(id));
    if (dirty.remove.size) delta.remove = [...dirty.remove];
    if (dirty.summary) {
      delta.totals = {
        summary: world.summary,
        providers: [...dirty.providers].map((key) => world.providers.get(key)),
        models: [...dirty.models].map((key) => world.models.get(key)),
      };
    }
    if (dirty.proxies) delta.proxies = world.proxies;
    if (dirty.traces.length) delta.traces = dirty.traces;
    if (dirty.errors.length) delta.errors = dirty.errors;
    if (dirty.seconds.size) delta.series = [...dirty.seconds].map((t) => world.series.get(t));
    if (dirty.degraded) delta.degraded = world.degraded;
    if (Object.keys(delta).length === 0) return;
    world.clear();
    world.revision += 1;
    const head = { revision: world.revision, server_time: world.seconds() };
    this.write(event("delta", { ...head, ...delta }, this.id()));
  }

  write(text) {
    for (const res of this.readers) res.write(text);
  }
}

function event(name, data, id) {
  return `${id ? `id: ${id}\n` : ""}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function json(res, status, body) {
  res.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-cache" });
  res.end(JSON.stringify(body));
}

function redirect(res, location) {
  res.writeHead(302, { Location: location }).end();
}
