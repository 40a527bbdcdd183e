import { describe, expect, test } from "vitest";
import { SERIES_VERSIONS, type SeriesVersion } from "#config/board/board.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import { booted, type HostOptions, node, PHANDLE, Scenario } from "../support/scenario.ts";

const SET = "BASE_SET_DEVICE_PERMISSIONS";
const MANAGEMENT = PHANDLE.management;

/** A guest on a host whose only device has these access-controllers; the device is assigned to it. */
function assignment(props: object, options: HostOptions = {}) {
  const scenario = booted({ ...options, soc: { "device@1": { "xen,passthrough": true, ...props } } });
  scenario.create("red", 2);
  return { scenario, answer: scenario.assign("red", "device@1") };
}

describe("from a device's access-controllers to messages (§4.1)", () => {
  /** Providers that are not the probed node. */
  const others: HostOptions = {
    root: {
      firmware: node({}, { scmi: node({ phandle: [PHANDLE.host], "#access-controller-cells": [1] }) }),
      two: node({ phandle: [30], "#access-controller-cells": [2] }),
      none: node({ phandle: [31] }),
    },
  };

  test.each<[string, object, number[]]>([
    ["no property: no message", {}, []],
    ["one entry", { "access-controllers": [MANAGEMENT, 1] }, [1]],
    ["entries in their order", { "access-controllers": [MANAGEMENT, 3, MANAGEMENT, 1] }, [3, 1]],
    ["one entry twice is sent twice", { "access-controllers": [MANAGEMENT, 1, MANAGEMENT, 1] }, [1, 1]],
    ["the host's own SCMI node counts for nothing", { "access-controllers": [PHANDLE.host, 1] }, []],
    [
      "foreign providers are stepped over by their own cells",
      { "access-controllers": [30, 7, 7, MANAGEMENT, 1] },
      [1],
    ],
    [
      "phandle 0 ends the walk with success",
      { "access-controllers": [MANAGEMENT, 1, 0, MANAGEMENT, 2] },
      [1],
    ],
    ["an unknown phandle ends the walk with success", { "access-controllers": [99, MANAGEMENT, 2] }, []],
    ["a provider without cells ends it", { "access-controllers": [MANAGEMENT, 1, 31, MANAGEMENT, 2] }, [1]],
    ["arguments past the end end it", { "access-controllers": [MANAGEMENT, 1, MANAGEMENT] }, [1]],
  ])("%s", (_, props, deviceIds) => {
    const { answer } = assignment(props, others);
    expect(answer.errno).toBeNull();
    expect(answer.sent).toEqual(deviceIds.map((id) => [0x4009, 2, id, 1]));
    expect(answer.result.deviceIds).toEqual(deviceIds);
  });

  test.each<[string, number | undefined, readonly number[], number[]]>([
    ["two cells: the first is the device", 2, [MANAGEMENT, 1, 5], [1]],
    ["no cells: device 0", 0, [MANAGEMENT], [0]],
    ["no property: the walk ends at once", undefined, [MANAGEMENT, 1], []],
  ])("#access-controller-cells of the management node, %s", (_, cells, controllers, deviceIds) => {
    const management = { "#access-controller-cells": cells === undefined ? undefined : [cells] };
    const { answer } = assignment({ "access-controllers": controllers }, { management });
    expect(answer.errno).toBeNull();
    expect(answer.sent.map(([, , deviceId]) => deviceId)).toEqual(deviceIds);
  });

  test("an error ends the walk: entries before it stay granted, those after it are never looked at", () => {
    const scenario = booted({
      soc: {
        "device@1": {
          "access-controllers": [MANAGEMENT, 1, MANAGEMENT, 9, MANAGEMENT, 2],
          "xen,passthrough": true,
        },
      },
    });
    scenario.create("red", 2);
    const answer = scenario.assign("red", "device@1");
    expect(answer).toMatchObject({
      errno: "ENOENT",
      sent: [
        [0x4009, 2, 1, 1],
        [0x4009, 2, 9, 1],
      ],
    });
    expect(answer.the("device.assignment-refused").granted).toEqual([1]);
    expect(scenario.permissions).toEqual([[2, 1]]);
  });

  test("a domain without SCI gets the device, and no message is sent", () => {
    const scenario = booted();
    scenario.create("red", null);
    const answer = scenario.assign("red", "clocked@2000");
    expect(answer).toMatchObject({ errno: null, sent: [] });
    expect(answer.the("device.assigned")).toMatchObject({ deviceIds: [], controlled: true });
  });

  test("assigning twice sends twice; to two domains is not Xen's to refuse", () => {
    const scenario = booted();
    scenario.create("red", 2);
    scenario.create("blue", 3);
    expect(scenario.assign("red", "clocked@2000").sent).toHaveLength(1);
    expect(scenario.assign("red", "clocked@2000").sent).toHaveLength(1);
    expect(scenario.assign("blue", "clocked@2000").errno).toBeNull();
    expect(scenario.permissions).toEqual([
      [2, 1],
      [3, 1],
    ]);
  });

  test("under the exclusive policy the firmware refuses the second domain", () => {
    const scenario = booted({ firmware: { deviceOwnership: "exclusive" } });
    scenario.create("red", 2, "clocked@2000");
    scenario.create("blue", 3);
    expect(scenario.assign("blue", "clocked@2000").errno).toBe("EACCES");
  });
});

describe("dom0 claims its devices as it is built (§4.2)", () => {
  const mine = { "mine@1": { "access-controllers": [MANAGEMENT, 3] } };

  test("each node that is not for passthrough, with its permissions", () => {
    const scenario = new Scenario({
      soc: { ...mine, "theirs@2": { "access-controllers": [MANAGEMENT, 1], "xen,passthrough": true } },
    });
    const answer = scenario.boot();
    expect(answer.all("device.assigned")).toMatchObject([{ path: "/soc/mine@1", deviceIds: [3] }]);
    expect(scenario.permissions).toEqual([[0, 3]]);
  });

  test("nodes with nothing to do give no event; those behind an IOMMU do", () => {
    const soc = { "plain@1": {}, "dma@2": { iommus: [PHANDLE.smmu, 1] } };
    const answer = new Scenario({ soc }).boot();
    expect(answer.all("device.assigned")).toMatchObject([
      { path: "/soc/dma@2", deviceIds: [], protected: true },
    ]);
  });

  test.each<[string, HostOptions, string]>([
    [
      "a firmware without SET_DEVICE_PERMISSIONS",
      {
        firmware: {
          supports: {
            discoverAgent: true,
            setDevicePermissions: false,
            setProtocolPermissions: false,
            resetAgentConfiguration: true,
          },
        },
      },
      "EOPNOTSUPP",
    ],
    ["Xen not trusted", { firmware: { trustedAgents: [0] } }, "EACCES"],
    [
      "a device that the firmware does not know",
      { soc: { "mine@1": { "access-controllers": [MANAGEMENT, 77] } } },
      "ENOENT",
    ],
  ])("%s is a panic", (_, options, errno) => {
    const scenario = new Scenario({ soc: mine, ...options });
    const answer = scenario.boot();
    expect(answer.errno).toBe(errno);
    expect(answer.the("device.assignment-refused")).toMatchObject({
      errno,
      panic: true,
      path: "/soc/mine@1",
    });
    expect(scenario.create("red", 2).problem?.code).toBe("host-panicked");
  });

  test("up to v4 a firmware without the command is no reason to panic", () => {
    const supports = {
      discoverAgent: true,
      setDevicePermissions: false,
      setProtocolPermissions: false,
      resetAgentConfiguration: true,
    };
    expect(
      new Scenario({ soc: mine, xen: { version: "v4" }, firmware: { supports } }).boot().errno,
    ).toBeNull();
  });
});

describe("S of the domctl chain (§4.3)", () => {
  test.each<[string, HostOptions, string, string]>([
    ["no mediator: not handled, so the IOMMU decides", { xen: { acpi: true } }, "plain@1000", "null"],
    ["a path longer than a page", {}, "x".repeat(4097), "ENOBUFS"],
    ["a path that is not in the tree", {}, "plain", "ESRCH"],
    ["no path of the tree is an alias, and the unit address is needed", {}, "clocked", "ESRCH"],
  ])("%s", (_, options, path, errno) => {
    const scenario = booted(options);
    scenario.create("red", 2);
    expect(String(scenario.assign("red", path).errno)).toBe(errno);
  });

  test("paths are looked up without regard to case", () => {
    const scenario = booted();
    scenario.create("red", 2);
    const answer = scenario.when({ kind: "device.assign", domain: "red", path: "/SOC/Clocked@2000" });
    expect(answer.result).toMatchObject({ path: "/soc/clocked@2000", deviceIds: [1] });
  });
});

describe("I of the domctl chain: what the IOMMU says, in this order (§4.3)", () => {
  test("a domain without an IOMMU context: EOPNOTSUPP", () => {
    const scenario = booted();
    const sci = { type: "none", agentId: 0 };
    scenario.when({
      kind: "domain.create",
      request: { name: "red", sci, dtdev: [], passthrough: false, uuid: null },
    });
    for (const device of ["plain@1000", "dma@3000"]) {
      expect(scenario.assign("red", device).errno).toBe("EOPNOTSUPP");
    }
  });

  test("a host without an IOMMU: EOPNOTSUPP", () => {
    const scenario = booted({ xen: { iommu: false } });
    const sci = { type: "scmi_smc_multiagent", agentId: 2 };
    scenario.when({
      kind: "domain.create",
      request: { name: "red", sci, dtdev: [], passthrough: false, uuid: null },
    });
    const answer = scenario.assign("red", "clocked@2000");
    expect(answer.errno).toBe("EOPNOTSUPP");
    // The permission stays although the assignment failed.
    expect(answer.the("device.assignment-refused").granted).toEqual([1]);
    expect(scenario.permissions).toEqual([[2, 1]]);
  });

  test("a dying domain: EINVAL, and its permissions were sent before that was looked at", () => {
    const scenario = booted();
    scenario.create("red", 2);
    scenario
      .fault({ action: "status", value: -3, message: "BASE_RESET_AGENT_CONFIGURATION" }, 1)
      .destroy("red");
    const answer = scenario.assign("red", "clocked@2000");
    expect(answer).toMatchObject({ errno: "EINVAL", sent: [[0x4009, 2, 1, 1]] });
    expect(scenario.permissions).toEqual([[2, 1]]);
  });

  test("behind the IOMMU: the first has it, the second is EBUSY, until the first is gone", () => {
    const scenario = booted();
    scenario.create("red", null);
    scenario.create("blue", null);
    expect(scenario.assign("red", "dma@3000").the("device.assigned").protected).toBe(true);
    expect(scenario.assign("blue", "dma@3000").errno).toBe("EBUSY");
    expect(scenario.assign("red", "dma@3000").errno).toBe("EBUSY");
    scenario.destroy("red");
    expect(scenario.assign("blue", "dma@3000").errno).toBeNull();
  });

  test("not behind it: any number of times", () => {
    const scenario = booted();
    scenario.create("red", null);
    scenario.create("blue", null);
    for (const domain of ["red", "red", "blue"])
      expect(scenario.assign(domain, "plain@1000").errno).toBeNull();
  });
});

/** S and I as the table names them: 0, X (ENXIO, not handled), E (another error), F (failure of the IOMMU). */
type Cell = readonly [s: "0" | "X" | "E", i: "0" | "F"];

const CELLS: readonly Cell[] = [
  ["0", "0"],
  ["0", "F"],
  ["X", "0"],
  ["X", "F"],
  ["E", "0"],
  ["E", "F"],
];

/** A fault that makes SET_DEVICE_PERMISSIONS give S. */
const FAULTS: { readonly [s: string]: Fault | null } = {
  "0": null,
  X: { action: "status", value: -9, message: SET },
  E: { action: "status", value: -8, message: SET },
};
const ERRNO: { readonly [name: string]: string | null } = { "0": null, F: "EBUSY", E: "EIO", X: "ENXIO" };

/** Results by row of CELLS, and whether the IOMMU was asked ('i') and SCI was ('s'). */
const TABLE: { readonly [Version in Exclude<SeriesVersion, "bsp">]: readonly string[] } = {
  v3: ["0 si", "F i", "X si", "F i", "E si", "F i"],
  v4: ["0 si", "F i", "X si", "F i", "E si", "F i"],
  v5: ["0 si", "F i", "0 si", "F i", "E si", "F i"],
  v6: ["0 si", "F si", "0 si", "F si", "E si", "F si"],
  v7: ["0 si", "F si", "X s", "X s", "E s", "E s"],
  v8: ["0 si", "F si", "0 si", "F si", "E si", "F si"],
  v9: ["0 si", "F si", "0 si", "F si", "E s", "E s"],
  v10: ["0 si", "F si", "0 si", "F si", "E s", "E s"],
  v11: ["0 si", "F si", "0 si", "F si", "E s", "E s"],
};

describe.each(SERIES_VERSIONS.filter((version) => version !== "bsp"))(
  "the chain of both halves in %s (§4.3)",
  (version) => {
    test.each(CELLS.map((cell, row) => [...cell, TABLE[version][row] as string] as const))(
      "S = %s, I = %s: %s",
      (s, i, expected) => {
        const scenario = booted({ xen: { version } });
        scenario.create("other", null);
        if (i === "F") scenario.assign("other", "both@4000");
        scenario.create("red", 2);
        const fault = FAULTS[s];
        if (fault !== null && fault !== undefined) scenario.fault(fault);
        const answer = scenario.assign("red", "both@4000");
        const [result = "", asked = ""] = expected.split(" ");
        expect(answer.errno).toBe(ERRNO[result]);
        expect(answer.sent).toHaveLength(asked.includes("s") ? 1 : 0);
        const holder = scenario.machine.state.mediator.iommu.get("/soc/both@4000")?.domid;
        // The device is red's where the IOMMU was asked and agreed, even if the whole failed: partial success.
        const isRed = asked.includes("i") && i === "0";
        expect(holder).toBe(i === "F" ? 1 : isRed ? 2 : undefined);
        expect(scenario.permissions).toEqual(s === "0" && asked.includes("s") ? [[2, 2]] : []);
      },
    );
  },
);

test.each<[SeriesVersion, string | null, number]>([
  ["v3", null, 1],
  ["v4", null, 1],
  ["v5", "EOPNOTSUPP", 0],
  ["v8", "EOPNOTSUPP", 1],
  ["v10", "EOPNOTSUPP", 1],
])("a domain without an IOMMU context in %s: %s, and %i messages sent", (version, errno, sent) => {
  const scenario = booted({ xen: { version } });
  const sci = { type: "scmi_smc_multiagent", agentId: 2 };
  scenario.when({
    kind: "domain.create",
    request: { name: "red", sci, dtdev: [], passthrough: false, uuid: null },
  });
  const answer = scenario.assign("red", "clocked@2000");
  expect([answer.errno, answer.sent.length]).toEqual([errno, sent]);
});

test("HARDWARE_ERROR is mistaken for 'not handled': the assignment succeeds without a permission", () => {
  const scenario = booted();
  scenario.create("red", 2);
  const answer = scenario.fault({ action: "status", value: -9, message: SET }).assign("red", "clocked@2000");
  expect(answer.errno).toBeNull();
  expect(answer.the("device.assigned")).toMatchObject({ deviceIds: [], sci: "ENXIO", iommu: null });
  expect(scenario.permissions).toEqual([]);
});

test.each<[number, string]>([
  [-1, "EOPNOTSUPP"],
  [-2, "EINVAL"],
  [-3, "EACCES"],
  [-4, "ENOENT"],
  [-5, "ERANGE"],
  [-6, "EBUSY"],
  [-7, "ENOTCONN"],
  [-8, "EIO"],
  [-10, "EBADMSG"],
])("status %i of the firmware ends the assignment with %s, and the IOMMU is not asked", (value, errno) => {
  const scenario = booted();
  scenario.create("red", 2);
  const answer = scenario.fault({ action: "status", value, message: SET }).assign("red", "both@4000");
  expect(answer.errno).toBe(errno);
  expect(scenario.machine.state.mediator.iommu.size).toBe(0);
});
