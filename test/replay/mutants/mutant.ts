import type { Board } from "#config/board/board.ts";
import type { EventData, EventType, MachineEvent, SmcEffect } from "#events/types.ts";
import type { MachineState } from "#machine/state/state.ts";
import type { Change } from "../../support/source-program.ts";

/**
 * A rule of our program, broken on purpose. The program with `after` in the place of `before` replays logs that the right one
 * recorded: of each the first divergence has to be the first event that the rule decided.
 */
export interface Mutant extends Change {
  /** The rule that it breaks, as a sentence about Xen or the firmware. */
  readonly rule: string;
  /** Hosts in whose logs `decides` is the whole of the rule; left out, all. */
  readonly hosts?: (board: Board) => boolean;
  /**
   * Whether a recorded event came out as it did because of the rule, and would not without it. It knows what was recorded and
   * what the right program makes of that, and nothing of the mutant.
   */
  readonly decides: Decides;
  /** Where the divergence has to be: the path that it is told at begins like this, or like one of these. */
  readonly path: string | readonly string[];
}

/** A recorded event with all that it was decided from. */
export interface Seen {
  readonly event: MachineEvent;
  /** The machine before it, folded from the recorded events. */
  readonly state: MachineState;
  readonly board: Board;
  /** Kind of the command that it belongs to. */
  readonly kind: string;
  /** The event before it in the same command, or null; its `state` is this one's. */
  readonly previous: Seen | null;
  /** Of an SMC whose message the firmware carried out: that message. */
  readonly message: Message | null;
}

/** `digest`: no event shows it, but the state after the command, so that the digest tells, at the first event of the command. */
export type Decides = (seen: Seen) => boolean | "digest";

/** A message with its answer. */
export interface Message {
  readonly protocolId: number;
  /** SCMI's name; empty where no table has it, or the board does not list its protocol. */
  readonly name: string;
  /** The agent that the firmware took the caller for. */
  readonly caller: number;
  readonly origin: "domain" | "xen" | "below";
  /** Bytes of the request's payload, and its whole words. */
  readonly bytes: number;
  readonly words: readonly number[];
  /** SCMI's name of the answer's status. */
  readonly status: string;
  /** The words of the answer behind the status. */
  readonly answer: readonly number[];
  readonly effects: readonly SmcEffect[];
}

/** The event is of a type, and its data are such. */
export function recorded<T extends EventType>(
  type: T,
  also: (data: EventData[T], seen: Seen) => boolean = () => true,
): Decides {
  return (seen) => seen.event.type === type && also(seen.event.data as EventData[T], seen);
}

/** The firmware carried out a message of one of these names, and message and answer are such. */
export function message(
  names: string | readonly string[],
  also: (message: Message, seen: Seen) => boolean = () => true,
): Decides {
  return (seen) => {
    const { message: found } = seen;
    if (found === null) return false;
    const isNamed = typeof names === "string" ? names === found.name : names.includes(found.name);
    return isNamed && also(found, seen);
  };
}

/** The same of a message whatever its name. */
export function anyMessage(also: (message: Message, seen: Seen) => boolean): Decides {
  return (seen) => seen.message !== null && also(seen.message, seen);
}

/** What decides shows in the digest alone. */
export function inDigest(decides: Decides): Decides {
  return (seen) => (decides(seen) === false ? false : "digest");
}

/** The board trusts the caller of a message. */
export function isTrusted({ caller }: Message, { board }: Seen): boolean {
  return board.firmware.trustedAgents.includes(caller);
}

/** The mediator that is registered is the single-agent one. */
export function isSingleAgent({ state }: Seen): boolean {
  return state.mediator.driver.get(0)?.mode === "single-agent";
}

export function either(...any: readonly Decides[]): Decides {
  return (seen) => {
    for (const decides of any) {
      const decided = decides(seen);
      if (decided !== false) return decided;
    }
    return false;
  };
}

/** The board's firmware is of one of these profiles. */
export function profiled(...names: readonly Board["firmware"]["profile"][]): (board: Board) => boolean {
  return ({ firmware }) => names.includes(firmware.profile);
}
