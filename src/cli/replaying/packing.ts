import { rmSync, writeFileSync } from "node:fs";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { REDACTABLE, type RedactionChoice } from "#machine/redaction/redaction.ts";
import { packRedacted } from "#replay/pack/redacted-pack.ts";
import { packLog } from "#replay/pack/write-pack.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import type { CommonOptions } from "../options.ts";
import { slowProgress } from "../progress.ts";
import { VERSION } from "../version.ts";

export interface PackOptions extends CommonOptions {
  readonly db: string;
  readonly from?: number;
  readonly to?: number;
  readonly out: string;
  readonly redact?: string | true;
  readonly redactMap?: string;
}

/** What was packed: whole commands, and what has stand-ins. */
export interface Packed {
  readonly from: number;
  readonly to: number;
  readonly redacted: readonly string[];
}

/** Only its owner may read what the stand-ins stand for. */
const MAP_MODE = 0o600;

/** Writes a part of a log to a file of its own. */
export function packFile(options: PackOptions): Problem | Packed {
  const { db: file, out, redact, redactMap } = options;
  const choice = redact === undefined ? null : choiceOf(redact);
  if (isProblem(choice)) return choice;
  if (redactMap !== undefined && choice === null) {
    return refused("--redact-map: found no --redact beside it, allowed is the map of a redacted pack");
  }
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const from = options.from ?? 1;
    const to = options.to ?? new LogReader(db).headSeq();
    if (choice === null) {
      const pack = packLog(db, from, to, VERSION);
      if (isProblem(pack)) return pack;
      return create(out, pack.bytes) ?? { from: pack.from, to: pack.to, redacted: [] };
    }
    const progress = slowProgress("redacting");
    const pack = packRedacted(db, from, to, VERSION, choice, (done, total) =>
      progress(done, total, "events"),
    );
    if (isProblem(pack)) return pack;
    const fault = create(out, pack.bytes);
    if (fault !== null) return fault;
    if (redactMap !== undefined) {
      // Without its map a pack is of no use to whoever wanted one.
      const refusal = create(redactMap, `${JSON.stringify(pack.map, null, 2)}\n`, MAP_MODE);
      if (refusal !== null) rmSync(out);
      if (refusal !== null) return refusal;
    }
    return { from: pack.from, to: pack.to, redacted: REDACTABLE.filter((what) => choice[what]) };
  } finally {
    db.close();
  }
}

/** `--redact` alone is everything. */
function choiceOf(redact: string | true): RedactionChoice | Problem {
  const asked = redact === true ? [...REDACTABLE] : redact.split(",");
  const unknown = asked.find((word) => !REDACTABLE.some((what) => what === word));
  if (unknown !== undefined) {
    return refused(
      `--redact: found ${JSON.stringify(unknown)}, allowed are ${REDACTABLE.join(" and ")}, separated by commas`,
    );
  }
  return { names: asked.includes("names"), addresses: asked.includes("addresses") };
}

/** Writes a file that must not be there yet. */
function create(file: string, content: string | Uint8Array, mode?: number): Problem | null {
  try {
    writeFileSync(file, content, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return problem("log-exists", { file });
    return problem("file-unwritable", { file, why: message });
  }
}

function refused(issue: string): Problem {
  return problem("request-invalid", { issues: [issue] });
}
