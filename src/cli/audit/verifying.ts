import { parseCheckpoint } from "#audit/note/checkpoint.ts";
import { parseSignerKey, parseVerifierKey, type VerifierKey } from "#audit/note/keys.ts";
import { checkpointBeside, type GivenCheckpoint } from "#audit/verify/trust.ts";
import { type AuditVerifyReport, verifyAudit } from "#audit/verify/verify-audit.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import type { LoggedEvent } from "#events/logged.ts";
import { readTextFile } from "#inputs/read-file.ts";
import { checkProjections } from "#projections/check.ts";
import type { Divergence } from "#replay/divergence.ts";
import { verifyLog } from "#replay/in-worker.ts";
import { type VerifyReport, verify } from "#replay/verify.ts";
import { type Database, openForReading } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { loggedEvents } from "#store/logged-events.ts";
import { newestSchema, schemaVersion } from "#store/migrations.ts";
import { slowProgress } from "../progress.ts";
import { VERSION } from "../version.ts";

export interface AuditVerifyArguments {
  readonly db: string;
  readonly checkpoint?: readonly string[];
  readonly since?: string;
  readonly vkey?: readonly string[];
  readonly key?: readonly string[];
}

/** Something that is not as it should be, and where. */
export interface ShownFault {
  readonly seq: number | null;
  readonly table: string;
  readonly detail: string;
}

/** What `audit verify --json` prints. */
export interface ShownReport {
  readonly verdict: "unaltered" | "altered";
  readonly origin: string;
  /** Where trust in the keys begins: `given`, `key-file` or `log`. */
  readonly trust: string;
  readonly events: number;
  readonly size: number;
  readonly signedSize: number;
  readonly rootHash: string;
  readonly checkpoints: number;
  /** What was looked at. */
  readonly checked: readonly string[];
  readonly faults: readonly ShownFault[];
  readonly faultCount: number;
  readonly durationMs: number;
}

/** So many events are verified by one thread: to start another takes longer. */
const ALONE_EVENTS = 50_000;

/** Keys and checkpoints are smaller. */
const TEXT_BYTES_MAX = 1_000_000;

const FULL = ["file", "leaves", "tree", "signatures", "state", "tables"] as const;
const SINCE = ["leaves", "tree", "signatures", "state"] as const;

/** Verifies a log file: leaves, tree, signatures, decisions, digests, snapshots and tables. */
export async function auditVerify(args: AuditVerifyArguments): Promise<ShownReport | Problem> {
  const keys = await givenKeys(args);
  if (isProblem(keys)) return keys;
  const checkpoints = await givenCheckpoints(args.checkpoint ?? []);
  if (isProblem(checkpoints)) return checkpoints;
  const since = await givenSince(args.since);
  if (isProblem(since)) return since;
  const beside = checkpointBeside(args.db);
  const db = openForReading(args.db);
  if (isProblem(db)) return db;
  const beganMs = performance.now();
  try {
    // One moment of the log for all that follows, whatever its server writes meanwhile.
    db.exec("BEGIN");
    return await report(db, args.db, { keys, checkpoints, beside, since }, beganMs);
  } finally {
    db.close();
  }
}

interface Given {
  readonly keys: readonly VerifierKey[];
  readonly checkpoints: readonly GivenCheckpoint[];
  readonly beside: string | null | Problem;
  readonly since: number | GivenCheckpoint | null;
}

async function report(
  db: Database,
  file: string,
  given: Given,
  beganMs: number,
): Promise<ShownReport | Problem> {
  const faults: ShownFault[] = [];
  const hashing = slowProgress("hashing");
  const size = guarded(faults, () => new LogReader(db).headSeq()) ?? 0;
  // The half that decides everything again has a thread of its own, where that is worth while.
  const replaying =
    given.since === null && size > ALONE_EVENTS ? verifyLog(file, { to: size, program: VERSION }) : null;
  const audit = guarded(faults, () =>
    verifyAudit(db, { ...given, file, onProgress: (done, total) => hashing(done, total, "events") }),
  );
  if (isProblem(audit)) return audit;
  faults.push(...(audit?.faults.kept ?? []));
  let count = faults.length + (audit === null ? 0 : audit.faults.count - audit.faults.kept.length);
  const since = audit === null ? 0 : audit.size - audit.events;
  // A log that no server of this version has opened yet has tables of an older one, which the next start makes anew.
  const hasTables = given.since === null && schemaVersion(db) === newestSchema();
  const tables = hasTables ? guarded(faults, () => tableFaults(db)) : [];
  const replayed = replaying === null ? guarded(faults, () => replay(db, since)) : await replaying;
  const state = replayed === null ? null : stateFaults(replayed);
  for (const more of [state, tables]) {
    faults.push(...(more ?? []));
    count += more?.length ?? 1;
  }
  const checked = given.since === null ? FULL.filter((part) => hasTables || part !== "tables") : SINCE;
  return shown(audit, faults, count, checked, beganMs);
}

function shown(
  audit: AuditVerifyReport | null,
  faults: readonly ShownFault[],
  faultCount: number,
  checked: readonly string[],
  beganMs: number,
): ShownReport {
  return {
    verdict: faultCount === 0 ? "unaltered" : "altered",
    origin: audit?.origin ?? "",
    trust: audit?.anchor ?? "log",
    events: audit?.events ?? 0,
    size: audit?.size ?? 0,
    signedSize: audit?.signedSize ?? 0,
    rootHash: audit === null ? "" : toHex(audit.rootHash),
    checkpoints: audit?.checkpoints ?? 0,
    checked,
    faults,
    faultCount,
    durationMs: Math.round(performance.now() - beganMs),
  };
}

/** A file can be damaged in ways that SQLite meets only as it reads; then that is what was found. */
function guarded<T>(faults: ShownFault[], work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    faults.push({ seq: null, table: "file", detail: `it cannot be read on: ${(error as Error).message}` });
    return null;
  }
}

/** Decides everything again: decisions, digests, snapshots. */
function replay(db: Database, since: number): VerifyReport | Problem {
  const progress = slowProgress("replaying");
  return verify(db, {
    ...(since > 0 ? { from: since + 1 } : {}),
    onProgress: ({ events, eventsTotal }) => progress(events, eventsTotal, "events"),
  });
}

function stateFaults(replayed: VerifyReport | Problem): ShownFault[] {
  if (isProblem(replayed)) {
    // Nothing came since; or the file is damaged in a way that SQLite meets only as it reads.
    return replayed.code === "position-out-of-range"
      ? []
      : [{ seq: null, table: "file", detail: replayed.detail }];
  }
  const faults = replayed.divergences.map(faultOf);
  if (faults.length === 0 && replayed.stateHash !== replayed.liveStateHash) {
    const detail = `the state's digest is ${replayed.stateHash}, recorded is ${replayed.liveStateHash}`;
    return [{ seq: null, table: "commands", detail }];
  }
  return faults;
}

function faultOf({ seq, path, recorded, replayed }: Divergence): ShownFault {
  const table = path.startsWith("snapshot")
    ? "snapshots"
    : path.startsWith("command")
      ? "commands"
      : "events";
  return { seq, table, detail: `${path} is ${short(recorded)}, deciding it again gives ${short(replayed)}` };
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Refolds the tables. An event that cannot be read ends that; it was told of by then. */
function tableFaults(db: Database): ShownFault[] {
  let unread: ShownFault | null = null;
  function* readable(): Generator<LoggedEvent> {
    for (const event of loggedEvents(db)) {
      if (isDamaged(event)) {
        unread = { seq: event.seq, table: "events", detail: event.fault };
        return;
      }
      yield event;
    }
  }
  const wrong = checkProjections(db, readable());
  if (unread !== null) return [unread];
  return wrong.map(({ table, extra, missing }) => {
    const detail =
      extra === null
        ? `${table} was filled by another version of the program: start the server, or rebuild it`
        : `${table} has ${extra} rows that the events do not give, and lacks ${missing}`;
    return { seq: null, table, detail };
  });
}

async function givenKeys({ vkey = [], key = [] }: AuditVerifyArguments): Promise<VerifierKey[] | Problem> {
  const keys: VerifierKey[] = [];
  for (const file of key) {
    const text = await readTextFile(file, TEXT_BYTES_MAX);
    if (isProblem(text)) return text;
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    // Without any the log would be trusted on its own word, of which nobody has asked it here.
    if (lines.length === 0) lines.push("");
    for (const line of lines) {
      const read = keyOf(line);
      if (isProblem(read)) return read.of(file);
      keys.push(read);
    }
  }
  for (const text of vkey) {
    const read = keyOf(text);
    if (isProblem(read)) return read;
    keys.push(read);
  }
  return keys;
}

/** The verifier key of a line, or that of a private key. */
function keyOf(text: string): VerifierKey | Problem {
  const read = text.startsWith("PRIVATE+KEY+") ? parseSignerKey(text) : parseVerifierKey(text);
  return "verifier" in read ? read.verifier : read;
}

async function givenCheckpoints(files: readonly string[]): Promise<GivenCheckpoint[] | Problem> {
  const checkpoints: GivenCheckpoint[] = [];
  for (const file of files) {
    const checkpoint = await givenCheckpoint(file);
    if (isProblem(checkpoint)) return checkpoint;
    checkpoints.push(checkpoint);
  }
  return checkpoints;
}

/** What is no checkpoint at all says nothing of the log, and is refused. */
async function givenCheckpoint(file: string): Promise<GivenCheckpoint | Problem> {
  const text = await readTextFile(file, TEXT_BYTES_MAX);
  if (isProblem(text)) return text;
  const read = parseCheckpoint(text);
  return isProblem(read) ? read.of(file) : { what: file, text };
}

async function givenSince(since: string | undefined): Promise<number | GivenCheckpoint | null | Problem> {
  if (since === undefined) return null;
  if (/^\d{1,15}$/.test(since)) return Number(since);
  return givenCheckpoint(since);
}
