import { isProblem, type Problem } from "#base/problem.ts";
import { loadHost } from "#inputs/load-host.ts";
import { runScript } from "#simulate/run-script.ts";
import { Simulation } from "#simulate/simulation.ts";
import { openForReading } from "#store/database.ts";
import { EXIT, note, refuse, write } from "../output.ts";
import { VERSION } from "../version.ts";

/** What a script is played on. */
export interface SimulateOptions {
  readonly board?: string;
  readonly db?: string;
  readonly at?: number;
  readonly boot: boolean;
}

/** Plays the script on standard input. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const simulation = await simulationOf(options);
  if (isProblem(simulation)) {
    refuse(simulation);
    return;
  }
  process.stdin.setEncoding("utf8");
  await runScript(simulation, process.stdin as AsyncIterable<string>, write);
  if (!simulation.isAsExpected) process.exitCode = EXIT.refused;
}

/** A log says itself what it was configured from; the board beside it must still be one. */
async function simulationOf({ board, db, at, boot }: SimulateOptions): Promise<Simulation | Problem> {
  const description = board === undefined ? null : await loadHost(board);
  if (isProblem(description)) return description;
  if (db === undefined) {
    if (description === null) throw new Error("bug: neither a board nor a log");
    return Simulation.of(description, boot ? "booted" : "power-on", VERSION);
  }
  const log = openForReading(db);
  if (isProblem(log)) return log;
  try {
    const simulation = Simulation.fork(log, db, at ?? null, VERSION);
    if (description !== null && !isProblem(simulation) && !simulation.isOf(description)) {
      note(`scmictl: ${db} was recorded with another board than ${board}; the log's is played`);
    }
    return simulation;
  } finally {
    log.close();
  }
}
