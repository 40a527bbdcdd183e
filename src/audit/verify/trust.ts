import { isProblem, type Problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import { logRow } from "../audit-log.ts";
import { CheckpointRows } from "../checkpoints.ts";
import { auditFiles, readText } from "../files.ts";
import { chainOf, claimedKeys, judgeChain } from "../key-chain.ts";
import { readKey } from "../key-file.ts";
import { openCheckpoint } from "../note/checkpoint.ts";
import { formatVerifierKey, type VerifierKey } from "../note/keys.ts";
import type { KnownHead } from "./event-check.ts";
import type { Faults } from "./faults.ts";

/** Where trust in the log's keys begins: keys that were given, the key beside the log, or nothing but the log's own word. */
export type Anchor = "given" | "key-file" | "log";

/** A checkpoint that the log is to be held to, and where it was found. */
export interface GivenCheckpoint {
  readonly what: string;
  readonly text: string;
}

export interface Trust {
  readonly anchor: Anchor;
  readonly heads: readonly KnownHead[];
}

/**
 * What lies beside a log as its newest checkpoint. To be read before the log is: a server that goes on signs only what is in the log by
 * then.
 */
export function checkpointBeside(file: string): string | null | Problem {
  return readText(auditFiles(file).checkpoint);
}

/** Judges keys and checkpoints, the log's own and those that were given. What is not to be trusted is a fault. */
export function judgeTrust(
  db: Database,
  file: string,
  faults: Faults,
  given: {
    readonly keys: readonly VerifierKey[];
    readonly checkpoints: readonly GivenCheckpoint[];
    readonly beside: string | null | Problem;
  },
): Trust {
  const { anchor, keys } = anchorOf(db, file, faults, given.keys);
  const { trusted, untrusted } = judgeChain(chainOf(db), keys);
  for (const { number, vkey } of untrusted) {
    faults.add(
      "audit_keys",
      null,
      `key ${number}, ${vkey}, is foreign: no key that is trusted here vouches for it`,
    );
  }
  const origin = logRow(db)?.origin;
  const isOther = !trusted.some(({ name }) => name === origin);
  if (isOther)
    faults.add(
      "audit_log",
      null,
      `the log says it is ${origin}, which is the name of no key that is trusted`,
    );

  const heads: KnownHead[] = [];
  const hold = (table: string, what: string, text: string, size?: number): void => {
    const signed = openCheckpoint(text, trusted);
    if (isProblem(signed)) faults.add(table, null, `${what}: ${signed.detail}`);
    else if (size !== undefined && signed.checkpoint.size !== size) {
      faults.add(table, null, `${what} is one over ${signed.checkpoint.size} events`);
    } else heads.push({ ...signed.checkpoint, what });
  };
  for (const { size, note } of new CheckpointRows(db).all()) {
    hold("audit_checkpoints", "the signed checkpoint", note, size);
  }
  const { beside } = given;
  if (isProblem(beside)) faults.add("file", null, beside.detail);
  else if (beside !== null) hold("file", "the checkpoint beside the log", beside);
  for (const { what, text } of given.checkpoints) hold("file", what, text);
  return { anchor, heads };
}

function anchorOf(
  db: Database,
  file: string,
  faults: Faults,
  given: readonly VerifierKey[],
): { readonly anchor: Anchor; readonly keys: readonly VerifierKey[] } {
  if (given.length > 0) return { anchor: "given", keys: given };
  const key = readKey(file);
  if (key !== null && !isProblem(key)) {
    const last = chainOf(db).at(-1)?.vkey;
    if (formatVerifierKey(key.verifier) !== last) {
      faults.add(
        "audit_keys",
        null,
        `the log is signed by ${last}; the key beside it is ${formatVerifierKey(key.verifier)}`,
      );
    }
    return { anchor: "key-file", keys: [key.verifier] };
  }
  const claimed = claimedKeys(chainOf(db));
  if (!isProblem(claimed)) return { anchor: "log", keys: claimed };
  faults.add("audit_keys", null, claimed.detail);
  return { anchor: "log", keys: [] };
}
