import type { XenConfig } from "#config/board/board.ts";
import type { DtbNode, DtbValue } from "./fdt-builder.ts";
import { funcIdOf, type HostOptions, node, pageOf } from "./scenario.ts";

/** Small hosts whose trees are of the older forms of the binding; in all of them the firmware has agents 0 to 3. */

type Props = { readonly [name: string]: DtbValue | undefined };
type Children = { readonly [name: string]: DtbNode };

/** What a tree has beside its form. */
export interface Extras {
  /** Nodes below /chosen: dom0less domains. */
  readonly chosen?: Children;
  /** Nodes below /soc. */
  readonly soc?: { readonly [name: string]: Props };
  /** Properties of the list's holder that differ. */
  readonly holder?: Props;
  /** Properties of the management node that differ. */
  readonly management?: Props;
}

/** Phandle of the management node; those of the pages are 1 above their agent. */
export const MANAGEMENT = 9;

const CELLS = { "#address-cells": [2], "#size-cells": [2] } as const;

const pages = (): Children =>
  Object.fromEntries(
    [0, 1, 2, 3].map((id) => [
      `sram@${pageOf(id).toString(16)}`,
      node({ compatible: "arm,scmi-shmem", reg: [0, pageOf(id), 0, 0x1000], phandle: [id + 1] }),
    ]),
  );

const scmi = (agentId: number, props: Props): DtbNode =>
  node({
    compatible: "arm,scmi-smc",
    "arm,smc-id": [funcIdOf(agentId)],
    shmem: [agentId + 1],
    "#access-controller-cells": [1],
    ...props,
  });

/** The host: Xen's own channel is that of the host's SCMI node, agent 0. */
function onHostNode(chosenProps: Props, scmiProps: Props, { chosen, soc, management }: Extras): DtbNode {
  return node(CELLS, {
    chosen: node(chosenProps, chosen ?? {}),
    ...pages(),
    firmware: node({}, { scmi: scmi(0, { phandle: [MANAGEMENT], ...scmiProps, ...management }) }),
    soc: node({ ...CELLS, ranges: true }, nodesOf(soc ?? {})),
  });
}

const nodesOf = (all: { readonly [name: string]: Props }): Children =>
  Object.fromEntries(Object.entries(all).map(([name, props]) => [name, node(props)]));

/** Rows of agent, function id, page. */
const unordered = (agentIds: readonly number[]): number[] =>
  agentIds.flatMap((id) => [id, funcIdOf(id), id + 1]);
const ordered = (agentIds: readonly number[]): number[] =>
  agentIds.flatMap((id) => [funcIdOf(id), id + 1, id]);

/** `epam,secondary-agents`. */
export function bspTree(extras: Extras = {}): DtbNode {
  return onHostNode({}, { "epam,secondary-agents": unordered([1, 2, 3]), ...extras.holder }, extras);
}

/** The list in /chosen. */
export function rfcTree(extras: Extras = {}): DtbNode {
  return onHostNode({ "xen,scmi-secondary-agents": unordered([1, 2, 3]), ...extras.holder }, {}, extras);
}

/** /chosen/xen,config; Xen's own agent is 1, the list has 0, 2 and 3. */
export function xenConfigTree(extras: Extras = {}): DtbNode {
  const holder: Props = {
    ...CELLS,
    ranges: true,
    "scmi-secondary-agents": ordered([0, 2, 3]),
    ...extras.holder,
  };
  const inside = { ...pages(), scmi: scmi(1, { phandle: [MANAGEMENT], ...extras.management }) };
  return node(CELLS, {
    chosen: node({ ...CELLS, ranges: true }, { "xen,config": node(holder, inside), ...extras.chosen }),
    soc: node({ ...CELLS, ranges: true }, nodesOf(extras.soc ?? {})),
  });
}

/** A host of a version, with a tree; the firmware trusts the agent that is Xen's. */
export function hostOf(
  tree: DtbNode,
  xen: Partial<XenConfig>,
  trusted: number,
  firmware: HostOptions["firmware"] = {},
): HostOptions {
  return { tree, xen, firmware: { trustedAgents: [trusted], ...firmware } };
}
