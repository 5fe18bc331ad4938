// What a terminal shows after all that a program wrote to it: programs that draw write only the cells that change.
// Knows the moves, erasures and scrolling that such programs use; colours and questions to the terminal are passed over.
export class Screen {
  constructor({ columns = 120, rows = 50 } = {}) {
    Object.assign(this, { columns, rows, row: 0, column: 0 });
    this.cells = Array.from({ length: rows }, () => this.#blank());
  }

  /** The screen after this output, its lines without trailing blanks. */
  static text(output, size) {
    const screen = new Screen(size);
    screen.write(output);
    return screen.cells.map((line) => line.join('').trimEnd()).join('\n');
  }

  write(output) {
    // A control sequence, a title or the like, a shorter escape, or one character.
    const pieces = /\x1b\[([<=>?]?)([\d;:]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[^]/gu;
    for (const [piece, mark, numbers, command] of output.matchAll(pieces)) {
      if (command) {
        if (!mark) this.#control(command, numbers.split(';').map(Number));
      } else if (piece.length === 1 || !piece.startsWith('\x1b')) this.#put(piece);
    }
  }

  #blank() { return Array(this.columns).fill(' '); }

  #put(character) {
    if (character === '\r') this.column = 0;
    else if (character === '\n') this.#lineFeed();
    else if (character === '\b') this.column = Math.max(0, this.column - 1);
    else if (character >= ' ') {
      if (this.column >= this.columns) {
        this.column = 0;
        this.#lineFeed();
      }
      this.cells[this.row][this.column++] = character;
    }
  }

  #lineFeed() {
    if (this.row < this.rows - 1) this.row += 1;
    else {
      this.cells.shift();
      this.cells.push(this.#blank());
    }
  }

  #control(command, [first = 0, second = 0]) {
    const by = Math.max(1, first);
    const within = (value, limit) => Math.min(Math.max(0, value), limit - 1);
    if (command === 'A') this.row = within(this.row - by, this.rows);
    if (command === 'B') this.row = within(this.row + by, this.rows);
    if (command === 'C') this.column = within(this.column + by, this.columns);
    if (command === 'D') this.column = within(this.column - by, this.columns);
    if (command === 'G') this.column = within(by - 1, this.columns);
    if (command === 'd') this.row = within(by - 1, this.rows);
    if (command === 'H') [this.row, this.column] = [within(by - 1, this.rows), within(second - 1, this.columns)];
    if (command === 'K') this.#erase(this.row, first);
    if (command === 'J') {
      this.#erase(this.row, first);
      for (let row = 0; row < this.rows; ++row) {
        if (first >= 2 || (first === 0 ? row > this.row : row < this.row)) this.cells[row] = this.#blank();
      }
    }
  }

  /** 0: from the cursor on, 1: up to it, 2: all of the line. */
  #erase(row, how) {
    const [from, to] = [how === 0 ? this.column : 0, how === 1 ? this.column + 1 : this.columns];
    this.cells[row].fill(' ', from, to);
  }
}
