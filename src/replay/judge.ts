import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { type Body, encodeBody, isBodyFault, readBody } from "#events/body.ts";
import type { MachineEvent } from "#events/types.ts";
import { commandInput, isCommandKind, recordedCommand } from "#machine/commands/codec.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { Checkpoint, Machine } from "#machine/machine.ts";
import { type CommandRow, type EventRow, machineEvent } from "#store/log-reader.ts";
import type { CommandRun } from "./command-runs.ts";
import type { Divergences } from "./divergence.ts";
import { isRowOf, rowDifferences, whole } from "./event-diff.ts";

/** What came of deciding a recorded command again. */
interface Redecided {
  readonly command: Command;
  readonly events: readonly MachineEvent[];
}

/** Why a command could not be decided again. */
interface Undecided {
  readonly why: string;
}

/** Re-decides commands, one after the other, and says where the log has something else. */
export class Judge {
  readonly #machine: Machine;
  readonly #divergences: Divergences;
  readonly #fromSeq: number;
  /** What the log's digests are ahead of ours, since a state that could not be had: told once, not at every later command. */
  #drift = 0n;

  /** @param fromSeq divergences of events before it are not told */
  constructor(machine: Machine, divergences: Divergences, fromSeq: number) {
    this.#machine = machine;
    this.#divergences = divergences;
    this.#fromSeq = fromSeq;
  }

  /** Whether the machine is in the very state that the log has digests of. */
  get isOnTrack(): boolean {
    return this.#drift === 0n;
  }

  /** Decides a command again. The machine is then at its end, in the state that the log's digest speaks for, if any does. */
  judge(run: CommandRun): void {
    const before = this.#machine.checkpoint();
    const decided = this.#decide(run, before);
    if (!("why" in decided) && this.#isAsRecorded(run, decided)) {
      this.#machine.settle();
      return;
    }
    this.#compare(run, decided);
    this.#settle(run, decided, before);
  }

  #decide(run: CommandRun, before: Checkpoint): Redecided | Undecided {
    if (run.command === null) return { why: "its command is missing" };
    const { id, kind, input } = run.command;
    const command = recordedCommand(kind, input, eventsThatTell(run, kind));
    if (command === null) return { why: isCommandKind(kind) ? "its input cannot be read" : "unknown kind" };
    try {
      const { events } = this.#machine.execute(command, { commandId: id, timeUs: run.timeUs });
      // What cannot be stored is no event, and not to be compared with one.
      for (const event of events) encodeBody(event);
      return { command, events };
    } catch (error) {
      this.#machine.rollback(before);
      return { why: (error as Error).message };
    }
  }

  #isAsRecorded({ command, rows, faults }: CommandRun, decided: Redecided): boolean {
    const { events } = decided;
    if (command === null || faults.length > 0 || events.length !== rows.length) return false;
    if (command.ruleVersion !== this.#machine.ruleVersion) return false;
    if (command.input !== commandInput(decided.command)) return false;
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i];
      if (row === undefined || !isRowOf(row, events[i] as MachineEvent, command.id)) return false;
    }
    return this.#speaksForUs(command);
  }

  /** Whether the log's digest after a command is ours, but for what was told before. */
  #speaksForUs({ digest }: CommandRow): boolean {
    if (digest.length === 32 && this.#machine.hasDigest(digest, 0)) {
      this.#drift = 0n;
      return true;
    }
    return this.#drift !== 0n && this.#drift === difference(digest, this.#machine.digest());
  }

  /** Tells in what the rows differ from what was decided. */
  #compare(run: CommandRun, decided: Redecided | Undecided): void {
    const { command, rows, firstSeq, lastSeq } = run;
    for (const { seq, path, recorded, replayed } of run.faults) this.#tell(seq, path, recorded, replayed);
    if (command !== null) this.#compareCommand(run, command, decided);
    const events = "why" in decided ? null : decided.events;
    const isBeyond = events !== null && endsBeyond(run, events.length);
    if (isBeyond) this.#tell(firstSeq, "command.lastSeq", lastSeq, firstSeq + events.length - 1);
    // Where the shorter of the two ends, so that what differs before that is told before it.
    const countSeq = Math.min(firstSeq + Math.min(events?.length ?? 0, rows.length), lastSeq);
    for (const [i, row] of rows.entries()) {
      const seq = firstSeq + i;
      const event = events?.[i] ?? null;
      if (seq === countSeq && events !== null && !isBeyond && events.length !== rows.length) {
        this.#tell(seq, "count", rows.length, events.length);
      }
      if (row !== undefined && (event !== null || events === null)) {
        for (const { path, recorded, replayed } of rowDifferences(row, event, command?.id ?? null)) {
          this.#tell(seq, path, recorded, replayed);
        }
      } else if (row === undefined && (event !== null || events === null)) {
        this.#tell(seq, "missing", null, event && whole(event));
      }
    }
  }

  #compareCommand(run: CommandRun, command: CommandRow, decided: Redecided | Undecided): void {
    const seq = run.firstSeq;
    const { kind, input, ruleVersion } = command;
    const rules = this.#machine.ruleVersion;
    // A board that is missing, or could not be configured, would have said which rules: then it is its row, or that, which is told.
    const isBoardUnknown =
      "why" in decided && isToldByEvents(kind) && (kind === "host.configure" || !isWhole(run));
    if (ruleVersion !== rules && !isBoardUnknown) {
      this.#tell(seq, "command.ruleVersion", ruleVersion, rules);
    }
    if (!("why" in decided)) {
      const again = commandInput(decided.command);
      if (again !== input) this.#tell(seq, "command.input", input, again);
    } else if (!isCommandKind(kind)) this.#tell(seq, "command.kind", kind, decided.why);
    // Where the input is in the events, it is their rows that are told to be missing or undecodable.
    else if (!isToldByEvents(kind) || isWhole(run)) this.#tell(seq, "command.input", input, decided.why);
  }

  /**
   * Puts the machine into the state that the log went on from: the re-decided one where the log's digest is that one's (its
   * events were altered), else that of the recorded events (the rules were).
   */
  #settle(run: CommandRun, decided: Redecided | Undecided, before: Checkpoint): void {
    const isDecided = !("why" in decided);
    const agrees = isDecided && run.command !== null && this.#speaksForUs(run.command);
    if (!agrees) {
      this.#machine.rollback(before);
      const isWhole = this.#applyRecorded(run);
      if (isDecided && !isWhole) {
        this.#machine.rollback(before);
        this.#decide(run, before);
      }
    }
    const digest = this.#machine.digest();
    this.#machine.resume(run.lastSeq, digest);
    if (run.command === null || this.#speaksForUs(run.command)) return;
    this.#tell(seqOfInput(run), "digest", toHex(run.command.digest), toHex(digest));
    this.#drift = difference(run.command.digest, digest);
  }

  /** Applies the recorded events that can be applied. Gives whether those were all. */
  #applyRecorded({ rows }: CommandRun): boolean {
    let isWhole = true;
    for (const row of rows) {
      const before = this.#machine.checkpoint();
      const event = row === undefined ? null : this.#recorded(row);
      if (event === null) {
        isWhole = false;
        continue;
      }
      try {
        this.#machine.apply(event);
        this.#machine.endCommand(before.mark);
      } catch {
        this.#machine.rollback(before);
        isWhole = false;
      }
    }
    return isWhole;
  }

  #recorded(row: EventRow): MachineEvent | null {
    const body = bodyOf(row);
    if (body === null) return null;
    const epoch = this.#machine.state.host.get(0)?.epoch ?? 0;
    return machineEvent(row.seq, body.type === "host.booted" ? epoch + 1 : epoch, body);
  }

  #tell(seq: number, path: string, recorded: Json, replayed: Json): void {
    if (seq >= this.#fromSeq) this.#divergences.add(seq, path, recorded, replayed);
  }
}

/** Whether a command's row claims events behind those that it makes, of which there is none. */
function endsBeyond({ rows }: CommandRun, made: number): boolean {
  return rows.length > made && rows.slice(made).every((row) => row === undefined);
}

/** The events that a command's input has to be read from: the first of an SMC, all of a configuration, else none. */
function eventsThatTell({ rows }: CommandRun, kind: string): MachineEvent[] {
  if (!isToldByEvents(kind)) return NO_EVENTS;
  const telling = kind === "smc" ? rows.slice(0, 1) : rows;
  return telling.flatMap((row) => {
    const body = bodyOf(row);
    return row === undefined || body === null ? [] : [machineEvent(row.seq, row.epoch, body)];
  });
}

function isToldByEvents(kind: string): boolean {
  return kind === "smc" || kind === "host.configure";
}

/** Whether every row of a run is there and can be decoded. */
function isWhole({ rows }: CommandRun): boolean {
  return rows.every((row) => bodyOf(row) !== null);
}

function bodyOf(row: EventRow | undefined): Body | null {
  const body = row === undefined ? null : readBody(row.body);
  return body === null || isBodyFault(body) ? null : body;
}

/** Where a command's input lies, which the state digest vouches for: in the event that configures a host, else in the first. */
function seqOfInput({ command, rows, firstSeq }: CommandRun): number {
  const isConfiguring = command?.kind === "host.configure";
  const row = isConfiguring ? rows.find((found) => found?.type === "host.configured") : undefined;
  return row?.seq ?? firstSeq;
}

const NO_EVENTS: MachineEvent[] = [];

/** What one digest is ahead of another, modulo 2^256. */
function difference(a: Uint8Array, b: Uint8Array): bigint {
  return BigInt.asUintN(256, BigInt(`0x0${toHex(a)}`) - BigInt(`0x0${toHex(b)}`));
}
