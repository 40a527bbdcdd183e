import type { FirmwareConfig } from "#config/board/board.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import { pickFault } from "#firmware/faults/pick-fault.ts";
import type { FirmwareMemory } from "#firmware/ring.ts";
import type { FaultSource } from "./machine.ts";

export type { Fault } from "#firmware/faults/faults.ts";

/** The faults of a simulation, in the order they were given. They outlive host reboots, and are no part of the state. */
export class FaultList implements FaultSource {
  #faults: { readonly fault: Fault; left: number }[] = [];

  /** @param times how many rings it meets; null: every one, until it is cleared */
  add(fault: Fault, times: number | null): void {
    this.#faults.push({ fault, left: times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The first that matches wins, and only that one counts down. */
  pick(config: FirmwareConfig, memory: FirmwareMemory, x: readonly bigint[]): Fault | undefined {
    const faults = this.#faults.map(({ fault }) => fault);
    const picked = pickFault(faults, config, memory, x);
    if (picked === undefined) return undefined;
    const entry = this.#faults[faults.indexOf(picked)];
    if (entry !== undefined) entry.left -= 1;
    this.#faults = this.#faults.filter(({ left }) => left > 0);
    return picked;
  }
}
