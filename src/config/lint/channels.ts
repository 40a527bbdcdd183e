import type { DtNode } from "../device-tree.ts";
import { readRegion } from "../dt-address.ts";
import { readU32 } from "../dt-property.ts";
import type { LintInput } from "./input.ts";

/** A channel of the host tree, as Xen will know it. */
export interface LintChannel {
  /** Whether it is Xen's own. */
  readonly isManagement: boolean;
  /** Declared in its row, or else what the board's firmware has for its function id; null: nobody says. */
  readonly agentId: number | null;
  readonly funcId: number | null;
  /** Address of its page for the CPU; null where it cannot be told. */
  readonly page: number | null;
}

/** The channels of a host tree, Xen's own first and then the rows, which is the order in which Xen looks for an agent. */
export function channelsOf(input: LintInput): LintChannel[] {
  const { binding } = input;
  if (binding === null) return [];
  const { management, list } = binding;
  const rows = list.rows.map(({ funcId, shmem, agentId }) => ({
    isManagement: false,
    agentId: agentId ?? agentOf(input, funcId),
    funcId,
    page: pageOf(shmem),
  }));
  return management === null ? rows : [managementChannel(input, management), ...rows];
}

function managementChannel(input: LintInput, node: DtNode): LintChannel {
  const funcId = readU32(node, "arm,smc-id");
  const agentId = funcId === null ? null : agentOf(input, funcId);
  return { isManagement: true, agentId, funcId, page: scmiPage(input, node) };
}

/** The page that an SCMI node of the host names. */
export function scmiPage({ host }: LintInput, node: DtNode): number | null {
  const phandle = readU32(node, "shmem");
  return phandle === null ? null : pageOf(host?.tree.nodeByPhandle(phandle) ?? null);
}

function pageOf(shmem: DtNode | null): number | null {
  return shmem === null ? null : (readRegion(shmem, 0)?.address ?? null);
}

function agentOf({ board }: LintInput, funcId: number): number | null {
  return board?.board.firmware.agents.find((agent) => agent.funcId === funcId)?.id ?? null;
}

/** A page that somebody's messages are in. */
export interface ChannelPage {
  readonly page: number;
  readonly owner: string;
}

/** The page of every channel of the tree, and of every agent of the board's firmware that the tree does not name. */
export function channelPages(input: LintInput): ChannelPage[] {
  const pages = new Map<number, string>();
  for (const { page, isManagement, agentId, funcId } of channelsOf(input)) {
    if (page === null || pages.has(page)) continue;
    const agent =
      agentId === null
        ? `the channel ${funcId === null ? "" : `0x${funcId.toString(16)}`}`
        : `agent ${agentId}`;
    pages.set(page, isManagement ? "Xen's own channel" : agent.trim());
  }
  for (const { shmem, id } of input.board?.board.firmware.agents ?? []) {
    if (!pages.has(shmem)) pages.set(shmem, `agent ${id}`);
  }
  return [...pages].map(([page, owner]) => ({ page, owner }));
}
