import type { Command } from "#machine/commands/commands.ts";
import { Machine } from "#machine/machine.ts";
import { type Variation, variations } from "#machine/variations.ts";
import type { Database } from "#store/database.ts";
import { type EventRow, LogReader } from "#store/log-reader.ts";
import { isRowOf } from "../event-diff.ts";
import { sha256 } from "../hash.ts";
import { rebuildTo } from "../rebuild.ts";
import { recordedEvents } from "../whatif/recorded.ts";

/** A command that claims more events than this has an altered number. */
const EVENTS_MAX = 100_000;

/**
 * The settings with which the command of a diverging event comes out as it was recorded: each is tried alone, on the state before the
 * command. None where it does so as it is (then something else diverges), or cannot be read.
 */
export function asRecordedWith(db: Database, seq: number): Variation[] {
  try {
    return tried(db, seq);
  } catch {
    // Events that somebody edited may be nonsense to the machine: then nothing explains them.
    return [];
  }
}

function tried(db: Database, seq: number): Variation[] {
  const reader = new LogReader(db);
  const command = reader.command(reader.row(seq)?.command_id ?? 0);
  if (command === undefined || command.lastSeq - command.firstSeq > EVENTS_MAX) return [];
  const { id: commandId, firstSeq, lastSeq } = command;
  const rows = reader.rows(firstSeq, lastSeq);
  const timeUs = rows[0]?.time ?? 0;
  const end = { commandId, seq: lastSeq, timeUs };
  const recorded = recordedEvents({ command, firstSeq, lastSeq, rows, timeUs, faults: [], end });
  if (recorded === null) return [];
  const machine = new Machine(sha256, null, false);
  if (firstSeq > 1 && rebuildTo(machine, db, db.name, firstSeq - 1) !== null) return [];
  const stamp = { commandId, timeUs };
  const isAsRecorded = (asked: Command): boolean => {
    const checkpoint = machine.checkpoint();
    try {
      const { events } = machine.execute(asked, stamp);
      const told = rows.filter(isTold);
      const decided = events.filter(isTold);
      const isSame =
        decided.length === told.length &&
        decided.every((event, i) => isRowOf(told[i] as EventRow, event, commandId));
      // The state says of what it was configured.
      return isSame && (asked.kind === "host.configure" || machine.hasDigest(command.digest, 0));
    } catch {
      return false;
    } finally {
      machine.rollback(checkpoint);
    }
  };
  if (isAsRecorded(recorded.command)) return [];
  return recorded.command.kind === "host.configure"
    ? configuredOtherwise(recorded.command, machine, isAsRecorded)
    : decidedOtherwise(recorded.command, machine, isAsRecorded);
}

/** With another configuration, the event that tells of the configuration differs as well. */
function isTold({ type }: { readonly type: string }): boolean {
  return type !== "host.configured";
}

function decidedOtherwise(
  command: Command,
  { state }: Machine,
  isAsRecorded: (command: Command) => boolean,
): Variation[] {
  const key = state.host.get(0)?.configuration;
  const configuration = state.configuration();
  if (key === undefined || configuration === undefined) return [];
  const found: Variation[] = [];
  for (const variation of variations(configuration)) {
    // Under the same name: the host does not know that it was configured otherwise.
    state.configurations.set(key, variation.configuration);
    if (isAsRecorded(command)) found.push(variation);
  }
  return found;
}

function configuredOtherwise(
  command: Extract<Command, { kind: "host.configure" }>,
  machine: Machine,
  isAsRecorded: (command: Command) => boolean,
): Variation[] {
  const checkpoint = machine.checkpoint();
  machine.execute(command, { commandId: 1, timeUs: 0 });
  const configuration = machine.state.configuration();
  machine.rollback(checkpoint);
  if (configuration === undefined) return [];
  return [...variations(configuration)].filter(({ configuration: { board, rules } }) =>
    isAsRecorded({ ...command, description: { ...command.description, board }, ruleVersion: rules }),
  );
}
