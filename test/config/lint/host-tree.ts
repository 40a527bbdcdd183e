import type { DtbNode, DtbValue } from "../../support/fdt-builder.ts";

type Props = Readonly<Record<string, DtbValue>>;

/** Phandles of the pages of {@link hostTree}: that of agent n is n + 1; and of dom0's own and of the management node. */
const HOST_PAGE = 10;
const MANAGEMENT = 20;

/** What of the tree is to be otherwise. A property that is null is left out. */
export interface HostChanges {
  readonly container?: Readonly<Record<string, DtbValue | null>>;
  /** The host's own SCMI node. */
  readonly scmi?: Readonly<Record<string, DtbValue | null>> | null;
  /** Nodes below /chosen. */
  readonly chosen?: Readonly<Record<string, DtbNode>>;
  /** Nodes below the root. */
  readonly more?: Readonly<Record<string, DtbNode>>;
}

const CELLS: Props = { "#address-cells": [2], "#size-cells": [2] };
const BUS: Props = { ...CELLS, ranges: true };

/** The newest binding: dom0 is agent 0, Xen's own channel is 0x82000003 with page 0x47ff1000, and agents 2 and 3 are for guests. */
export function hostTree({ container = {}, scmi = {}, chosen = {}, more = {} }: HostChanges = {}): DtbNode {
  const sci: DtbNode = {
    props: without({
      compatible: "xen,sci",
      ...BUS,
      "#scmi-secondary-agents-cells": [3],
      "scmi-secondary-agents": [0x82000002, 1, 0, 0x82000004, 3, 2, 0x82000005, 4, 3],
      "xen,dom0-sci-agent-id": [0],
      ...container,
    }),
    children: {
      ...Object.fromEntries([0, 1, 2, 3].map((agent) => [pageName(agent), shmem(agent, agent + 1)])),
      scmi: {
        props: {
          compatible: "arm,scmi-smc",
          "arm,smc-id": [0x82000003],
          shmem: [2],
          "#access-controller-cells": [1],
          phandle: [MANAGEMENT],
        },
      },
    },
  };
  const firmware: Record<string, DtbNode> =
    scmi === null
      ? {}
      : {
          scmi: {
            props: without({
              compatible: "arm,scmi-smc",
              "arm,smc-id": [0x82000002],
              shmem: [HOST_PAGE],
              ...scmi,
            }),
          },
        };
  return {
    props: CELLS,
    children: {
      chosen: {
        props: BUS,
        children: { xen: { props: BUS, children: { xen_scmi_config: sci } }, ...chosen },
      },
      [pageName(0)]: shmem(0, HOST_PAGE),
      firmware: { children: firmware },
      soc: {
        props: BUS,
        children: {
          "i2c@e6508000": {
            props: {
              reg: [0, 0xe6508000, 0, 0x1000],
              "access-controllers": [MANAGEMENT, 1],
              "xen,passthrough": true,
            },
          },
        },
      },
      ...more,
    },
  };
}

function shmem(agent: number, phandle: number): DtbNode {
  return {
    props: {
      compatible: "arm,scmi-shmem",
      reg: [0, 0x47ff0000 + agent * 0x1000, 0, 0x1000],
      phandle: [phandle],
    },
  };
}

function pageName(agent: number): string {
  return `sram@${(0x47ff0000 + agent * 0x1000).toString(16)}`;
}

function without(props: Readonly<Record<string, DtbValue | null>>): Props {
  return Object.fromEntries(
    Object.entries(props).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

/** A guest's partial tree with its function id and its page; of a dom0less domain, with where the page is on the host. */
export function partialTree(
  funcId: number | null,
  address: number | null,
  xenReg: number[] | null = null,
): DtbNode {
  return {
    props: CELLS,
    children: {
      passthrough: {
        props: { compatible: "simple-bus", ...BUS },
        children: {
          "sram@22001000": {
            props: without({
              reg: address === null ? null : [0, address, 0, 0x1000],
              "xen,reg": xenReg,
              "xen,force-assign-without-iommu": xenReg === null ? null : true,
              phandle: [1],
            }),
          },
          scmi: {
            props: without({
              compatible: "arm,scmi-smc",
              "arm,smc-id": funcId === null ? null : [funcId],
              shmem: [1],
            }),
          },
        },
      },
    },
  };
}
