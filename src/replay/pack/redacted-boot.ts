import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import { recordedCommand } from "#machine/commands/codec.ts";
import { configure } from "#machine/configuration.ts";
import { Machine } from "#machine/machine.ts";
import { redactCommand } from "#machine/redaction/command.ts";
import type { StandIns } from "#machine/redaction/redaction.ts";
import type { Database } from "#store/database.ts";
import { type CommandRow, isDamaged, LogReader } from "#store/log-reader.ts";
import { rangeOfPack } from "#store/packs.ts";
import { type CommandRun, commandRuns, type LogPlace } from "../command-runs.ts";
import { sha256 } from "../hash.ts";
import { recordedEvents } from "../whatif/recorded.ts";
import { withoutHost } from "./range.ts";
import { holdTo } from "./redacted-commands.ts";

type Configured = MachineEvent<"host.configured">;

/** The last boot of the host before a range, from which its commands are decided again. */
export interface Boot {
  readonly run: CommandRun;
  /** What configured the host that boots: its event, and that event's command. */
  readonly configured: Configured;
  readonly configuring: CommandRow;
  readonly configuredUs: number;
}

/** A machine that has booted with stand-ins, and the event that configured it. */
export interface Booted {
  readonly machine: Machine;
  readonly configured: Configured;
}

/** The last boot before a command; null: it is the log's first. */
export function bootBefore(db: Database, first: CommandRow): Boot | null | Problem {
  if (first.firstSeq === 1) return null;
  const reader = new LogReader(db);
  const id = db
    .prepare<[number], number | null>(
      "SELECT max(id) FROM commands WHERE id < ? AND kind IN ('host.configure', 'host.reboot')",
    )
    .pluck()
    .get(first.id);
  const command = reader.command(id ?? 0);
  if (command === undefined) return withoutHost(first.firstSeq);
  const configuredSeq = db
    .prepare<[number], number | null>(
      "SELECT max(seq) FROM events WHERE type = 'host.configured' AND seq <= ?",
    )
    .pluck()
    .get(command.lastSeq);
  const configured = reader.event(configuredSeq ?? 0);
  const configuring = reader.command(reader.row(configuredSeq ?? 0)?.command_id ?? 0);
  const before: LogPlace = {
    commandId: command.id - 1,
    seq: command.firstSeq - 1,
    timeUs: reader.row(command.firstSeq - 1)?.time ?? 0,
  };
  const [run] = commandRuns(reader, before, { commandId: command.id, seq: command.lastSeq });
  const isThere = command.firstSeq >= (rangeOfPack(db)?.from ?? 1);
  if (
    !isThere ||
    run === undefined ||
    configuring === undefined ||
    configured === undefined ||
    isDamaged(configured)
  ) {
    return problem("pack-not-redactable", {
      seq: first.firstSeq,
      why: "the host's boot before it, from which everything is decided again, is not in this file",
    });
  }
  return { run, configured: configured as Configured, configuring, configuredUs: configured.timeUs };
}

/**
 * Boots a host with stand-ins, alone in the world: what lived before the boot ended with it, and is left out. Seqs, ids and times are
 * those of the log.
 */
export function bootedWithStandIns(
  db: Database,
  { run, configured }: Boot,
  standIns: StandIns,
): Booted | Problem {
  const recorded = recordedEvents(run);
  if (recorded === null) {
    return problem("log-damaged", {
      file: db.name,
      why: `the command of event ${run.firstSeq} cannot be read`,
    });
  }
  const isConfigured = recorded.command.kind === "host.configure";
  const begin = recorded.events.findIndex(
    ({ type }) => type === (isConfigured ? "host.configured" : "host.booted"),
  );
  const first = recorded.events[begin];
  if (first === undefined) {
    return problem("log-damaged", {
      file: db.name,
      why: `the command of event ${run.firstSeq} boots no host`,
    });
  }
  const machine = new Machine(sha256);
  const mark = machine.state.journal.mark();
  const given = isConfigured ? null : configuredWithStandIns(configured, standIns);
  if (isProblem(given)) return given;
  if (given !== null) machine.apply(given);
  // The boot itself counts on.
  const epoch = first.type === "host.booted" ? first.epoch - 1 : first.epoch;
  if (epoch > 0) machine.state.host.put(0, { epoch });
  machine.endCommand(mark);
  machine.resume(first.seq - 1, machine.digest());

  const commandId = run.end.commandId;
  const command = redactCommand(recorded.command, standIns);
  const { events } = machine.execute(command, { commandId, timeUs: run.timeUs });
  const refusal = holdTo(recorded.events.slice(begin), events, standIns);
  if (refusal !== null) return refusal;
  machine.settle();
  const own = events.find((event): event is Configured => event.type === "host.configured");
  const whole = given ?? own;
  if (whole === undefined) throw new Error("bug: a host was configured without its event");
  return { machine, configured: whole };
}

/** The event that configured a host, of an earlier command than its boot. */
function configuredWithStandIns(configured: Configured, standIns: StandIns): Configured | Problem {
  const command = recordedCommand("host.configure", null, [configured]);
  if (command?.kind !== "host.configure")
    throw new Error("bug: an event configures a host, and no command does");
  const redacted = redactCommand(command, standIns);
  if (redacted.kind !== "host.configure") throw new Error("bug: a command became another one");
  const data = configure(redacted.description, sha256, redacted.ruleVersion);
  return isProblem(data) ? data : { ...configured, data };
}
