import { bindingForms } from "../binding/read-binding.ts";
import type { Board, DeviceConfig } from "../board/board.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";
import { NoteGroups } from "../draft/notes.ts";
import { treeProtocols } from "../tree-import/protocols.ts";
import { resourceUses } from "../tree-import/uses.ts";
import type { ExportedChannel, ExportView } from "./view.ts";

/** What a vendor's tree and a board file make a mediator of: who would have which channel, and what would be controlled. */
export interface PlannedHost {
  readonly channels: readonly ExportedChannel[];
  /** SCMI devices by the node that uses their resources. */
  readonly controlled: ReadonlyMap<DtNode, readonly number[]>;
  /** Nodes that could be several devices, of which nothing in the tree tells the right one; with those. */
  readonly unclear: readonly { readonly node: DtNode; readonly devices: readonly number[] }[];
}

/**
 * Plans the binding of a host whose tree has none of any generation.
 *
 * @returns why that cannot be; null: the tree has a binding, or the board wants no mediator of the multi-agent kind
 */
export function planHost({ board, tree }: ExportView): PlannedHost | string | null {
  if (board.xen.mediator !== "multi-agent" || bindingForms(tree).length > 0) return null;
  const { agents, trustedAgents } = board.firmware;
  const host = agents.find(({ funcId }) => funcId === hostFuncId(tree));
  const trusted = agents.filter(({ id }) => trustedAgents.includes(id));
  // The channel of the host's own SCMI node is dom0's, if another can be Xen's.
  const own = trusted.find((agent) => agent !== host) ?? trusted[0];
  if (own === undefined)
    return "the board lists no trusted agent (firmware.trustedAgents), and Xen needs one";
  const channels = [own, ...agents.filter((agent) => agent !== own)].map(({ id, funcId, shmem }) => {
    const owner = id === own.id ? "xen" : id === host?.id ? 0 : null;
    return { agentId: id, funcId, shmem, owner, guestFuncId: funcId } as const;
  });
  return { channels, ...controlledNodes(board, tree) };
}

function hostFuncId(tree: DeviceTree): number | null {
  const scmi = tree.nodeByPath("/firmware/scmi");
  return scmi === undefined ? null : readU32(scmi, "arm,smc-id");
}

/** The lists of a device in the board file, by the protocol that nodes refer to them through. */
const LISTS = {
  power: "powerDomains",
  performance: "performanceDomains",
  clock: "clocks",
  reset: "resets",
} as const;

/**
 * A node is an SCMI device when it uses something that only this device lists, or all that it lists; unless another that it is
 * lists that and more. Devices that list the same cannot be told apart: none of them is taken.
 */
function controlledNodes({ firmware }: Board, tree: DeviceTree): Omit<PlannedHost, "channels"> {
  const notes = new NoteGroups();
  const byNode = new Map<DtNode, Set<string>>();
  for (const { node, protocol, id } of resourceUses(tree, treeProtocols(tree, notes), notes)) {
    byNode.set(node, (byNode.get(node) ?? new Set()).add(`${protocol} ${id}`));
  }
  const listed = firmware.devices.map((device) => ({ id: device.id, resources: resourcesOf(device) }));
  const count = new Map<string, number>();
  for (const resource of listed.flatMap(({ resources }) => resources)) {
    count.set(resource, (count.get(resource) ?? 0) + 1);
  }
  const devices = listed.map(({ id, resources }) => {
    return { id, resources, own: resources.filter((resource) => count.get(resource) === 1) };
  });
  const controlled = new Map<DtNode, readonly number[]>();
  const unclear: { node: DtNode; devices: readonly number[] }[] = [];
  for (const [node, uses] of byNode) {
    const fitting = devices.filter(
      ({ resources, own }) =>
        own.some((resource) => uses.has(resource)) ||
        (resources.length > 0 && resources.every((resource) => uses.has(resource))),
    );
    const most = fitting.filter(
      ({ resources }) => !fitting.some((other) => isPartOf(resources, other.resources)),
    );
    const alike = most.filter(({ id, resources }) =>
      most.some((other) => other.id !== id && isSame(resources, other.resources)),
    );
    const clear = most.filter((device) => !alike.includes(device));
    if (clear.length > 0)
      controlled.set(
        node,
        clear.map(({ id }) => id),
      );
    if (alike.length > 0) unclear.push({ node, devices: alike.map(({ id }) => id) });
  }
  return { controlled, unclear };
}

/** Whether others list all of these, and more. */
function isPartOf(some: readonly string[], others: readonly string[]): boolean {
  return some.length < others.length && some.every((resource) => others.includes(resource));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((resource) => others.includes(resource));
}

function resourcesOf(device: DeviceConfig): string[] {
  return Object.entries(LISTS).flatMap(([protocol, list]) =>
    [...new Set(device[list])].map((id) => `${protocol} ${id}`),
  );
}
