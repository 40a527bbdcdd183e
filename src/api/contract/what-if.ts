import { z } from "zod";
import { ExpressionText, MomentText, Seq, StateHash } from "./values.ts";

/** Entries of a list that a question may have. */
const ASKED_MAX = 10_000;

function wholeFrom(min: number, max = Number.MAX_SAFE_INTEGER) {
  const error = `a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A moment in a body: a seq may be a number there. */
const momentError = { error: "a seq, or a time such as 2026-11-20T23:49:28.000001Z" };
const Moment = z
  .union([z.int(momentError).min(0, momentError), MomentText], momentError)
  .describe("A seq, or an ISO 8601 time with its zone, inclusive. It reaches to the end of its command.");

const SeqOf = wholeFrom(0);
const Seqs = { seq: SeqOf.describe("Of any event of the command.") };
const Ids = { commandId: wholeFrom(1).describe("Id of the command.") };
const Line = z
  .looseObject({ do: z.string() }, { error: 'an object with the field do, such as {"do":"host.reboot"}' })
  .describe("A command as scripts of `scmictl simulate` have it: docs/operating.md.");

/** A place, with these fields besides. */
function placed<Shape extends z.ZodRawShape>(shape: Shape, error: string) {
  return z.union([z.strictObject({ ...Seqs, ...shape }), z.strictObject({ ...Ids, ...shape })], { error });
}

function list<Item extends z.ZodType>(item: Item, doc: string) {
  return z.array(item).max(ASKED_MAX).optional().describe(doc);
}

export const WhatIfBody = z.strictObject(
  {
    at: Moment.describe(
      "The fork begins after this moment, at its command's end; 0: before the first event.",
    ),
    to: Moment.optional().describe("Played up to here. Default: the log's head."),
    skip: list(placed({}, "an object with the field seq, or commandId"), "Commands that are left out."),
    change: list(
      placed({ command: Line }, "an object with the fields seq (or commandId) and command"),
      "Commands that are played in place of recorded ones.",
    ),
    insert: list(
      z.strictObject({ seq: SeqOf, command: Line }),
      "Played behind the command that has the event; also `firmware.fault`, `firmware.clear-faults`, `firmware.reset`.",
    ),
    time: list(
      placed({ time: z.string() }, "an object with the fields seq (or commandId) and time"),
      "Commands at another time: ISO 8601, with its zone.",
    ),
    set: list(
      z.strictObject({ path: z.string(), value: z.unknown() }),
      "Fields of the board: `{path: firmware.clocks[1].rate, value: 5000}`.",
    ),
    profile: z.string().optional().describe("Short for `set` of firmware.profile."),
    xenVersion: z.string().optional().describe("Short for `set` of xen.version."),
    rules: wholeFrom(1).optional().describe("Version of the rules that the host is decided by."),
  },
  { error: "an object with the fields at, to, skip, change, insert, time, set, profile, xenVersion, rules" },
);
export type WhatIfBody = z.output<typeof WhatIfBody>;

const count = z.int().min(0);
const Tally = {
  same: count,
  different: count,
  refused: count.describe("Not refused when they happened, and refused in the fork."),
  new: count.describe("Inserted."),
  gone: count.describe("Skipped."),
};
const Difference = z.strictObject({
  event: z.string().describe("Type of the event that differs."),
  field: z.string().describe("Its path in the event; empty: the event itself."),
  before: z.unknown(),
  after: z.unknown(),
});
const Outcome = z.strictObject({
  verdict: z.enum(["different", "refused", "new", "gone"]),
  isChanged: z.boolean().describe("Whether another command, or another time, was asked for here."),
  kind: z.string(),
  commandId: z.int().nullable(),
  seq: Seq.nullable(),
  difference: Difference.nullable(),
  before: z.array(z.string()).describe("Its events in words, as recorded."),
  after: z.array(z.string()).describe("And in the fork."),
  refusal: z.string().nullable().describe("Why the fork refused it without recording anything."),
});

export const WhatIfAnswer = z
  .strictObject({
    at: Seq,
    to: Seq,
    isFromBoot: z
      .boolean()
      .describe("The fork began before the host's configuration, for another board or other rules."),
    ...Tally,
    kinds: z.array(z.strictObject({ kind: z.string(), ...Tally })).describe("The counts by kind of command."),
    first: Outcome.nullable().describe(
      "The first command that was played as recorded and came to something else.",
    ),
    outcomes: z.array(Outcome).describe("All that are not the same; the first thousand of them."),
    state: z
      .array(z.strictObject({ path: z.string(), recorded: z.unknown(), replayed: z.unknown() }))
      .describe("In what the state at the end differs; the first thousand."),
    stateCount: count,
    stateHash: StateHash.describe("Of the fork."),
    liveStateHash: StateHash.describe("As recorded."),
  })
  .meta({ id: "WhatIf" });
export type WhatIfAnswer = z.output<typeof WhatIfAnswer>;

export const ShrinkBody = z.strictObject(
  {
    expect: ExpressionText.describe("What should hold and does not: docs/debugging.md."),
    to: Moment.optional().describe("The moment at which it does not. Default: the log's head."),
    maxRuns: wholeFrom(1, 1_000_000)
      .optional()
      .describe("The search ends after so many runs, with what it has."),
  },
  { error: "an object with the fields expect, to, maxRuns" },
);

export const ShrinkAnswer = z
  .strictObject({
    bootSeq: Seq.describe("The script begins behind this event."),
    to: Seq,
    expect: z.string(),
    commands: count.describe("Commands in the log between the two."),
    keptCount: count.describe("Commands that are left."),
    isMinimal: z.boolean().describe("Whether the search came to its end: else there may be fewer."),
    runs: count.describe("How often commands were played."),
    script: z.string().describe("For `scmictl simulate`: one command a line, and a last line that expects."),
  })
  .meta({ id: "Shrunk" });
export type ShrinkAnswer = z.output<typeof ShrinkAnswer>;
