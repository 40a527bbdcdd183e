import type { Database } from "#store/database.ts";
import { logRow } from "../audit-log.ts";
import { answerHash } from "../entry/entry.ts";
import { sameHash } from "../merkle/hash.ts";
import type { Faults } from "./faults.ts";

interface AnswerRow {
  readonly actor: string;
  readonly key: string;
  readonly bodyHash: Uint8Array;
  readonly status: number;
  readonly answer: string;
  readonly commandId: number | null;
  readonly firstSeq: number | null;
  readonly answerHash: Uint8Array | null;
}

/**
 * Holds the answers kept for Idempotency-Keys to the hashes that their commands have of them.
 *
 * @param answers commands that have such a hash
 */
export function checkAnswers(db: Database, faults: Faults, answers: number): void {
  const rows = db
    .prepare<[], AnswerRow>(`
      SELECT i.actor, i.key, i.body_hash AS bodyHash, i.status, i.answer, i.command_id AS commandId,
        c.first_seq AS firstSeq, c.answer_hash AS answerHash
      FROM idempotency AS i LEFT JOIN commands AS c ON c.id = i.command_id
    `)
    .iterate();
  const leavesFrom = logRow(db)?.leavesFrom ?? 1;
  let held = 0;
  for (const row of rows) {
    const { firstSeq, commandId, actor, key } = row;
    const which = `the answer kept for ${JSON.stringify(key)} of ${actor}`;
    if (row.answerHash !== null) held += 1;
    if (firstSeq === null)
      faults.add("idempotency", null, `${which} names command ${commandId}, which is missing`);
    // Answers from before there was a tree have no hash.
    else if (row.answerHash === null && firstSeq < leavesFrom) continue;
    else if (row.answerHash === null || !sameHash(answerHash(row), row.answerHash)) {
      faults.add("idempotency", firstSeq, `${which} is not the one that was given`);
    }
  }
  if (held < answers) faults.add("idempotency", null, `${answers - held} answers that were kept are missing`);
}
