import { hexWord } from "#base/hex.ts";
import { DOM0_AGENT_PROPERTY } from "../binding/dom0-agent.ts";
import { HOST_SCMI_PATH } from "../binding/forms.ts";
import { hasSciAncestor, isSciContainer } from "../binding/xen-sci.ts";
import { cellCounts, type Region, readRegion, toCells } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isAvailable, isCompatible, readU32 } from "../device-tree/property.ts";
import { type OldChannel, type OldChannels, pageRegion } from "./channels.ts";
import type { NewContainer } from "./container.ts";
import { type Edits, phandleOf } from "./edits.ts";

/** What is told of the host's own SCMI node. */
interface Told {
  readonly changes: string[];
  readonly notes: string[];
}

/**
 * Tells dom0's agent in the container, and makes `/firmware/scmi` what it has to be for that: Xen copies it to dom0 as it is, so
 * it has to have the function id and the page of dom0's channel, and the page outside of the container, which dom0 does not get.
 *
 * @param tree with the container made
 */
export function carryDom0(
  tree: DeviceTree,
  container: NewContainer,
  agentId: number | null,
  rows: readonly OldChannel[],
  edits: Edits,
  { changes, notes }: Told,
): void {
  const scmi = tree.nodeByPath(HOST_SCMI_PATH);
  if (agentId === null) {
    if (scmi !== undefined) notes.push(`dom0 has no agent: Xen leaves ${HOST_SCMI_PATH} out of its tree`);
    return;
  }
  const told = tree.nodeByPath(container.path);
  if (told === undefined || readU32(told, DOM0_AGENT_PROPERTY) !== agentId) {
    edits.set(container.path, DOM0_AGENT_PROPERTY, [agentId]);
    changes.push(`dom0's agent ${agentId} is told in ${container.path}`);
  }
  const row = rows.find((candidate) => candidate.agentId === agentId);
  if (scmi === undefined || !isAvailable(scmi)) {
    notes.push(`dom0 has agent ${agentId}, but no enabled ${HOST_SCMI_PATH} that describes its channel`);
  } else if (row === undefined) {
    notes.push(
      rows.every((candidate) => candidate.agentId === null)
        ? `the firmware says which row is agent ${agentId}: see to it that ${scmi.path} has its function id and page`
        : `agent ${agentId}, which is dom0's, is in no row: the host panics, as it did before`,
    );
  } else {
    carryChannel(tree, scmi, row, edits, changes);
  }
}

function carryChannel(
  tree: DeviceTree,
  scmi: DtNode,
  row: OldChannel,
  edits: Edits,
  changes: string[],
): void {
  if (readU32(scmi, "arm,smc-id") !== row.funcId) {
    edits.set(scmi.path, "arm,smc-id", [row.funcId]);
    changes.push(`${scmi.path} has the function id of dom0's agent, ${hexWord(row.funcId)}`);
  }
  const region = pageRegion(row);
  if (typeof region === "string") return;
  const now = tree.nodeByPhandle(readU32(scmi, "shmem") ?? 0);
  if (now !== undefined && isForDom0(now, region)) return;
  const page = tree.nodes.find((node) => isCompatible(node, "arm,scmi-shmem") && isForDom0(node, region));
  const path = page === undefined || phandleOf(page) === null ? addPage(tree, region, edits) : page.path;
  edits.set(scmi.path, "shmem", [{ node: path }]);
  changes.push(`${scmi.path} has the page of dom0's agent, ${hexWord(region.address)}`);
}

/** Whether dom0 gets a node, and it is this memory. */
function isForDom0(node: DtNode, region: Region): boolean {
  const its = readRegion(node, 0);
  return (
    its?.address === region.address &&
    !node.properties.has("xen,passthrough") &&
    !hasSciAncestor(node) &&
    !isSciContainer(node)
  );
}

function addPage(tree: DeviceTree, { address, size }: Region, edits: Edits): string {
  const counts = cellCounts(tree.root) ?? { address: 2, size: 1 };
  let path = `/scmi-shmem@${address.toString(16)}`;
  while (tree.nodeByPath(path) !== undefined) path = path.replace("@", "-dom0@");
  edits.set(path, "compatible", ["arm,scmi-shmem"]);
  edits.set(path, "reg", [
    ...toCells(BigInt(address), counts.address),
    ...toCells(BigInt(size), counts.size),
  ]);
  return path;
}

/**
 * Keeps the pages that were shared before from dom0, but for its own: as `xen,passthrough` does, they are disabled in its tree.
 *
 * @returns the nodes that were marked
 */
export function hidePages(
  tree: DeviceTree,
  { management, rows }: OldChannels,
  dom0AgentId: number | null,
  edits: Edits,
): string[] {
  const own = rows.find(({ agentId }) => dom0AgentId !== null && agentId === dom0AgentId);
  const pages = new Set([management, ...rows].map(({ page }) => page));
  const hidden = [...pages].filter(
    (page) =>
      page !== own?.page &&
      tree.nodeByPath(page.path) !== undefined &&
      isCompatible(page, "arm,scmi-shmem") &&
      !page.properties.has("xen,passthrough"),
  );
  for (const { path } of hidden) edits.set(path, "xen,passthrough", []);
  return hidden.map(({ path }) => path);
}
