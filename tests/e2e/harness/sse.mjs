// Reads a Server-Sent Events stream as it arrives: events with their time of arrival, and comments.
import http from 'node:http';
import { eventually } from './wait.mjs';

export function parseSse(text) {
  const events = [];
  for (const block of text.split(/\r?\n\r?\n/)) {
    const event = { event: 'message', data: [], comments: [] };
    for (const line of block.split(/\r?\n/)) {
      if (line === '') continue;
      if (line.startsWith(':')) { event.comments.push(line.slice(1).trim()); continue; }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') event.data.push(value); else event[field] = value;
    }
    if (event.data.length || event.comments.length || event.id || event.retry) {
      events.push({ ...event, data: event.data.join('\n') });
    }
  }
  return events;
}

export class SseReader {
  static async open(url, { headers = {} } = {}) {
    const reader = new SseReader();
    await new Promise((resolve, reject) => {
      reader.call = http.get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false });
      reader.call.on('error', (error) => { reader.closed = true; reject(error); });
      reader.call.on('response', (answer) => { reader.#read(answer); resolve(); });
    });
    return reader;
  }

  constructor() {
    this.events = [];      // {event, json, data, id, at}
    this.comments = [];    // {text, at}
    this.closed = false;
    this.bytes = 0;
  }

  #read(answer) {
    this.status = answer.statusCode;
    this.headers = answer.headers;
    let pending = '';
    answer.setEncoding('utf8');
    answer.on('data', (text) => {
      this.bytes += Buffer.byteLength(text);
      pending += text;
      for (let cut = pending.indexOf('\n\n'); cut >= 0; cut = pending.indexOf('\n\n')) {
        this.#take(pending.slice(0, cut + 2));
        pending = pending.slice(cut + 2);
      }
    });
    this.ended = new Promise((resolve) => {
      answer.on('close', () => { this.closed = true; resolve(); });
      answer.on('error', () => { this.closed = true; resolve(); });
    });
  }

  #take(block) {
    const at = performance.now();
    for (const event of parseSse(block)) {
      for (const text of event.comments) this.comments.push({ text, at });
      if (event.data === '') continue;
      this.events.push({ ...event, json: JSON.parse(event.data), at });
    }
  }

  named(name) { return this.events.filter((event) => event.event === name); }

  /** The first event, received already or later, for which the given function returns true. */
  find(what, question, options) {
    return eventually(what, () => this.events.find(question), { every: 2, ...options });
  }

  close() { this.call.destroy(); }
}
