// Cuts a byte stream into Server-Sent Events. Text in, whole events out; it
// neither reads nor waits. Where the text is split never changes the result.

export interface SseEvent {
  event: string;
  data: string;
  /** The last id the stream has named so far; "" until it names one. */
  id: string;
}

/** More than any snapshot needs; a line that never ends is a broken server. */
const BUFFER_MAX = 64 * 1024 * 1024;

export class SseSplitter {
  /** Comment lines seen: the server's heartbeats. */
  comments = 0;
  /** Milliseconds the server asked us to wait before coming back, if it did. */
  retry: number | null = null;

  private buffer = "";
  private atStart = true;
  private skipLineFeed = false;
  private event = "";
  private data: string[] = [];
  private id = "";

  push(text: string): SseEvent[] {
    const events: SseEvent[] = [];
    this.buffer += this.atStart && text.startsWith("\uFEFF") ? text.slice(1) : text;
    if (text !== "") this.atStart = false;
    let from = 0;
    for (;;) {
      if (this.skipLineFeed && from < this.buffer.length) {
        if (this.buffer[from] === "\n") from += 1; // the other half of a CRLF
        this.skipLineFeed = false;
      }
      const end = this.endOfLine(from);
      if (end < 0) break;
      const line = this.buffer.slice(from, end);
      this.skipLineFeed = this.buffer[end] === "\r";
      from = end + 1;
      const done = this.line(line);
      if (done) events.push(done);
    }
    this.buffer = this.buffer.slice(from);
    if (this.buffer.length > BUFFER_MAX) throw new Error("a line of the stream is too long");
    return events;
  }

  private endOfLine(from: number): number {
    const lf = this.buffer.indexOf("\n", from);
    const cr = this.buffer.indexOf("\r", from);
    if (lf < 0 || cr < 0) return Math.max(lf, cr);
    return Math.min(lf, cr);
  }

  private line(line: string): SseEvent | null {
    if (line === "") {
      const whole = this.data.length > 0;
      const done = { event: this.event || "message", data: this.data.join("\n"), id: this.id };
      this.event = "";
      this.data = [];
      return whole ? done : null;
    }
    if (line.startsWith(":")) {
      this.comments += 1;
      return null;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const rest = colon < 0 ? "" : line.slice(colon + 1);
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
    else if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }
}
