import { decodeBody, isBodyFault, writeBody } from "#events/body.ts";
import type { BodyRoom } from "#events/smc-codec.ts";
import type { MachineEvent } from "#events/types.ts";
import { commandInput, recordedCommand } from "#machine/commands/codec.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { Machine } from "#machine/machine.ts";
import { type CommandColumns, type EventColumns, type LogReader, machineEvent } from "#store/log-reader.ts";
import type { LogHead, LogPlace } from "./command-runs.ts";

const COMMANDS_AT_ONCE = 512;
const EVENTS_AT_ONCE = 8192;
const DIGEST_BYTES = 32;

/** Room for one body after the other. */
class ReusedRoom implements BodyRoom {
  bytes: Uint8Array = new Uint8Array(4096);
  view: DataView = new DataView(this.bytes.buffer);

  take(length: number): void {
    if (length <= this.bytes.length) return;
    this.bytes = new Uint8Array(2 * length);
    this.view = new DataView(this.bytes.buffer);
  }
}

/**
 * The quick half of verify: re-decides commands for as long as everything is as recorded, reading the log in large pieces. It
 * knows nothing of why something differs: it stops before that command, with the machine as it was then.
 */
export class Recheck {
  readonly #machine: Machine;
  readonly #reader: LogReader;
  readonly #head: LogHead;
  readonly #room = new ReusedRoom();

  constructor(machine: Machine, reader: LogReader, head: LogHead) {
    this.#machine = machine;
    this.#reader = reader;
    this.#head = head;
  }

  /**
   * Re-decides the commands behind `start`, up to {@link COMMANDS_AT_ONCE}.
   *
   * @param to the last event that is asked for: no command behind the one that has it is looked at
   * @returns the last command that was as recorded, or `start`
   */
  advance(start: LogPlace, to: number): LogPlace {
    const piece = this.#read(start, to);
    if (piece === null) return start;
    let reached = start;
    for (let i = 0; i < piece.count; i += 1) {
      const next = this.#recheck(piece, i, reached);
      if (next === null) break;
      reached = next;
    }
    return reached;
  }

  /** Commands that seem to be whole, with their events; null: the next one does not. */
  #read({ commandId, seq }: LogPlace, to: number): Piece | null {
    const firstId = commandId + 1;
    const lastId = Math.min(commandId + COMMANDS_AT_ONCE, this.#head.commandId);
    const commands = this.#reader.commandColumns(firstId, lastId);
    if (commands === null) return null;
    let count = 0;
    let last = seq;
    for (const [i, id] of commands.id.entries()) {
      const [firstSeq, lastSeq] = [commands.firstSeq[i] as number, commands.lastSeq[i] as number];
      const isNext = id === firstId + count && firstSeq === last + 1 && lastSeq >= firstSeq;
      if (!isNext || firstSeq > to || lastSeq > this.#head.seq || lastSeq - seq > EVENTS_AT_ONCE) break;
      count += 1;
      last = lastSeq;
    }
    if (count === 0) return null;
    // One more than the last: a time is right only if the next one is not before it.
    const events = this.#reader.eventColumns(seq + 1, last + 1);
    if (events === null) return null;
    const segment = this.#reader.segment(seq, last - seq);
    const digests = this.#reader.digests(firstId, commandId + count);
    const isWhole = segment.count === last - seq && events.seq[last - seq - 1] === last;
    if (!isWhole || digests.length !== count * DIGEST_BYTES) return null;
    const { bytes } = segment;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return {
      firstId,
      firstSeq: seq + 1,
      count,
      commands,
      events,
      bytes,
      view,
      digests,
      at: 0,
    };
  }

  /** Decides one command again. Gives where that ends, or null: something is not as recorded, and nothing was done. */
  #recheck(piece: Piece, index: number, before: LogPlace): LogPlace | null {
    const { commands, events, firstSeq: offset, digests } = piece;
    const id = piece.firstId + index;
    const kind = commands.kind[index] as string;
    const input = commands.input[index] as string | null;
    const firstSeq = commands.firstSeq[index] as number;
    const lastSeq = commands.lastSeq[index] as number;
    const timeUs = events.time[firstSeq - offset] ?? 0;
    const nextTimeUs = events.time[lastSeq - offset + 1] ?? timeUs;
    if (commands.ruleVersion[index] !== this.#machine.ruleVersion) return null;
    if (timeUs < before.timeUs || nextTimeUs < timeUs) return null;
    const asked = this.#commandOf(piece, kind, input, firstSeq);
    if (asked === null || commandInput(asked) !== input) return null;

    const checkpoint = this.#machine.checkpoint();
    const end = this.#redecide(asked, piece, { commandId: id, seq: lastSeq, timeUs }, firstSeq);
    if (end === null || !this.#machine.hasDigest(digests, index * DIGEST_BYTES)) {
      this.#machine.rollback(checkpoint);
      return null;
    }
    this.#machine.settle();
    piece.at = end;
    return { commandId: id, seq: lastSeq, timeUs };
  }

  /** The command that a row tells of; of a configuration it is not asked, whose events are large and few. */
  #commandOf({ bytes, view, at }: Piece, kind: string, input: string | null, seq: number): Command | null {
    if (kind === "host.configure") return null;
    if (kind !== "smc") return recordedCommand(kind, input, NO_EVENTS);
    const body = decodeBody(bytes, view, at);
    return isBodyFault(body) ? null : recordedCommand(kind, input, [machineEvent(seq, 0, body)]);
  }

  /** Decides, and holds every event to its row. Gives where the bodies of the next command begin, or null. */
  #redecide(asked: Command, piece: Piece, place: LogPlace, firstSeq: number): number | null {
    let at = piece.at;
    try {
      const decided = this.#machine.execute(asked, place).events;
      if (decided.length !== place.seq - firstSeq + 1) return null;
      for (const event of decided) {
        if (!isRowOf(piece.events, event.seq - piece.firstSeq, event, place)) return null;
        const length = writeBody(event, this.#room);
        if (!isSame(this.#room.bytes, piece.bytes, at, length)) return null;
        at += length;
      }
    } catch {
      return null;
    }
    return at;
  }
}

/** Commands and their events as they lie in the log. */
interface Piece {
  readonly firstId: number;
  readonly firstSeq: number;
  /** How many of the commands that were read are in the piece. */
  readonly count: number;
  readonly commands: CommandColumns;
  readonly events: EventColumns;
  /** The bodies, one behind the other. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly digests: Uint8Array;
  /** Where in `bytes` the next command's bodies begin. */
  at: number;
}

const NO_EVENTS: readonly MachineEvent[] = [];

function isRowOf(
  events: EventColumns,
  index: number,
  event: MachineEvent,
  { commandId, timeUs }: LogPlace,
): boolean {
  return (
    events.seq[index] === event.seq &&
    events.time[index] === timeUs &&
    events.type[index] === event.type &&
    events.epoch[index] === event.epoch &&
    events.commandId[index] === commandId &&
    events.domid[index] === event.domid &&
    events.agent[index] === event.agentId
  );
}

function isSame(body: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (at + length > bytes.length) return false;
  for (let i = 0; i < length; i += 1) if (body[i] !== bytes[at + i]) return false;
  return true;
}
