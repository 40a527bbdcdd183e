import { isProblem, type Problem } from "#base/problem.ts";
import { encodeBody } from "#events/body.ts";
import type { MachineEvent } from "#events/types.ts";
import { commandInput } from "#machine/commands/codec.ts";
import { Machine } from "#machine/machine.ts";
import { REDACTABLE, type RedactionChoice, type StandInMap, StandIns } from "#machine/redaction/redaction.ts";
import { saveState } from "#machine/state/snapshot.ts";
import { type Database, openInMemory } from "#store/database.ts";
import { type CommandRow, LogReader } from "#store/log-reader.ts";
import { declarePack } from "#store/packs.ts";
import { writeSnapshot } from "#store/snapshots.ts";
import { commandRuns } from "../command-runs.ts";
import { sha256 } from "../hash.ts";
import { commandsOfRange } from "./range.ts";
import { type Boot, type Booted, bootBefore, bootedWithStandIns } from "./redacted-boot.ts";
import { playWithStandIns } from "./redacted-commands.ts";
import { Rows } from "./rows.ts";
import type { Pack } from "./write-pack.ts";

/** A pack with stand-ins, and what they stand for, which is not in it. */
export interface RedactedPack extends Pack {
  readonly map: StandInMap;
}

/** Digest of a command of before the range whose state nobody asks for. */
const NO_DIGEST = new Uint8Array(32);

/**
 * Packs the events `from` to `to` of a log as `packLog` does, with stand-ins for names, addresses or both. States and digests depend on
 * them, so the commands since the host's last boot before the range are decided again, with stand-ins, and every event is held to the
 * recorded one.
 *
 * @param program version of the program that packs
 * @param onProgress hears after every command how many events were decided again, and of how many
 * @returns as `packLog`, and `pack-not-redactable` with the first event that would come out otherwise
 */
export function packRedacted(
  db: Database,
  from: number,
  to: number,
  program: string,
  choice: RedactionChoice,
  onProgress: (events: number, eventsTotal: number) => void = () => undefined,
): RedactedPack | Problem {
  // One moment of a log that may be written meanwhile.
  db.exec("BEGIN");
  try {
    return packed(db, from, to, program, choice, onProgress);
  } finally {
    db.exec("COMMIT");
  }
}

function packed(
  db: Database,
  from: number,
  to: number,
  program: string,
  choice: RedactionChoice,
  onProgress: (events: number, eventsTotal: number) => void,
): RedactedPack | Problem {
  const commands = commandsOfRange(db, from, to);
  if (isProblem(commands)) return commands;
  const { first, last } = commands;
  const standIns = new StandIns(choice);
  const boot = bootBefore(db, first);
  if (isProblem(boot)) return boot;
  const booted = boot === null ? null : bootedWithStandIns(db, boot, standIns);
  if (isProblem(booted)) return booted;
  const machine = booted?.machine ?? new Machine(sha256);

  const copy = openInMemory();
  try {
    const range = { from: first.firstSeq, to: last.lastSeq };
    declarePack(
      copy,
      range,
      program,
      REDACTABLE.filter((what) => choice[what]),
    );
    const target = new Target(copy, standIns);
    const start = boot?.run.end ?? { commandId: 0, seq: 0, timeUs: 0 };
    const head = { commandId: last.id, seq: last.lastSeq };
    let before = boot?.run ?? null;
    for (const run of commandRuns(new LogReader(db), start, head)) {
      if (run.firstSeq === range.from && boot !== null && booted !== null) {
        target.start(before?.command ?? boot.configuring, boot, booted);
      }
      const played = playWithStandIns(db, machine, run, standIns);
      if (isProblem(played)) return played;
      before = run;
      onProgress(run.lastSeq - start.seq, range.to - start.seq);
      if (run.command === null || run.firstSeq < range.from) continue;
      target.command(run.command, commandInput(played.command), machine.digest());
      for (const event of played.events) target.event(event, run.command.id, run.timeUs);
    }
    return { ...range, bytes: copy.serialize(), map: standIns.map() };
  } finally {
    copy.close();
  }
}

/** The pack that is being written. */
class Target {
  readonly #copy: Database;
  readonly #rows: Rows;
  readonly #standIns: StandIns;

  constructor(copy: Database, standIns: StandIns) {
    this.#copy = copy;
    this.#rows = new Rows(copy);
    this.#standIns = standIns;
  }

  /** The state that the range starts from, the command before it, and what configured the host. */
  start(before: CommandRow, { configuring, configuredUs }: Boot, { machine, configured }: Booted): void {
    const digest = machine.digest();
    // What was asked for before the range matters to nobody: the events that say so are not there.
    this.command(before, null, digest);
    if (configuring.id !== before.id) this.command(configuring, null, NO_DIGEST);
    this.event(configured, configuring.id, configuredUs);
    const state = saveState(machine.state);
    writeSnapshot(this.#copy, { seq: before.lastSeq, commandId: before.id, digest, state });
  }

  command(row: CommandRow, input: string | null, digest: Uint8Array): void {
    const standIns = this.#standIns;
    this.#rows.command({
      ...row,
      input,
      digest,
      actor: standIns.actor(row.actor),
      reason: row.reason === null ? null : standIns.freeText("reason", row.reason),
      address: row.address === null ? null : standIns.networkAddress(row.address),
      requestId: row.requestId === null ? null : standIns.freeText("request", row.requestId),
      traceparent: null,
      answerHash: null,
    });
  }

  event(event: MachineEvent, commandId: number, timeUs: number): void {
    const { seq, type, epoch, domid, agentId } = event;
    this.#rows.event({
      seq,
      time: timeUs,
      type,
      epoch,
      command_id: commandId,
      domid,
      agent: agentId,
      body: encodeBody(event),
    });
  }
}
