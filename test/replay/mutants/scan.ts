import type { Board } from "#config/board/board.ts";
import type { MachineEvent } from "#events/types.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import { unpackHeader } from "#scmi/header.ts";
import { commandById } from "#scmi/registry.ts";
import { CHANNEL_ERROR } from "#scmi/shmem.ts";
import { statusName } from "#scmi/status.ts";
import { type CommandRow, isDamaged, LogReader } from "#store/log-reader.ts";
import { loggedEvents } from "#store/logged-events.ts";
import type { History } from "./histories.ts";
import type { Message, Mutant, Seen } from "./mutant.ts";

/**
 * The first event of a log that each rule decided. The log is folded by the right program, and each rule asked of each event;
 * no mutant has a part in it.
 *
 * @returns null for a rule that decided nothing; those that are not of such hosts are not in it
 */
export function firstDecided({ db }: History, mutants: readonly Mutant[]): Map<Mutant, Place | null> {
  const commands = new Map(
    new LogReader(db).commands(0, COMMANDS_MAX).map((command) => [command.id, command]),
  );
  const machine = new Machine(sha256);
  const found = new Map<Mutant, Place | null>();
  let last: { readonly commandId: number; readonly seen: Seen } | null = null;
  for (const event of loggedEvents(db)) {
    if (isDamaged(event)) throw new Error(`event ${event.seq}: ${event.fault}`);
    const { commandId, seq } = event;
    const { kind, firstSeq } = commands.get(commandId) as CommandRow;
    const { state } = machine;
    const board = state.configuration()?.board;
    if (board !== undefined) {
      const previous: Seen | null = last?.commandId === commandId ? last.seen : null;
      const seen: Seen = { event, state, board, kind, previous, message: messageOf(event, board) };
      for (const mutant of mutants) {
        if (!(mutant.hosts?.(board) ?? true) || found.get(mutant)) continue;
        const decided = mutant.decides(seen);
        if (decided === "digest") found.set(mutant, { seq: firstSeq, path: "digest" });
        else found.set(mutant, decided ? { seq, path: mutant.path } : null);
      }
      last = { commandId, seen };
    }
    machine.apply(event);
    machine.settle();
  }
  return found;
}

const COMMANDS_MAX = 100_000;

/** Where a divergence is expected. */
export interface Place {
  readonly seq: number;
  readonly path: string | readonly string[];
}

/** The message that the firmware carried out in an event; null where it refused the ring, or was not reached. */
function messageOf({ type, data }: MachineEvent, { firmware }: Board): Message | null {
  if (type !== "smc.forwarded" || data.caller === null) return null;
  const { request, response, caller, origin, effects } = data;
  if (request === null || response === null || (response.channelStatus & CHANNEL_ERROR) !== 0) return null;
  const { protocolId, messageId } = unpackHeader(request.header);
  const row = commandById(protocolId, messageId);
  const isSpoken =
    row?.protocolName === "base" || firmware.protocols.some((name) => name === row?.protocolName);
  const [status = 0, ...answer] = wordsOf(response.payload);
  return {
    protocolId,
    name: isSpoken ? (row?.name ?? "") : "",
    caller,
    origin,
    bytes: request.payload.length,
    words: wordsOf(request.payload),
    status: statusName(status | 0),
    answer,
    effects,
  };
}

function wordsOf(payload: Uint8Array): number[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.length >>> 2 }, (_, i) => view.getUint32(4 * i, true));
}
