import type { MachineEvent } from "#events/types.ts";
import type { Command, CommandKind } from "#machine/commands/commands.ts";
import type { Decision, Machine } from "#machine/machine.ts";

/** Domids of domains that nobody recorded: behind all that a log is likely to have given out. */
const UNRECORDED_FROM = 0x4000;

const CREATING: ReadonlySet<CommandKind> = new Set(["domain.create", "domain.restart", "domain.shutdown"]);

/**
 * The domids of a fork. Xen's toolstack counts them up, so a domain more or less would give every later one another domid, and SMCs
 * that are recorded by domid would come from other domains. Here a domain keeps the domid that it was recorded with, as far as
 * it is free, and what was not recorded gets one far behind.
 */
export class Domids {
  readonly #machine: Machine;
  #last = UNRECORDED_FROM;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /**
   * Executes a command so.
   *
   * @param before the events that it recorded; none of an inserted one
   */
  kept(command: Command, before: readonly MachineEvent[], execute: () => Decision): Decision {
    if (!CREATING.has(command.kind)) return execute();
    const { state } = this.#machine;
    const last = state.host.get(0)?.lastDomid;
    if (last === undefined) return execute();
    const recorded = before.find(isCreation)?.domid ?? null;
    const isFree = recorded !== null && recorded > 0 && !state.mediator.domain.has(recorded);
    this.#count(isFree ? recorded - 1 : this.#last);
    const decision = execute();
    if (!isFree) {
      this.#last = Math.max(this.#last, state.host.get(0)?.lastDomid ?? 0);
      this.#count(last);
    }
    return decision;
  }

  #count(last: number): void {
    const { state } = this.#machine;
    if (state.host.get(0)?.lastDomid === last) return;
    const mark = state.journal.mark();
    state.host.set(0, "lastDomid", last);
    this.#machine.endCommand(mark);
  }
}

/** A refusal by Xen uses a domid up too. */
function isCreation({ type, domid }: MachineEvent): boolean {
  return (type === "domain.created" || type === "domain.creation-refused") && domid !== null;
}
