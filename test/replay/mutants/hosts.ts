import type { FirmwareConfig, HostDescription, ProtocolName } from "#config/board/board.ts";
import type { Profile } from "#firmware/profiles/profile.ts";
import { REF } from "#firmware/profiles/ref.ts";
import { REF_RCAR } from "#firmware/profiles/ref-rcar.ts";
import { REF_RPI5 } from "#firmware/profiles/ref-rpi5.ts";
import { SCP } from "#firmware/profiles/scp.ts";
import { V32 } from "#firmware/profiles/v32.ts";
import { imxConfig } from "../../firmware/imx/board.ts";
import { agents, board, device, fullBoard } from "../../firmware/support/boards.ts";
import { powerAndPins } from "../../firmware/support/power-and-pins.ts";
import { resourceBoard } from "../../firmware/support/resource-board.ts";
import { bspTree, hostOf } from "../../support/generations.ts";
import { funcIdOf, hostWith, node, PHANDLE, pageOf, rows, shortRows } from "../../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../../support/single-agent.ts";
import { p2aOf, talking } from "../../support/talking.ts";
import { twoGuests } from "../../support/two-guests.ts";

/** Hosts by the names of the logs that are recorded of them. */
export type Hosts = Readonly<Record<string, HostDescription>>;

const SUPPORTS = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: true,
};
const WITHOUT_RESET = { ...SUPPORTS, resetAgentConfiguration: false };
const WITHOUT_PERMISSIONS = { ...SUPPORTS, setDevicePermissions: false };
const SECOND_NODE = { compatible: "arm,scmi-smc", "arm,smc-id": [funcIdOf(3)], shmem: [PHANDLE.page3] };

/** Hosts that differ in what Xen makes of them. */
export async function hostsOfEverySort(): Promise<Hosts> {
  return {
    v32: await twoGuests(),
    ref: await twoGuests({ profile: "ref" }),
    exclusive: hostWith({ firmware: { deviceOwnership: "exclusive" } }),
    "exclusive, v8": hostWith({ firmware: { deviceOwnership: "exclusive" }, xen: { version: "v8" } }),
    "without reset": await twoGuests({ supports: WITHOUT_RESET }, { version: "v5" }),
    "without permissions": hostWith({ firmware: { supports: WITHOUT_PERMISSIONS } }),
    "without IOMMU": await twoGuests({}, { iommu: false }),
    "without mediator, v7": await twoGuests({}, { version: "v7", acpi: true }),
    talking: await talking(),
    "talking, page lost": await talking({
      switches: { p2aBusy: "drop", p2aToken: "counting", asyncPending: 1 },
    }),
    "nobody can be reset": hostWith({ firmware: { trustedAgents: [0] } }),
    "second node": hostWith({
      inContainer: { again: node(SECOND_NODE) },
      container: { "scmi-secondary-agents": rows([0, 2]), "xen,dom0-sci-agent-id": undefined },
    }),
    "agent twice in the list": hostWith({
      container: { "scmi-secondary-agents": rows([0, 2, 2]), "xen,dom0-sci-agent-id": undefined },
    }),
    "unknown doorbell": hostWith({
      management: { "arm,smc-id": [funcIdOf(40)] },
      container: { "xen,dom0-sci-agent-id": undefined },
      firmware: { profile: "ref" },
    }),
    "old SMCCC": hostWith({ xen: { smccc: "1.0" }, container: { "xen,dom0-sci-agent-id": undefined } }),
    "passed through": hostWith(singleAgent(PASSTHROUGH)),
    "single agent, second node": hostWith(singleAgent("", {}, { management: { status: "okay" } })),
    bsp: hostWith(hostOf(bspTree(), { version: "bsp" }, 0)),
  };
}

/** Hosts whose firmwares have something of everything. */
export function hostsOfEveryFirmware(): Hosts {
  return {
    "all of v32": hostWith({ firmware: everything(V32) }),
    "all of ref": hostWith({ firmware: { ...everything(REF), switches: { smtBusyLeak: false } } }),
    "all of ref-rcar": hostWith({ firmware: { ...everything(REF_RCAR), switches: { smtBusyLeak: false } } }),
    "all of ref-rpi5": hostWith({ firmware: { ...everything(REF_RPI5), switches: { smtBusyLeak: false } } }),
    "all of scp": hostWith({ firmware: everything(SCP) }),
    // Agents go by their numbers in their machine: Xen is 2 of AUX; of HOST, AP is 1 and GUEST, which may nothing, 3.
    "all of imx": hostWith({
      firmware: imxConfig(),
      management: { "arm,smc-id": [funcIdOf(4)], shmem: [PHANDLE.page3] },
      pages: { 3: { reg: [0, pageOf(4), 0, 0x1000] } },
      container: { ...shortRows([0, 2]), "xen,dom0-sci-agent-id": [3] },
    }),
  };
}

/** The boards of the firmware's tests in one: agent 2 holds device 0, which guards a resource of each kind, and is trusted. */
function everything({ name: profile, protocols }: Profile): FirmwareConfig {
  const { powerDomains, clocks, resets } = fullBoard(profile);
  const { voltageDomains, powerCaps, pins, groups, functions } = powerAndPins(profile);
  const { performanceDomains, sensors, systemPower } = resourceBoard(profile);
  const guarded = {
    powerDomains: [1],
    clocks: [0, 3],
    resets: [0],
    performanceDomains: [0],
    sensors: [0],
    voltageDomains: [0],
    powerCaps: [0],
    pins: [0, 1],
  };
  return board(profile, {
    agents: agents(4).map((agent) => ({ ...agent, p2a: agent.id >= 2 ? p2aOf(agent.id) : null })),
    trustedAgents: [1, 2],
    supports: { ...SUPPORTS, setProtocolPermissions: true },
    protocols: Object.keys(protocols).filter((name) => name !== "base") as ProtocolName[],
    ...{ powerDomains, clocks, resets, voltageDomains, powerCaps, pins, groups, functions },
    ...{ performanceDomains, sensors, systemPower },
    devices: [
      device(0, { ...guarded, defaultAccess: [2] }),
      device(1, { clocks: [1], defaultAccess: "all" }),
      device(2),
      device(3, { staticOwner: 2 }),
    ],
  });
}
