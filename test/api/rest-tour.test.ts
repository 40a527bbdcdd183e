import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RestHost } from "../support/rest.ts";

const PAGE = "docs/rest-tour.md";
const ADDRESS = "http://127.0.0.1:7420";
/** UPDATE_TOUR=1 writes the answers into the page instead of comparing them. */
const isUpdate = process.env["UPDATE_TOUR"] !== undefined;
const hasCurl =
  spawnSync("curl", ["--version"]).status === 0 && spawnSync("bash", ["--version"]).status === 0;

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start({ program: "0.1.0" });
});
afterAll(() => host.end());

/** A shell block and the answer that the page shows behind it. */
const STEP = /```sh\n([\s\S]*?)```\n\n```(json|text)\n([\s\S]*?)```/g;

test.skipIf(!hasCurl)("the tour works as it is written", { timeout: 60_000 }, async () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page.match(/```sh/g)).toHaveLength([...page.matchAll(STEP)].length);
  let updated = page;
  for (const [block, script = "", kind, shown = ""] of page.matchAll(STEP)) {
    const given = await run(script.replaceAll(ADDRESS, host.url));
    if (kind === "text") {
      expectLines(given, shown);
    } else if (isUpdate) {
      const answer = block.replace(shown, () => `${fitted(steady(given), "")}\n`);
      updated = updated.replace(block, () => answer);
    } else {
      expect(withoutDigests(steady(given)), script).toEqual(withoutDigests(JSON.parse(shown)));
    }
  }
  if (isUpdate) writeFileSync(PAGE, updated);
});

async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-c", script]);
  return stdout;
}

/** Each line shown is in the answer: whole, or as the beginning of one. Headers come in any order. */
function expectLines(given: string, shown: string): void {
  const lines = given.split(/\r?\n/);
  for (const line of shown.trimEnd().split("\n")) {
    expect(
      lines.some((other) => other.startsWith(line)),
      `${line}\nin\n${given}`,
    ).toBe(true);
  }
}

/** What no two runs share is not compared: how long it took, and the ids of requests. */
function steady(given: string): unknown {
  const answer = JSON.parse(given.replace(/"id":"[0-9a-f]{16}"/g, '"id":"5f0c8b1d2e3a4f60"')) as object;
  return "durationMs" in answer ? { ...answer, durationMs: 12 } : answer;
}

/** Digests change with whatever the machine's state learns to hold; that is no reason to write the tour anew. */
function withoutDigests(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer).replace(/"[0-9a-f]{64}"/g, '"a digest"'));
}

/** JSON in lines of up to 110 characters. */
function fitted(value: unknown, indent: string): string {
  const line = JSON.stringify(value).replace(
    /("(?:[^"\\]|\\.)*")|([:,])/g,
    (_, text, mark) => text ?? `${mark} `,
  );
  if (typeof value !== "object" || value === null || indent.length + line.length <= 110) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item) => inner + fitted(item, inner)).join(",\n")}\n${indent}]`;
  const members = Object.entries(value).map(
    ([key, member]) => `${inner}${JSON.stringify(key)}: ${fitted(member, inner)}`,
  );
  return `{\n${members.join(",\n")}\n${indent}}`;
}
