import { expect } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { Board } from "#config/board/board.ts";
import { LATER_DEVICE, LATER_FIRMWARE, LATER_ITEMS, LATER_XEN } from "#config/board/defaults.ts";
import { parseBoard } from "#config/board/file.ts";

/** The example of the design, as it stands there. */
export const EXAMPLE = `
name: example-board
deviceTree: host.dts            # .dtb read directly; .dts compiled with dtc; relative to this file
xen:
  mediator: multi-agent         # multi-agent | single-agent | none
  version: v10                  # of the patch series
  smccc: "1.2"
  acpi: false
  iommu: true
  cmdline: ""                   # e.g. scmi-smc-passthrough
firmware:
  profile: ref                  # v32 | ref | ref-rcar | ref-rpi5 | tfa | scp | imx
  switches: {}
  permissionPolicy: device-bitmask
  vendor: EPAM
  subVendor: ""
  implementationVersion: 0
  trustedAgents: [1]            # here Xen's own agent
  protocols: [power, reset, clock]
  supports: { discoverAgent: true, setDevicePermissions: true, setProtocolPermissions: false, resetAgentConfiguration: true }
  agents:
    - { id: 0, name: agent-0, funcId: 0x82000002, shmem: 0x47ff0000 }
    - { id: 1, name: agent-1, funcId: 0x82000003, shmem: 0x47ff1000 }
  powerDomains:
    - { id: 0, name: always-on, alwaysOn: true }
    - { id: 1, name: gpu, parent: 0, initial: off }
  clocks:
    - { id: 0, name: uart, rates: [1843200, 24000000], rate: 24000000, enabled: true }
    - { id: 1, name: gpu, range: { min: 100000000, max: 800000000, step: 1000000 }, rate: 400000000, enabled: false }
    - { id: 2, name: core, rates: [1000000000], rate: 1000000000, enabled: true, fixed: true }
  resets:
    - { id: 0, name: i2c1 }
  devices:
    - { id: 0, name: i2c1, clocks: [0], resets: [0] }
    - { id: 1, name: gpu, powerDomains: [1], clocks: [1] }
    - { id: 2, name: shared-timer, clocks: [0], defaultAccess: all }
  deviceOwnership: shared
  agentCount: 8
autostart: [ domd.cfg ]
`;

export const EXAMPLE_BOARD: Board = {
  name: "example-board",
  deviceTree: "host.dts",
  xen: {
    mediator: "multi-agent",
    version: "v10",
    smccc: "1.2",
    acpi: false,
    iommu: true,
    cmdline: "",
    ...LATER_XEN,
  },
  firmware: {
    profile: "ref",
    switches: {},
    permissionPolicy: "device-bitmask",
    vendor: "EPAM",
    subVendor: "",
    implementationVersion: 0,
    trustedAgents: [1],
    protocols: ["power", "reset", "clock"],
    supports: {
      discoverAgent: true,
      setDevicePermissions: true,
      setProtocolPermissions: false,
      resetAgentConfiguration: true,
    },
    agents: [
      { id: 0, name: "agent-0", funcId: 0x8200_0002, shmem: 0x47ff_0000, ...LATER_ITEMS.agents },
      { id: 1, name: "agent-1", funcId: 0x8200_0003, shmem: 0x47ff_1000, ...LATER_ITEMS.agents },
    ],
    powerDomains: [
      { id: 0, name: "always-on", parent: null, alwaysOn: true, initial: "off", ...LATER_ITEMS.powerDomains },
      { id: 1, name: "gpu", parent: 0, alwaysOn: false, initial: "off", ...LATER_ITEMS.powerDomains },
    ],
    clocks: [
      {
        id: 0,
        name: "uart",
        rates: [1_843_200, 24_000_000],
        range: null,
        rate: 24_000_000,
        enabled: true,
        fixed: false,
        ...LATER_ITEMS.clocks,
      },
      {
        id: 1,
        name: "gpu",
        rates: null,
        range: { min: 100_000_000, max: 800_000_000, step: 1_000_000 },
        rate: 400_000_000,
        enabled: false,
        fixed: false,
        ...LATER_ITEMS.clocks,
      },
      {
        id: 2,
        name: "core",
        rates: [1_000_000_000],
        range: null,
        rate: 1_000_000_000,
        enabled: true,
        fixed: true,
        ...LATER_ITEMS.clocks,
      },
    ],
    resets: [{ id: 0, name: "i2c1", ...LATER_ITEMS.resets }],
    devices: [
      {
        id: 0,
        name: "i2c1",
        powerDomains: [],
        clocks: [0],
        resets: [0],
        ...LATER_DEVICE,
        defaultAccess: "none",
        staticOwner: null,
      },
      {
        id: 1,
        name: "gpu",
        powerDomains: [1],
        clocks: [1],
        resets: [],
        ...LATER_DEVICE,
        defaultAccess: "none",
        staticOwner: null,
      },
      {
        id: 2,
        name: "shared-timer",
        powerDomains: [],
        clocks: [0],
        resets: [],
        ...LATER_DEVICE,
        defaultAccess: "all",
        staticOwner: null,
      },
    ],
    deviceOwnership: "shared",
    agentCount: 8,
    ...LATER_FIRMWARE,
  },
  autostart: ["domd.cfg"],
};

/** The smallest board there is, with these lines added to `firmware`. */
export function boardWith(...lines: string[]): string {
  return [
    "name: small",
    "deviceTree: host.dtb",
    "firmware:",
    "  agents: [ { id: 0, name: a, funcId: 0x82000002, shmem: 0x47ff0000 } ]",
    ...lines.map((line) => `  ${line}`),
  ].join("\n");
}

/** The board of this text; throws where it is refused. */
export function boardOf(text: string): Board {
  const board = parseBoard(text, "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return board;
}

/** What is said about this text, which has to be refused. */
export function refusalOf(text: string): string {
  const result = parseBoard(text, "board.yaml");
  if (!isProblem(result)) throw new Error("the board was accepted");
  expect(result.code).toBe("board-invalid");
  return result.detail;
}
