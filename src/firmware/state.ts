import type { Journal, Scalar } from "#base/cells.ts";
import { Table } from "#base/cells.ts";

/** State of a clock: rate in Hz, and whether it runs. */
export type ClockCells = { rate: number; enabled: boolean };
/** State of a power domain: whether it is on, and its use count. */
export type PowerDomainCells = { on: boolean; count: number };
/** The last RESET of a reset domain, kept for display: firmware has no state of it. */
export type ResetCells = { lastAgent: number; lastFlags: number; lastState: number };
/** A channel that the firmware refuses for ever (its busy leak), and since which event. */
export type ChannelCells = { wedged: boolean; wedgedSeq: number };
/** Permissions of an agent (the row), a cell a device: only what differs from the power-on default. */
export type PermissionCells = { [deviceId: number]: boolean };

/** All that the EL3 firmware keeps between two doorbells. Written only by `evolve` and by power-on. */
export interface FirmwareState {
  readonly clock: Table<ClockCells>;
  readonly powerDomain: Table<PowerDomainCells>;
  readonly reset: Table<ResetCells>;
  readonly permission: Table<PermissionCells>;
  readonly channel: Table<ChannelCells>;
}

/** Name of a table of the firmware's state. */
export type FirmwareTable = keyof FirmwareState;

/** A cell of the firmware's state that a message made `value`; undefined takes the cell away (back to its default). */
export interface Effect {
  readonly table: FirmwareTable;
  readonly row: number;
  readonly column: string;
  readonly value: Scalar | undefined;
}

/** An empty firmware: power-on fills it. */
export function createFirmwareState(journal: Journal): FirmwareState {
  return {
    clock: new Table("firmware/clock", journal),
    powerDomain: new Table("firmware/powerDomain", journal),
    reset: new Table("firmware/reset", journal),
    permission: new Table("firmware/permission", journal),
    channel: new Table("firmware/channel", journal),
  };
}
