import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "#machine/machine.ts";
import type { VerifyReport, verify } from "#replay/verify.ts";
import { Random } from "../support/random.ts";
import { type Change, changedText, SourceProgram } from "../support/source-program.ts";
import { FIRMWARE, MEDIATOR } from "./mutants/all.ts";
import { firstApart } from "./mutants/apart.ts";
import { type History, histories } from "./mutants/histories.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { filesOf, RandomChanges } from "./mutants/random-change.ts";
import { firstDecided, type Place } from "./mutants/scan.ts";

// Rules of the mediator and the firmware, broken one at a time: the program with the broken rule replays logs of the right one, and
// has to be caught at the first event that the rule decided. Which that is follows from what was recorded (`decides` of a mutant).

const VERIFY = "src/replay/verify.ts";

/** Tries every mutant on every log, and to its end. */
const isThorough = process.env["NIGHTLY"] !== undefined;
/** Logs with an event that the rule decided on which a mutant is tried by day. */
const LOGS = 2;

let program: SourceProgram;
let logs: readonly History[];
/** By log: where each rule decided first, null where it decided nothing. */
let places: readonly ReadonlyMap<Mutant, Place | null>[];

beforeAll(async () => {
  [program, logs] = await Promise.all([SourceProgram.load(VERIFY), histories()]);
  places = logs.map((log) => firstDecided(log, [...MEDIATOR, ...FIRMWARE]));
});

/** How a program with one text changed replays a log. */
async function replayer(change: Change): Promise<(log: History, to?: number) => VerifyReport> {
  const loaded = await program.changed(change);
  const { verify: replay } = loaded(VERIFY) as { verify: typeof verify };
  return ({ name, db }, to) => {
    const report = replay(db, { to });
    if (!("divergences" in report)) throw new Error(`${name}: ${report.detail}`);
    return report;
  };
}

describe.each([
  ["the mediator", MEDIATOR],
  ["the firmware", FIRMWARE],
])("a rule of %s that is broken is caught at the first event that it decided", (_, mutants) => {
  test.each(mutants)("$rule", async (mutant) => {
    const replay = await replayer(mutant);
    const deciding = logs.flatMap((log, i) => {
      const place = places[i]?.get(mutant) ?? null;
      return place === null ? [] : [{ log, place }];
    });
    expect(deciding.length, "logs in which the rule decides anything; widen histories.ts").toBeGreaterThan(0);
    for (const { log, place } of isThorough ? deciding : deciding.slice(0, LOGS)) {
      const { divergences } = replay(log, isThorough ? undefined : place.seq);
      const [first] = divergences;
      expect([log.name, first?.seq]).toEqual([log.name, place.seq]);
      const paths = divergences.filter(({ seq }) => seq === place.seq).map(({ path }) => path);
      const wanted = [place.path].flat();
      expect(
        paths.some((path) => wanted.some((begin) => path.startsWith(begin))),
        `${log.name}, event ${place.seq}: one of ${wanted.join(", ")} is among ${paths.join(", ")}`,
      ).toBe(true);
    }
  });
});

if (isThorough) {
  test.each([...MEDIATOR, ...FIRMWARE])(
    "where it decided nothing, nothing is found: $rule",
    async (mutant) => {
      const replay = await replayer(mutant);
      for (const [i, log] of logs.entries()) {
        if (places[i]?.get(mutant) === null)
          expect([log.name, replay(log).divergences]).toEqual([log.name, []]);
      }
    },
  );
}

describe("a rule that is broken at random is caught where a machine that has it so goes another way", () => {
  const random = new Random(6);
  const changes = new RandomChanges(filesOf("src/mediator", "src/firmware"));
  const picked = Array.from({ length: isThorough ? 400 : 8 }, () => {
    const change = changes.pick(random);
    return { change, line: change.after.split("\n").at(-1)?.trim(), seed: random.u32() };
  });

  test.each(picked)("$change.file: $line", async ({ change, seed }) => {
    const loaded = await program.changed(change);
    const { verify: replay } = loaded(VERIFY) as { verify: typeof verify };
    const { Machine: Other } = loaded("src/machine/machine.ts") as { Machine: typeof Machine };
    const recorded = logs.filter(({ steps }) => steps.length > 0);
    const chosen = new Random(seed);
    for (const log of [chosen.pick(recorded), chosen.pick(recorded), chosen.pick(recorded)]) {
      const seq = firstApart(Other, log);
      const report = replay(log.db, { to: seq ?? undefined });
      const found = "divergences" in report ? (report.divergences[0]?.seq ?? null) : report.detail;
      expect([log.name, found]).toEqual([log.name, seq]);
    }
  });
});

test("a change that breaks no rule is not caught", async () => {
  const comment = "/** What Xen's SCMI status codes become.";
  const replay = await replayer({
    file: "src/mediator/messaging.ts",
    before: comment,
    after: comment.toUpperCase(),
  });
  for (const log of isThorough ? logs : logs.slice(0, 8)) {
    const { divergenceCount, stateHash, liveStateHash } = replay(log);
    expect([log.name, divergenceCount, stateHash]).toEqual([log.name, 0, liveStateHash]);
  }
});

test("there are fifty at the least, of both, no two alike", () => {
  expect(MEDIATOR.length).toBeGreaterThanOrEqual(25);
  expect(FIRMWARE.length).toBeGreaterThanOrEqual(25);
  const changes = [...MEDIATOR, ...FIRMWARE].map(({ file, before, after }) =>
    JSON.stringify([file, before, after]),
  );
  expect(new Set(changes).size).toBe(changes.length);
});

describe("a mutant whose text is not there any more says so", () => {
  test.each([
    [
      "written otherwise",
      "const limit = 5;",
      "0 times, not once, the text to change (the rule is written otherwise now",
    ],
    ["there twice", "limit < 4", "2 times, not once, the text to change (take more of it)"],
  ])("%s", (_, before, what) => {
    const change = { file: "src/rule.ts", before, after: "" };
    expect(() => changedText("limit < 4 || limit < 4", change)).toThrow(`src/rule.ts has ${what}`);
  });

  test("moved to another file", async () => {
    const change = { file: "src/mediator/moved.ts", before: "a", after: "b" };
    await expect(replayer(change)).rejects.toThrow(
      "src/mediator/moved.ts is no part of src/replay/verify.ts",
    );
  });
});
