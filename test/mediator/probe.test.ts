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
const ATTRIBUTES = "PROTOCOL_ATTRIBUTES";
const NO_DOM0 = { "xen,dom0-sci-agent-id": undefined };

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

describe("nodes that the scan passes by without a trace", () => {
  test.each<[string, HostOptions]>([
    ["no container above", { container: { compatible: "xen,config" } }],
    ["disabled", { management: { status: "disabled" } }],
    ["for a guest", { management: { "xen,passthrough": true } }],
    ["not SCMI over SMC", { management: { compatible: "arm,scmi" } }],
  ])("%s", (_, options) => {
    const { answer, scenario } = probe(options);
    expect(answer.errno).toBeNull();
    expect(answer.types).toEqual(["host.booted", "domain.created"]);
    expect(scenario.channels).toEqual([]);
  });

  test.each(["okay", "ok"])("status %s is as good as none", (status) => {
    expect(probe({ management: { status } }).scenario.channels).toHaveLength(4);
  });

  test("the container's own status is not looked at", () => {
    expect(probe({ container: { status: "disabled" } }).scenario.channels).toHaveLength(4);
  });
});

describe("a step of the probe that fails (§2.2)", () => {
  test.each<[number, string, string, HostOptions]>([
    [2, "EINVAL", "ACPI in use", { xen: { acpi: true } }],
    [3, "ENOSYS", "SMCCC 1.0", { xen: { smccc: "1.0" } }],
    [4, "ENOENT", "no arm,smc-id", { management: { "arm,smc-id": undefined } }],
    [4, "ENOENT", "a short arm,smc-id", { management: { "arm,smc-id": new Uint8Array(3) } }],
    [5, "ENOENT", "no shmem", { management: { shmem: undefined } }],
    [6, "ENOENT", "a shmem phandle of nothing", { management: { shmem: [99] } }],
    [7, "ENOENT", "a page without reg", { pages: { 1: { reg: undefined } } }],
    [7, "ENOENT", "/chosen without ranges", { chosenProps: { ranges: undefined } }],
    [7, "ENOENT", "the container without ranges", { container: { ranges: undefined } }],
    [
      8,
      "EINVAL",
      "a size that is no multiple of 4 KiB",
      { pages: { 1: { reg: [0, pageOf(1), 0, 0x1100] } } },
    ],
    [
      12,
      "EOPNOTSUPP",
      "a firmware without DISCOVER_AGENT",
      {
        firmware: {
          supports: {
            discoverAgent: false,
            setDevicePermissions: true,
            setProtocolPermissions: false,
            resetAgentConfiguration: true,
          },
        },
      },
    ],
    [
      12,
      "EOPNOTSUPP",
      "a function id that the firmware does not know",
      { management: { "arm,smc-id": [0x8200_0099] } },
    ],
    [12, "EBUSY", "a page that is another agent's", { management: { shmem: [PHANDLE.page2] } }],
  ])("step %i, %s: %s", (step, errno, _, options) => {
    const { answer, scenario, failed } = probe(options);
    expect(failed).toMatchObject({ step, errno, node: "/chosen/xen/scmi", listEmptied: step >= 9 });
    expect(answer.errno).toBe(errno);
    expect(scenario.channels).toEqual([]);
    // Boot goes on, and who asks for an agent silently gets none.
    expect(scenario.create("red", 2).result).toMatchObject({ agentId: null, state: "running" });
  });

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

  test.each<[number, string, Fault, string]>([
    [12, DISCOVER, { action: "x0", value: 0xffff_ffff_ffff_fffdn }, "EINVAL"],
    [12, DISCOVER, { action: "x0", value: 1n }, "EOPNOTSUPP"],
    [12, DISCOVER, { action: "busy" }, "EBUSY"],
    [12, DISCOVER, { action: "length", value: 3 }, "EINVAL"],
    [12, DISCOVER, { action: "length", value: 29 }, "EINVAL"],
    [12, DISCOVER, { action: "status", value: -4 }, "ENOENT"],
    [13, ATTRIBUTES, { action: "status", value: -8 }, "EIO"],
    [13, ATTRIBUTES, { action: "pad", value: 1 }, "EINVAL"],
    [13, ATTRIBUTES, { action: "x0", value: 5n }, "EOPNOTSUPP"],
  ])("step %i, %s with %o: %s", (step, message, fault, errno) => {
    const { failed, scenario } = probe({}, at(1, message, fault));
    expect(failed).toMatchObject({ step, errno, listEmptied: true });
    expect(scenario.channels).toEqual([]);
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

describe("an agent list that is refused (§2.3)", () => {
  const PAGE = PHANDLE.page2;
  const row = (...cells: number[]) => ({ "scmi-secondary-agents": cells });
  test.each<[string, string, HostOptions]>([
    ["EINVAL", "cells of 1", { container: { "#scmi-secondary-agents-cells": [1] } }],
    ["EINVAL", "cells of 4", { container: { "#scmi-secondary-agents-cells": [4] } }],
    ["EINVAL", "no list", { container: { "scmi-secondary-agents": undefined } }],
    ["EINVAL", "an empty list", { container: { "scmi-secondary-agents": true } }],
    ["EINVAL", "a ragged list", { container: row(funcIdOf(2), PAGE, 2, funcIdOf(3)) }],
    ["EINVAL", "bytes that are no cells", { container: { "scmi-secondary-agents": new Uint8Array(13) } }],
    ["EINVAL", "a page of nothing", { container: row(funcIdOf(2), 99, 2) }],
    ["EINVAL", "a page without reg", { container: rowsOf([2]), pages: { 2: { reg: undefined } } }],
    ["EINVAL", "a page of no whole size", { pages: { 2: { reg: [0, pageOf(2), 0, 0x10] } } }],
    ["EINVAL", "a page at no page's address", { pages: { 2: { reg: [0, pageOf(2) + 0x80, 0, 0x1000] } } }],
    ["EEXIST", "one agent twice", { container: row(funcIdOf(2), PAGE, 2, funcIdOf(3), PHANDLE.page3, 2) }],
    ["EEXIST", "Xen's own agent", { container: row(funcIdOf(2), PAGE, 1) }],
    [
      "EINVAL",
      "three rows of two cells without the cells property",
      { container: row(funcIdOf(0), 1, funcIdOf(2), 3, funcIdOf(3), 4) },
    ],
  ])("%s: %s", (errno, _, options) => {
    const { failed, scenario } = probe({ ...options, container: { ...NO_DOM0, ...options.container } });
    expect(failed).toMatchObject({ step: 14, errno });
    expect(scenario.channels).toEqual([]);
  });

  test("a list of the RFC's row order fails as a page of nothing", () => {
    expect(probe({ container: row(2, funcIdOf(2), PAGE) }).errno).toBe("EINVAL");
  });

  test.each([
    [at(2, DISCOVER, { action: "status", value: -3 }), "EACCES"],
    [at(3, DISCOVER, { action: "busy" }), "EBUSY"],
    [at(2, DISCOVER, { action: "x0", value: 9n }), "EOPNOTSUPP"],
  ] as const)("two cells, a channel that does not tell: %o", (fault, errno) => {
    const { failed, scenario } = probe({ container: shortRows([0, 2, 3]) }, fault);
    expect(failed).toMatchObject({ step: 14, errno });
    expect(scenario.channels).toEqual([]);
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

/** A container that the scan comes to before the usual one. */
function firstContainer(container: ReturnType<typeof node>): HostOptions {
  return { beforeXen: { first: container } };
}

function rowsOf(agentIds: readonly number[]) {
  return { "scmi-secondary-agents": rows(agentIds) };
}

describe("two SCMI nodes that qualify (§2.6)", () => {
  const second = (props: object) => ({
    inContainer: {
      "scmi-2": node({
        compatible: "arm,scmi-smc",
        "arm,smc-id": [funcIdOf(3)],
        shmem: [PHANDLE.page3],
        phandle: [20],
        ...props,
      }),
    },
    container: { "scmi-secondary-agents": rows([0, 2]) },
  });

  test("the second empties the channel list on its way to EEXIST: registered, and nobody can be claimed", () => {
    const { answer, scenario } = probe({ ...second({}), container: { ...rowsOf([2]), ...NO_DOM0 } });
    expect(answer.errno).toBe("EEXIST");
    expect(answer.the("mediator.probe-failed")).toMatchObject({ step: 15, node: "/chosen/xen/scmi-2" });
    expect(scenario.channels).toEqual([]);
    expect(scenario.create("red", 2)).toMatchObject({ errno: "ENOENT" });
  });

  test("a second that fails before the list leaves the first as it is", () => {
    const { answer, scenario } = probe(second({ shmem: undefined }));
    expect(answer.errno).toBe("ENOENT");
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual([1, 0, 2]);
    expect(scenario.create("red", 2).problem).toBeNull();
  });

  test("a first that fails ends the scan: the good one after it is never probed", () => {
    const { answer } = probe({ ...second({}), management: { shmem: undefined } });
    expect(answer.all("mediator.probe-failed")).toHaveLength(1);
    expect(answer.all("mediator.probed")).toHaveLength(0);
  });
});

test("a reboot probes anew: what was stuck is free", () => {
  const scenario = booted();
  scenario.fault({ action: "x0", value: 1n, message: "BASE_RESET_AGENT_CONFIGURATION" }, 1);
  scenario.create("red", 2);
  scenario.destroy("red");
  expect(scenario.when({ kind: "agent.reset", agentId: 3, permissions: true }).errno).toBe("EBUSY");
  expect(scenario.boot("reboot").errno).toBeNull();
  expect(scenario.when({ kind: "agent.reset", agentId: 3, permissions: true }).errno).toBeNull();
});
