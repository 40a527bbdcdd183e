import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fault } from "#firmware/faults/faults.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";
import {
  booted,
  CELLS,
  type HostOptions,
  hostWith,
  node,
  PHANDLE,
  type Props,
  Scenario,
} from "../support/scenario.ts";

const MULTI = "scmi_smc_multiagent";
const bytes = (text: string) => new TextEncoder().encode(text);

describe("SCI type and agent of an xen,domain node (§3.3)", () => {
  const boot = (props: Props) =>
    new Scenario({ chosen: { guest: node({ compatible: "xen,domain", ...props }) } }).boot();
  const agent = (value: DtbValue): Props => ({ "xen,sci_type": MULTI, "xen,sci-agent-id": value });

  test.each<[string, Props, string, number]>([
    ["nothing", {}, "none", 0],
    ["none", { "xen,sci_type": "none" }, "none", 0],
    ["none with an agent, which nobody looks at", { ...agent([2]), "xen,sci_type": "none" }, "none", 0],
    ["an agent", agent([2]), MULTI, 2],
    [
      "a list of strings, of which the first counts",
      { ...agent([3]), "xen,sci_type": [MULTI, "x"] },
      MULTI,
      3,
    ],
    ["bytes behind the NUL", { ...agent([3]), "xen,sci_type": bytes(`${MULTI}\0junk`) }, MULTI, 3],
    ["cells behind the first", agent([2, 900]), MULTI, 2],
    ["bytes behind the first cell", agent(Uint8Array.of(0, 0, 0, 2, 9)), MULTI, 2],
    ["the property with a dash, which is none", { "xen,sci-type": MULTI }, "none", 0],
  ])("%s", (_, props, type, agentId) => {
    const answer = boot(props);
    expect(answer.errno).toBeNull();
    expect(answer.all("domain.created")[1]).toMatchObject({
      name: "guest",
      origin: "dom0less",
      config: { sci: { type, agentId } },
      agent: type === "none" ? null : agentId,
    });
  });

  test.each<[string, string, Props]>([
    ["ENODATA", "an empty value", { "xen,sci_type": true }],
    ["EILSEQ", "no NUL", { "xen,sci_type": bytes("none") }],
    ["EINVAL", "an empty string", { "xen,sci_type": "" }],
    ["EINVAL", "another case", { "xen,sci_type": "None" }],
    ["EINVAL", "blanks around it", { "xen,sci_type": " none" }],
    ["EINVAL", "a word that there is not", { "xen,sci_type": "scmi" }],
    ["EINVAL", "a number", { "xen,sci_type": [2] }],
    ["EINVAL", "the single-agent type", { "xen,sci_type": "scmi_smc" }],
    ["EINVAL", "no agent", { "xen,sci_type": MULTI }],
    ["EINVAL", "an agent with underscores in its name", { "xen,sci_type": MULTI, "xen,sci_agent_id": [2] }],
    ["EINVAL", "an empty agent", agent(true)],
    ["EINVAL", "an agent of three bytes", agent(new Uint8Array(3))],
    ["EINVAL", "agent 255", agent([255])],
    ["EINVAL", "agent 0xffffffff", agent([0xffff_ffff])],
    ["EINVAL", "an agent as text", agent("2")],
    ["ENOENT", "the highest agent that is read, and has no channel", agent([254])],
    ["EEXIST", "agent 0, which is read, and is dom0's", agent([0])],
    ["EEXIST", "Xen's own agent", agent([1])],
  ])("%s is the host's panic: %s", (errno, _, props) => {
    const answer = boot(props);
    expect(answer.errno).toBe(errno);
    const refusal = { name: "guest", origin: "dom0less", stage: "xen", errno, panic: true };
    expect(answer.the("domain.creation-refused")).toMatchObject(refusal);
    expect(answer.events.at(-1)?.type).toBe("domain.creation-refused");
  });
});

const REG = { "xen,reg": [0, 0xe650_8000, 0, 0x1000, 0, 0x1000_0000] };
const FORCE = { "xen,force-assign-without-iommu": true } as const;
const dev = (device: string, more: Props = {}): Props => ({ ...REG, "xen,path": `/soc/${device}`, ...more });

/** A partial tree with these nodes below /passthrough. */
function partial(nodes: { readonly [name: string]: Props }, more: { [name: string]: DtbNode } = {}): DtbNode {
  const children = Object.entries(nodes).map(([name, props]): [string, DtbNode] => [name, node(props)]);
  return node({}, { passthrough: node(CELLS, Object.fromEntries(children)), ...more });
}

/** A host with the dom0less domain domU1, which has agent 2, and its partial tree. */
function guest(tree: DtbNode, options: HostOptions = {}): HostOptions {
  return {
    ...options,
    chosen: {
      domU1: node({ compatible: "xen,domain", "xen,sci_type": MULTI, "xen,sci-agent-id": [2] }),
      ...options.chosen,
    },
    partialTrees: { domU1: tree, ...options.partialTrees },
  };
}

/** What the boot of such a host came to. */
function boot(nodes: { readonly [name: string]: Props }, options: HostOptions = {}, fault?: Fault) {
  const scenario = new Scenario(guest(partial(nodes), options));
  if (fault !== undefined) scenario.fault(fault);
  return { scenario, answer: scenario.boot() };
}

describe("devices that a partial tree gives a dom0less domain (§4.2, §9.4)", () => {
  test("get their permission and their place behind the IOMMU, in tree order, before the next domain", () => {
    const { answer, scenario } = boot(
      { dma: dev("dma@3000"), both: dev("both@4000"), clk: dev("clocked@2000", FORCE) },
      { chosen: { domU2: node({ compatible: "xen,domain" }) } },
    );
    expect(answer.errno).toBeNull();
    expect(answer.types.slice(answer.types.indexOf("domain.created"))).toEqual([
      "domain.created",
      "domain.created",
      "device.assigned",
      "smc.forwarded",
      "device.assigned",
      "smc.forwarded",
      "device.assigned",
      "domain.created",
    ]);
    const done = { sci: null, iommu: null };
    expect(answer.all("device.assigned")).toEqual([
      { ...done, path: "/soc/dma@3000", deviceIds: [], protected: true, controlled: false },
      { ...done, path: "/soc/both@4000", deviceIds: [2], protected: true, controlled: true },
      { ...done, path: "/soc/clocked@2000", deviceIds: [1], protected: false, controlled: true },
    ]);
    expect(answer.sent.slice(-2)).toEqual([
      [0x4009, 2, 2, 1],
      [0x4009, 2, 1, 1],
    ]);
    expect(scenario.permissions).toEqual(
      expect.arrayContaining([
        [2, 1],
        [2, 2],
      ]),
    );
    expect(scenario.machine.state.mediator.iommu.get("/soc/both@4000")).toEqual({ domid: 1 });
    expect(answer.all("domain.created").map(({ config }) => config.passthrough)).toEqual([true, true, false]);
  });

  test("are the domain's as if the toolstack had assigned them, and gone with it", () => {
    const { scenario } = boot({ both: dev("both@4000") });
    expect(scenario.create("red", 3).problem).toBeNull();
    expect(scenario.assign("red", "both@4000").errno).toBe("EBUSY");
    const answer = scenario.destroy("domU1");
    expect(answer.types).toEqual(["smc.forwarded", "agent.reset", "domain.destroyed"]);
    expect(scenario.permissions).not.toContainEqual([2, 2]);
    expect(scenario.assign("red", "both@4000").errno).toBeNull();
  });

  test("of a domain without an agent need no permission", () => {
    const options = { chosen: { domU1: node({ compatible: "xen,domain" }) } };
    const { answer } = boot({ both: dev("both@4000") }, options);
    expect(answer.the("device.assigned")).toMatchObject({ deviceIds: [], protected: true, controlled: true });
    expect(answer.sent.map(([header]) => header)).toEqual([0x4007, 0x4001]);
  });

  test("and memory alone is given without an event", () => {
    const { answer } = boot({ "sram@22001000": { ...REG, ...FORCE } });
    expect(answer.errno).toBeNull();
    expect(answer.types.at(-1)).toBe("domain.created");
  });

  test("are taken from any depth of /passthrough, in whatever case it is written, and from nowhere else", () => {
    const deep = node({}, { bus: node({}, { i2c: node(dev("dma@3000")) }) });
    const root = node(
      {},
      { PassThrough: deep, aliases: node(dev("both@4000")), other: node(dev("both@4000")) },
    );
    const answer = new Scenario(guest(root)).boot();
    expect(answer.the("device.assigned").path).toBe("/soc/dma@3000");
  });

  test("are found by path in whatever case, and called as the host calls them", () => {
    const { answer } = boot({ dma: { ...REG, "xen,path": "/SOC/DMA@3000" } });
    expect(answer.the("device.assigned").path).toBe("/soc/dma@3000");
  });

  test.each<[string, Props]>([
    ["one entry", REG],
    ["two entries", { "xen,reg": [...REG["xen,reg"], ...REG["xen,reg"]] }],
    ["no entry", { "xen,reg": true }],
    ["less than one entry", { "xen,reg": [0, 0x123] }],
    ["something behind the last entry", { "xen,reg": [...REG["xen,reg"], 0, 0x123] }],
    ["a size of nothing", { "xen,reg": [0, 0x1000, 0, 0, 0, 0x1000] }],
    ["high addresses", { "xen,reg": [0xffff_ffff, 0xffff_f000, 0, 0x1000, 8, 0] }],
  ])("may have a xen,reg of %s", (_, reg) => {
    expect(boot({ dma: { ...dev("dma@3000"), ...reg } }).answer.errno).toBeNull();
  });

  test("have a xen,reg in cells of the node above them only: two and one where it does not say", () => {
    const entry = { "xen,reg": [0, 0x1000, 0x1000, 0, 0x1000] };
    const below = (props: Props, above: Props) => {
      const inner = node(above, { dma: node(props) });
      return new Scenario(guest(node({}, { passthrough: node(CELLS, { bus: inner }) }))).boot().errno;
    };
    expect(below({ ...dev("dma@3000"), ...entry }, {})).toBeNull();
    expect(below({ ...dev("dma@3000"), ...entry }, { "#size-cells": [1] })).toBeNull();
    // Read as two, two and two, the size would be 0x100000000000 and the guest's address 0x1000….
    const odd = { "xen,reg": [0x1000, 0x1000, 0x1001] };
    expect(below({ ...dev("dma@3000"), ...odd }, { "#address-cells": [1] })).toBe("EINVAL");
    expect(below({ ...dev("dma@3000"), ...odd }, {})).toBeNull();
    expect(below({ ...dev("dma@3000"), ...odd }, { "#address-cells": [0], "#size-cells": [0] })).toBeNull();
    expect(below({ ...dev("dma@3000"), ...odd }, { "#address-cells": [0xffff_ffff] })).toBeNull();
  });
});

describe("a partial tree that ends in a panic", () => {
  const odd = (host: number, size: number, to: number) => ({ "xen,reg": [0, host, 0, size, 0, to] });

  test.each<[string, string, Props, string]>([
    ["EINVAL", "xen,path without xen,reg", { "xen,path": "/soc/dma@3000" }, "/soc/dma@3000"],
    ["EINVAL", "the same with force", { "xen,path": "/soc/dma@3000", ...FORCE }, "/soc/dma@3000"],
    ["EINVAL", "xen,reg without xen,path or force", REG, "/passthrough/it"],
    [
      "EINVAL",
      "a host address that is not aligned",
      { ...dev("dma@3000"), ...odd(0x1800, 0x1000, 0) },
      "/soc/dma@3000",
    ],
    ["EINVAL", "a size that is not aligned", { ...FORCE, ...odd(0, 0x100, 0) }, "/passthrough/it"],
    ["EINVAL", "a guest address that is not aligned", { ...FORCE, ...odd(0, 0x1000, 1) }, "/passthrough/it"],
    [
      "EINVAL",
      "an unaligned second entry",
      { ...FORCE, "xen,reg": [...REG["xen,reg"], 0, 0, 0, 1, 0, 0] },
      "/passthrough/it",
    ],
    ["EINVAL", "a path that the host has not", dev("nothing@0"), "/soc/nothing@0"],
    ["EINVAL", "a path without its unit address", dev("dma"), "/soc/dma"],
    ["EINVAL", "an empty path", { ...REG, "xen,path": true }, ""],
    ["EINVAL", "a device behind no IOMMU", dev("plain@1000"), "/soc/plain@1000"],
  ])("%s: %s", (errno, _, props, path) => {
    const { answer, scenario } = boot({ it: props });
    expect(answer.errno).toBe(errno);
    expect(answer.the("device.assignment-refused")).toMatchObject({
      path,
      errno,
      granted: [],
      protected: false,
      panic: true,
    });
    expect(answer.events.at(-1)).toMatchObject({ type: "device.assignment-refused", domid: 1, agentId: 2 });
    expect(scenario.create("red", 3).problem?.code).toBe("host-panicked");
    expect(scenario.boot("reboot").errno).toBe(errno);
  });

  test("because the device is dom0's, or another dom0less domain's", () => {
    const soc = { "dma@3000": { iommus: [PHANDLE.smmu, 1] } };
    const own = boot({ dma: dev("dma@3000") }, { soc });
    expect(own.answer.errno).toBe("EBUSY");
    const twice = { dma: dev("dma@3000") };
    const other = boot(twice, {
      chosen: { domU2: node({ compatible: "xen,domain" }) },
      partialTrees: { domU2: partial(twice) },
    });
    expect(other.answer.errno).toBe("EBUSY");
    expect(other.answer.the("device.assignment-refused").message).toContain("domain 1");
  });

  test("because an interrupt of the device is dom0's, or another domain's, before anything is sent", () => {
    const gic = { gic: node({ "#interrupt-cells": [3], phandle: [40] }) };
    const device = (spi: number, more: Props = {}): Props => ({
      "interrupt-parent": [40],
      interrupts: [0, spi, 4],
      "access-controllers": [PHANDLE.management, 1],
      ...more,
    });
    const hidden = { "xen,passthrough": true } as const;
    const soc = { "a@1": device(7), "b@2": device(7, hidden), "c@3": device(8, hidden) };
    const own = boot({ a: dev("a@1", FORCE) }, { soc, root: gic });
    expect(own.answer.the("device.assignment-refused")).toMatchObject({
      errno: "EBUSY",
      message: "IRQ 39 of /soc/a@1 is routed to domain 0 already",
      granted: [],
    });
    // A line that it shares with a device of dom0's is dom0's, too.
    expect(boot({ b: dev("b@2", FORCE) }, { soc, root: gic }).answer.errno).toBe("EBUSY");
    const other = { chosen: { domU2: node({ compatible: "xen,domain" }) } };
    const twice = boot({ c: dev("c@3", FORCE), again: dev("c@3", FORCE) }, { soc, root: gic, ...other });
    expect(twice.answer.errno).toBeNull();
    const both = { ...other, partialTrees: { domU2: partial({ c: dev("c@3", FORCE) }) } };
    const { answer } = boot({ c: dev("c@3", FORCE) }, { soc, root: gic, ...both });
    expect(answer.the("device.assignment-refused").message).toContain(
      "IRQ 40 of /soc/c@3 is routed to domain 1",
    );
    expect(answer.sent.filter(([header]) => header === 0x4009)).toHaveLength(2);
  });

  test("because the host has no IOMMU, unless force is said", () => {
    const iommu = { xen: { iommu: false } };
    expect(boot({ dma: dev("dma@3000") }, iommu).answer.errno).toBe("EINVAL");
    const forced = boot({ dma: dev("dma@3000", FORCE) }, iommu);
    expect(forced.answer.errno).toBeNull();
    expect(forced.answer.the("device.assigned").protected).toBe(false);
    expect(forced.answer.all("domain.created").map(({ config }) => config.passthrough)).toEqual([
      false,
      false,
    ]);
  });

  test("because the firmware denies the permission: what came before stays granted, the IOMMU is not asked", () => {
    const message = "BASE_SET_DEVICE_PERMISSIONS";
    const soc: HostOptions["soc"] = {
      "two@5000": {
        "access-controllers": [PHANDLE.management, 1, PHANDLE.management, 9],
        "xen,passthrough": true,
      },
    };
    const { answer, scenario } = boot({ two: dev("two@5000") }, { soc });
    expect(answer.errno).toBe("ENOENT");
    expect(answer.the("device.assignment-refused")).toMatchObject({
      path: "/soc/two@5000",
      message: "SCI: ENOENT",
      granted: [1],
    });
    expect(scenario.permissions).toContainEqual([2, 1]);
    const denied = boot({ both: dev("both@4000") }, {}, { action: "status", value: -3, message });
    expect(denied.answer.errno).toBe("EACCES");
    expect(denied.scenario.machine.state.mediator.iommu.keys()).toEqual([]);
  });

  test("in the IOMMU, with the permission given before", () => {
    const { answer, scenario } = boot({ clk: dev("clocked@2000") });
    expect(answer.the("device.assignment-refused")).toMatchObject({ errno: "EINVAL", granted: [1] });
    expect(scenario.permissions).toContainEqual([2, 1]);
  });

  test("at the first of several faults, in the order in which Xen looks", () => {
    const faults: readonly [string, Props][] = [
      ["not a multiple of 4 KiB", { ...odd(1, 0, 0), "xen,path": "/nothing" }],
      ["no node", { ...REG, "xen,path": "/nothing" }],
      ["SCI", dev("bad@6000")],
      ["IOMMU", dev("clocked@2000")],
    ];
    const soc: HostOptions["soc"] = {
      "bad@6000": { "access-controllers": [PHANDLE.management, 77], "xen,passthrough": true },
      "clocked@2000": { "access-controllers": [PHANDLE.management, 1], "xen,passthrough": true },
    };
    for (const [message, props] of faults) {
      const { answer } = boot({ it: props }, { soc });
      expect(answer.the("device.assignment-refused").message).toContain(message);
    }
  });
});

describe("a dom0less domain's IOMMU context", () => {
  const domU1 = (props: Props, partialTrees: HostOptions["partialTrees"] = {}): HostOptions => ({
    chosen: { domU1: node({ compatible: "xen,domain", ...props }) },
    partialTrees,
  });
  test.each<[string, HostOptions, boolean]>([
    ["none by itself", domU1({}), false],
    ["with a partial tree, though it asks for nothing", domU1({}, { domU1: node({}) }), true],
    ["with passthrough enabled", domU1({ passthrough: "enabled" }), true],
    ["not with passthrough disabled", domU1({ passthrough: "disabled" }), false],
    [
      "with passthrough disabled and a partial tree",
      domU1({ passthrough: "disabled" }, { domU1: node({}) }),
      true,
    ],
  ])("%s", (_, options, iommu) => {
    const scenario = booted(options);
    expect(scenario.machine.state.mediator.domain.at(1).iommu).toBe(iommu);
    expect(scenario.assign("domU1", "dma@3000").errno).toBe(iommu ? null : "EOPNOTSUPP");
  });

  test("comes with the module of a partial tree, its own or a later domain's, but not with an earlier one's", () => {
    const module = node({}, { module: node({ compatible: ["multiboot,device-tree", "multiboot,module"] }) });
    const props = { compatible: "xen,domain" } as const;
    const chosen = { a: node(props), b: { ...module, props }, c: node(props) };
    const { domain } = booted({ chosen }).machine.state.mediator;
    expect([1, 2, 3].map((domid) => domain.at(domid).iommu)).toEqual([true, true, false]);
  });

  test("a host of the first rules did not look at passthrough", () => {
    const machine = new Machine(sha256);
    const description = hostWith(domU1({ passthrough: "enabled" }));
    machine.execute({ kind: "host.configure", description, ruleVersion: 1 }, { commandId: 1, timeUs: 0 });
    expect(machine.state.mediator.domain.at(1).iommu).toBe(false);
  });

  test("is none where the host has no IOMMU", () => {
    const options = { ...domU1({ passthrough: "enabled" }, { domU1: node({}) }), xen: { iommu: false } };
    expect(booted(options).machine.state.mediator.domain.at(1).iommu).toBe(false);
  });
});

describe("any partial tree", () => {
  const PATHS = ["plain@1000", "clocked@2000", "dma@3000", "both@4000", "nothing@0"];
  /** Devices by what they are: whether behind the IOMMU, and the SCMI device they need a permission for. */
  const DEVICES: { readonly [path: string]: { readonly isProtected: boolean; readonly needs?: number } } = {
    "plain@1000": { isProtected: false },
    "clocked@2000": { isProtected: false, needs: 1 },
    "dma@3000": { isProtected: true },
    "both@4000": { isProtected: true, needs: 2 },
  };
  const cell = fc.constantFrom(0, 0, 0x1000, 0x2000, 0x1001);
  const asked = fc.record({
    path: fc.option(fc.constantFrom(...PATHS), { freq: 6 }),
    reg: fc.option(fc.array(cell, { maxLength: 13 }), { freq: 6 }),
    force: fc.boolean(),
  });

  /** What should come of it, by the table of docs/device-trees.md. */
  function expected(nodes: readonly { path: string | null; reg: number[] | null; force: boolean }[]) {
    const granted: number[] = [];
    const taken = new Set<string>();
    for (const { path, reg, force } of nodes) {
      if (path === null && reg === null) continue;
      if (reg === null || (path === null && !force)) return { errno: "EINVAL", granted };
      const entries = reg.slice(0, reg.length - (reg.length % 6));
      if (entries.some((value, at) => at % 2 === 1 && value % 0x1000 !== 0))
        return { errno: "EINVAL", granted };
      if (path === null) continue;
      const device = DEVICES[path];
      if (device === undefined) return { errno: "EINVAL", granted };
      if (device.needs !== undefined) granted.push(device.needs);
      if (!device.isProtected) {
        if (!force) return { errno: "EINVAL", granted };
        continue;
      }
      if (taken.has(path)) return { errno: "EBUSY", granted };
      taken.add(path);
    }
    return { errno: null, granted };
  }

  test("gives what the table says, or panics with its errno, and what was granted stays", () => {
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 6 }), (nodes) => {
        const entries = nodes.map(({ path, reg, force }, at): [string, Props] => [
          `n@${at}`,
          {
            ...(path === null ? {} : { "xen,path": `/soc/${path}` }),
            ...(reg === null ? {} : { "xen,reg": reg }),
            ...(force ? FORCE : {}),
          },
        ]);
        const { answer, scenario } = boot(Object.fromEntries(entries));
        const { errno, granted } = expected(nodes);
        expect(answer.errno).toBe(errno);
        const mine = scenario.permissions.filter(([agentId]) => agentId === 2).map(([, device]) => device);
        expect(mine).toEqual([...new Set(granted)].sort());
        expect(answer.all("device.assignment-refused")).toHaveLength(errno === null ? 0 : 1);
      }),
      { numRuns: 200 },
    );
  });
});
