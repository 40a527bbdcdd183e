import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import type { Question } from "#cli/importing/ask.ts";
import { inProcess } from "../support/in-process.ts";
import { kernelTrace } from "../support/kernel-trace.ts";
import { twoGuests } from "../support/two-guests.ts";

const terminal = vi.hoisted(() => ({
  answers: new Map<string, string>(),
  asked: [] as readonly Question[],
}));

// Somebody sits at a terminal here, and knows the answers.
vi.mock("#cli/importing/ask.ts", () => ({
  isInteractive: ({ ask }: { ask?: boolean }) => ask !== false,
  ask: async (questions: readonly Question[]) => {
    terminal.asked = questions;
    return terminal.answers;
  },
}));

beforeEach(() => {
  terminal.answers = new Map();
  terminal.asked = [];
});

const TREE = ["import", "tree", "examples/two-guests/host.dtb"];
const CONFIG = ["import", "imx-sm", "test/inputs/imx-sm/two-machines.cfg"];
const options = () => terminal.asked.map(({ option }) => option);

test("of a tree is asked what would be assumed and no option says", async () => {
  terminal.answers = new Map([
    ["profile", "ref"],
    ["xen-agent", "9"],
    ["trusted-agent", "9, 0"],
  ]);
  const { stdout, stderr } = await inProcess([...TREE, "--name", "mine"]);
  expect(options()).toEqual(["profile", "xen-agent", "trusted-agent"]);
  expect(stdout).toContain("  profile: ref\n");
  expect(stdout).toContain("  trustedAgents: [ 9, 0 ]\n");
  expect(stdout).toMatch(/\{ id: 9, name: xen, funcId: 0x82000003, /);
  expect(stderr).not.toContain("firmware.trustedAgents");
});

test("of a configuration are asked name, function ids, pages and Xen's agent, unless they are given", async () => {
  terminal.answers = new Map([
    ["name", "asked"],
    ["func-id-base", "0xc2000010"],
    ["shmem-base", "0x90000000"],
  ]);
  const { stdout, stderr } = await inProcess([...CONFIG, "--xen-agent", "9"]);
  expect(options()).toEqual(["name", "func-id-base", "shmem-base"]);
  expect(stderr).toContain("there is no agent 9");
  expect(stdout).toBe("");
  const made = await inProcess(CONFIG);
  expect(options()).toEqual(["name", "func-id-base", "shmem-base", "xen-agent"]);
  expect(made.stdout).toMatch(/^name: asked$/m);
  expect(made.stdout).toContain("{ id: 1, name: AP-S, funcId: 0xc2000011, shmem: 0x90000000 }\n");
});

test("answers that do not fit are refused at once", async () => {
  await inProcess(CONFIG);
  const refusals = (wrong: Readonly<Record<string, string>>) =>
    terminal.asked.flatMap(({ option, refuse }) =>
      option in wrong ? [refuse(wrong[option] as string)] : [],
    );
  expect(
    refusals({ name: "a/b", "func-id-base": "0x1ffffffff", "shmem-base": "0x100", "xen-agent": "3" }),
  ).toEqual([
    "1 to 64 characters, without / and \\",
    "a whole number up to 0xfffffffc",
    "a whole number up to 0x1000000000000, a multiple of 0x1000",
    "one of the agents: 0 COPRO, 1 AP-S, 2 AP-NS",
  ]);
  expect(refusals({ name: "ab", "func-id-base": "0x1", "shmem-base": "0x2000", "xen-agent": "2" })).toEqual([
    null,
    null,
    null,
    null,
  ]);
  await inProcess(TREE);
  expect(refusals({ profile: "reff", "xen-agent": "255", "trusted-agent": "1, x" })).toEqual([
    "one of v32, ref, ref-rcar, ref-rpi5, tfa, scp, imx",
    "an agent id from 0 to 254",
    "agent ids from 0 to 254",
  ]);
});

test("--no-ask asks nothing", async () => {
  expect((await inProcess([...TREE, "--no-ask"])).status).toBe(0);
  expect((await inProcess([...CONFIG, "--no-ask"])).status).toBe(0);
  expect(terminal.asked).toEqual([]);
});

test("of a real machine's traces is asked what no trace says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "scmictl-asked-"));
  try {
    const [trace, log] = [join(folder, "kernel.log"), join(folder, "kernel.db")];
    writeFileSync(trace, kernelTrace(await twoGuests(), 2, "trace"));
    await inProcess(["import", "ftrace", trace, "--db", log]);
    terminal.answers = new Map([
      ["name", "mine"],
      ["agent", "2"],
    ]);
    const { stdout } = await inProcess(["import", "board", "--db", log]);
    expect(options()).toEqual(["name", "agent"]);
    expect(stdout).toContain("name: mine\n");
    expect(stdout).toContain("{ id: 2, name: red, ");
    await inProcess(["import", "board", "--db", log, "--agent", "3", "--name", "other"]);
    expect(options()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
