// The dashboard as a test sees it: what is on the page, by the names a person uses.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContext, Locator, Page } from "playwright-core";

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

export class Dashboard {
  /** Console errors and warnings, page errors and policy violations: a good page has none. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(`page error: ${error.message}`));
  }

  static async open(context: BrowserContext, url: string, query = ""): Promise<Dashboard> {
    const dashboard = new Dashboard(await context.newPage());
    await dashboard.page.goto(`${url}/dashboard/${query}`);
    return dashboard;
  }

  mode(mode: string): Locator {
    return this.page.locator(`.light[data-mode="${mode}"]`);
  }

  row(id: string, grid = "active"): Locator {
    return this.page.locator(`[data-grid="${grid}"] [row-id="${id}"]`);
  }

  cell(id: string, column: string, grid = "active"): Locator {
    return this.row(id, grid).locator(`[col-id="${column}"]`);
  }

  rows(grid = "active"): Locator {
    return this.page.locator(`[data-grid="${grid}"] .ag-center-cols-container [row-id]`);
  }

  /** The ids as they stand from top to bottom. */
  async order(grid = "active"): Promise<string[]> {
    const rows = await this.rows(grid).evaluateAll((all) =>
      all.map(
        (row) => [row.getAttribute("row-id") ?? "", row.getBoundingClientRect().top] as const,
      ),
    );
    return rows.sort((a, b) => a[1] - b[1]).map(([id]) => id);
  }

  kpi(name: string): Locator {
    return this.page.locator(`[data-kpi="${name}"] .kpi-value`);
  }

  banner(name: string): Locator {
    return this.page.locator(`[data-banner="${name}"]`);
  }

  note(name: string): Locator {
    return this.page.locator(`[data-note="${name}"]`);
  }

  get drawer(): Locator {
    return this.page.getByRole("complementary", { name: "Request details" });
  }

  tab(name: string): Promise<void> {
    return this.page.getByRole("link", { name: new RegExp(`^${name}`) }).click();
  }

  /** What axe has against the page as it is now, one line each. */
  async axe(): Promise<string[]> {
    // Through the debugger: the page's policy forbids foreign scripts, as it should.
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("Runtime.evaluate", { expression: axeSource });
    await session.detach();
    return this.page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe;
      const { violations } = await axe.run();
      return violations.map(
        (v) =>
          `${v.id}: ${v.nodes
            .slice(0, 3)
            .map((n) => n.target.join(" "))
            .join(" | ")}`,
      );
    });
  }
}

interface AxeResult {
  violations: { id: string; nodes: { target: string[] }[] }[];
}
