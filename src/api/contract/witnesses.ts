import { z } from "zod";
import { WITNESS_STATES } from "#audit/witnesses/asked-witness.ts";
import { Seq } from "./values.ts";

export const Witnesses = z
  .strictObject({
    items: z.array(
      z.strictObject({
        name: z.string().describe("Name of the witness's key."),
        url: z.string(),
        vkey: z.string().describe("Verifier key, as C2SP signed-note has it."),
        state: z
          .enum(WITNESS_STATES)
          .describe("`contradicting`: what it has seen of this log is not what this log has."),
        cosignedSize: Seq.nullable().describe(
          "Events under the newest checkpoint that it cosigned since the server started.",
        ),
        cosignedTime: z.string().nullable().describe("When it says that it did."),
        fault: z.string().nullable().describe("What is wrong."),
        failures: z.int().min(0).describe("Since it cosigned last."),
      }),
    ),
    size: Seq.describe("Events under the newest checkpoint that was signed."),
    cosigned: z
      .string()
      .nullable()
      .describe("The newest checkpoint that a witness cosigned: a note, with their cosignatures."),
  })
  .meta({ id: "Witnesses" });
