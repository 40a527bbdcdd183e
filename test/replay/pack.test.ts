import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { packLog } from "#replay/pack/write-pack.ts";
import { stateAt } from "#replay/travel.ts";
import { openForReading } from "#store/database.ts";
import { inProcess } from "../support/in-process.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { hostWith } from "../support/scenario.ts";
import { scmictl, scratchFolder } from "../support/scmictl.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

function history(seed: number): Recording {
  const host = hostWith();
  const log = new Recording(host);
  const random = new Random(seed);
  for (let i = 0; i < 60; i += 1) {
    log.do(randomCommand(random, log.machine.state, [host]));
    if (i % 25 === 24) log.keepSnapshot();
  }
  return log;
}

test.each([1, 2, 3])(
  "any range of a log replays elsewhere to the same digests (history %i)",
  async (seed) => {
    const log = history(seed);
    const before = log.db.serialize();
    const random = new Random(seed + 100);
    for (let i = 0; i < 6; i += 1) {
      const from = 1 + random.below(log.machine.seq);
      const to = from + random.below(log.machine.seq - from + 1);
      const pack = packLog(log.db, from, to, "test");
      if (isProblem(pack)) throw new Error(pack.detail);
      expect(pack.from).toBeLessThanOrEqual(from);
      expect(pack.to).toBeGreaterThanOrEqual(to);
      const file = join(scratch.path, `${seed}-${i}.pack`);
      writeFileSync(file, pack.bytes);
      const run = await inProcess(["replay", file, "--json"]);
      const there = stateAt(log.db, pack.to);
      if (isProblem(there)) throw new Error(there.detail);
      expect(JSON.parse(run.stdout)).toMatchObject({
        events: pack.to - pack.from + 1,
        divergences: [],
        stateHash: there.stateHash,
        liveStateHash: there.stateHash,
      });
      const db = openForReading(file);
      if (isProblem(db)) throw new Error(db.detail);
      expect(stateAt(db, pack.to)).toEqual(there);
      db.close();
    }
    expect(log.db.serialize().equals(before)).toBe(true);
  },
);

test("as typed; a pack that was altered, cut off or is of a newer version is refused", async () => {
  const log = history(9);
  const file = join(scratch.path, "typed.db");
  writeFileSync(file, log.db.serialize());
  const before = readFileSync(file);
  const pack = join(scratch.path, "typed.pack");
  const range = ["--from", String(log.machine.seq - 20), "--to", String(log.machine.seq - 1)];
  expect((await scmictl(["pack", "--db", file, ...range, "--out", pack])).status).toBe(0);
  expect((await scmictl(["replay", pack])).stdout).toContain("no divergence");
  expect(readFileSync(file).equals(before)).toBe(true);
  expect((await inProcess(["pack", "--db", file, "--out", pack])).stderr).toContain("there already");

  const cut = join(scratch.path, "cut.pack");
  copyFileSync(pack, cut);
  truncateSync(cut, 20_000);
  const broken = await inProcess(["replay", cut]);
  expect(broken.status).toBe(1);
  expect(broken.stderr).toContain("is damaged");

  const altered = (name: string, sql: string) => {
    const path = join(scratch.path, name);
    const db = new Sqlite(readFileSync(pack));
    for (const trigger of ["events", "commands"]) db.exec(`DROP TRIGGER ${trigger}_are_never_updated`);
    db.exec(sql);
    writeFileSync(path, db.serialize());
    db.close();
    return inProcess(["replay", path]);
  };
  const edited = await altered(
    "edited.pack",
    `UPDATE events SET time = 1 WHERE seq = ${log.machine.seq - 5}`,
  );
  expect([edited.status, edited.stderr]).toEqual([1, expect.stringContaining("diverges, first at event")]);
  const restated = await altered("state.pack", `UPDATE snapshots SET state = '{"tables":{},"memory":[]}'`);
  expect([restated.status, restated.stderr]).toEqual([1, expect.stringContaining("does not hold")]);
  const newer = await altered("newer.pack", "UPDATE pack SET version = 2");
  expect([newer.status, newer.stderr]).toEqual([
    1,
    expect.stringContaining("version 2; this program reads up to 1"),
  ]);

  const early = await inProcess(["replay", pack, "--from", "1"]);
  expect([early.status, early.stderr]).toEqual([1, expect.stringContaining("allowed are positions from")]);
  const outside = await inProcess(["pack", "--db", file, "--to", "999999", "--out", `${pack}2`]);
  expect([outside.status, outside.stderr]).toEqual([
    1,
    expect.stringContaining("there is no position 999999"),
  ]);

  expect((await inProcess(["state", "--db", pack, "--at", String(log.machine.seq - 3)])).status).toBe(0);
  expect((await inProcess(["log", "--db", pack])).status).toBe(0);

  const shared = readFileSync(pack);
  const served = await inProcess(["serve", "--db", pack, "--port", "0"]);
  expect([served.status, served.stderr]).toEqual([1, expect.stringContaining("it is a pack")]);
  expect(readFileSync(pack).equals(shared)).toBe(true);
});
