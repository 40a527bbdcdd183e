import type { Journal, Scalar } from "#base/cells.ts";
import { Table } from "#base/cells.ts";

/** State of a clock: rate in Hz, and whether it runs. */
export type ClockCells = {
  rate: number;
  /** The agent that set its rate or its parent last, where the profile keeps that. */
  setBy: number;
  enabled: boolean;
  /** The clock that feeds it, where it has a choice. */
  parent: number;
  /** Values of its extended configurations, by type; what was never set is 0. */
  [extended: `extended${number}`]: number;
};
/** State of a power domain: whether it is on, and its use count. */
export type PowerDomainCells = { on: boolean; count: number };
/** The last RESET of a reset domain, kept for display: firmware has no state of it. */
export type ResetCells = {
  lastAgent: number;
  lastFlags: number;
  lastState: number;
  /** The agent that asserted the line and holds it, where the profile counts that. */
  assertedBy: number;
};
/** Who wants a clock (the row) to run, a cell an agent, and `boot` for the platform; true holds it. */
export type ClockVoteCells = { [agentIdOrBoot: string | number]: boolean };
/** Which state agents want of a power domain (the row), and `boot` the platform: 0 off to 3 on; the highest counts. */
export type PowerVoteCells = { [agentIdOrBoot: string | number]: number };
/** Which level instances want of a performance domain (the row), a cell an instance by its place in the board file. */
export type PerformanceVoteCells = { [instance: number]: number };
/** Which mode agents want of a voltage domain (the row), and `boot` the platform; true is on, and one that wants it is enough. */
export type VoltageVoteCells = { [agentIdOrBoot: string | number]: boolean };
/**
 * Which agents want a sensor (the row) enabled; whether it is for an instance, by its place in the board file; and whether it gives
 * timestamps.
 */
export type SensorVoteCells = {
  [agentId: number]: boolean;
  [instance: `instance${number}`]: boolean;
  timestamps: boolean;
};
/** State of a performance domain: its level and limits as messages name them, and the agent that set the limits, if one did. */
export type PerformanceCells = { level: number; min: number; max: number; limitsBy?: number };
/** How a sensor is set up and by which agent, if by one; and its trip points that were set: when they tell, and at what (decimal). */
export type SensorCells = {
  enabled: boolean;
  timestamps: boolean;
  intervalUs: number;
  configBy?: number;
  [mode: `trip${number}Mode`]: number;
  [value: `trip${number}Value`]: string;
  [agent: `trip${number}By`]: number;
  /** By axis, or 0 for the sensor's own: only what differs from the board's. */
  [reading: `reading${number}`]: number;
};
/** The last SYSTEM_POWER_STATE_SET, row 0, kept for display: the model does not reset itself. */
export type SystemCells = { lastAgent: number; lastFlags: number; lastState: number };
/** State of a voltage domain: level in µV, which stays while it is off. */
export type VoltageCells = { level: number; on: boolean };
/** State of a power capping domain: caps and capping intervals by the number of the limit, and the agent that set one last. */
export type PowercapCells = {
  pai: number;
  setBy: number;
  [cap: `cap${number}`]: number;
  [cai: `cai${number}`]: number;
};
/** State of a pin: the agent that has it for itself, its function, and its configs by type. */
export type PinCells = { owner: number; function: number; [type: number]: number };
/** What a vendor protocol keeps, in the row of its id. */
export type VendorCells = { [cell: string]: Scalar };
/** A channel that the firmware refuses for ever (its busy leak), and since which event. */
export type ChannelCells = {
  wedged: boolean;
  wedgedSeq: number;
  /** How often it was made anew since power-on, because its agent was reset. */
  initialised: number;
};
/** The one buffer of imx's mistakes, row 0: what messages left in it, in hex. */
export type ReceivedCells = { bytes: string };
/** Permissions of an agent (the row), a cell a device: only what differs from the power-on default. */
export type PermissionCells = { [deviceId: number]: boolean };
/** Bits of an agent (the row), a cell a resource, `reset.3`: only what differs from power-on. Where permissions are kept so. */
export type AccessCells = { [resource: string]: boolean };
/** The agent that a device (the row) belongs to, where the firmware keeps that. */
export type OwnerCells = { agentId: number };

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
  readonly clockVote: Table<ClockVoteCells>;
  readonly powerVote: Table<PowerVoteCells>;
  readonly performance: Table<PerformanceCells>;
  readonly performanceVote: Table<PerformanceVoteCells>;
  readonly voltageVote: Table<VoltageVoteCells>;
  readonly sensorVote: Table<SensorVoteCells>;
  readonly sensor: Table<SensorCells>;
  readonly system: Table<SystemCells>;
  readonly voltage: Table<VoltageCells>;
  readonly powercap: Table<PowercapCells>;
  readonly pin: Table<PinCells>;
  readonly vendor: Table<VendorCells>;
  readonly permission: Table<PermissionCells>;
  readonly access: Table<AccessCells>;
  /** What `access` was before it was changed last. */
  readonly accessBefore: Table<AccessCells>;
  readonly owner: Table<OwnerCells>;
  readonly channel: Table<ChannelCells>;
  readonly received: Table<ReceivedCells>;
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
    clockVote: new Table("firmware/clockVote", journal),
    powerVote: new Table("firmware/powerVote", journal),
    performance: new Table("firmware/performance", journal),
    performanceVote: new Table("firmware/performanceVote", journal),
    voltageVote: new Table("firmware/voltageVote", journal),
    sensorVote: new Table("firmware/sensorVote", journal),
    sensor: new Table("firmware/sensor", journal),
    system: new Table("firmware/system", journal),
    voltage: new Table("firmware/voltage", journal),
    powercap: new Table("firmware/powercap", journal),
    pin: new Table("firmware/pin", journal),
    vendor: new Table("firmware/vendor", journal),
    permission: new Table("firmware/permission", journal),
    access: new Table("firmware/access", journal),
    accessBefore: new Table("firmware/accessBefore", journal),
    owner: new Table("firmware/owner", journal),
    channel: new Table("firmware/channel", journal),
    received: new Table("firmware/received", journal),
    p2a: new Table("firmware/p2a", journal),
    pending: new Table("firmware/pending", journal),
    subscription: new Table("firmware/subscription", journal),
    negotiated: new Table("firmware/negotiated", journal),
    protocolPermission: new Table("firmware/protocolPermission", journal),
  };
}
