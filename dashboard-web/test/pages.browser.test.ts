// Everything around the live grid: pages, address, keyboard, login, phone, tabs.
import { readFile } from "node:fs/promises";
import { afterEach, expect, it } from "vitest";
import type { World } from "../dev/world.mjs";
import { Dashboard } from "./page";
import { type Rig, type RigOptions, rig } from "./rig";

let open: Rig | null = null;

async function start(options?: RigOptions): Promise<Rig> {
  open = await rig(options);
  return open;
}

afterEach(async () => {
  await open?.close();
  open = null;
});

/** Some of everything: running, done, failed, two providers. */
function lived(world: World): void {
  for (const [provider, model] of [
    ["openai", "gpt-4.1"],
    ["anthropic", "claude-sonnet-4-5"],
  ] as const) {
    world.start({
      request_id: `run-${provider}`,
      provider,
      model,
      phase: "streaming",
      output_tokens: 4,
      idle_ms: 0,
    });
    for (const outcome of ["ok", "upstream_error", "client_cancelled"]) {
      const row = world.start({
        request_id: `${outcome}-${provider}`,
        provider,
        model,
        input_tokens: 50,
      });
      world.end(row.request_id, { outcome, http_status: outcome === "upstream_error" ? 529 : 200 });
    }
  }
}

for (const colorScheme of ["dark", "light"] as const) {
  it(`is accessible in ${colorScheme}, on every page and with everything open`, async () => {
    const r = await start({ before: lived, browser: { colorScheme } });
    const { dashboard: d } = r;
    await d.row("run-openai").waitFor();
    expect(await d.axe(), "live").toEqual([]);
    await d.row("run-openai").click();
    await d.drawer.waitFor();
    expect(await d.axe(), "drawer").toEqual([]);
    await d.page.keyboard.press("Escape");
    await d.page.getByRole("button", { name: "Settings" }).click();
    expect(await d.axe(), "settings").toEqual([]);
    await d.page.keyboard.press("Escape");
    await d.page.getByRole("button", { name: "Columns of active" }).click();
    expect(await d.axe(), "columns").toEqual([]);
    await d.page.keyboard.press("Escape");
    await d.page.keyboard.press("?");
    await d.page.getByRole("dialog").waitFor();
    expect(await d.axe(), "help").toEqual([]);
    await d.page.keyboard.press("Escape");
    for (const name of ["Traces", "Errors"]) {
      await d.tab(name);
      await d.rows(name.toLowerCase()).first().waitFor();
      expect(await d.axe(), name).toEqual([]);
    }
    expect(d.complaints).toEqual([]);
  });
}

it("works on a phone without overflowing it, and is accessible there", async () => {
  const r = await start({ before: lived, browser: { viewport: { width: 390, height: 844 } } });
  const { dashboard: d } = r;
  await d.row("run-openai").waitFor();
  expect(await d.axe()).toEqual([]);
  await d.row("run-openai").getByRole("button").click();
  await d.drawer.waitFor();
  expect(await d.axe()).toEqual([]);
  const wide = await d.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});

it("keeps filters, order and the open request in the address", async () => {
  const r = await start({ before: lived });
  const { dashboard: d } = r;
  await d.row("run-openai").waitFor();
  await d.page.keyboard.press("/");
  await d.page.keyboard.type("sonnet");
  await d.row("run-openai").waitFor({ state: "detached" });
  await d.page.locator('[data-grid="active"] .ag-header-cell[col-id="out"]').click();
  await d.row("run-anthropic").click();
  await d.drawer.waitFor();
  const url = d.page.url();
  expect(url).toMatch(/q=sonnet.*sort=out%3Aasc.*id=run-anthropic/);

  const again = new Dashboard(await r.context.newPage());
  await again.page.goto(url);
  await again.drawer.waitFor();
  await expect.poll(() => again.order()).toEqual(["run-anthropic"]);
  await d.page.goBack();
  await d.drawer.waitFor({ state: "detached" });
});

it("is moved through with the keyboard", async () => {
  const r = await start({ before: lived, query: "?page=traces" });
  const { dashboard: d } = r;
  await d.rows("traces").first().waitFor();
  const order = await d.order("traces");
  await d.page.keyboard.press("j");
  await d.page.keyboard.press("j");
  await d.page.keyboard.press("j");
  await d.page.keyboard.press("k");
  await d.page.keyboard.press("Enter");
  await d.drawer.waitFor();
  await expect.poll(() => d.drawer.getAttribute("data-id")).toBe(order[1]);
  await d.page.keyboard.press("Escape");
  await d.drawer.waitFor({ state: "detached" });
  await d.page.keyboard.press("1");
  await d.row("run-openai").waitFor();
});

it("keeps the keyboard on the same request while others arrive above it", async () => {
  const r = await start({ before: lived });
  const { dashboard: d } = r;
  await d.row("run-openai").waitFor();
  await d.page.keyboard.press("j");
  await d.page.keyboard.press("j");
  const focused = () =>
    d.page.evaluate(() => document.activeElement?.closest("[row-id]")?.getAttribute("row-id"));
  const id = (await d.order())[1];
  await expect.poll(() => focused()).toBe(id);
  for (const name of ["new-1", "new-2", "new-3"]) r.world.start({ request_id: name });
  await d.row("new-3").waitFor();
  await expect.poll(focused).toBe(id);
  await d.page.keyboard.press("Enter");
  await d.drawer.waitFor();
  await expect.poll(() => d.drawer.getAttribute("data-id")).toBe(id);
});

it("remembers which columns are wanted", async () => {
  const r = await start({ before: lived });
  const { dashboard: d } = r;
  await d.row("run-openai").waitFor();
  await d.page.getByRole("button", { name: "Columns of active" }).click();
  await d.page.getByLabel("TTFT").uncheck();
  await d.cell("run-openai", "ttft").waitFor({ state: "detached" });
  await d.page.reload();
  await d.row("run-openai").waitFor();
  await expect.poll(() => d.cell("run-openai", "ttft").count()).toBe(0);
  await expect.poll(() => d.cell("run-openai", "out").count()).toBe(1);
});

it("exports what is shown as CSV and JSON", async () => {
  const r = await start({ before: lived, query: "?page=errors&provider=openai" });
  const { dashboard: d } = r;
  await d.rows("errors").first().waitFor();
  const save = async (what: string): Promise<string> => {
    await d.page.getByRole("button", { name: "Export errors" }).click();
    const download = d.page.waitForEvent("download");
    await d.page.getByRole("button", { name: what, exact: true }).click();
    return readFile(await (await download).path(), "utf8");
  };
  const rows = JSON.parse(await save("JSON")) as { request_id: string }[];
  expect(rows.map((row) => row.request_id)).toEqual(["upstream_error-openai"]);
  const lines = (await save("CSV")).trim().split("\r\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^seq,ts,request_id,provider/);
});

it("asks for the key, refuses a wrong one, and signs out again", async () => {
  const r = await start({ key: "open sesame", before: lived });
  const { dashboard: d } = r;
  const field = d.page.getByLabel("Metrics key");
  await field.fill("wrong");
  await field.press("Enter");
  await expect.poll(() => d.page.getByRole("alert").textContent()).toBe("That is not the key.");
  expect(await d.axe()).toEqual([]);
  await field.fill("open sesame");
  await field.press("Enter");
  await d.row("run-openai").waitFor();
  await d.page.getByRole("button", { name: "Sign out" }).click();
  await field.waitFor();
  expect(d.complaints.filter((line) => !line.includes("401"))).toEqual([]);
});

it("says what to check when the service does not answer at all", async () => {
  const r = await start({ before: (_, server) => (server.down = true) });
  await r.dashboard.note("error").waitFor();
  await expect.poll(() => r.dashboard.note("error").textContent()).toMatch(/curl -i/);
  expect(await r.dashboard.axe()).toEqual([]);
  r.server.down = false;
  await r.dashboard.page.getByRole("button", { name: "Try again" }).click();
  await r.dashboard.mode("live").waitFor();
});

it("shares one stream among tabs", async () => {
  const r = await start({ before: lived });
  await r.dashboard.row("run-openai").waitFor();
  const others = [];
  for (let i = 0; i < 7; i += 1) others.push(await Dashboard.open(r.context, r.url));
  for (const other of others) await other.row("run-openai").waitFor();
  expect(r.server.opened).toBe(1);
  r.world.start({ request_id: "for-all" });
  for (const tab of [r.dashboard, ...others]) {
    await tab.page.bringToFront();
    await tab.row("for-all").waitFor();
  }
  expect(r.server.opened).toBe(1);
});

it("connects alone where there is no SharedWorker", async () => {
  const r = await start({ query: "?none" });
  await r.context.addInitScript("delete globalThis.SharedWorker");
  const alone = await Dashboard.open(r.context, r.url);
  await alone.mode("live").waitFor();
  r.world.start({ request_id: "seen" });
  await alone.row("seen").waitFor();
  await expect
    .poll(() => alone.page.getByRole("tooltip", { includeHidden: true }).textContent())
    .toMatch(/this tab's own/);
});

it("logs what the connection does when asked", async () => {
  const r = await start();
  const page = await r.context.newPage();
  const lines: string[] = [];
  page.on("console", (message) => lines.push(message.text()));
  await page.goto(`${r.url}/dashboard/?debug=1`);
  await new Dashboard(page).mode("live").waitFor();
  r.server.cut();
  await expect.poll(() => lines.join("\n")).toMatch(/\[vandamme\].*failed \(1\)/);
});
