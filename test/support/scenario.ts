import { isProblem, type Problem } from "#base/problem.ts";
import type {
  AgentConfig,
  DeviceConfig,
  FirmwareConfig,
  HostDescription,
  XenConfig,
} from "#config/board/board.ts";
import { LATER_DEVICE, LATER_FIRMWARE, LATER_XEN } from "#config/board/defaults.ts";
import type { BootCause, EventData, EventType, MachineEvent } from "#events/types.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import type { Command } from "#machine/commands/commands.ts";
import { FaultList } from "#machine/fault-list.ts";
import { type Decision, Machine } from "#machine/machine.ts";
import { type ChannelRow, channelTable, permissionPairs } from "#machine/state/channel-table.ts";
import { sha256 } from "#replay/hash.ts";
import { buildDtb, type DtbNode, type DtbValue } from "./fdt-builder.ts";

/**
 * Small hosts for scenarios, built from what a test wants to be different. Left alone, a host is: profile v32; dom0 agent 0, Xen
 * agent 1 (trusted), guests agents 2 and 3; function ids 0x82000002.., pages 0x47ff0000..; three cells a row; an IOMMU; devices
 * 0 to 3 without resources; under /soc the nodes of {@link DEVICES}.
 */
export interface HostOptions {
  readonly xen?: Partial<XenConfig>;
  readonly firmware?: Partial<FirmwareConfig>;
  /** Properties of the xen,sci container that differ; undefined takes one away. */
  readonly container?: Props;
  /** Properties of the management SCMI node that differ. */
  readonly management?: Props;
  /** Properties of the page nodes that differ, by agent. */
  readonly pages?: { readonly [agentId: number]: Props };
  /** Nodes under /soc instead of {@link DEVICES}. */
  readonly soc?: { readonly [name: string]: Props };
  /** Further children of /chosen, of the container, and of the root. */
  readonly chosen?: Children;
  /** Children of /chosen that the scan comes to before the container. */
  readonly beforeXen?: Children;
  readonly inContainer?: Children;
  readonly root?: Children;
  /** A tree of its own, instead of all of this. */
  readonly tree?: DtbNode | Uint8Array;
  /** Properties of /chosen that differ. */
  readonly chosenProps?: Props;
  /** Partial trees of dom0less domains. */
  readonly partialTrees?: Children;
}

export type Props = { readonly [name: string]: DtbValue | undefined };
type Children = { readonly [name: string]: DtbNode };

/** Phandles of the trees. */
export const PHANDLE = {
  page0: 1,
  page1: 2,
  page2: 3,
  page3: 4,
  management: 5,
  smmu: 6,
  host: 7,
  hostPage: 8,
};

const MULTI = "scmi_smc_multiagent";

/** Under SCMI control or not, behind the IOMMU or not; all for guests. */
const DEVICES = {
  "plain@1000": { "xen,passthrough": true },
  "clocked@2000": { "access-controllers": [PHANDLE.management, 1], "xen,passthrough": true },
  "dma@3000": { iommus: [PHANDLE.smmu, 1], "xen,passthrough": true },
  "both@4000": {
    iommus: [PHANDLE.smmu, 2],
    "access-controllers": [PHANDLE.management, 2],
    "xen,passthrough": true,
  },
} as const;

function agent(id: number): AgentConfig {
  return { id, name: `agent-${id}`, funcId: funcIdOf(id), shmem: pageOf(id) };
}

function device(id: number): DeviceConfig {
  return {
    id,
    name: `device-${id}`,
    powerDomains: [],
    clocks: [],
    resets: [],
    ...LATER_DEVICE,
    defaultAccess: "none",
    staticOwner: null,
  };
}

export function funcIdOf(agentId: number): number {
  return 0x8200_0002 + agentId;
}

export function pageOf(agentId: number): number {
  return 0x47ff_0000 + 0x1000 * agentId;
}

const FIRMWARE: FirmwareConfig = {
  profile: "v32",
  switches: {},
  permissionPolicy: "device-bitmask",
  vendor: "test",
  subVendor: "",
  implementationVersion: 0,
  trustedAgents: [1],
  protocols: ["clock"],
  supports: {
    discoverAgent: true,
    setDevicePermissions: true,
    setProtocolPermissions: false,
    resetAgentConfiguration: true,
  },
  agents: [0, 1, 2, 3].map(agent),
  powerDomains: [],
  clocks: [
    { id: 0, name: "clock", rates: [1000, 2000], range: null, rate: 1000, enabled: false, fixed: false },
  ],
  resets: [],
  devices: [0, 1, 2, 3].map(device),
  deviceOwnership: "shared",
  agentCount: null,
  ...LATER_FIRMWARE,
};

const XEN: XenConfig = {
  mediator: "multi-agent",
  version: "v10",
  smccc: "1.2",
  acpi: false,
  iommu: true,
  cmdline: "",
  ...LATER_XEN,
};

function bytesOf(tree: DtbNode | Uint8Array): Uint8Array {
  return tree instanceof Uint8Array ? tree : buildDtb(tree);
}

/** What a small host is configured from. */
export function hostWith(options: HostOptions = {}): HostDescription {
  const trees = Object.entries(options.partialTrees ?? {}).map(([domain, root]) => ({
    domain,
    tree: buildDtb(root),
  }));
  const files = Object.fromEntries(trees.map(({ domain }) => [domain, `${domain}.dtb`]));
  const board = {
    name: "scenario",
    deviceTree: "scenario.dtb",
    xen: { ...XEN, partialTrees: files, ...options.xen },
    firmware: { ...FIRMWARE, ...options.firmware },
    autostart: [],
  };
  const host = { board, deviceTree: bytesOf(options.tree ?? treeOf(options)), autostart: [] };
  return trees.length === 0 ? host : { ...host, partialTrees: trees };
}

/** Addresses and sizes of two cells each. */
export const CELLS = { "#address-cells": [2], "#size-cells": [2] } as const;

function treeOf(options: HostOptions): DtbNode {
  const pages = [0, 1, 2, 3].map((id): [string, DtbNode] => [
    `page@${pageOf(id).toString(16)}`,
    node({ reg: [0, pageOf(id), 0, 0x1000], phandle: [id + 1], ...options.pages?.[id] }),
  ]);
  const container = {
    compatible: "xen,sci",
    ...CELLS,
    ranges: true,
    "xen,dom0-sci-agent-id": [0],
    "scmi-secondary-agents": rows([0, 2, 3]),
    ...options.container,
  } as const;
  const management = {
    compatible: "arm,scmi-smc",
    "arm,smc-id": [funcIdOf(1)],
    shmem: [PHANDLE.page1],
    "#access-controller-cells": [1],
    phandle: [PHANDLE.management],
    ...options.management,
  } as const;
  const xen = node(container, {
    ...Object.fromEntries(pages),
    scmi: node(management),
    ...options.inContainer,
  });
  const smmu = node({ compatible: "arm,smmu-v3", "#iommu-cells": [1], phandle: [PHANDLE.smmu] });
  const soc = Object.entries(options.soc ?? DEVICES).map(([name, props]): [string, DtbNode] => [
    name,
    node(props),
  ]);
  return node(CELLS, {
    chosen: node(
      { ...CELLS, ranges: true, ...options.chosenProps },
      { ...options.beforeXen, xen, ...options.chosen },
    ),
    soc: node({ ...CELLS, ranges: true }, { ...Object.fromEntries(soc), "iommu@9000": smmu }),
    ...options.root,
  });
}

/** A node; properties that are undefined are left out. */
export function node(props: Props, children: Children = {}): DtbNode {
  const given = Object.entries(props).filter((entry): entry is [string, DtbValue] => entry[1] !== undefined);
  return { props: given, children };
}

/** Rows of scmi-secondary-agents, three cells each. */
export function rows(agentIds: readonly number[]): number[] {
  return agentIds.flatMap((id) => [funcIdOf(id), id + 1, id]);
}

/** Rows of two cells, so that Xen asks the firmware who is who. */
export function shortRows(agentIds: readonly number[]): Props {
  return {
    "#scmi-secondary-agents-cells": [2],
    "scmi-secondary-agents": agentIds.flatMap((id) => [funcIdOf(id), id + 1]),
  };
}

/** A host, as scenarios talk to it. */
export class Scenario {
  readonly machine: Machine;
  readonly #faults = new FaultList();
  #commandId = 0;

  constructor(options: HostOptions = {}) {
    this.machine = new Machine(sha256, this.#faults);
    const configured = this.machine.configureOnly(hostWith(options), this.#stamp());
    if (isProblem(configured.outcome.result)) throw new Error(configured.outcome.result.detail);
  }

  /** The firmware does this wrong from here on, for so many rings; null: for ever. */
  fault(fault: Fault, times: number | null = null): this {
    this.#faults.add(fault, times);
    return this;
  }

  mend(): this {
    this.#faults.clear();
    return this;
  }

  boot(cause: BootCause = "cold"): Answer {
    return this.when({ kind: "host.reboot", cause });
  }

  when(command: Command): Answer {
    const answer = new Answer(this.machine.execute(command, this.#stamp()));
    this.machine.settle();
    return answer;
  }

  /** A domain with an agent, or without one (null); with devices under /soc. */
  create(name: string, agentId: number | null, ...devices: string[]): Answer {
    const sci = agentId === null ? { type: "none", agentId: 0 } : { type: MULTI, agentId };
    const dtdev = devices.map((device) => `/soc/${device}`);
    return this.when({
      kind: "domain.create",
      request: { name, sci, dtdev, passthrough: true, uuid: null },
    });
  }

  destroy(domain: number | string): Answer {
    return this.when({ kind: "domain.destroy", domain });
  }

  assign(domain: number | string, device: string): Answer {
    return this.when({ kind: "device.assign", domain, path: `/soc/${device}` });
  }

  /** An SMC with its page as it is; the missing registers are 0. */
  smc(domain: number | string, ...x: (number | bigint)[]): Answer {
    const registers = Array.from({ length: 8 }, (_, i) => BigInt(x[i] ?? 0));
    return this.when({ kind: "smc", domain, x: registers, shmem: null });
  }

  get channels(): readonly ChannelRow[] {
    return channelTable(this.machine.state);
  }

  /** Who holds which channel: agent ids and owners. */
  get owners(): [number, number | "xen" | null][] {
    return this.channels.map(({ agentId, owner }) => [agentId, owner]);
  }

  get permissions(): [number, number][] {
    return permissionPairs(this.machine.state);
  }

  #stamp() {
    this.#commandId += 1;
    return { commandId: this.#commandId, timeUs: 1_795_132_800_000_000 + this.#commandId };
  }
}

/** A host that has booted. */
export function booted(options: HostOptions = {}): Scenario {
  const scenario = new Scenario(options);
  scenario.boot();
  return scenario;
}

/** What a command came to. */
export class Answer {
  readonly events: readonly MachineEvent[];
  readonly errno: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every kind
  readonly result: any;
  readonly problem: Problem | null;

  constructor({ outcome, events }: Decision) {
    this.events = events;
    this.errno = outcome.errno;
    this.problem = isProblem(outcome.result) ? outcome.result : null;
    this.result = this.problem === null ? outcome.result : null;
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** Data of the events of a type. */
  all<T extends EventType>(type: T): EventData[T][] {
    return this.events.flatMap((event) => (event.type === type ? [event.data as EventData[T]] : []));
  }

  /** Data of the one event of a type. */
  the<T extends EventType>(type: T): EventData[T] {
    const found = this.all(type);
    if (found.length !== 1) throw new Error(`${found.length} events ${type} among ${this.types.join(", ")}`);
    return found[0] as EventData[T];
  }

  /** Requests that Xen sent on its own channels: header and payload words, in order. */
  get sent(): number[][] {
    return this.all("smc.forwarded")
      .filter(({ origin }) => origin === "xen")
      .map(({ request }) => [request?.header ?? 0, ...wordsOf(request?.payload ?? new Uint8Array(0))]);
  }
}

function wordsOf(payload: Uint8Array): number[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
