import { hexWord } from "#base/hex.ts";
import { readRegion } from "../device-tree/address.ts";
import type { DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";
import { type HostChannel, hostChannels } from "./checks/host/channel.ts";
import type { LintInput } from "./input.ts";
import { once } from "./once.ts";

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

/** The channels of a host tree, to be looked up in. */
export interface LintChannels {
  readonly management: LintChannel | null;
  /** Those of the list. */
  readonly rows: readonly LintChannel[];
  /** The channel that Xen finds for an agent: the first, its own before all. */
  readonly byAgent: ReadonlyMap<number, LintChannel>;
  /** The page of every channel, and of every agent of the board's firmware that the tree does not name; by address. */
  readonly pages: readonly ChannelPage[];
}

/** A page that somebody's messages are in. */
export interface ChannelPage {
  readonly page: number;
  readonly owner: string;
  /** Whether nobody says which agent it is of: then it may be any guest's. */
  readonly isUntold: boolean;
}

export const channelsOf: (input: LintInput) => LintChannels = once((input) => {
  const agents = new Map(input.board?.board.firmware.agents.map(({ funcId, id }) => [funcId, id]));
  const all = hostChannels(input).map((channel) => lintChannel(channel, agents));
  const byAgent = new Map<number, LintChannel>();
  for (const channel of all) {
    if (channel.agentId !== null && !byAgent.has(channel.agentId)) byAgent.set(channel.agentId, channel);
  }
  return {
    management: all.find(({ isManagement }) => isManagement) ?? null,
    rows: all.filter(({ isManagement }) => !isManagement),
    byAgent,
    pages: pagesOf(input, all),
  };
});

function lintChannel(
  { isManagement, agentId, funcId, region }: HostChannel,
  agents: ReadonlyMap<number, number>,
): LintChannel {
  const known = agentId ?? (funcId === null ? undefined : agents.get(funcId)) ?? null;
  return {
    isManagement,
    agentId: known,
    funcId,
    page: region.kind === "region" ? region.region.address : null,
  };
}

function pagesOf({ board }: LintInput, channels: readonly LintChannel[]): ChannelPage[] {
  const owners = new Map<number, string>();
  const untold = new Set<number>();
  for (const channel of channels) {
    if (channel.page === null || owners.has(channel.page)) continue;
    owners.set(channel.page, ownerText(channel));
    if (!channel.isManagement && channel.agentId === null) untold.add(channel.page);
  }
  for (const { shmem, id } of board?.board.firmware.agents ?? []) {
    if (!owners.has(shmem)) owners.set(shmem, `agent ${id}`);
  }
  return [...owners]
    .map(([page, owner]) => ({ page, owner, isUntold: untold.has(page) }))
    .sort((a, b) => a.page - b.page);
}

function ownerText({ isManagement, agentId, funcId }: LintChannel): string {
  if (isManagement) return "Xen's own channel";
  return agentId !== null ? `agent ${agentId}` : `the channel ${funcId === null ? "" : hexWord(funcId)}`;
}

/** The page that an SCMI node of the host names. */
export function scmiPage({ host }: LintInput, node: DtNode): number | null {
  const phandle = readU32(node, "shmem");
  const shmem = phandle === null ? undefined : host?.tree.nodeByPhandle(phandle);
  return shmem === undefined ? null : (readRegion(shmem, 0)?.address ?? null);
}
