import { rmSync } from "node:fs";
import { isProblem, type Problem, refusedRequest } from "#base/problem.ts";
import { outProblem, writeOut } from "#inputs/write-file.ts";
import { REDACTABLE, type RedactionChoice } from "#machine/redaction/redaction.ts";
import { packRange } from "#replay/pack/read-pack.ts";
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
export async function packFile(options: PackOptions): Promise<Problem | Packed> {
  const { db: file, out, redact, redactMap } = options;
  const choice = redact === undefined ? null : choiceOf(redact);
  if (isProblem(choice)) return choice;
  if (redactMap !== undefined && choice === null) {
    return refusedRequest("--redact-map: found no --redact beside it, allowed is the map of a redacted pack");
  }
  if (out === redactMap) {
    return refusedRequest(
      `--redact-map: found ${JSON.stringify(redactMap)}, allowed is another file than --out`,
    );
  }
  // Redacting may take minutes: not for a file that then cannot be written.
  for (const each of redactMap === undefined ? [out] : [out, redactMap]) {
    const unwritable = await outProblem(each, { isNew: true });
    if (unwritable !== null) return unwritable;
  }
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const within = packRange(db);
    if (isProblem(within)) return within;
    const from = options.from ?? within?.from ?? 1;
    const to = options.to ?? new LogReader(db).headSeq();
    if (choice === null) {
      const pack = packLog(db, from, to, VERSION);
      if (isProblem(pack)) return pack;
      return (
        (await writeOut(out, pack.bytes, { isNew: true })) ?? { from: pack.from, to: pack.to, redacted: [] }
      );
    }
    const progress = slowProgress("redacting");
    const pack = packRedacted(db, from, to, VERSION, choice, (done, total) =>
      progress(done, total, "events"),
    );
    if (isProblem(pack)) return pack;
    const fault = await writeOut(out, pack.bytes, { isNew: true });
    if (fault !== null) return fault;
    if (redactMap !== undefined) {
      // Without its map a pack is of no use to whoever wanted one.
      const map = `${JSON.stringify(pack.map, null, 2)}\n`;
      const refusal = await writeOut(redactMap, map, { isNew: true, mode: MAP_MODE });
      if (refusal !== null) {
        rmSync(out);
        return refusal;
      }
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
    return refusedRequest(
      `--redact: found ${JSON.stringify(unknown)}, allowed are ${REDACTABLE.join(" and ")}, separated by commas`,
    );
  }
  return { names: asked.includes("names"), addresses: asked.includes("addresses") };
}
