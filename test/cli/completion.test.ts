import { execFileSync, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";

const hasBash = spawnSync("bash", ["--version"]).status === 0;

let completion = "";
beforeAll(async () => {
  completion = (await inProcess(["completion", "bash"])).stdout;
});

/** What bash offers for the last of the words typed. */
function offered(...words: string[]): string[] {
  const typed = ["scmictl", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${completion}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _scmictl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\n").filter(Boolean);
}

describe.skipIf(!hasBash)("scmi is completed", () => {
  test.each<[string[], string[]]>([
    [["scmi", "1", "clo"], ["clock"]],
    [
      ["scmi", "red", "po"],
      ["power", "powercap"],
    ],
    [
      ["scmi", "1", "clock", "CLOCK_RATE_"],
      ["CLOCK_RATE_SET", "CLOCK_RATE_GET", "CLOCK_RATE_NOTIFY", "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY"],
    ],
    [["scmi", "1", "reset", "RESET_N"], ["RESET_NOTIFY"]],
    [["scmi", "1", "clock", "--al"], ["--all"]],
    [["scmi", "--raw", "1", "sens"], ["sensor"]],
    [["agent", "sh"], ["show"]],
    [
      ["domain", "a"],
      ["assign", "ack"],
    ],
  ])("%j", (words, offers) => {
    expect(offered(...words)).toEqual(offers);
  });
});

test("fish knows protocols and messages too", async () => {
  const { stdout } = await inProcess(["completion", "fish"]);
  expect(stdout).toMatch(
    /seen_subcommand_from scmi; and __fish_seen_subcommand_from clock' -f -a '.*CLOCK_RATE_SET/,
  );
});
