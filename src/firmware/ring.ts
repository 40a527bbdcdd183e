import type { FirmwareConfig } from "#config/board/board.ts";
import type { SentByFirmware } from "#events/types.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import type { Fault } from "./faults/faults.ts";
import type { Effect, FirmwareState } from "./state.ts";

/** Physical memory as the firmware reaches it: the window of 4 KiB that starts at an address. */
export interface FirmwareMemory {
  window(address: number): DeviceMemory;
}

/** A message as it lay in the page. The payload is `length - 4` bytes; empty where the length word makes no sense. */
export interface RingMessage {
  readonly header: number;
  readonly payload: Uint8Array;
}

/**
 * The channel as the firmware left it. Payload as for {@link RingMessage}, by the length word left there; but never less than the
 * firmware wrote, for where a fault makes that word lie, this is all from which replay can rebuild the page.
 */
export interface RingResponse extends RingMessage {
  readonly channelStatus: number;
  readonly length: number;
}

/** What one SMC did. */
export interface RingOutcome {
  /** x0..x3 out. */
  readonly xOut: readonly bigint[];
  /** Agent whose doorbell this is, or null: the firmware does not know the function id. */
  readonly agentId: number | null;
  /** What lay in that agent's page when the doorbell rang; null for an unknown function id. */
  readonly request: RingMessage | null;
  readonly response: RingResponse | null;
  readonly effects: readonly Effect[];
  /** What the firmware sent by itself because of it, in order. */
  readonly notifications: readonly SentByFirmware[];
}

/**
 * Rings a doorbell at EL3: the whole path of one SMC through the firmware. Reads and writes the agent's page through `memory`
 * (the caller hands in scratch memory: what counts is the outcome), reads `state`, and changes nothing else.
 *
 * @param x x0..x7; only x0 is looked at
 * @param fault what a simulation makes go wrong this time, if anything
 * @see TF-A drivers/scmi-msg/smt.c, `scmi_process_smt`; `scmi_smt_fastcall_smc_entry`
 */
export type Ring = (
  config: FirmwareConfig,
  state: FirmwareState,
  memory: FirmwareMemory,
  x: readonly bigint[],
  fault?: Fault,
) => RingOutcome;
