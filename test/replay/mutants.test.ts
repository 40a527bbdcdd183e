import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "#machine/machine.ts";
import type { Divergence } from "#replay/divergence.ts";
import type { verify } from "#replay/verify.ts";
import { Random } from "../support/random.ts";
import { type Change, changedText, SourceProgram } from "../support/source-program.ts";
import { FIRMWARE, MEDIATOR } from "./mutants/all.ts";
import { firstApart } from "./mutants/apart.ts";
import { type History, histories } from "./mutants/histories.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { RandomChanges } from "./mutants/random-change.ts";
import { firstDecided, type Place } from "./mutants/scan.ts";

// Rules of the mediator and the firmware, broken one at a time. The program with the broken rule replays logs of the right one and
// has to be caught at the first event that the rule decided. Which that is follows from what was recorded (`decides` of a mutant),
// and is where a machine that has the rule so goes another way when it is given the same commands.

const VERIFY = "src/replay/verify.ts";
const ALL = [...MEDIATOR, ...FIRMWARE];

/** Tries every mutant on every log, and to its end; and as many again that nobody has thought of. */
const isThorough = process.env["NIGHTLY"] !== undefined;
const RANDOM_CHANGES = 400;

let program: SourceProgram;
let logs: readonly History[];
/** By log: where each rule decided first, null where it decided nothing. */
let places: readonly ReadonlyMap<Mutant, Place | null>[];

beforeAll(async () => {
  [program, logs] = await Promise.all([SourceProgram.load(VERIFY), histories()]);
  places = logs.map((log) => firstDecided(log, ALL));
});

/** The program with one text changed. */
interface Changed {
  readonly Machine: typeof Machine;
  replay(log: History, to?: number | null): readonly Divergence[];
}

async function changed(change: Change): Promise<Changed> {
  const loaded = await program.changed(change);
  const { verify: replay } = loaded(VERIFY) as { verify: typeof verify };
  const { Machine: Own } = loaded("src/machine/machine.ts") as { Machine: typeof Machine };
  return {
    Machine: Own,
    replay: ({ name, db }, to) => {
      const report = replay(db, { to: to ?? undefined });
      if (!("divergences" in report)) throw new Error(`${name}: ${report.detail}`);
      return report.divergences;
    },
  };
}

function named(mutants: readonly Mutant[]): (readonly [rule: string, mutant: Mutant])[] {
  return mutants.map((mutant) => [mutant.rule, mutant]);
}

/** The logs on which a mutant is tried: all in which its rule decided anything, or of golden and fresh ones the first. */
function triedOn(mutant: Mutant): { readonly log: History; readonly place: Place }[] {
  const deciding = logs.flatMap((log, i) => {
    const place = places[i]?.get(mutant) ?? null;
    return place === null ? [] : [{ log, place }];
  });
  if (isThorough) return deciding;
  const isFirst = ({ log: { steps } }: { log: History }, at: number): boolean =>
    deciding.findIndex(({ log }) => log.steps.length > 0 === steps.length > 0) === at;
  return deciding.filter(isFirst);
}

describe.each([
  ["the mediator", MEDIATOR],
  ["the firmware", FIRMWARE],
])("a rule of %s that is broken is caught at the first event that it decided", (_, mutants) => {
  test.each(named(mutants))("%s", async (_, mutant) => {
    const { Machine: Other, replay } = await changed(mutant);
    const tried = triedOn(mutant);
    expect(tried.length, "logs in which the rule decides anything; widen histories.ts").toBeGreaterThan(0);
    for (const { log, place } of tried) {
      const { seq } = place;
      const divergences = replay(log, isThorough ? null : seq);
      expect([log.name, divergences[0]?.seq]).toEqual([log.name, seq]);
      const paths = divergences.filter((divergence) => divergence.seq === seq).map(({ path }) => path);
      const wanted = [place.path].flat();
      expect(
        paths.some((path) => wanted.some((begin) => path.startsWith(begin))),
        `${log.name}, event ${seq}: one of ${wanted.join(", ")} is among ${paths.join(", ")}`,
      ).toBe(true);
      if (log.steps.length > 0) expect([log.name, firstApart(Other, log)]).toEqual([log.name, seq]);
    }
  });
});

if (isThorough) {
  test.each(named(ALL))("where it decided nothing, nothing is found: %s", async (_, mutant) => {
    const { replay } = await changed(mutant);
    for (const [i, log] of logs.entries()) {
      if (places[i]?.get(mutant) === null) expect([log.name, replay(log)]).toEqual([log.name, []]);
    }
  });

  const random = new Random(6);
  const changes = new RandomChanges(["src/mediator", "src/firmware"]);
  const picked = Array.from({ length: RANDOM_CHANGES }, () => {
    const change = changes.pick(random);
    return [`${change.file}: ${change.after.split("\n").at(-1)?.trim()}`, change, random.u32()] as const;
  });

  test.each(picked)(
    "whatever is broken, replay and a machine tell the same event: %s",
    async (_, change, seed) => {
      const { Machine: Other, replay } = await changed(change);
      const fresh = logs.filter(({ steps }) => steps.length > 0);
      const chosen = new Random(seed);
      for (const log of [chosen.pick(fresh), chosen.pick(fresh), chosen.pick(fresh)]) {
        const seq = firstApart(Other, log);
        expect([log.name, replay(log, seq)[0]?.seq ?? null]).toEqual([log.name, seq]);
      }
    },
  );
}

test("a change that breaks no rule is not caught", async () => {
  const comment = "/** What Xen's SCMI status codes become.";
  const file = "src/mediator/messaging.ts";
  const { replay } = await changed({ file, before: comment, after: comment.toUpperCase() });
  for (const log of isThorough ? logs : logs.slice(0, 8))
    expect([log.name, replay(log)]).toEqual([log.name, []]);
});

test("a rule that comes to what no event can say is told at its command", async () => {
  const change = {
    file: "src/firmware/server.ts",
    before: "if (x0 !== null) {",
    after: "if (x0 === null) {",
  };
  const { Machine: Other, replay } = await changed(change);
  for (const log of logs.filter(({ name }) => name.startsWith("all of"))) {
    const [first] = replay(log, 1);
    expect([first?.seq, first?.path]).toEqual([firstApart(Other, log), "command.input"]);
  }
});

test("there are fifty at the least, of both, no two alike", () => {
  expect(MEDIATOR.length).toBeGreaterThanOrEqual(25);
  expect(FIRMWARE.length).toBeGreaterThanOrEqual(25);
  const changes = ALL.map(({ file, before, after }) => JSON.stringify([file, before, after]));
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
    await expect(changed(change)).rejects.toThrow("src/mediator/moved.ts is no part of src/replay/verify.ts");
  });
});
