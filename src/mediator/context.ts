import type { Board } from "#config/board/board.ts";
import type { DeviceTree } from "#config/device-tree/fdt.ts";
import type { EventData, EventType, PageWrite } from "#events/types.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import type { MediatorState } from "./state.ts";

/** What Xen boots from: the board's description and the host device tree. */
export interface Host {
  readonly board: Board;
  readonly tree: DeviceTree;
  /** Xen's command line: the board's, or where that says nothing the tree's. */
  readonly cmdline: string;
  /** Version of the rules that this host is decided by. */
  readonly rules: number;
}

/** An SMC on its way to EL3. */
export interface Doorbell {
  readonly origin: "domain" | "xen";
  readonly domid: number | null;
  /** Agent id of the channel as Xen knows it, or null before discovery. */
  readonly agentId: number | null;
  /** Address of the caller's page. */
  readonly shmem: number;
  /** What the caller wrote into the page since it last rang. */
  readonly writes: readonly PageWrite[];
  /** x0..x7 of the caller. */
  readonly x: readonly bigint[];
  /** x0..x7 that reach the firmware; left out: the caller's. */
  readonly rung?: readonly bigint[];
}

/**
 * What the mediator is handed: its own state to read, a doorbell to ring, and a way to say what happened. Everything that
 * changes goes through {@link emit}, which evolve applies at once, so that the next step sees it.
 */
export interface MediatorContext {
  readonly host: Host;
  readonly state: MediatorState;
  /** The page at an address, as device memory, as it is now. Read only: writes go with the doorbell. */
  page(address: number): DeviceMemory;
  /** Rings: records an `smc.forwarded` and gives x0..x3. */
  ring(doorbell: Doorbell): readonly bigint[];
  /** Records an event and applies it. Gives its seq. */
  emit<T extends EventType>(type: T, data: EventData[T], subject?: Subject): number;
  /** Seq of the last event recorded. */
  lastSeq(): number;
}

/** Whom an event is about. */
export interface Subject {
  readonly domid?: number | null;
  readonly agentId?: number | null;
}
