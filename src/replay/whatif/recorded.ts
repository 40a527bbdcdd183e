import { isBodyFault, readBody } from "#events/body.ts";
import type { MachineEvent } from "#events/types.ts";
import { recordedCommand } from "#machine/commands/codec.ts";
import type { Command } from "#machine/commands/commands.ts";
import { machineEvent } from "#store/log-reader.ts";
import type { CommandRun } from "../command-runs.ts";

/** A command of the log with what it recorded; null: its rows are not all there, or cannot be read. */
export function recordedEvents({
  command,
  rows,
  faults,
}: CommandRun): { readonly command: Command; readonly events: readonly MachineEvent[] } | null {
  if (command === null || faults.length > 0) return null;
  const events: MachineEvent[] = [];
  for (const row of rows) {
    const body = row === undefined ? null : readBody(row.body);
    if (row === undefined || body === null || isBodyFault(body)) return null;
    events.push(machineEvent(row.seq, row.epoch, body));
  }
  const recorded = recordedCommand(command.kind, command.input, events);
  return recorded === null ? null : { command: recorded, events };
}
