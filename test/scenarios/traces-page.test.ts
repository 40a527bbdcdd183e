import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scratchFolder } from "../support/scmictl.ts";

/** A shell block, and what the page shows of its output behind it. */
const STEP = /```sh\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g;
/** As the README has it. */
const SCMICTL = 'scmictl() { "$NODE" bin/scmictl.js "$@"; }';

test("docs/traces.md works as typed, but for the folder that it writes to, and shows what it prints", () => {
  const folder = scratchFolder();
  try {
    const page = readFileSync("docs/traces.md", "utf8").replaceAll("var/traces", `${folder.path}/traces`);
    const steps = [...page.matchAll(STEP)];
    expect(steps).toHaveLength([...page.matchAll(/```sh/g)].length);
    expect(steps.length).toBeGreaterThan(1);
    for (const [, script = "", shown = ""] of steps) {
      const output = execFileSync("bash", ["-euo", "pipefail", "-c", `exec 2>&1\n${SCMICTL}\n${script}`], {
        encoding: "utf8",
        env: { ...process.env, NODE: process.execPath },
      });
      expect(output).toBe(shown);
    }
  } finally {
    folder.remove();
  }
});

test("docs/traces.md tells of every count", () => {
  const page = readFileSync("docs/traces.md", "utf8");
  const exchanges = ["answered", "ended", "failed", "timed-out", "not-sent", "open", "without-request"];
  for (const name of [
    ...exchanges,
    "delayed",
    "notification",
    "rejected",
    "fast-channel",
    "repeated",
    "lost",
    "damaged",
    "cut-line",
    "other-lines",
    "unknown-messages",
  ]) {
    expect(page).toContain(`\`${name}\``);
  }
});
