import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import { logRow } from "../audit-log.ts";
import { LogView } from "../log-view.ts";
import { parseCheckpoint } from "../note/checkpoint.ts";
import type { VerifierKey } from "../note/keys.ts";
import { checkAnswers } from "./answers-check.ts";
import { checkEvents } from "./event-check.ts";
import { Faults } from "./faults.ts";
import { checkSchema, checkStructure } from "./schema-check.ts";
import { type Anchor, type GivenCheckpoint, judgeTrust } from "./trust.ts";

export interface AuditVerifyOptions {
  /** Path of the log. */
  readonly file: string;
  /** Keys that are trusted; none: the key beside the log is, or else the log's own word. */
  readonly keys?: readonly VerifierKey[];
  /** Checkpoints from elsewhere that the log must be a continuation of. */
  readonly checkpoints?: readonly GivenCheckpoint[];
  /** What lay beside the log as its newest checkpoint before it was opened: {@link checkpointBeside}. */
  readonly beside: string | null | Problem;
  /** Only what came since: behind so many events, or behind those of a checkpoint. */
  readonly since?: number | GivenCheckpoint | null;
  readonly onProgress?: (events: number, total: number) => void;
}

/** What verifying came to, as far as leaves, tree and signatures go. */
export interface AuditVerifyReport {
  readonly origin: string;
  readonly anchor: Anchor;
  /** Events that were hashed anew. */
  readonly events: number;
  /** Events in the log, and how many of them a checkpoint speaks for. */
  readonly size: number;
  readonly signedSize: number;
  readonly rootHash: Uint8Array;
  /** Checkpoints that the log was held to. */
  readonly checkpoints: number;
  readonly faults: Faults;
}

/**
 * Re-reads a log, makes its leaves and its tree anew, and holds them to what is stored and to what was signed. Nothing is changed.
 *
 * @returns `audit-missing` where the log has no tree, `checkpoint-invalid` or `note-invalid` where what is given as the place to
 *   begin is no checkpoint, `position-out-of-range` where the log does not reach it
 */
export function verifyAudit(db: Database, options: AuditVerifyOptions): AuditVerifyReport | Problem {
  const { file, keys = [], checkpoints = [], beside, since = null, onProgress = () => undefined } = options;
  const view = LogView.of(db);
  if (isProblem(view)) return view;
  const begin = sinceSize(since);
  if (isProblem(begin)) return begin;
  const isGiven = since !== null && typeof since === "object";
  if (!isGiven && begin > view.size()) {
    return problem("position-out-of-range", { position: begin, headSeq: view.size() });
  }
  const faults = new Faults();
  if (since === null) checkStructure(db, faults);
  checkSchema(db, faults);
  const { anchor, heads } = judgeTrust(db, file, faults, {
    keys,
    beside,
    checkpoints: isGiven ? [...checkpoints, since] : checkpoints,
  });
  const { events, size, rootHash, answers } = checkEvents(db, faults, { since: begin, heads, onProgress });
  if (since === null) checkAnswers(db, faults, answers);
  checkSnapshots(db, faults, size);
  if (heads.length === 0)
    faults.add("audit_checkpoints", null, "no checkpoint was signed: nothing speaks for the log");
  const signedSize = Math.max(0, ...heads.map((head) => head.size));
  return {
    origin: logRow(db)?.origin ?? "",
    anchor,
    events,
    size,
    signedSize,
    rootHash,
    checkpoints: heads.length,
    faults,
  };
}

function sinceSize(since: number | GivenCheckpoint | null): number | Problem {
  if (since === null) return 0;
  if (typeof since === "number") return since;
  const signed = parseCheckpoint(since.text);
  return isProblem(signed) ? signed : signed.checkpoint.size;
}

/** Snapshots behind the end of the log; the others are held to the state by replay. */
function checkSnapshots(db: Database, faults: Faults, size: number): void {
  const beyond = db
    .prepare<[number], number>("SELECT seq FROM snapshots WHERE seq > ? OR seq < 1 ORDER BY seq")
    .pluck();
  for (const seq of beyond.all(size))
    faults.add("snapshots", seq, `there is a snapshot of event ${seq}; the log ends at ${size}`);
}
