import { type Problem, problem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { Machine } from "#machine/machine.ts";
import { redactCommand } from "#machine/redaction/command.ts";
import type { StandIns } from "#machine/redaction/redaction.ts";
import { differenceBut } from "#machine/redaction/same-but-renamed.ts";
import type { Database } from "#store/database.ts";
import type { CommandRun } from "../command-runs.ts";
import { recordedEvents } from "../whatif/recorded.ts";

/** A command with stand-ins, and what it came to. */
export interface RedactedCommand {
  readonly command: Command;
  readonly events: readonly MachineEvent[];
}

/**
 * Decides a recorded command again with stand-ins.
 *
 * @returns `pack-not-redactable` where it comes to something else than was recorded, or `log-damaged`
 */
export function playWithStandIns(
  db: Database,
  machine: Machine,
  run: CommandRun,
  standIns: StandIns,
): RedactedCommand | Problem {
  const recorded = recordedEvents(run);
  if (recorded === null) {
    return problem("log-damaged", {
      file: db.name,
      why: `the command of event ${run.firstSeq} cannot be read`,
    });
  }
  const command = redactCommand(recorded.command, standIns);
  const { events } = machine.execute(command, { commandId: run.end.commandId, timeUs: run.timeUs });
  const refusal = holdTo(recorded.events, events, standIns);
  if (refusal !== null) return refusal;
  machine.settle();
  return { command, events };
}

/** `pack-not-redactable` with the first event that is not the recorded one with stand-ins, or null. */
export function holdTo(
  recorded: readonly MachineEvent[],
  redacted: readonly MachineEvent[],
  standIns: StandIns,
): Problem | null {
  const count = Math.max(recorded.length, redacted.length);
  for (let i = 0; i < count; i += 1) {
    const found = differenceBut(recorded[i], redacted[i], standIns);
    if (found === null) continue;
    const seq = recorded[i]?.seq ?? redacted[i]?.seq ?? 0;
    const why = `${found.path} is ${found.recorded} in the log and ${found.redacted} with stand-ins`;
    return problem("pack-not-redactable", { seq, why });
  }
  return null;
}
