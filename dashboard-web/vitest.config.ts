import { defineConfig } from "vitest/config";

// Two kinds of tests: `unit` is pure code and takes a second; `browser` drives
// Chromium against the scripted server and needs a built dist/.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "dev/**/*.test.ts"],
          environment: "node",
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          environment: "node",
          testTimeout: 60_000,
          // The default second is too short on a busy machine: what is waited for there comes late, not never.
          expect: { poll: { timeout: 20_000 } },
          hookTimeout: 60_000,
          poolOptions: { forks: { singleFork: true } },
        },
      },
    ],
  },
});
