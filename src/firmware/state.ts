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

/** What an agent (the row) asked to be told of, by `subscriptionColumn`. A number is a threshold of such a wish. */
export type SubscriptionCells = { [what: string]: boolean | number };
/** Versions that an agent (the row) negotiated, a cell a protocol name: only those that are not the newest. */
export type NegotiatedCells = { [protocol: string]: number };
/** Permissions of an agent (the row) for one protocol of a device, `device.protocol`: only what differs from the device's. */
export type ProtocolPermissionCells = { [deviceProtocol: string]: boolean };

/** Messages that wait for an agent's platform-to-agent page, the oldest first; and the token of the next notification. */
export type P2aCells = { queue: string; token: number };
/** An asynchronous command that is not done yet, by its place in the order: whose, the message (payload in hex), and since when. */
export type PendingCells = { agentId: number; header: number; payload: string; sinceSeq: number };

/** All that the EL3 firmware keeps between two doorbells. Written only by `evolve` and by power-on. */
export interface FirmwareState {
  readonly clock: Table<ClockCells>;
  readonly powerDomain: Table<PowerDomainCells>;
  readonly reset: Table<ResetCells>;
  readonly permission: Table<PermissionCells>;
  readonly channel: Table<ChannelCells>;
  readonly p2a: Table<P2aCells>;
  readonly pending: Table<PendingCells>;
  readonly subscription: Table<SubscriptionCells>;
  readonly negotiated: Table<NegotiatedCells>;
  readonly protocolPermission: Table<ProtocolPermissionCells>;
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
    p2a: new Table("firmware/p2a", journal),
    pending: new Table("firmware/pending", journal),
    subscription: new Table("firmware/subscription", journal),
    negotiated: new Table("firmware/negotiated", journal),
    protocolPermission: new Table("firmware/protocolPermission", journal),
  };
}
