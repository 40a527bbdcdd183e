import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import type { BoardDraft } from "#config/draft/draft.ts";
import { assumptionText, noteText } from "#config/draft/text.ts";
import { boardText } from "#config/draft/write.ts";
import { treeBoard } from "#config/tree-import/to-board.ts";
import { treeOf } from "../../support/device-tree.ts";
import type { DtbNode } from "../../support/fdt-builder.ts";

const SCMI = {
  compatible: "arm,scmi-smc",
  "arm,smc-id": [0x8200_0002],
  shmem: [1],
  "#access-controller-cells": [1],
  phandle: [9],
};
const PAGE = { compatible: "arm,scmi-shmem", reg: [0, 0x4700_0000, 0, 0x1000], phandle: [1] };
const CELLS = { "#address-cells": [2], "#size-cells": [2] };

const protocol = (id: number, cells: string | null, children: DtbNode["children"] = {}): DtbNode => ({
  props: { reg: [id], phandle: [id], ...(cells === null ? {} : { [cells]: [1] }) },
  children,
});

interface Parts {
  readonly protocols?: Readonly<Record<string, DtbNode>>;
  readonly nodes?: Readonly<Record<string, DtbNode["props"]>>;
  readonly scmi?: Readonly<Record<string, readonly number[] | string>>;
  readonly root?: DtbNode["props"];
}

function draftOf({ protocols = {}, nodes = {}, scmi = {}, root = {} }: Parts): BoardDraft {
  const tree = treeOf({
    props: { ...CELLS, ...root },
    children: {
      "sram@47000000": { props: PAGE },
      "sram@47001000": { props: { reg: [0, 0x4700_1000, 0, 0x1000], phandle: [2] } },
      firmware: { children: { scmi: { props: { ...SCMI, ...scmi }, children: protocols } } },
      ...Object.fromEntries(Object.entries(nodes).map(([name, props]) => [name, { props }])),
    },
  });
  const draft = treeBoard(
    tree,
    { name: null, profile: null, trustedAgents: null, xenAgent: null },
    "host.dtb",
  );
  if (typeof draft === "string") throw new Error(draft);
  return draft;
}

function firmwareOf(parts: Parts): FirmwareConfig {
  const board = parseBoard(boardText(draftOf(parts), []), "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return board.firmware;
}

const named = (list: readonly { id: number; name: string }[]) => list.map(({ id, name }) => `${id} ${name}`);

describe("clocks, resets, power domains", () => {
  const protocols = {
    "protocol@11": protocol(0x11, "#power-domain-cells"),
    "protocol@14": protocol(0x14, "#clock-cells"),
    "protocol@16": protocol(0x16, "#reset-cells"),
  };

  test("are those that nodes refer to, with the names that nodes have for them", () => {
    const firmware = firmwareOf({
      protocols,
      nodes: {
        "uart@1000": {
          clocks: [0x14, 7, 0x14, 3],
          "clock-names": ["baud", "bus"],
          resets: [0x16, 5],
          "power-domains": [0x11, 1],
        },
        "uart@2000": { clocks: [0x14, 8, 0x14, 3], "clock-names": ["baud", "bus"] },
        "gpu@3000": {
          clocks: [0x14, 0],
          resets: [0x16, 6, 0x16, 2],
          "reset-names": ["core", "bus"],
          "power-domains": [0x11, 4],
        },
        "i2c@4000": { clocks: [0x14, 11] },
        "i2c@5000": { clocks: [0x14, 12] },
      },
    });
    // A label of one clock alone is its name; of several, with the node; what is taken has its id.
    expect(named(firmware.clocks)).toEqual([
      "0 gpu",
      "3 bus",
      "7 uart-baud",
      "8 uart-baud-8",
      "11 i2c",
      "12 i2c-12",
    ]);
    expect(named(firmware.resets)).toEqual(["2 bus", "5 uart", "6 core"]);
    expect(named(firmware.powerDomains)).toEqual(["1 uart", "4 gpu"]);
    expect(firmware.protocols).toEqual(["power", "clock", "reset"]);
  });

  test("a rate that a node asks for at boot is known, others are assumed", () => {
    const draft = draftOf({
      protocols,
      nodes: { "pll@1": { "assigned-clocks": [0x14, 2, 0x14, 3], "assigned-clock-rates": [0, 48_000_000] } },
    });
    const texts = draft.assumptions.map(assumptionText);
    expect(texts).toContain(
      "assumed: firmware.clocks[].rate of 2 = 24000000: the tree does not say what it can do",
    );
    expect(boardText(draft, [])).toMatch(/id: 3, .* rate: 48000000 \} # assumed: range\n/);
  });

  test("devices group what their nodes use; several nodes may be one device", () => {
    const firmware = firmwareOf({
      protocols,
      nodes: {
        "dma@1000": { clocks: [0x14, 1], "access-controllers": [9, 4] },
        "dma@2000": { clocks: [0x14, 2], resets: [0x16, 0], "access-controllers": [9, 4, 9, 6] },
        "other@3000": { clocks: [0x14, 5] },
      },
    });
    expect(firmware.devices.map(({ id, name, clocks, resets }) => ({ id, name, clocks, resets }))).toEqual([
      { id: 4, name: "dma", clocks: [1, 2], resets: [0] },
      { id: 6, name: "dma-6", clocks: [2], resets: [0] },
    ]);
  });

  test("lists that end in something unknown are noted, and what came before counts", () => {
    const draft = draftOf({
      protocols,
      nodes: { "a@1": { clocks: [0x14, 1, 0xdead, 4] }, "b@2": { clocks: [0x77, 4] } },
    });
    expect(draft.notes.map(noteText)).toEqual([
      "note: /a@1: 2 lists of phandles end in something unknown: what comes behind is not read",
    ]);
    expect(boardText(draft, [])).toContain("{ id: 1, name: a,");
  });
});

test("performance domains are told by power domains, performance domains and, in older trees, clocks", () => {
  const firmware = firmwareOf({
    protocols: { "protocol@13": protocol(0x13, "#power-domain-cells") },
    nodes: { "cpu@0": { "power-domains": [0x13, 2], "power-domain-names": "perf" } },
  });
  expect(named(firmware.performanceDomains)).toEqual(["2 perf"]);
  const older = firmwareOf({
    protocols: { "protocol@13": protocol(0x13, "#clock-cells") },
    nodes: { "cpu@0": { clocks: [0x13, 1] } },
  });
  expect(named(older.performanceDomains)).toEqual(["1 cpu"]);
  expect(older.clocks).toEqual([]);
});

test("sensors are those of thermal zones", () => {
  const firmware = firmwareOf({
    protocols: { "protocol@15": protocol(0x15, "#thermal-sensor-cells") },
    nodes: { "soc-thermal": { "thermal-sensors": [0x15, 3] } },
  });
  expect(named(firmware.sensors)).toEqual(["3 soc-thermal"]);
});

test("voltage domains are the regulators below the protocol, with the range that the tree has", () => {
  const regulators = {
    props: { "#address-cells": [1], "#size-cells": [0] },
    children: {
      "regulator@1": {
        props: {
          reg: [1],
          "regulator-name": "vdd_cpu",
          "regulator-min-microvolt": [600_000],
          "regulator-max-microvolt": [1_000_000],
          "regulator-always-on": true,
        },
      },
      "regulator@0": { props: { reg: [0] } },
      "regulator@2": { props: { reg: [0] } },
    },
  } as const;
  const parts = { protocols: { "protocol@17": protocol(0x17, null, { regulators }) } };
  const firmware = firmwareOf(parts);
  expect(firmware.voltageDomains).toMatchObject([
    { id: 0, name: "regulator", range: { min: 0 } },
    { id: 1, name: "vdd_cpu", range: { min: 600_000, max: 1_000_000, step: 1 }, level: 600_000, mode: "on" },
  ]);
  expect(draftOf(parts).notes.map(({ message }) => message)).toEqual([
    "there is a regulator with the id 0 before: it is left out",
  ]);
});

test("pins, groups and functions are numbered as the tree names them", () => {
  const state = (props: DtbNode["props"]) => (props === undefined ? {} : { props });
  const firmware = firmwareOf({
    protocols: {
      "protocol@19": protocol(0x19, null, {
        uart: state({ pins: ["tx", "rx"], function: "serial" }),
        mmc: { children: { bus: state({ groups: ["sd_a"], function: "sd" }) } },
        idle: state({ pins: ["rx"], function: "gpio" }),
      }),
    },
  });
  expect(named(firmware.pins)).toEqual(["0 tx", "1 rx", "2 sd_a"]);
  expect(firmware.groups).toEqual([{ id: 0, name: "sd_a", pins: [2] }]);
  expect(firmware.functions.map(({ name, pins, groups }) => ({ name, pins, groups }))).toEqual([
    { name: "serial", pins: [0, 1], groups: null },
    { name: "sd", pins: null, groups: [0] },
    { name: "gpio", pins: [1], groups: null },
  ]);
});

describe("channels", () => {
  test("a second page is that of notifications", () => {
    expect(firmwareOf({ scmi: { shmem: [1, 2] } }).agents).toMatchObject([
      { shmem: 0x4700_0000, p2a: 0x4700_1000 },
    ]);
  });

  test("a tree is taken for what its root says: name, IOMMU, Xen's command line", () => {
    const draft = draftOf({
      root: { model: "My Board, rev. 2" },
      nodes: { "smmu@1": { "#iommu-cells": [1] }, chosen: { "xen,xen-bootargs": "console=dtuart" } },
    });
    expect(draft.board).toMatchObject({
      name: "my-board-rev.-2",
      xen: { mediator: "single-agent", iommu: true, cmdline: "console=dtuart" },
    });
  });

  test("protocols that nobody uses are there too; vendors' own and power capping are noted", () => {
    const draft = draftOf({
      protocols: {
        "protocol@12": protocol(0x12, null),
        "protocol@18": protocol(0x18, null),
        "protocol@81": protocol(0x81, null),
        "protocol@44": protocol(0x44, null),
      },
    });
    expect(draft.board["firmware"]).toMatchObject({ protocols: ["system", "powercap"], systemPower: {} });
    expect(draft.notes.map(({ message }) => message)).toEqual([
      "protocol 0x81 is a vendor's own, which is not modelled: it is left out",
      "protocol 0x44 is unknown: it is left out",
      "power capping domains are not named in a device tree: the board file lists none",
    ]);
  });
});

test.each([
  ["without SCMI", { props: CELLS }, "there is no node compatible to arm,scmi-smc, and so no agent"],
  [
    "of another transport",
    { children: { scmi: { props: { compatible: "linaro,scmi-optee" } } } },
    "there is no node compatible to arm,scmi-smc, and so no agent; /scmi is linaro,scmi-optee",
  ],
  [
    "that is an overlay",
    { children: { "fragment@0": { children: { __overlay__: { children: { scmi: { props: SCMI } } } } } } },
    "it is an overlay: apply it to its base with fdtoverlay first",
  ],
  [
    "whose page cannot be found",
    { children: { firmware: { children: { scmi: { props: SCMI } } } } },
    "no channel of it can be in a board file: /firmware/scmi: the address of its memory cannot be told (/firmware/scmi): it is left out",
  ],
] as [string, DtbNode, string][])("a tree %s is refused", (_, root, refusal) => {
  const choices = { name: null, profile: null, trustedAgents: null, xenAgent: null };
  expect(treeBoard(treeOf(root), choices, "host.dtb")).toBe(refusal);
});
