import { fromHex, toHex } from "#base/hex.ts";
import type { ScmiObserved } from "#events/observed.ts";
import type { MachineEvent, SentByFirmware } from "#events/types.ts";
import { decodeSent } from "#scmi/codec.ts";
import { type Decoded, describeSent, NO_NAMES } from "#scmi/describe.ts";
import { MESSAGE_TYPE, packHeader, unpackHeader } from "#scmi/header.ts";
import { compareNotifications } from "./difference.ts";
import type { Tallies } from "./tally.ts";

/** Notifications of one kind that wait for their like; with more, the oldest has none. */
const WAITING_MAX = 4096;

/** Where something stands that raises, or is, a notification. */
export interface Place {
  readonly seq: number;
  readonly line: number;
  /** What was asked, in words; they are only made where somebody reads them. */
  readonly request: () => string;
}

interface Waiting extends Place {
  readonly agentId: number;
  /** Without the token. */
  readonly header: number;
  /** Hex. */
  readonly payload: string;
}

/** Notifications of one kind to one agent that have no like yet, of the board and of the model, in order. */
interface Kind {
  readonly board: Waiting[];
  readonly model: Waiting[];
}

/**
 * Compares notifications. An agent may read one long after what caused it, and traces of several agents follow one another: so each looks
 * for its like among all of its kind, and what is left at the end differs, or has none.
 */
export class Notifications {
  readonly #tallies: Tallies;
  readonly #kinds = new Map<string, Kind>();

  constructor(tallies: Tallies) {
    this.#tallies = tallies;
  }

  /** What the model raised because of something in the trace. */
  raised(events: readonly MachineEvent[], cause: Place): void {
    for (const { agentId, header: whole, payload } of sentIn(events)) {
      const { protocolId, messageId, messageType } = unpackHeader(whole);
      if (messageType !== MESSAGE_TYPE.NOTIFICATION) continue;
      const header = packHeader(protocolId, messageId, 0, messageType);
      this.#meet("model", "board", { ...cause, agentId, header, payload: toHex(payload) });
    }
  }

  /** A notification of the board's. */
  observed(agentId: number, seq: number, { protocolId, messageId, line, response }: ScmiObserved): void {
    if (response === null) {
      this.#tallies.notPlayed("a notification's payload is not in the trace");
      return;
    }
    const header = packHeader(protocolId, messageId, 0, MESSAGE_TYPE.NOTIFICATION);
    this.#meet("board", "model", { seq, line, request: NOTHING_ASKED, agentId, header, payload: response });
  }

  /**
   * There is nothing more to come.
   *
   * @param isPlayed whether commands of an agent were played: nobody can tell what others' cause
   */
  end(isPlayed: (agentId: number) => boolean): void {
    for (const { board, model } of this.#kinds.values()) {
      while (board.length > 0 && model.length > 0) {
        this.#differ(board.shift() as Waiting, model.shift() as Waiting);
      }
      for (const each of board) this.#boardAlone(each, isPlayed);
      // Of an agent without a trace nobody knows what it was told.
      for (const each of model) if (isPlayed(each.agentId)) this.#modelAlone(each);
    }
    this.#kinds.clear();
  }

  #meet(side: "board" | "model", other: "board" | "model", one: Waiting): void {
    const key = `${one.agentId} ${one.header}`;
    const kind = this.#kinds.get(key) ?? { board: [], model: [] };
    this.#kinds.set(key, kind);
    const like = kind[other].findIndex(({ payload }) => payload === one.payload);
    if (like !== -1) {
      kind[other].splice(like, 1);
      this.#tallies.same("notifications");
      return;
    }
    kind[side].push(one);
    if (kind[side].length <= WAITING_MAX) return;
    const oldest = kind[side].shift() as Waiting;
    if (side === "board") this.#boardAlone(oldest, () => true);
    else this.#modelAlone(oldest);
  }

  #differ(board: Waiting, model: Waiting): void {
    const verdict = compareNotifications(board.header, board.payload, model.payload);
    const { seq, line, agentId } = board;
    this.#tallies.differs("notifications", {
      agentId,
      seq,
      line,
      message: nameOf(board),
      cause: verdict === "unanswered" ? "" : verdict.cause,
      request: `because of event ${model.seq}: ${model.request()}`,
      board: textOf(board),
      model: textOf(model),
    });
  }

  #boardAlone(board: Waiting, isPlayed: (agentId: number) => boolean): void {
    const { agentId, seq, line } = board;
    const causer = decoded(board)["agentId"];
    if (typeof causer === "number" && !isPlayed(causer)) {
      this.#tallies.notPlayed(`a notification of what agent ${causer} did, of which nothing is played`);
      return;
    }
    this.#tallies.differs("notifications", {
      agentId,
      seq,
      line,
      message: nameOf(board),
      cause: "the model does not tell of it",
      request: "",
      board: textOf(board),
      model: "nothing",
    });
  }

  #modelAlone(model: Waiting): void {
    const { agentId, seq, line, request } = model;
    this.#tallies.differs("notifications", {
      agentId,
      seq,
      line,
      message: nameOf(model),
      cause: "the board does not tell of it",
      request: request(),
      board: "nothing",
      model: textOf(model),
    });
  }
}

const NOTHING_ASKED = () => "";

function sentIn(events: readonly MachineEvent[]): SentByFirmware[] {
  return events.flatMap(({ type, data }) => {
    if (type === "smc.forwarded") return data.notifications ?? [];
    return type === "scmi.completed" || type === "sensor.changed" ? data.sent : [];
  });
}

function decoded({ header, payload }: Waiting): Decoded {
  return decodeSent(header, fromHex(payload) ?? new Uint8Array(0)) as unknown as Decoded;
}

function nameOf(waiting: Waiting): string {
  const { protocol, message } = decoded(waiting);
  return `${protocol} ${message}`;
}

function textOf(waiting: Waiting): string {
  return describeSent(decoded(waiting), NO_NAMES);
}
