// A real browser on the real dashboard. It stores every console message and every error of the page; a page that
// reported one fails its test.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { outPath } from './paths.mjs';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

// --no-sandbox since tests run as root; the others keep the browser from calling home.
const Flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'vdm-chromium-'));
    browser.context = await chromium.launchPersistentContext(browser.profile, {
      executablePath: process.env.VDM_CHROMIUM ?? '/usr/bin/chromium', args: Flags,
      viewport: { width: 1440, height: 900 }, colorScheme: 'light',
    });
    return browser;
  }

  /** Opens the dashboard and logs when each grid row appeared and disappeared (wall clock, ms). */
  async open(url, { width = 1440, height = 900, colorScheme = 'light' } = {}) {
    const page = await this.context.newPage();
    page.complaints = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text());
    });
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.addInitScript(watchRows);
    await page.goto(url);
    return page;
  }

  async stop() {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

/** Runs in the page: notes when every row was first and last seen, and each text of its "out" cell. */
function watchRows() {
  window.vdmRows = {};
  const note = (element, what) => {
    const row = element.closest?.('[row-id]');
    const grid = element.closest?.('[data-grid]')?.getAttribute('data-grid');
    if (!row) return;
    const known = (window.vdmRows[row.getAttribute('row-id')] ??= { out: [] });
    if (what === 'seen') known.seen ??= { at: Date.now(), grid };
    const out = row.querySelector('[col-id="out"]')?.textContent;
    if (out && known.out.at(-1) !== out) known.out.push(out);
  };
  const gone = (element) => {
    for (const row of [element, ...element.querySelectorAll?.('[row-id]') ?? []]) {
      const id = row.getAttribute?.('row-id');
      if (id && window.vdmRows[id]) window.vdmRows[id].gone ??= Date.now();
    }
  };
  new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.addedNodes) {
        const element = node.nodeType === 1 ? node : node.parentElement;
        if (!element) continue;
        note(element, 'seen');
        for (const row of element.querySelectorAll?.('[row-id]') ?? []) note(row, 'seen');
      }
      for (const node of record.removedNodes) if (node.nodeType === 1) gone(node);
      const target = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      if (target) note(target, 'seen');
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

export function row(page, id, grid = 'active') {
  return page.locator(`[data-grid="${grid}"] [row-id="${id}"]`).first();
}

export function cell(page, id, column, grid = 'active') {
  return page.locator(`[data-grid="${grid}"] [row-id="${id}"] [col-id="${column}"]`).first();
}

export function headline(page, name) {
  return page.locator(`[data-kpi="${name}"]`);
}

/** Saves a screenshot in the run's folder. */
export async function picture(page, name) {
  const path = outPath('screenshots', `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** The accessibility faults that axe finds in the page, one line each. */
export async function axe(page) {
  // Injected through the debugger, since the page's policy rightly forbids foreign scripts and eval.
  const debuggerSession = await page.context().newCDPSession(page);
  await debuggerSession.send('Runtime.evaluate', { expression: readFileSync(axePath, 'utf8') });
  await debuggerSession.detach();
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
  }));
  return violations.map((fault) => `${fault.id}: ${fault.help} (${fault.nodes.slice(0, 3)
    .map((node) => node.target.join(' ')).join(' | ')})`);
}
