import type { Problem } from "#base/problem.ts";
import type { EventData, EventType, MachineEvent } from "#events/types.ts";
import type { FirmwareMemory } from "#firmware/ring.ts";
import type { Doorbell, MediatorContext, Subject } from "#mediator/context.ts";
import { AGENT_OWN } from "#mediator/state.ts";
import type { Stamp } from "./commands/commands.ts";
import type { CommandResult } from "./commands/results.ts";
import type { Hash } from "./state/digest.ts";
import type { Configuration, MachineState } from "./state/state.ts";

/** What deciding one command works with: the mediator's context, the whole machine, and the command's stamp. */
export interface Deciding extends MediatorContext {
  readonly host: Configuration;
  readonly machine: MachineState;
  readonly stamp: Stamp;
  readonly hash: Hash;
  /** Whether somebody reads what the command comes to. Where nobody does, an answer need not be put into words. */
  readonly answers: boolean;
  /** Memory to try things on, as it is now. */
  scratch(): FirmwareMemory;
}

/** What a command's rule gives back. */
export type Ruling = CommandResult | Problem;

/** What the machine does for a command under way. */
export interface DecidingHooks {
  readonly answers: boolean;
  /** Makes the event the next of the log, applies it, gives its seq. */
  record(event: Omit<MachineEvent, "seq" | "epoch">): number;
  lastSeq(): number;
  /** Runs the firmware for a doorbell and records the ring. */
  ring(doorbell: Doorbell): readonly bigint[];
  scratch(): FirmwareMemory;
}

/** A context that serves one command after the other, each with its own stamp. */
export type CommandContext = Deciding & { stamp: Stamp };

/** The context of a command, and of those that follow it on the same configuration. */
export function deciding(
  machine: MachineState,
  configuration: Configuration,
  stamp: Stamp,
  hash: Hash,
  hooks: DecidingHooks,
): CommandContext {
  return {
    host: configuration,
    state: machine.mediator,
    machine,
    stamp,
    hash,
    answers: hooks.answers,
    page: (address) => machine.memory.window(address),
    ring: (doorbell) => hooks.ring(doorbell),
    scratch: () => hooks.scratch(),
    lastSeq: () => hooks.lastSeq(),
    emit<T extends EventType>(type: T, data: EventData[T], subject: Subject = {}): number {
      const { domid = null } = subject;
      // 0xffffffff is SCMI's word for "own", and no agent's: the log writes none by it.
      const agentId = subject.agentId === AGENT_OWN ? null : (subject.agentId ?? null);
      return hooks.record({ type, data, domid, agentId } as unknown as Omit<MachineEvent, "seq" | "epoch">);
    },
  };
}
