import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scratchFolder } from "../support/scmictl.ts";

const PAGE = "docs/traces.md";
/** A shell block, and what the page shows of its output behind it. */
const STEP = /```sh\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g;
/** As the README has it. */
const SCMICTL = 'scmictl() { "$NODE" bin/scmictl.js "$@"; }';

test("docs/traces.md works as typed, but for the folder that it writes to, and shows what it prints", () => {
  const folder = scratchFolder();
  try {
    const written = readFileSync(PAGE, "utf8");
    const page = written.replaceAll("var/traces", `${folder.path}/traces`);
    const steps = [...page.matchAll(STEP)];
    expect(steps).toHaveLength([...page.matchAll(/```sh/g)].length);
    expect(steps.length).toBeGreaterThan(1);
    let updated = page;
    for (const [block, script = "", shown = ""] of steps) {
      const output = execFileSync("bash", ["-euo", "pipefail", "-c", `exec 2>&1\n${SCMICTL}\n${script}`], {
        encoding: "utf8",
        env: { ...process.env, NODE: process.execPath },
      });
      if (process.env["UPDATE_PAGES"] === undefined) expect(output).toBe(shown);
      updated = updated.replace(block, () => `\`\`\`sh\n${script}\`\`\`\n\n\`\`\`text\n${output}\`\`\``);
    }
    updated = updated.replaceAll(`${folder.path}/traces`, "var/traces");
    if (process.env["UPDATE_PAGES"] !== undefined && updated !== written) writeFileSync(PAGE, updated);
  } finally {
    folder.remove();
  }
});

test("docs/traces.md tells of every count", () => {
  const page = readFileSync(PAGE, "utf8");
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
