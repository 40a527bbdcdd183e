import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { inProcess } from "../support/in-process.ts";
import { scratchFolder } from "../support/scmictl.ts";

/** A shell block, and what the page shows of its output behind it. */
const STEP = /```sh\n([\s\S]*?)```\n\n```(?:text|dts)\n([\s\S]*?)```/g;

const PAGES = ["docs/exports.md", "docs/device-trees.md"];

test.skipIf(!HAS_DTC).each(PAGES)(`%s works as it is written ${HAS_DTC ? "" : NO_DTC}`, async (file) => {
  const folder = scratchFolder();
  try {
    const page = readFileSync(file, "utf8").replaceAll(/\bvar\/(?=[a-z-]+)/g, `${folder.path}/`);
    const steps = [...page.matchAll(STEP)];
    expect(steps).toHaveLength([...page.matchAll(/```sh/g)].length);
    for (const [, script = "", shown = ""] of steps) {
      let output = "";
      for (const line of script.trim().split("\n")) output += await run(line);
      expectInOrder(output, shown);
    }
  } finally {
    folder.remove();
  }
});

async function run(line: string): Promise<string> {
  const [program = "", ...args] = line.split(" ");
  if (program === "mkdir") mkdirSync(args.at(-1) as string, { recursive: true });
  if (program !== "scmictl") return execFileSync(program, args, { encoding: "utf8" });
  const { status, stdout, stderr } = await inProcess(args);
  expect({ line, status, stderr: status === 0 ? "" : stderr }).toEqual({ line, status: 0, stderr: "" });
  return stdout;
}

/** Every line that is shown is in the output, in this order. */
function expectInOrder(output: string, shown: string): void {
  const lines = output.split("\n");
  let at = 0;
  for (const line of shown.trimEnd().split("\n")) {
    const found = lines.indexOf(line, at);
    expect(found, `${line}\nin\n${output}`).not.toBe(-1);
    at = found + 1;
  }
}
