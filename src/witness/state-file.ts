import { existsSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { writeWhole } from "#audit/files.ts";
import { type Problem, problem } from "#base/problem.ts";

const OWNER_ONLY = 0o600;

/** What a witness remembers of a log. */
const WitnessedLog = z.strictObject({
  origin: z.string(),
  /** The newest checkpoint that it cosigned: the log's signatures and its own. */
  checkpoint: z.string(),
  /** When that was, seconds since 1970. A later cosignature is never dated before it. */
  timeS: z.int().min(0),
  /** A checkpoint that the log signed for the same size with another root, the first that came: proof that the log lies. */
  contradiction: z.string().exactOptional(),
});
export type WitnessedLog = z.output<typeof WitnessedLog>;

const WitnessState = z.strictObject({
  format: z.literal("scmi-witness/v1"),
  /** The verifier key that cosigns for this state. */
  key: z.string(),
  logs: z.array(WitnessedLog),
});
export type WitnessState = z.output<typeof WitnessState>;

/** The state of a witness that has seen nothing. */
export function emptyState(key: string): WitnessState {
  return { format: "scmi-witness/v1", key, logs: [] };
}

/** Reads a witness's state, null: there is none yet; `witness-state-invalid` where it cannot be believed. */
export function readState(file: string): WitnessState | null | Problem {
  let json: unknown;
  try {
    if (!existsSync(file)) return null;
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return problem("witness-state-invalid", { file, why: (error as Error).message });
  }
  const { data, error } = WitnessState.safeParse(json);
  return data ?? problem("witness-state-invalid", { file, why: z.prettifyError(error as z.ZodError) });
}

/**
 * Keeps a witness's state, whole and durably: it is on the disk when this returns. The caller holds the lock on the file, so that
 * a draft that lies there was left by a process that was killed.
 *
 * @throws where it cannot be written
 */
export function writeState(file: string, state: WitnessState): void {
  rmSync(`${file}.draft`, { force: true });
  writeWhole(file, `${JSON.stringify(state, null, 2)}\n`, OWNER_ONLY);
}
