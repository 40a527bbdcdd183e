import type { DtNode } from "../../../device-tree/device-tree.ts";
import { readU32 } from "../../../device-tree/property.ts";
import type { Place } from "../../finding.ts";
import type { LintInput, LintTree } from "../../input.ts";
import { once } from "../../once.ts";
import { looksReversed } from "./agent-rows.ts";
import { type RegionFound, regionOf } from "./region.ts";

/** A channel as the host tree describes it: Xen's own, or a row of the agent list. */
export interface HostChannel {
  readonly isManagement: boolean;
  /** What messages call it: `agent 2`, `row 0` where no agent is declared, `Xen's own channel`. */
  readonly who: string;
  readonly funcId: number | null;
  /** As declared; null: by a row of two cells, or of the management channel. */
  readonly agentId: number | null;
  readonly shmem: DtNode | null;
  readonly region: RegionFound;
  readonly place: Place;
}

/** The channels of the host tree, Xen's own first. Rows that have their cells in another order are left out. */
export const hostChannels: (input: LintInput) => readonly HostChannel[] = once(readChannels);

/** The rows only. */
export function agentChannels(input: LintInput): readonly HostChannel[] {
  return hostChannels(input).filter(({ isManagement }) => !isManagement);
}

/** Xen's own, or null: the tree has none. */
export function managementChannel(input: LintInput): HostChannel | null {
  return hostChannels(input).find(({ isManagement }) => isManagement) ?? null;
}

function readChannels({ host, binding }: LintInput): HostChannel[] {
  if (host === null || binding === null) return [];
  const { management, list } = binding;
  const rows = looksReversed(binding)
    ? []
    : list.rows.map(({ index, funcId, shmem, agentId, node, property }): HostChannel => {
        const who = agentId === null ? `row ${index}` : `agent ${agentId}`;
        const place = host.locate(node, property);
        return { isManagement: false, who, funcId, agentId, shmem, region: regionOf(host, shmem), place };
      });
  return management === null ? rows : [ownChannel(host, management), ...rows];
}

function ownChannel(host: LintTree, node: DtNode): HostChannel {
  const phandle = readU32(node, "shmem");
  const shmem = (phandle === null ? undefined : host.tree.nodeByPhandle(phandle)) ?? null;
  return {
    isManagement: true,
    who: "Xen's own channel",
    funcId: readU32(node, "arm,smc-id"),
    agentId: null,
    shmem,
    region: regionOf(host, shmem),
    place: host.locate(node),
  };
}
