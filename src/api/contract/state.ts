import { z } from "zod";
import { CAUSES } from "#replay/cause/likely-cause.ts";
import { ExpressionText, MomentText, Seq, StateHash } from "./values.ts";

export const StateQuery = z.strictObject({ at: MomentText.optional() });

export const StateAnswer = z
  .strictObject({
    at: Seq.describe("The event after which this was the state."),
    stateHash: StateHash,
    state: z.record(z.string(), z.unknown()).describe("Every table by name."),
  })
  .meta({ id: "State" });
export type StateAnswer = z.output<typeof StateAnswer>;

export const DiffQuery = z.strictObject({ from: MomentText, to: MomentText });

export const DiffAnswer = z
  .strictObject({
    from: Seq,
    to: Seq,
    patch: z
      .array(
        z.strictObject({
          op: z.enum(["add", "remove", "replace"]),
          path: z.string().describe("JSON Pointer into the state."),
          value: z.unknown().optional(),
        }),
      )
      .describe("JSON Patch, RFC 6902."),
    words: z
      .array(z.string())
      .describe("The same in sentences, for people: nothing of the patch is left out."),
  })
  .meta({ id: "StateDiff" });
export type DiffAnswer = z.output<typeof DiffAnswer>;

export const BisectQuery = z.strictObject({
  good: MomentText.describe("A moment at which it holds."),
  bad: MomentText.describe("A moment at which it does not."),
  expect: ExpressionText.describe("An expression over the state: see docs/debugging.md."),
});

export const BisectAnswer = z
  .strictObject({
    good: Seq,
    bad: Seq,
    expect: z.string(),
    firstSeq: Seq.describe("The first event between them that made it come to something else."),
    flips: z
      .array(z.strictObject({ seq: Seq, holds: z.boolean() }))
      .describe("The first thousand events that changed it."),
    flipCount: z.int().min(1),
    events: z.int().min(0).describe("Events that were folded."),
  })
  .meta({ id: "Bisection" });
export type BisectAnswer = z.output<typeof BisectAnswer>;

const seq = z
  .int({ error: "a seq: a whole number from 1" })
  .min(1, { error: "a seq: a whole number from 1" })
  .optional();

export const ReplayBody = z.strictObject(
  {
    from: seq.describe("First event to verify. Default: 1."),
    to: seq.describe("Last event to verify. Default: the last of the log."),
  },
  { error: "an object with the fields from, to" },
);

export const ReplayAnswer = z
  .strictObject({
    events: z.int().min(0).describe("Events that were decided again."),
    commands: z.int().min(0).describe("The commands that they belong to."),
    divergences: z.array(
      z.strictObject({
        seq: Seq,
        path: z.string().describe("Where the event differs."),
        recorded: z.unknown(),
        replayed: z.unknown(),
      }),
    ),
    divergenceCount: z.int().min(0).describe("All divergences; only the first hundred are listed."),
    stateHash: StateHash.describe("Digest after the last event that was verified."),
    liveStateHash: StateHash.describe("The digest that the log has for it."),
    durationMs: z.number().min(0),
    cause: z
      .strictObject({
        seq: Seq,
        kind: z.enum(CAUSES),
        recordedBy: z.string().nullable().describe("Version of the program; null: it cannot be read."),
        replayedBy: z.string(),
        likely: z.string().describe("In words."),
      })
      .nullable()
      .describe("Where the first divergence most likely comes from; null: there is none."),
    next: z.string().nullable().describe("The command to type next, beside the log's file."),
  })
  .meta({ id: "Replay" });
export type ReplayAnswer = z.output<typeof ReplayAnswer>;

export const RebuildBody = z.strictObject({}, { error: "an object without fields" });

export const RebuildAnswer = z
  .strictObject({
    tables: z.array(
      z.strictObject({
        name: z.string(),
        rows: z.int().min(0),
        hashBefore: z.string(),
        hashAfter: z.string(),
      }),
    ),
    identical: z.boolean().describe("Whether every table is byte for byte what it was."),
  })
  .meta({ id: "Rebuild" });
