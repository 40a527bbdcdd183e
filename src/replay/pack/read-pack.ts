import { type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import type { Database } from "#store/database.ts";
import { type PackRange, rangeOfPack } from "#store/packs.ts";
import { sha256 } from "../hash.ts";
import { startFromSnapshot } from "../snapshot-start.ts";

/**
 * What a file is a pack of; null: it is a whole log.
 *
 * @returns `log-damaged` where the state that it starts from does not hold
 */
export function packRange(db: Database): PackRange | null | Problem {
  const range = rangeOfPack(db);
  const start = range === null ? 0 : range.from - 1;
  if (range !== null && start > 0 && startFromSnapshot(new Machine(sha256), db, start)?.seq !== start) {
    return problem("log-damaged", {
      file: db.name,
      why: `the state before event ${range.from} does not hold`,
    });
  }
  return range;
}

/** Refuses what begins with the host's boot where that is not in a pack; null: it is there, or the file is a whole log. */
export function bootOutsidePack(db: Database, seq: number): Problem | null {
  const range = rangeOfPack(db);
  if (range === null || seq >= range.from - 1) return null;
  const why = `it is a pack that begins with event ${range.from}, and this begins at the host's boot, with event ${seq + 1}`;
  return problem("log-not-a-log", { file: db.name, why });
}
