import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMANDS } from "#replay/debug/commands.ts";
import { inProcess } from "../support/in-process.ts";
import { investigation } from "../support/investigation.ts";

let story: Awaited<ReturnType<typeof investigation>>;
let db = "";
beforeAll(async () => {
  story = await investigation();
  db = join(story.folder, "board.db");
});
afterAll(() => story.remove());

test("a script finds the event that left a permission behind, and the log's bytes stay as they are", async () => {
  const before = readFileSync(db);
  const script = join(story.folder, "find.debug");
  const lines = [
    "# who left it?",
    "",
    "watch finding permission-left-behind",
    "c",
    "event",
    "diff",
    "back 2",
  ];
  writeFileSync(script, `${[...lines, "rc", "where", "quit", "nobody reads this"].join("\r\n")}\r\n`);
  const run = await inProcess(["debug", "--db", db, "--batch", script]);
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  expect(run.stdout).toMatch(
    /> c\n.*domain\.destroyed.*red destroyed.*\n {2}watch 1: finding permission-left-behind was false, is true\n> event/,
  );
  expect(run.stdout).toContain('mediator.domain[1].state is gone: it was "running"');
  expect(run.stdout).toContain("mediator.channel[2].owner: 1 → null");
  expect(run.stdout).toMatch(/> rc\nbefore the first of \d+ events\n> where\nbefore the first/);
  expect(readFileSync(db).equals(before)).toBe(true);
});

test("standard input and JSON: an object a line", async () => {
  const input = "break command CLOCK_RATE_SET\nc\nc\nprint firmware.clock[1].rate\n";
  const run = await inProcess(["debug", "--db", db, "--batch", "--json", "--at", "2027-03-01T12:00:00Z"], {
    input,
  });
  expect(run.stderr).toBe("");
  const answers = run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(answers).toMatchObject([
    { command: "break command CLOCK_RATE_SET", stop: { id: 1, kind: "break" } },
    { command: "c", hits: [{ id: 1, kind: "break", text: "command CLOCK_RATE_SET" }] },
    { command: "c" },
    { command: "print firmware.clock[1].rate" },
  ]);
});

test("the first refusal ends a script, and says at which line", async () => {
  const run = await inProcess(["debug", "--db", db], { input: "step\nbreak type nonsense\nstep\n" });
  expect(run.status).toBe(1);
  expect(run.stdout.match(/^> /gm)).toHaveLength(1);
  expect(run.stderr).toMatch(
    /line 2: "break type nonsense"\n.*nonsense[\s\S]*hint: [\s\S]*code: debug-argument-invalid/,
  );
});

test("a log of what was observed on a real machine has no state, and stops at its messages", async () => {
  const trace = join(story.folder, "console.txt");
  const observed = join(story.folder, "observed.db");
  writeFileSync(
    trace,
    `[    0.700000] scmi_xfer_begin: pt=14 msg_id=05 seq=0002 transfer_id=2 poll=1
[    0.700001] scmi_msg_dump: pt=14 t=CMND msg_id=05 seq=0002 s=0 pyld=000000000500000000366e0100000000
[    0.700003] scmi_msg_dump: pt=14 t=RESP msg_id=05 seq=0002 s=-3 pyld=
[    0.700004] scmi_xfer_end: pt=14 msg_id=05 seq=0002 transfer_id=2 s=-13
`,
  );
  expect((await inProcess(["import", "ftrace", trace, "--db", observed])).status).toBe(0);
  const input = "break command CLOCK_RATE_SET status DENIED\nc\nrc\nc\nevent\nstate\ndiff\n";
  const run = await inProcess(["debug", "--db", observed], { input });
  expect(run.stderr).toBe("");
  expect(run.stdout).toMatch(
    /> c\n.*CLOCK_RATE_SET.*\n {2}break 1: command CLOCK_RATE_SET status DENIED\n> rc/,
  );
  expect(run.stdout).toContain("> diff\nit changed nothing");
});

test("docs/debugging.md tells of every command, short and long", () => {
  const page = readFileSync("docs/debugging.md", "utf8");
  const rows = page.split("\n").filter((row) => row.startsWith("|"));
  const untold = COMMANDS.flatMap(({ names }) => names).filter(
    (name) => !rows.some((row) => new RegExp(`\`${name}\\b`).test(row)),
  );
  expect(untold).toEqual([]);
});

test.each([
  [["--db", "/nowhere/board.db"], "log-not-found"],
  [["--at", "99999"], "position-out-of-range"],
  [["--batch", "/nowhere/script"], "file-unreadable"],
])("refused: %s", async (args, code) => {
  const run = await inProcess(["debug", ...(args.includes("--db") ? [] : ["--db", db]), ...args]);
  expect(run.status).toBe(1);
  expect(run.stderr).toContain(`code: ${code}`);
});
