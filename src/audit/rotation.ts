import { isProblem, type Problem } from "#base/problem.ts";
import { openForWriting } from "#store/database.ts";
import { lockForWriting } from "#store/lock.ts";
import { AuditLog } from "./audit-log.ts";
import { CheckpointRows } from "./checkpoints.ts";
import { addToChain, chainOf, successionNote } from "./key-chain.ts";
import { readKey, settleRotation, writeNextKey } from "./key-file.ts";
import { keepOutside } from "./newest-checkpoint.ts";
import { checkpointText, openCheckpoint } from "./note/checkpoint.ts";
import { formatVerifierKey, generateSignerKey, type SignerKey } from "./note/keys.ts";
import { formatNote, signNote } from "./note/note.ts";

/** The keys of a rotation, as verifier keys, and how many events the log had. */
export interface Rotation {
  readonly before: string;
  readonly after: string;
  readonly size: number;
}

/**
 * Gives a log a new key: both keys sign that the one follows the other, and a checkpoint over the whole log. The server must not
 * run: `log-in-use`. Cut off at any point, the log has one of the two keys, and it is the one beside it.
 */
export function rotateKey(file: string, name: string): Rotation | Problem {
  const lock = lockForWriting(file);
  if (isProblem(lock)) return lock;
  try {
    const db = openForWriting(file);
    if (isProblem(db)) return db;
    try {
      const audit = AuditLog.open(db, { file, name, newKey: false });
      if (isProblem(audit)) return audit;
      audit.close();
      const before = readKey(file);
      if (isProblem(before)) return before;
      if (before === null || audit.newest === null)
        throw new Error("bug: an opened log has a key and a checkpoint");
      return succeed(file, db, before, audit);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

function succeed(
  file: string,
  db: Parameters<typeof chainOf>[0],
  before: SignerKey,
  audit: AuditLog,
): Rotation | Problem {
  const after = generateSignerKey(before.verifier.name, "note");
  const unwritten = writeNextKey(file, after);
  if (unwritten !== null) return unwritten;
  const size = audit.signedSize;
  const checkpoint = audit.newest?.checkpoint;
  if (checkpoint === undefined) throw new Error("bug: an opened log has a checkpoint");
  const note = formatNote(signNote(checkpointText(checkpoint), before, after));
  const vkey = formatVerifierKey(after.verifier);
  db.transaction(() => {
    const number = (chainOf(db).at(-1)?.number ?? 0) + 1;
    addToChain(db, { number, vkey, fromSize: size, note: successionNote(before, after, size) });
    new CheckpointRows(db).add({ size, note });
  }).immediate();
  const unsettled = settleRotation(file, vkey);
  if (unsettled !== null) return unsettled;
  const signed = openCheckpoint(note, [before.verifier, after.verifier]);
  const unkept = isProblem(signed) ? signed : keepOutside(file, signed);
  return unkept ?? { before: formatVerifierKey(before.verifier), after: vkey, size };
}
