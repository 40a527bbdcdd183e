import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { shrinkLog, whatIfLog } from "#simulate/asking/in-worker.ts";
import { askShrink } from "#simulate/asking/shrink.ts";
import { askWhatIf } from "#simulate/asking/what-if.ts";
import { openForReading, openForWriting } from "#store/database.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { scratchFolder } from "../support/scmictl.ts";
import { twoGuests } from "../support/two-guests.ts";

const folder = scratchFolder();
const file = join(folder.path, "host.db");
afterAll(() => folder.remove());

beforeAll(async () => {
  const host = await twoGuests();
  const db = openForWriting(file);
  if (isProblem(db)) throw new Error(db.detail);
  const random = new Random(4);
  db.transaction(() => {
    const recording = new Recording(host, { db });
    while (recording.commands < 1500) {
      const command = randomCommand(random, recording.machine.state, [host]);
      if (command.kind !== "host.configure" && command.kind !== "host.reboot") recording.do(command);
    }
  })();
  db.close();
});

/** Needs hundreds of commands: seconds of playing. */
const HARD = { expect: "host[0].lastDomid < 100" };
const WHAT_IF = { at: 0, profile: "ref", skip: [{ commandId: 7 }] };

test("a thread answers what this one would", async () => {
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  expect(await whatIfLog(file, WHAT_IF)).toEqual(askWhatIf(db, WHAT_IF));
  const short = { ...HARD, runsMax: 20 };
  expect(await shrinkLog(file, short)).toEqual(askShrink(db, short));
  db.close();
});

test("whoever goes away ends the work, and leaves room for the next", async () => {
  const asked = [1, 2, 3, 4].map(() => new AbortController());
  const answers = asked.map(({ signal }) => shrinkLog(file, HARD, signal));
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const controller of asked) controller.abort();
  expect(await Promise.all(answers)).toMatchObject([1, 2, 3, 4].map(() => ({ code: "shutting-down" })));
  expect(isProblem(await whatIfLog(file, { at: 1400 }))).toBe(false);
});
