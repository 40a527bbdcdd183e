import { describe, expect, test } from "vitest";
import type { Fault } from "#firmware/faults/faults.ts";
import {
  booted,
  funcIdOf,
  type HostOptions,
  node,
  PHANDLE,
  pageOf,
  rows,
  Scenario,
  shortRows,
} from "../support/scenario.ts";

/** The boot of a host, and what its probe came to. */
function probe(options: HostOptions, fault?: Fault) {
  const scenario = new Scenario(options);
  if (fault !== undefined) scenario.fault(fault);
  const answer = scenario.boot();
  const [failed] = answer.all("mediator.probe-failed");
  return { scenario, answer, failed, step: failed?.step ?? null, errno: failed?.errno ?? null };
}

/** The one fault, for rings of one message on one agent's doorbell. */
function at(agentId: number, message: string, fault: Fault): Fault {
  return { ...fault, message, funcId: funcIdOf(agentId) };
}

const DISCOVER = "BASE_DISCOVER_AGENT";

describe("a probe that succeeds", () => {
  test("asks the firmware who Xen is, reads its attributes, and takes the list as it is", () => {
    const { answer, scenario } = probe({});
    expect(answer.errno).toBeNull();
    expect(answer.sent).toEqual([[0x4007, 0xffff_ffff], [0x4001]]);
    expect(answer.the("mediator.probed")).toMatchObject({
      node: "/chosen/xen/scmi",
      managementAgent: 1,
      reportedAgents: 4,
    });
    expect(scenario.channels).toEqual([
      { agentId: 1, funcId: "0x82000003", shmem: "0x47ff1000", owner: "xen" },
      { agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000", owner: 0 },
      { agentId: 2, funcId: "0x82000004", shmem: "0x47ff2000", owner: null },
      { agentId: 3, funcId: "0x82000005", shmem: "0x47ff3000", owner: null },
    ]);
  });

  test("with two cells asks each channel who it is, on that channel", () => {
    const { answer, scenario } = probe({ container: shortRows([0, 2, 3]) });
    expect(answer.sent).toEqual([
      [0x4007, 0xffff_ffff],
      [0x4001],
      [0x4007, 0xffff_ffff],
      [0x4007, 0xffff_ffff],
      [0x4007, 0xffff_ffff],
    ]);
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual([1, 0, 2, 3]);
  });

  test("two cells that discover the same agent twice are no duplicate: the first of them is the one", () => {
    const { scenario, errno } = probe({ container: shortRows([0, 2, 2]) });
    expect(errno).toBeNull();
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual([1, 0, 2, 2]);
    expect(scenario.create("red", 2).problem).toBeNull();
    expect(scenario.owners.slice(2)).toEqual([
      [2, 1],
      [2, null],
    ]);
  });

  test("a container is known by its compatible, in any case, at any height and under any name", () => {
    const management = {
      compatible: "Arm,SCMI-smc",
      "arm,smc-id": [funcIdOf(1), 7],
      shmem: [PHANDLE.page1],
    };
    const { scenario } = probe({
      container: { compatible: "XEN,SCI" },
      management: { compatible: "nothing" },
      inContainer: { deep: node({}, { deeper: node(management) }) },
    });
    expect(scenario.channels[0]).toMatchObject({ agentId: 1, owner: "xen" });
  });
});

describe("nodes that are probed all the same", () => {
  test.each(["okay", "ok"])("status %s is as good as none", (status) => {
    expect(probe({ management: { status } }).scenario.channels).toHaveLength(4);
  });

  test("the container's own status is not looked at", () => {
    expect(probe({ container: { status: "disabled" } }).scenario.channels).toHaveLength(4);
  });
});

// Every failure, with what it leaves behind, is in boot/.
describe("steps of the probe (§2.2)", () => {
  test("size 0 passes, and an unaligned management page is mapped with its offset", () => {
    const zero = probe({ pages: { 1: { reg: [0, pageOf(1), 0, 0] } } });
    expect(zero.scenario.channels).toHaveLength(4);
    const agents = [0, 1, 2, 3].map((id) => ({
      id,
      name: "a",
      funcId: funcIdOf(id),
      shmem: id === 1 ? pageOf(1) + 0x80 : pageOf(id),
    }));
    const unaligned = probe({
      pages: { 1: { reg: [0, pageOf(1) + 0x80, 0, 0x1000] } },
      firmware: { agents },
    });
    expect(unaligned.scenario.channels[0]).toMatchObject({ agentId: 1, shmem: "0x47ff1080" });
  });

  test("a DISCOVER_AGENT answer without an id leaves the channel's id undefined; it stays 'own'", () => {
    const { scenario } = probe({}, at(1, DISCOVER, { action: "length", value: 11 }));
    expect(scenario.channels[0]?.agentId).toBe(0xffff_ffff);
  });

  test("every fault at once: each one mended lets the probe come to the next", () => {
    const faults: readonly [step: number, errno: string, mended: HostOptions][] = [
      [2, "EINVAL", {}],
      [3, "ENOSYS", { xen: { acpi: false, smccc: "1.0" } }],
      [4, "ENOENT", { xen: { acpi: false, smccc: "1.1" } }],
      [5, "ENOENT", { management: { "arm,smc-id": [0x8200_0099], shmem: undefined } }],
      [6, "ENOENT", { management: { "arm,smc-id": [0x8200_0099], shmem: [99] } }],
      [7, "ENOENT", { management: { "arm,smc-id": [0x8200_0099], shmem: [PHANDLE.page1] } }],
      [8, "EINVAL", { pages: { 1: { reg: [0, pageOf(1), 0, 0x800] } } }],
      [12, "EOPNOTSUPP", { pages: { 1: {} } }],
      [14, "EINVAL", { management: { shmem: [PHANDLE.page1] } }],
    ];
    let options: HostOptions = {
      xen: { acpi: true, smccc: "1.0" },
      management: { "arm,smc-id": undefined, shmem: undefined },
      pages: { 1: { reg: undefined } },
      container: { "scmi-secondary-agents": undefined },
    };
    for (const [step, errno, mended] of faults) {
      options = { ...options, ...mended };
      expect([step, ...Object.values(pick(probe(options)))]).toEqual([step, step, errno]);
    }
  });
});

function pick({ step, errno }: { step: number | null; errno: string | null }) {
  return { step, errno };
}

describe("the agent list (§2.3)", () => {
  const PAGE = PHANDLE.page2;
  const row = (...cells: number[]) => ({ "scmi-secondary-agents": cells });

  test.each([undefined, new Uint8Array(3)])("rows have three cells where none are given: %o", (cells) => {
    expect(probe({ container: { "#scmi-secondary-agents-cells": cells } }).errno).toBeNull();
  });

  test("any 32-bit agent id is accepted; those above 254 can only be asked for in vain", () => {
    const { scenario } = probe({ container: row(funcIdOf(0), 1, 0, funcIdOf(2), PAGE, 0xffff_fff0) });
    expect(scenario.channels.at(-1)?.agentId).toBe(0xffff_fff0);
  });

  test.each([
    ["v5", null],
    ["v6", "EEXIST"],
    ["v11", "EEXIST"],
  ] as const)("a duplicate agent in %s: %s", (version, errno) => {
    const twice = row(funcIdOf(0), 1, 0, funcIdOf(2), PAGE, 2, funcIdOf(3), PHANDLE.page3, 2);
    expect(probe({ container: twice, xen: { version } }).errno).toBe(errno);
  });

  test.each([
    ["v9", null],
    ["v10", "EINVAL"],
  ] as const)("the address of a secondary page is looked at since v10: %s gives %s", (version, errno) => {
    const pages = { 2: { reg: [0, pageOf(2) + 0x80, 0, 0x1000] } };
    expect(probe({ pages, xen: { version } }).errno).toBe(errno);
  });

  test("the list is that of the first container in tree order, which need not be the probed node's", () => {
    const first = node({ compatible: "xen,sci", "scmi-secondary-agents": rows([3]) });
    const { scenario } = probe({
      chosen: {},
      root: {},
      container: {},
      chosenProps: {},
      ...firstContainer(first),
    });
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual([1, 3]);
  });
});

describe("what the probe does not check (§2.5)", () => {
  const list = (...cells: number[]): HostOptions => ({ container: { "scmi-secondary-agents": cells } });
  const [page0, page2] = [PHANDLE.page0, PHANDLE.page2];

  test.each<[string, HostOptions]>([
    ["two rows of one function id", list(funcIdOf(0), page0, 0, funcIdOf(0), page2, 2)],
    ["Xen's function id in a row", list(funcIdOf(0), page0, 0, funcIdOf(1), page2, 2)],
    ["two rows of one page", list(funcIdOf(0), page0, 0, funcIdOf(2), page0, 2)],
    ["Xen's page in a row", list(funcIdOf(0), page0, 0, funcIdOf(2), PHANDLE.page1, 2)],
    ["a function id that is not SiP", list(funcIdOf(0), page0, 0, 0x8400_0004, page2, 2)],
    ["an agent id that the firmware does not know by it", list(funcIdOf(0), page0, 0, funcIdOf(2), page2, 9)],
    ["another count of agents than the firmware's", { firmware: { agentCount: 200 } }],
    ["a page that says it is something else", { pages: { 2: { compatible: "mmio-sram" } } }],
  ])("%s", (_, options) => {
    const { errno, scenario } = probe(options);
    expect(errno).toBeNull();
    expect(scenario.channels.length).toBeGreaterThan(2);
  });
});

/** A container that the scan comes to before the usual one. */
function firstContainer(container: ReturnType<typeof node>): HostOptions {
  return { beforeXen: { first: container } };
}

test("a reboot probes anew: what was stuck is free", () => {
  const scenario = booted();
  scenario.fault({ action: "x0", value: 1n, message: "BASE_RESET_AGENT_CONFIGURATION" }, 1);
  scenario.create("red", 2);
  scenario.destroy("red");
  expect(scenario.when({ kind: "agent.reset", agentId: 3, permissions: true }).errno).toBe("EBUSY");
  expect(scenario.boot("reboot").errno).toBeNull();
  expect(scenario.when({ kind: "agent.reset", agentId: 3, permissions: true }).errno).toBeNull();
});
