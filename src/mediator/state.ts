import { type Journal, Table } from "#base/cells.ts";
import type { DomainOrigin } from "#events/types.ts";

/** `DOMID_XEN`: owner of the management channel. */
export const DOMID_XEN = 0x7ff2;
/** Highest domid that a domain gets; behind it the search starts again from 1. */
export const DOMID_LAST = 0x7fef;
/** The own agent, in BASE_DISCOVER_AGENT and as the id of a channel not yet discovered. */
export const AGENT_OWN = 0xffff_ffff;

/** Xen's driver, row 0. */
export type DriverCells = {
  /** A mediator is registered with the SCI core. */
  registered: boolean;
  /** Set where it is the single-agent one. */
  mode: "single-agent";
  /** Path of the SCMI node whose function id the single-agent mediator forwards. */
  node: string;
  /** Whether dom0 leaves the single-agent mediator's SCMI to a guest. */
  passthrough: boolean;
  /** Path of the node that was last taken as *the* access controller. */
  accessController: string;
  managementAgent: number;
  managementFuncId: number;
  managementShmem: number;
  /** Event since which Xen never finds the management page FREE again. */
  stuckSeq: number;
  /** Event of the probe that registered. */
  probedSeq: number;
  /** The probe that failed, if one did. */
  failedSeq: number;
  failedErrno: string;
  failedMessage: string;
};

/**
 * A row of Xen's channel list, by its index: management first, then the secondaries in property order. The single-agent mediator
 * has one row, 0.
 */
export type ChannelCells = {
  agentId: number;
  funcId: number;
  shmem: number;
  /** A domid, `DOMID_XEN`, or null: free. */
  owner: number | null;
};

export type DomainState = "running" | "shutdown" | "dying";

/** A live domain, by domid. */
export type DomainCells = {
  uuid: string;
  name: string;
  origin: DomainOrigin;
  state: DomainState;
  sciType: string;
  /** Index of its channel, or null: SCI is off. */
  channel: number | null;
  /** Whether it has an IOMMU context. */
  iommu: boolean;
  /** Its {@link DomainConfig} as JSON: what a restart creates it from. */
  config: string;
  createdSeq: number;
  /** Event since which it is dying. */
  dyingSeq: number;
};

/** An assignment: row domid, column device-tree path, the cell a JSON text `{"deviceIds":[…],"seq":n,"ungranted":bool}`. */
export type AssignmentCells = { [path: string]: string };

/** A device behind an IOMMU, by path: the domain that it is assigned to. */
export type IommuCells = { domid: number };

/** A page that dom0 has iomem access to, by address; it is never revoked. `bytes`: of the range that begins there, one page if absent. */
export type IomemCells = { granted: boolean; bytes: number };

/** What went before for an agent: since when its permissions were kept at a reset. */
export type KeptCells = { seq: number };

/** All that Xen's SCI code and the toolstack keep between two commands. Written only by evolve. */
export interface MediatorState {
  readonly driver: Table<DriverCells>;
  readonly channel: Table<ChannelCells>;
  readonly domain: Table<DomainCells>;
  readonly assignment: Table<AssignmentCells>;
  readonly iommu: Table<IommuCells>;
  readonly iomem: Table<IomemCells>;
  readonly kept: Table<KeptCells>;
}

/** A Xen that has not booted. */
export function createMediatorState(journal: Journal): MediatorState {
  return {
    driver: new Table("mediator/driver", journal),
    channel: new Table("mediator/channel", journal),
    domain: new Table("mediator/domain", journal),
    assignment: new Table("mediator/assignment", journal),
    iommu: new Table("mediator/iommu", journal),
    iomem: new Table("mediator/iomem", journal),
    kept: new Table("mediator/kept", journal),
  };
}
