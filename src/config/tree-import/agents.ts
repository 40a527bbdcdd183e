import type { SciBinding } from "../binding/read-binding.ts";
import type { Assumptions } from "../draft/draft.ts";
import type { TreeChannel, TreeChannels } from "./channels.ts";

/** Agent ids of a board file. */
const AGENT_IDS = 255;

/** An agent of the tree as the board file lists it. */
export type TreeAgent = {
  readonly id: number;
  readonly name: string;
  readonly funcId: number;
  readonly shmem: number;
  readonly p2a?: number;
};

/** The agents of a tree, by id, and which of them is Xen's own; null: none. */
export interface TreeAgents {
  readonly agents: readonly TreeAgent[];
  readonly xen: number | null;
}

const DISTANCE = "function ids are in a row, so that an agent is as far from the first as its function id";
const FREE = "the lowest that is free: the tree leaves it to the firmware";

/**
 * Gives every channel its agent. What the tree does not tell is assumed: ids by the distance of function ids where that agrees with
 * all that is told, else the lowest free ones; names after who has the agent.
 *
 * @param xenAgent the id of Xen's own agent as a person says, or null
 * @returns the agents; or why `xenAgent` cannot be one, in words
 */
export function treeAgents(
  { binding, channels }: TreeChannels,
  xenAgent: number | null,
  assumptions: Assumptions,
): TreeAgents | string {
  const told = channels.map((channel) =>
    channel.role === "xen" && xenAgent !== null ? { ...channel, agentId: xenAgent } : channel,
  );
  const twice = told.find(({ role, agentId }) => role !== "xen" && agentId !== null && agentId === xenAgent);
  if (twice !== undefined) return `agent ${xenAgent} cannot be Xen's own: it is that of ${twice.where}`;
  const ids = agentIds(told, assumptions);
  const names = agentNames(binding, told, ids);
  const agents = told.map(({ funcId, shmem, p2a }, index): TreeAgent => {
    const id = ids[index] as number;
    const name = assumptions.take(
      "firmware.agents[].name",
      names[index] as string,
      "the tree has no names of agents; these say who has them",
      id,
    );
    return { id, name, funcId, shmem, ...(p2a === null ? {} : { p2a }) };
  });
  const xen = told.findIndex(({ role }) => role === "xen");
  return { agents: agents.sort((a, b) => a.id - b.id), xen: xen === -1 ? null : (ids[xen] as number) };
}

function agentIds(channels: readonly TreeChannel[], assumptions: Assumptions): number[] {
  const first = channels.reduce((lowest, { funcId }) => Math.min(lowest, funcId), Number.POSITIVE_INFINITY);
  const inRow = channels.every(
    ({ funcId, agentId }) => funcId - first < AGENT_IDS && (agentId === null || agentId === funcId - first),
  );
  const taken = new Set(channels.flatMap(({ agentId }) => agentId ?? []));
  return channels.map(({ funcId, agentId }) => {
    if (agentId !== null) return agentId;
    let id = funcId - first;
    if (!inRow) {
      id = 0;
      while (taken.has(id)) id += 1;
    }
    taken.add(id);
    return assumptions.take("firmware.agents[].id", id, inRow ? DISTANCE : FREE, id);
  });
}

function agentNames(
  binding: SciBinding | null,
  channels: readonly TreeChannel[],
  ids: readonly number[],
): string[] {
  const guests = new Map(
    (binding?.dom0less ?? []).flatMap(({ node, agent }) =>
      agent?.value === null || agent === null ? [] : [[agent.value, node.name] as const],
    ),
  );
  const used = new Set<string>();
  return channels.map(({ role }, index) => {
    const id = ids[index] as number;
    const named =
      role === "xen"
        ? "xen"
        : binding !== null && id === binding.dom0.agentId
          ? "dom0"
          : (guests.get(id) ?? (role === "host" ? "host" : `agent-${id}`));
    const name = used.has(named) ? `${named}-${id}` : named;
    used.add(name);
    return name;
  });
}
