import type { Names } from "#scmi/describe.ts";
import type { MachineState } from "../state/state.ts";
import { namesAt } from "../views/names.ts";

/** How people call what a state has by number: by its number, and by its name where somebody gave it one. */
export class Who {
  readonly #states: readonly MachineState[];
  readonly #names: readonly Names[];

  constructor(before: MachineState, after: MachineState) {
    // Of two names the later counts.
    this.#states = [after, before];
    this.#names = this.#states.map((state) => namesAt(state, Number.MAX_SAFE_INTEGER));
  }

  agent(id: number): string {
    return this.resource("agent", "base", "agentId", id);
  }

  device(id: number): string {
    return this.resource("device", "base", "deviceId", id);
  }

  /** @param isEarlier of two domains that had this domid, the first is meant */
  domain(domid: number, isEarlier = false): string {
    const states = isEarlier ? [...this.#states].reverse() : this.#states;
    const name = states
      .map(({ mediator }) => mediator.domain.get(domid)?.name)
      .find((known) => known !== undefined);
    return called("domain", domid, name);
  }

  /** Something of the firmware's, by the protocol and the field that name it in messages. */
  resource(word: string, protocol: string, field: string, id: number): string {
    const name = this.#names
      .map((names) => names.of(protocol, field, id))
      .find((known) => known !== undefined);
    return called(word, id, name);
  }
}

function called(word: string, id: number, name: string | undefined): string {
  return name === undefined || name === "" ? `${word} ${id}` : `${word} ${id} (${name})`;
}
