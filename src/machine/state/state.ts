import { Journal, type JournalMark, Table } from "#base/cells.ts";
import type { DeviceTree } from "#config/device-tree/fdt.ts";
import { createFirmwareState, type FirmwareState } from "#firmware/state.ts";
import type { Host } from "#mediator/context.ts";
import { createMediatorState, type MediatorState } from "#mediator/state.ts";
import { PhysicalMemory } from "./memory.ts";

/** The host itself, row 0. */
export type HostCells = {
  /** Digest of what it is configured from; the key of {@link MachineState.configurations}. */
  configuration: string;
  /** The event that brought it. */
  configuredSeq: number;
  ruleVersion: number;
  /** Count of host boots, from 1; 0: configured, not booted. */
  epoch: number;
  /** Errno and message of the panic that ended this boot, or absent. */
  panicErrno: string;
  panic: string;
  panicSeq: number;
  /** The last domid that was given out. */
  lastDomid: number;
};

/** Since which event a permission is what it is: row agent, column device. Only where it differs from the default. */
export type SinceCells = { [deviceId: number]: number };

/** What the machine is configured from: everything derived from `host.configured`, never changed. */
export interface Configuration extends Host {
  readonly digest: string;
  /** The partial trees of dom0less domains, by the name of the domain's node below /chosen. */
  readonly partialTrees: ReadonlyMap<string, DeviceTree>;
  readonly autostart: readonly { readonly file: string; readonly text: string }[];
}

/** The whole state of one host. Every write goes through `journal`. */
export class MachineState {
  readonly journal: Journal = new Journal();
  readonly memory: PhysicalMemory = new PhysicalMemory(this.journal);
  readonly host: Table<HostCells> = new Table("host", this.journal);
  readonly mediator: MediatorState = createMediatorState(this.journal);
  readonly firmware: FirmwareState = createFirmwareState(this.journal);
  readonly permissionSince: Table<SinceCells> = new Table("permissionSince", this.journal);
  /** Permissions granted outside an assignment (by an administrator, or by a trusted guest), and in which event. */
  readonly granted: Table<SinceCells> = new Table("granted", this.journal);
  /** Configurations that `host.configured` brought, by digest. */
  readonly configurations: Map<string, Configuration> = new Map();

  /** Every table, in the order of snapshots. */
  tables(): readonly Table<object>[] {
    return [
      this.host,
      ...Object.values(this.mediator),
      ...Object.values(this.firmware),
      this.permissionSince,
      this.granted,
    ] as unknown as readonly Table<object>[];
  }

  /** The configuration in force, or undefined: nothing configured yet. */
  configuration(): Configuration | undefined {
    const digest = this.host.get(0)?.configuration;
    return digest === undefined ? undefined : this.configurations.get(digest);
  }

  /** Takes back everything since `mark`. */
  undo(mark: JournalMark): void {
    const { cells, pieces } = this.journal;
    while (cells.length > mark.cells) {
      const change = cells.pop();
      if (change !== undefined) change.table.restore(change.row, change.column, change.before);
    }
    while (pieces.length > mark.pieces) {
      const change = pieces.pop();
      if (change !== undefined) this.memory.restorePiece(change.piece, change.before);
    }
    this.memory.beginCommand();
  }
}
