import { readdirSync, readFileSync } from "node:fs";
import type { FirmwareConfig, HostDescription, ProtocolName } from "#config/board/board.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Profile } from "#firmware/profiles/profile.ts";
import { REF } from "#firmware/profiles/ref.ts";
import { REF_RCAR } from "#firmware/profiles/ref-rcar.ts";
import { REF_RPI5 } from "#firmware/profiles/ref-rpi5.ts";
import { SCP } from "#firmware/profiles/scp.ts";
import { V32 } from "#firmware/profiles/v32.ts";
import type { Command, Stamp } from "#machine/commands/commands.ts";
import type { MachineState } from "#machine/state/state.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import type { Database } from "#store/database.ts";
import { imxConfig } from "../../firmware/imx/board.ts";
import { agents, board, device, fullBoard } from "../../firmware/support/boards.ts";
import { powerAndPins } from "../../firmware/support/power-and-pins.ts";
import { resourceBoard } from "../../firmware/support/resource-board.ts";
import { bspTree, hostOf } from "../../support/generations.ts";
import { goldenLog } from "../../support/golden.ts";
import { Random } from "../../support/random.ts";
import { randomCommand } from "../../support/random-commands.ts";
import { randomMessage, tellingMessage } from "../../support/random-messages.ts";
import { RECORDING_BEGINS_US, Recording } from "../../support/recording.ts";
import { funcIdOf, hostWith, node, PHANDLE, pageOf, rows, shortRows } from "../../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../../support/single-agent.ts";
import { p2aOf, talking } from "../../support/talking.ts";
import { twoGuests } from "../../support/two-guests.ts";

/** A log that the right program recorded. */
export interface History {
  readonly name: string;
  readonly db: Database;
  /** What was decided when it was recorded; of golden logs nothing is known but what is in them. */
  readonly steps: readonly Step[];
}

/** A command with what it came to. */
export interface Step {
  readonly command: Command;
  readonly stamp: Stamp;
  readonly events: readonly MachineEvent[];
  /** The state digest after it. */
  readonly digest: Uint8Array;
}

/** Every log that mutants are tried on: the released versions' golden ones, and seeded random ones of hosts of every sort. */
export async function histories(): Promise<History[]> {
  return [...golden(), ...(await ofHosts()), ...ofFirmwares()];
}

function golden(): History[] {
  const folder = "test/golden";
  const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return names.map((name) => {
    const lines = readFileSync(`${folder}/${name}`, "utf8").trimEnd().split("\n");
    return { name: name.replace(".jsonl", ""), db: goldenLog(lines), steps: [] };
  });
}

const SUPPORTS = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: true,
};
const WITHOUT_RESET = { ...SUPPORTS, resetAgentConfiguration: false };
const WITHOUT_PERMISSIONS = { ...SUPPORTS, setDevicePermissions: false };
const SECOND_NODE = { compatible: "arm,scmi-smc", "arm,smc-id": [funcIdOf(3)], shmem: [PHANDLE.page3] };

/** Hosts that differ in what Xen makes of them: anybody's commands, likely or not. */
async function ofHosts(): Promise<History[]> {
  const hosts: { readonly [name: string]: HostDescription } = {
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
  return Object.entries(hosts).map(([name, host], seed) =>
    record(name, host, seed, FIRST[name] ?? [], 300, (random, state) => randomCommand(random, state, [host])),
  );
}

/** What chance would take long to come to. */
const FIRST: { readonly [host: string]: readonly Command[] } = {
  "without reset": [create("red", 0)],
  "talking, page lost": [create("red", 2), later("red"), later("red")],
  "nobody can be reset": [
    create("red", 2, "/soc/dma@3000"),
    { kind: "domain.destroy", domain: "red" },
    { kind: "device.assign", domain: "red", path: "/soc/dma@3000" },
  ],
};

function create(name: string, agentId: number, ...dtdev: string[]): Command {
  const sci = { type: "scmi_smc_multiagent", agentId };
  return { kind: "domain.create", request: { name, sci, dtdev, passthrough: null, uuid: null } };
}

/** Firmwares with something of everything, which guests talk to: what they ask is sensible for the most part. */
function ofFirmwares(): History[] {
  const hosts: { readonly [name: string]: HostDescription } = {
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
  return Object.entries(hosts).map(([name, host], seed) => record(name, host, 100 + seed, [], 1000, talk));
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

/** A command of a guest that talks to the firmware, or now and then anybody's. */
function talk(random: Random, state: MachineState, host: HostDescription): Command {
  const { channel: channels, domain: domains } = state.mediator;
  const free = channels.ids().filter((index) => channels.at(index).owner === null);
  if (free.length > 0 && random.chance(40)) {
    const { agentId } = channels.at(random.pick(free));
    return create(`guest-${agentId}`, agentId);
  }
  const domids = domains.ids().filter((domid) => channelOf(state, domid) !== undefined);
  const domain = domids.length === 0 ? 0 : random.pick(domids);
  const funcId = channelOf(state, domain)?.funcId;
  if (funcId === undefined || random.chance(8)) return randomCommand(random, state, [host]);
  const { protocols } = host.board.firmware;
  const listed = PROTOCOLS.filter(({ name }) => name === "base" || protocols.includes(name as ProtocolName));
  const commands = commandsOf(random.pick(listed));
  const own = commands.filter(({ name }) => !/^(PROTOCOL|NEGOTIATE)_/.test(name));
  const changing = own.filter(({ name }) => /SET|NOTIFY|CONFIG|REQUEST/.test(name));
  const command = random.pick(random.chance(70) ? changing : random.chance(70) ? own : commands);
  const telling = random.chance(30) ? tellingMessage(random, listed) : null;
  const x = [BigInt(funcId), ...Array.from({ length: 7 }, () => (random.chance(5) ? random.u64() : 0n))];
  return { kind: "smc", domain, x, shmem: telling ?? randomMessage(random, command) };
}

function channelOf(state: MachineState, domid: number) {
  const { channel, state: life } = state.mediator.domain.at(domid);
  return channel === null || life !== "running" ? undefined : state.mediator.channel.get(channel);
}

/** A guest wants a rate, and does not wait for it. */
function later(domain: string): Command {
  const params = { flags: 1, clockId: 0, rate: "0x16e3600" };
  return { kind: "scmi", domain, call: { protocol: "clock", message: "CLOCK_RATE_SET", params } };
}

type Chooser = (random: Random, state: MachineState, host: HostDescription) => Command;

function record(
  name: string,
  host: HostDescription,
  seed: number,
  first: readonly Command[],
  count: number,
  choose: Chooser,
): History {
  const random = new Random(seed);
  const recording = new Recording(host);
  const { db, machine } = recording;
  const steps: Step[] = [];
  const take = (command: Command, events: readonly MachineEvent[]): void => {
    if (events.length === 0) return;
    const commandId = recording.commands;
    const stamp = { commandId, timeUs: RECORDING_BEGINS_US + commandId };
    steps.push({ command, stamp, events, digest: machine.digest() });
  };
  db.exec("BEGIN");
  take({ kind: "host.configure", description: host }, recording.configured.events);
  for (let i = 0; i < first.length + count; i += 1) {
    const command = first[i] ?? choose(random, machine.state, host);
    take(command, recording.do(command).events);
  }
  db.exec("COMMIT");
  return { name, db, steps };
}
