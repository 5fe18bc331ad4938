// One column, described once: the grid, the column chooser, the cards and the
// export all read it. No grid library here.

export interface Column<T> {
  id: string;
  title: string;
  /** What the header's tooltip says. */
  hint?: string;
  width: number;
  /** Takes a share of the room that is left. */
  flex?: number;
  right?: boolean;
  mono?: boolean;
  /** Not shown until asked for. */
  hide?: boolean;
  /** What is sorted by and exported. */
  value(row: T): string | number | boolean | null;
  /** How it reads; the value's own text when left out. */
  text?(row: T): string;
  /** Fills a cell that is more than text. Never with markup: nodes and textContent only. */
  cell?(element: HTMLElement, row: T): void;
  /** Rewrites what moves with time; called every tick with the server's clock. */
  tick?(element: HTMLElement, row: T, serverNow: number): void;
}

/** A new element with a class and text, the only way cells are made. */
export function el(name: string, className = "", text = ""): HTMLElement {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
