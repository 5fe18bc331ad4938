import { expect, it } from "vitest";
import { snapshot } from "../testing/rows";
import { poll } from "./poll";

const answering = (answer: unknown) => async (path: string) => {
  expect(path).toBe("/metrics/snapshot");
  return new Response(JSON.stringify(answer));
};

it("asks for what the stream begins with, and marks it as polled", async () => {
  const said = snapshot({ degraded: ["slow disk"] });
  expect(await poll(answering(said))).toEqual({ snapshot: { ...said, polled: true } });
});

it("says that metrics are off in the server's own words", async () => {
  const answer = { disabled: true, message: "off", suggestion: "turn it on" };
  expect(await poll(answering(answer))).toEqual({
    disabled: { message: "off", suggestion: "turn it on" },
  });
});
