import { expect, it } from "vitest";
import { type SseEvent, SseSplitter } from "./sse";

const STREAM =
  '\uFEFFretry: 2500\r\n\r\n: heartbeat\n\nid: e-1\nevent: snapshot\ndata: {"a":1}\n\nid: e-2\revent: delta\rdata: one\rdata:two\r\rdata: plain\n\nevent: empty\n\ndata: cut off';

function all(parts: string[]): { events: SseEvent[]; splitter: SseSplitter } {
  const splitter = new SseSplitter();
  return { events: parts.flatMap((part) => splitter.push(part)), splitter };
}

it("gives whole events with their ids, and counts comments", () => {
  const { events, splitter } = all([STREAM]);
  expect(events).toEqual([
    { event: "snapshot", data: '{"a":1}', id: "e-1" },
    { event: "delta", data: "one\ntwo", id: "e-2" },
    { event: "message", data: "plain", id: "e-2" },
  ]);
  expect(splitter.comments).toBe(1);
  expect(splitter.retry).toBe(2500);
});

it("gives the same events however the text is cut", () => {
  const whole = all([STREAM]).events;
  expect(all([...STREAM]).events).toEqual(whole);
  for (let cut = 1; cut < STREAM.length; cut += 1) {
    expect(all([STREAM.slice(0, cut), STREAM.slice(cut)]).events).toEqual(whole);
  }
});
