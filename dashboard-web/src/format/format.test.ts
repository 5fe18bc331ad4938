import { describe, expect, it } from "vitest";
import { ago, duration, durationClass, ticking } from "./duration";
import { modelName } from "./model";
import { credentialName, notesOf, noteText } from "./notes";
import { bytes, compact, count, percent, rate } from "./numbers";
import { outcomeOf, phaseTone } from "./outcome";
import { badgeOf } from "./provider";
import { recencyColour } from "./recency";
import { iso, toMs } from "./time";

describe("duration", () => {
  it.each([
    [null, "–"],
    [0, "0 ms"],
    [0.271, "0.3 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [9_949, "9.9 s"],
    [9_960, "10 s"],
    [59_600, "1m 00s"],
    [185_000, "3m 05s"],
    [3_720_000, "1h 02m"],
    [183_600_000, "2d 03h"],
    [-5, "0 ms"],
  ])("%s ms reads %s", (ms, text) => expect(duration(ms)).toBe(text));

  it("ticks in whole seconds, or tenths when it ticks faster", () => {
    expect(ticking(1_999)).toBe("1 s");
    expect(ticking(1_940, 250)).toBe("1.9 s");
    expect(ticking(61_000, 250)).toBe("1m 01s");
    expect(ago(400)).toBe("just now");
    expect(ago(12_300)).toBe("12 s ago");
  });

  it("has the original's classes", () => {
    expect([0, 499, 1_999, 2_000].map(durationClass)).toEqual(["none", "quick", "fair", "slow"]);
  });
});

describe("numbers", () => {
  it("keep a fixed shape", () => {
    expect([count(1234567), count(null)]).toEqual(["1,234,567", "–"]);
    expect([9_999, 12_345, 999_960, 4_560_000, 2e9].map(compact)).toEqual([
      "9,999",
      "12.3k",
      "1.00M",
      "4.56M",
      "2.00G",
    ]);
    expect([0, 4.25, 131].map(rate)).toEqual(["0.0", "4.3", "131"]);
    expect([0, 0.0004, 0.004, 0.1234, null].map(percent)).toEqual([
      "0 %",
      "<0.1 %",
      "0.4 %",
      "12 %",
      "–",
    ]);
    expect([512, 3_500, 12 * 1024 * 1024].map(bytes)).toEqual(["512 B", "3.4 KiB", "12 MiB"]);
  });
});

describe("recency", () => {
  it.each([
    [0, "rgb(255, 0, 0)"],
    [5_000, "rgb(255, 165, 0)"],
    [12_500, "rgb(255, 210, 0)"],
    [20_000, "rgb(255, 255, 0)"],
    [120_000, "rgb(0, 255, 0)"],
    [600_000, "rgb(255, 255, 255)"],
    [1_800_000, "rgb(0, 128, 255)"],
    [9_999_000, "rgb(0, 0, 0)"],
    [-1, "rgb(255, 0, 0)"],
  ])("%s ms ago is %s", (age, colour) => expect(recencyColour(age)).toBe(colour));
});

describe("providers", () => {
  it("keep the original's four colours and give any other one of six, always the same", () => {
    expect(["OpenAI", "openrouter", "anthropic", "poe"].map(badgeOf)).toEqual([
      "primary",
      "info",
      "danger",
      "success",
    ]);
    expect(badgeOf("a")).toBe("success"); // 97 mod 6 = 1
    expect(badgeOf("__proto__")).toBe(badgeOf("__proto__"));
    expect(badgeOf("")).toBe("primary");
  });

  it("are taken off a model's name once, and only when they are its provider", () => {
    expect(modelName("openai:gpt-4o", "openai")).toBe("gpt-4o");
    expect(modelName("org/m:free", "openrouter")).toBe("org/m:free");
    expect(modelName("openrouter:org/m:free", "openrouter")).toBe("org/m:free");
    expect(modelName(":x", "")).toBe(":x");
  });
});

describe("outcomes", () => {
  it("are named, and what is not known is said to be so", () => {
    expect(outcomeOf("upstream_error").tone).toBe("bad");
    expect(outcomeOf("constructor")).toMatchObject({ label: "constructor", tone: "warn" });
    expect(phaseTone("__proto__")).toBe("calm");
  });
});

describe("time", () => {
  it("comes as text or as seconds", () => {
    expect(toMs("2026-01-31T14:03:22Z")).toBe(1769868202000);
    expect(toMs(1769868202)).toBe(1769868202000);
    expect([toMs(null), toMs(""), toMs("soon")]).toEqual([null, null, null]);
    expect(iso(1769868202000)).toBe("2026-01-31T14:03:22.000Z");
    expect(iso(9e18)).toBe("–");
  });
});

describe("notes", () => {
  const plain = {
    kind: "completion",
    credential: "key",
    answered_model: "gpt-4o-2024-08-06",
    model_mismatch: false,
    resolved_model: "gpt-4o",
  };

  it("say nothing of an ordinary request, whatever name of its model the answer has", () => {
    expect(notesOf(plain)).toEqual([]);
    expect(notesOf({ ...plain, credential: null, kind: "" })).toEqual([]);
  });

  it("name the model that answered in place of the one asked", () => {
    const notes = notesOf({ ...plain, answered_model: "gpt-4o-mini", model_mismatch: true });
    expect(notes.map((note) => [noteText(note), note.tone])).toEqual([
      ["answered by gpt-4o-mini", "warn"],
    ]);
    expect(notes[0]?.says).toContain("gpt-4o");
  });

  it("name what else was asked for, and who pays when it is no key", () => {
    const notes = notesOf({ ...plain, kind: "embeddings", credential: "subscription" });
    expect(notes.map(noteText)).toEqual(["embeddings", "subscription"]);
  });

  it("word what the provider was shown, and leave an unknown word as it is", () => {
    expect([null, "key", "__proto__", "coupon"].map(credentialName)).toEqual([
      "",
      "a key of the gateway",
      "__proto__",
      "coupon",
    ]);
  });
});
