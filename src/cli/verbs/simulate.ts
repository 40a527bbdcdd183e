import type { Command } from "commander";
import { isProblem, type Problem } from "#base/problem.ts";
import { loadHost } from "#inputs/load-host.ts";
import { runScript } from "#simulate/run-script.ts";
import { Simulation } from "#simulate/simulation.ts";
import { openForReading } from "#store/database.ts";
import { whole } from "../options.ts";
import { refuse, write } from "../output.ts";
import { VERSION } from "../version.ts";

interface SimulateOptions {
  readonly board?: string;
  readonly db?: string;
  readonly at?: number;
  readonly boot: boolean;
}

export function addSimulate(program: Command): void {
  program
    .command("simulate")
    .description("play a script of commands, a JSON object a line on stdin, on a machine in memory")
    .option("--board <file>", "the board to simulate")
    .option("--db <file>", "start from this log instead of a boot; it is only read")
    .option(
      "--at <seq>",
      "start from the log after this event, at its command's end (default: its head)",
      whole,
    )
    .option("--no-boot", "the firmware is up, and Xen has not booted")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<SimulateOptions>();
      const { board, db, at, boot } = options;
      if (board === undefined && db === undefined) command.error("error: give --board FILE, or --db FILE");
      if (db === undefined && at !== undefined)
        command.error("error: --at is a moment of a log: give --db too");
      if (db !== undefined && !boot)
        command.error("error: --no-boot starts a board anew, --db goes on from a log");
      const simulation = await simulationOf(options);
      if (isProblem(simulation)) {
        refuse(simulation);
        return;
      }
      process.stdin.setEncoding("utf8");
      await runScript(simulation, process.stdin as AsyncIterable<string>, write);
    });
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
    return Simulation.fork(log, db, at ?? null, VERSION);
  } finally {
    log.close();
  }
}
