import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scratchFolder } from "../support/scmictl.ts";

/** A shell block, and what the page shows of its output behind it. */
const STEP = /```sh\n([\s\S]*?)```(?:(?:(?!```)[\s\S])*?```text\n([\s\S]*?)```)?/g;

test("docs/imports.md works as typed, but for the folder that it writes to, and shows what it prints", () => {
  const folder = scratchFolder();
  try {
    const page = readFileSync("docs/imports.md", "utf8").replaceAll("var/imports", `${folder.path}/imports`);
    const steps = [...page.matchAll(STEP)];
    expect(steps).toHaveLength([...page.matchAll(/```sh/g)].length);
    expect(steps.length).toBeGreaterThan(2);
    for (const [, script = "", shown = ""] of steps) {
      const output = execFileSync("bash", ["-euo", "pipefail", "-c", `exec 2>&1\n${SCMICTL}\n${script}`], {
        encoding: "utf8",
        env: { ...process.env, NODE: process.execPath },
      });
      const lines = output.split("\n");
      expect(shown.split("\n").filter((line) => !lines.includes(line))).toEqual([]);
    }
  } finally {
    folder.remove();
  }
});

/** As the README has it. */
const SCMICTL = 'scmictl() { "$NODE" bin/scmictl.js "$@"; }';

test("docs/imports.md names every option of its verbs", async () => {
  const page = readFileSync("docs/imports.md", "utf8");
  const { inProcess } = await import("../support/in-process.ts");
  for (const verb of ["imx-sm", "tree"]) {
    const { stdout } = await inProcess(["import", verb, "--help"]);
    const own = stdout.slice(0, stdout.indexOf("Global Options:"));
    const options = [...own.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option as string);
    expect(options.length).toBeGreaterThan(4);
    expect(options.filter((option) => option !== "--help" && !page.includes(option))).toEqual([]);
  }
});
