import { z } from "zod";
import { CountText, HexBytes, Seq } from "./values.ts";

const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("Hash of the audit tree (SHA-256, RFC 6962), 64 hex digits.");
const CheckpointNote = z.string().describe("Signed checkpoint, a note as C2SP tlog-checkpoint has it.");

export const AuditProofQuery = z.strictObject({
  seq: CountText.describe("The event that is to be proved."),
});
export const AuditConsistencyQuery = z.strictObject({
  from: CountText.describe("Events of the older tree."),
  to: CountText.optional().describe(
    "Events of the younger tree. Default: those under the newest checkpoint.",
  ),
});

export const AuditState = z
  .strictObject({
    origin: z.string().describe("First line of the log's checkpoints, and the name of its keys."),
    keys: z.array(
      z.strictObject({
        vkey: z.string().describe("Verifier key, as C2SP signed-note has it."),
        fromSize: Seq.describe("Events in the log when the key took over."),
        note: z.string().nullable().describe("By which the key before and this one vouch for each other."),
      }),
    ),
    size: Seq.describe("Events under the newest checkpoint."),
    rootHash: Hash,
    checkpoint: CheckpointNote,
  })
  .meta({ id: "AuditState" });

export const AuditProof = z
  .strictObject({
    seq: Seq,
    index: Seq.describe("Of the leaf, from 0: the seq less one."),
    size: Seq,
    entry: HexBytes.describe("What is hashed for the event; docs/auditing.md says how it is made."),
    leafHash: Hash,
    proof: z.array(Hash).describe("From the leaf's sibling up to the root's child."),
    rootHash: Hash,
    checkpoint: CheckpointNote,
    tlogProof: z
      .string()
      .describe("All of it in one file, as C2SP tlog-proof has it; the entry is its extra data."),
  })
  .meta({ id: "AuditProof" });

export const AuditConsistency = z
  .strictObject({ from: Seq, to: Seq, fromRoot: Hash, toRoot: Hash, proof: z.array(Hash) })
  .meta({ id: "AuditConsistency" });
