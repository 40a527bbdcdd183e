import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { openForWriting } from "#store/database.ts";
import { inProcess } from "../support/in-process.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

const DIRECTORY = mkdtempSync(join(tmpdir(), "scmictl-shrink-"));
const LOG = join(DIRECTORY, "host.db");
const SCRIPT = join(DIRECTORY, "granted.jsonl");
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

let boot: number;
let bytes: Buffer;
beforeAll(async () => {
  const db = openForWriting(LOG);
  if (isProblem(db)) throw new Error(db.detail);
  const recording = new Recording(await twoGuests(), { db });
  boot = recording.machine.seq;
  for (const deviceId of [0, 1, 2]) {
    recording.do({ kind: "permission.set", agentId: 2, deviceId, allowed: true });
  }
  db.close();
  bytes = readFileSync(LOG);
});

test("a log becomes a script that simulate plays, and that fails for as long as it shows the problem", async () => {
  const run = await inProcess(["shrink", "--db", LOG, "--expect", "not allowed(2, 1)", "--out", SCRIPT]);
  expect(run).toMatchObject({ status: 0, stdout: "" });
  expect(run.stderr).toContain(`1 of 3 commands are left; the script begins behind event ${boot}`);
  expect(readFileSync(LOG).equals(bytes)).toBe(true);

  const script = readFileSync(SCRIPT, "utf8");
  const at = ["simulate", "--db", LOG, "--at", String(boot)];
  const shown = await inProcess(at, { input: script });
  expect(shown.status).toBe(1);
  const answers = shown.stdout.trimEnd().split("\n");
  expect(answers.map((line) => JSON.parse(line).problem?.code)).toEqual([undefined, "expectation-failed"]);

  const righted = await inProcess(at, { input: script.replace('"allowed":true', '"allowed":false') });
  expect(righted.status).toBe(0);
  expect(righted.stdout).toContain('{"ok":true,"result":{"holds":true}');
});

test("the script is never written over the log, nor searched for where it cannot be written", async () => {
  for (const [out, code] of [
    [LOG, "log-exists"],
    [join(DIRECTORY, "gone", "script.jsonl"), "file-unwritable"],
  ] as const) {
    const run = await inProcess(["shrink", "--db", LOG, "--expect", "not allowed(2, 1)", "--out", out]);
    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr).toContain(`code: ${code}`);
    expect(run.stderr).not.toContain("commands are left");
  }
  expect(readFileSync(LOG).equals(bytes)).toBe(true);
});

test("to a moment at which all was well there is nothing to shrink", async () => {
  const args = ["shrink", "--db", LOG, "--expect", "not allowed(2, 1)", "--to", String(boot)];
  const { status, stderr } = await inProcess(args);
  expect(status).toBe(1);
  expect(stderr).toContain("code: shrink-unfit");
});

test("an expectation with a mistake is no test that passes", async () => {
  const { stdout, status } = await inProcess(["simulate", "--db", LOG], {
    input: '{"do":"expect","expression":"allowd(2, 1)"}\n',
  });
  expect(status).toBe(1);
  expect(stdout).toContain("expression-invalid");
});
