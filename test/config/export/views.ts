import { isProblem, type Problem } from "#base/problem.ts";
import type { ExportGuest } from "#config/export/guest.ts";
import type { ExportedChannel, ExportedDomain, ExportView } from "#config/export/view.ts";
import { boardOf, boardWith } from "../../support/boards.ts";
import { treeOf } from "../../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../../support/fdt-builder.ts";

/** Machines as exports see them, built from what a test wants to be different. */

export const PHANDLE = { management: 1, gic: 2, clocks: 3, oscillator: 4, smmu: 5, other: 6 };

const CELLS = { "#address-cells": [2], "#size-cells": [2] };

/** A host: dom0 is agent 0, Xen 1, guests 2 and 3; below /soc the nodes given. */
export function hostTree(soc: Record<string, DtbNode> = {}, chosen: DtbNode = {}): DtbNode {
  return {
    props: { ...CELLS, "interrupt-parent": [PHANDLE.gic] },
    children: {
      chosen: { ...chosen, children: { ...(chosen.children as object), box: container() } },
      gic: { props: { "#interrupt-cells": [3], phandle: [PHANDLE.gic] } },
      oscillator: {
        props: { compatible: "fixed-clock", "#clock-cells": [0], phandle: [PHANDLE.oscillator] },
      },
      smmu: { props: { compatible: "arm,smmu-v3", "#iommu-cells": [1], phandle: [PHANDLE.smmu] } },
      other: { props: { "#access-controller-cells": [1], "#clock-cells": [1], phandle: [PHANDLE.other] } },
      firmware: {
        children: {
          scmi: {
            props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x8200_0002] },
            children: {
              "protocol@14": { props: { reg: [0x14], "#clock-cells": [1], phandle: [PHANDLE.clocks] } },
            },
          },
        },
      },
      soc: { props: { ...CELLS, ranges: true }, children: soc },
    },
  };
}

function container(): DtbNode {
  const management: Record<string, DtbValue> = {
    compatible: "arm,scmi-smc",
    "#access-controller-cells": [1],
    phandle: [PHANDLE.management],
  };
  return {
    props: { compatible: "xen,sci", ...CELLS, ranges: true },
    children: { scmi: { props: management } },
  };
}

export function channel(agentId: number, owner: ExportedChannel["owner"]): ExportedChannel {
  const funcId = 0x8200_0002 + agentId;
  return { agentId, funcId, shmem: 0x47ff_0000 + 0x1000 * agentId, owner, guestFuncId: funcId };
}

const CHANNELS = [channel(1, "xen"), channel(0, 0), channel(2, 1), channel(3, null)];

/** A guest, domain 1 with agent 2. */
export const GUEST: ExportedDomain = {
  domid: 1,
  name: "red",
  uuid: "00000000-0000-0000-0000-000000000001",
  origin: "toolstack",
  sci: { type: "scmi_smc_multiagent", agentId: 2 },
  agentId: 2,
  passthrough: true,
  onPoweroff: "destroy",
  onReboot: "restart",
  onCrash: "destroy",
  xlcfg: null,
  devices: [],
  grantedByHand: [],
};

export const DOM0: ExportedDomain = {
  ...GUEST,
  domid: 0,
  name: "Domain-0",
  origin: "dom0",
  sci: { type: "scmi_smc_multiagent", agentId: 0 },
  agentId: 0,
};

/** The view of a machine with this tree and these domains beside dom0. */
export function viewOf(
  tree: DtbNode,
  domains: readonly ExportedDomain[] = [GUEST],
  others: Partial<ExportView> = {},
): ExportView {
  return {
    partialTrees: new Map(),
    isRegistered: true,
    board: boardOf(boardWith("protocols: [clock, reset]")),
    tree: treeOf(tree),
    channels: CHANNELS,
    accessController: "/chosen/box/scmi",
    domains: [DOM0, ...domains],
    ...others,
  };
}

/** A guest as exports take it, with the channel of its agent. */
export function guest(changes: Partial<ExportGuest> = {}): ExportGuest {
  return { ...GUEST, channel: channel(2, 1), ...changes };
}

/** The result; throws where it is a refusal. */
export function ok<T>(result: T | Problem): T {
  if (isProblem(result)) throw new Error(result.detail);
  return result;
}
