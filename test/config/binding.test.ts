import { describe, expect, test } from "vitest";
import { dom0AgentOnCmdline, dom0AgentSettings } from "#config/binding/dom0-agent.ts";
import { bindingForms, readBinding, type SciBinding } from "#config/binding/read-binding.ts";
import type { DeviceTree } from "#config/device-tree/fdt.ts";
import { treeOf } from "../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";

type Props = Readonly<Record<string, DtbValue>>;

const PAGES = [1, 2, 3].map((id): [string, DtbNode] => [
  `sram@${id}000`,
  { props: { compatible: "arm,scmi-shmem", reg: [0x1000 * id, 0x1000], phandle: [id] } },
]);
const scmi = (props: Props = {}): DtbNode => ({
  props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000002], shmem: [1], ...props },
});
const guest = (props: Props): DtbNode => ({ props: { compatible: "xen,domain", ...props } });

function tree(chosen: DtbNode, host: DtbNode = scmi()): DeviceTree {
  const children = { chosen, firmware: { children: { scmi: host } }, ...Object.fromEntries(PAGES) };
  return treeOf({ children });
}

const UNORDERED = [1, 0x82000003, 2, 2, 0x82000004, 3];
const ORDERED = [0x82000003, 2, 1, 0x82000004, 3, 2];

const container = (props: Props, compatible: Props = {}): DtbNode => ({
  props: { "scmi-secondary-agents": ORDERED, ...compatible, ...props },
  children: { scmi: scmi() },
});
const xenConfig = (props: Props = {}, more: Record<string, DtbNode> = {}) =>
  tree({ children: { "xen,config": container(props), ...more } });
const xenSci = (props: Props = {}, more: Record<string, DtbNode> = {}) =>
  tree({ children: { box: container(props, { compatible: "xen,sci" }), ...more } });
const rfc = () => tree({ props: { "xen,scmi-secondary-agents": UNORDERED } });
const bsp = () =>
  tree(
    { children: { domD: { props: { "xen,arm_sci": "scmi_smc" } } } },
    scmi({ "epam,secondary-agents": UNORDERED }),
  );

function binding(of: DeviceTree, cmdline = ""): SciBinding {
  const found = readBinding(of, cmdline);
  if (found === null) throw new Error("no binding");
  return found;
}

const rowsOf = ({ list }: SciBinding) =>
  list.rows.map(({ index, funcId, shmem, agentId }) => [index, funcId, shmem?.path ?? null, agentId]);

const ROWS = [
  [0, 0x82000003, "/sram@2000", 1],
  [1, 0x82000004, "/sram@3000", 2],
];

describe("each form is read into the same rows", () => {
  test.each<[string, DeviceTree, string, string]>([
    ["bsp", bsp(), "/firmware/scmi", "/firmware/scmi"],
    ["rfc-v3/v4", rfc(), "/chosen", "/firmware/scmi"],
    ["v5/v6", xenConfig(), "/chosen/xen,config", "/chosen/xen,config/scmi"],
    ["v7+", xenSci(), "/chosen/box", "/chosen/box/scmi"],
  ])("%s", (generation, of, at, management) => {
    const found = binding(of);
    expect(found.generation).toBe(generation);
    expect(found.container.path).toBe(at);
    expect(found.management?.path).toBe(management);
    expect(found.list).toMatchObject({ state: "whole", cells: 3 });
    expect(rowsOf(found)).toEqual(ROWS);
    expect(found.list.rows.every(({ node, property }) => node.properties.has(property))).toBe(true);
  });

  test("two cells leave the agent to the firmware", () => {
    const found = binding(
      xenSci({ "#scmi-secondary-agents-cells": [2], "scmi-secondary-agents": [0x82000003, 2] }),
    );
    expect(rowsOf(found)).toEqual([[0, 0x82000003, "/sram@2000", null]]);
  });

  test("a phandle of nothing is a row without a page", () => {
    const found = binding(xenSci({ "scmi-secondary-agents": [0x82000003, 99, 1] }));
    expect(found.list.rows[0]).toMatchObject({ phandle: 99, shmem: null });
  });
});

describe("a list that Xen refuses is read as far as it goes", () => {
  test.each<[string, Props, number]>([
    ["ragged", { "scmi-secondary-agents": [...ORDERED, 0x82000005] }, 2],
    ["ragged", { "scmi-secondary-agents": true }, 0],
    ["bad-cells", { "#scmi-secondary-agents-cells": [4] }, 0],
  ])("%s", (state, props, rowCount) => {
    for (const of of [xenSci(props), xenConfig(props)]) {
      expect(binding(of).list.state).toBe(state);
      expect(binding(of).list.rows).toHaveLength(rowCount);
    }
  });

  test("absent", () => {
    const of = tree({ children: { box: { props: { compatible: "xen,sci" } } } });
    expect(binding(of)).toMatchObject({ management: null, list: { state: "absent", rows: [] } });
  });
});

describe("the form", () => {
  test("is none in a tree without any", () => {
    expect(readBinding(tree({}))).toBeNull();
  });

  test("is the newest of those that a tree has", () => {
    const both = tree(
      {
        props: { "xen,scmi-secondary-agents": UNORDERED },
        children: { box: container({}, { compatible: "xen,sci" }) },
      },
      scmi({ "epam,secondary-agents": UNORDERED }),
    );
    expect(bindingForms(both)).toEqual(["bsp", "rfc", "xen,sci"]);
    expect(binding(both)).toMatchObject({ form: "xen,sci", otherForms: ["bsp", "rfc"] });
  });

  test("decides which SCMI nodes Xen would probe: enabled ones, not for guests, in its own place", () => {
    const children = {
      off: scmi({ status: "disabled" }),
      passed: scmi({ "xen,passthrough": true }),
      deep: { children: { scmi: scmi() } },
      again: scmi(),
    };
    const of = tree({ children: { box: { props: { compatible: "xen,sci" }, children } } });
    expect(binding(of).candidates.map(({ path }) => path)).toEqual([
      "/chosen/box/deep/scmi",
      "/chosen/box/again",
    ]);
  });
});

describe("the generation is narrowed by how agents are told", () => {
  test.each<[string, DeviceTree, string]>([
    ["v8+", xenSci({ "xen,dom0-sci-agent-id": [1] }), ""],
    ["v7", xenSci(), "dom0=sci-agent-id=1"],
    ["v6", xenConfig(), "console=dtuart dom0=pvh,sci-agent-id=1"],
    ["v5", xenConfig(), "dom0_scmi_agent_id=1"],
    ["v5/v6", xenConfig(), "dom0_scmi_agent_id=1 dom0=sci-agent-id=1"],
    ["v5", xenConfig({}, { g: guest({ "xen,sci_agent_id": [2] }) }), ""],
    ["v6", xenConfig({}, { g: guest({ "xen,sci-agent-id": [2] }) }), ""],
  ])("%s", (generation, of, cmdline) => {
    expect(binding(of, cmdline).generation).toBe(generation);
  });
});

describe("dom0's agent", () => {
  test("comes from the container, the command line, or the first row", () => {
    expect(binding(xenSci({ "xen,dom0-sci-agent-id": [1] }), "dom0=sci-agent-id=2").dom0).toMatchObject({
      agentId: 1,
      source: { kind: "property", node: { path: "/chosen/box" } },
    });
    expect(binding(xenSci(), "dom0=sci-agent-id=2").dom0).toMatchObject({
      agentId: 2,
      source: { kind: "cmdline", option: "dom0=sci-agent-id", text: "dom0=sci-agent-id=2" },
    });
    expect(binding(rfc(), "dom0_scmi_agent_id=2").dom0.agentId).toBe(2);
    expect(binding(bsp()).dom0).toMatchObject({ agentId: 1, source: { kind: "first-free" } });
    expect(binding(rfc()).dom0).toEqual({ agentId: null, source: null, isTooLarge: false });
    expect(binding(xenSci({ "xen,dom0-sci-agent-id": [255] })).dom0).toMatchObject({
      agentId: null,
      isTooLarge: true,
    });
  });

  test.each<[string, number | null]>([
    ["", null],
    ["dom0=sci-agent-id=0", 0],
    ["dom0=sci-agent-id=0x10", 16],
    ["dom0=sci-agent-id=010", 8],
    ["dom0=pvh,sci-agent-id=3,verbose", 3],
    ["dom0=sci-agent-id=3 dom0=sci-agent-id=4", 4],
    ["dom0=sci-agent-id=3 dom0=sci-agent-id=256", 3],
    ["dom0=sci-agent-id=3 dom0=sci-agent-id=255", null],
    ["dom0=sci-agent-id=3 dom0=sci-agent-id=x", 3],
    ["dom0=sci-agent-id=-1", null],
    ["dom0=sci-agent-id=2 ; dom0_scmi_agent_id=9", 2],
    ["dom0", null],
  ])("of the command line %j is %j", (cmdline, agentId) => {
    expect(dom0AgentOnCmdline(cmdline, "dom0=sci-agent-id")).toBe(agentId);
  });

  test("settings are told as they stand", () => {
    expect(dom0AgentSettings("loglvl=all  dom0_scmi_agent_id=7 dom0=sci-agent-id=x,verbose")).toEqual([
      { option: "dom0_scmi_agent_id", text: "dom0_scmi_agent_id=7", agentId: 7 },
      { option: "dom0=sci-agent-id", text: "dom0=sci-agent-id=x", agentId: null },
    ]);
  });
});

test("dom0less guests are told under every name that their properties have had", () => {
  const of = xenSci(
    {},
    {
      a: guest({ "xen,sci_type": "scmi_smc_multiagent", "xen,sci-agent-id": [2] }),
      b: guest({ "xen,sci_type": Uint8Array.of(1), "xen,sci_agent_id": true }),
      c: { props: { "xen,arm_sci": "scmi_smc" } },
      d: guest({}),
      e: { props: { compatible: "module" } },
    },
  );
  const told = binding(of).dom0less.map(({ node, isDomain, type, agent }) => [
    node.name,
    isDomain,
    type,
    agent,
  ]);
  expect(told).toEqual([
    [
      "a",
      true,
      { property: "xen,sci_type", value: "scmi_smc_multiagent" },
      { property: "xen,sci-agent-id", value: 2 },
    ],
    ["b", true, { property: "xen,sci_type", value: null }, { property: "xen,sci_agent_id", value: null }],
    ["c", false, { property: "xen,arm_sci", value: "scmi_smc" }, null],
    ["d", true, null, null],
  ]);
});
