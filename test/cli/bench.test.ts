import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { scratchFolder } from "../support/scmictl.ts";

const folder = scratchFolder();
afterAll(() => folder.remove());

/** As short as can be: how fast it is, is not tested. */
const SHORT = ["--rounds", "1", "--events", "300", "--moments", "3"];

test("bench measures in a folder of its own, which is gone afterwards", async () => {
  const { status, stdout } = await inProcess(["bench", "--dir", folder.path, ...SHORT, "--json"]);
  expect(status).toBe(0);
  const rate = expect.any(Number);
  const report = JSON.parse(stdout) as { append: { commands: number }[] };
  expect(report).toMatchObject({
    dir: folder.path,
    verify: { perSecond: rate, perProcessorSecond: rate },
    stateAt: { moments: 3, medianMs: rate, p99Ms: rate },
    bytesPerEvent: rate,
  });
  expect(report.append.map(({ commands }) => commands)).toEqual([1, 16, 64, 256]);
  expect(report.append[0]).toMatchObject({ perSecond: rate, boundPerSecond: rate, ofBound: rate });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("people get a table, of the disk that a log lies on", async () => {
  const db = join(folder.path, "board.db");
  const { status, stdout, stderr } = await inProcess(["bench", "--db", db, ...SHORT]);
  expect(status).toBe(0);
  expect(stderr).toContain("measuring");
  expect(stdout).toMatch(/^append, 256 commands a transaction +\S+\/s +\S+\/s +\d\.\d\d$/m);
  expect(stdout).toMatch(/^… 99th percentile +[\d.]+ ms$/m);
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a folder that is not there is refused, and so are two disks", async () => {
  const refused = await inProcess(["bench", "--dir", join(folder.path, "none")]);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("code: file-unwritable") });
  expect(await inProcess(["bench", "--dir", "a", "--db", "b"])).toMatchObject({ status: 2 });
});
