import { LogView } from "#audit/log-view.ts";
import { formatTlogProof } from "#audit/note/tlog-proof.ts";
import { type Rotation, rotateKey } from "#audit/rotation.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { openForReading } from "#store/database.ts";
import type { Body } from "../client.ts";

/** What `GET /v1/audit` answers, of a log file: with a checkpoint over all of it, where its key lies beside it. */
export function auditOf(file: string): Body | Problem {
  return viewing(file, (view) => {
    const signed = view.checkpoint(file);
    if (isProblem(signed)) return signed;
    const { size, root } = signed.checkpoint;
    const keys = view.keys().map(({ vkey, fromSize, note }) => ({ vkey, fromSize, note }));
    return { origin: view.origin, keys, size, rootHash: toHex(root), checkpoint: signed.text };
  });
}

/** The one-file proof of an event of a log file. */
export function proofOf(file: string, seq: number): string | Problem {
  return viewing(file, (view) => {
    const signed = view.checkpoint(file);
    if (isProblem(signed)) return signed;
    const proof = view.proof(seq, signed);
    return isProblem(proof) ? proof : formatTlogProof(proof);
  });
}

/** Gives a log file a new key. */
export function rotateKeyOf(file: string): Rotation | Problem {
  const origin = viewing(file, (view) => view.origin);
  return isProblem(origin) ? origin : rotateKey(file, origin);
}

function viewing<T>(file: string, work: (view: LogView) => T | Problem): T | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const view = LogView.of(db);
    return isProblem(view) ? view : work(view);
  } catch (error) {
    return problem("log-damaged", { file, why: (error as Error).message });
  } finally {
    db.close();
  }
}
