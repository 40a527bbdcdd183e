import { isProblem, type Problem, problem, refusedRequest } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import { type CommandRow, LogReader } from "#store/log-reader.ts";
import { packRange } from "./read-pack.ts";

/** The whole commands that a pack is made of. */
export interface PackedCommands {
  readonly first: CommandRow;
  readonly last: CommandRow;
}

/** The commands that events `from` to `to` belong to, or why there are none. */
export function commandsOfRange(db: Database, from: number, to: number): PackedCommands | Problem {
  const reader = new LogReader(db);
  const headSeq = reader.headSeq();
  const outside = [from, to].find((seq) => seq < 1 || seq > headSeq);
  if (outside !== undefined) return problem("position-out-of-range", { position: outside, headSeq });
  if (from > to) return refusedRequest(`from: found ${from}, allowed are positions up to \`to\`, ${to}`);
  const within = packRange(db);
  if (isProblem(within)) return within;
  if (within !== null && from < within.from) {
    return refusedRequest(
      `from: found ${from}, allowed are positions from ${within.from}, where this pack begins`,
    );
  }
  const [first, last] = [from, to].map((seq) => reader.command(reader.row(seq)?.command_id ?? 0));
  if (first === undefined || last === undefined) {
    return problem("log-damaged", {
      file: db.name,
      why: `the command of event ${from} or ${to} is missing`,
    });
  }
  return { first, last };
}

/** The refusal of a range from the middle of a log without a host: there is no state before it to begin with. */
export function withoutHost(from: number): Problem {
  return refusedRequest(`from: found ${from}, allowed in a log without a host is 1`);
}
