import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription, PartialTreeBytes } from "#config/board/board.ts";
import type { ExportView } from "#config/export/view.ts";
import { Simulation } from "#simulate/simulation.ts";
import { boardOf } from "./boards.ts";
import { buildDtb, type DtbNode, type DtbValue } from "./fdt-builder.ts";
import type { Random } from "./random.ts";
import { type ScriptAnswer, scriptOn } from "./script.ts";

type Props = Record<string, DtbValue>;

/** A host of the newest binding with everything in an unusual place, and guests that its toolstack can create. */
export interface RandomHost {
  readonly host: HostDescription;
  /** Its board file. */
  readonly boardText: string;
  /** The host's device tree without anything that is Xen's SCI: what a vendor would give. */
  readonly bareTree: Uint8Array;
  /** Bodies of `domain.create`, and paths to be assigned to each afterwards. */
  readonly guests: readonly { readonly create: object; readonly later: readonly string[] }[];
}

const PHANDLE = {
  management: 900,
  foreign: 901,
  smmu: 902,
  gic: 903,
  clock: 904,
  scmiClock: 905,
  hostPage: 906,
};
const PAGE = 0x1000;

interface Agent {
  readonly id: number;
  readonly funcId: number;
  readonly shmem: number;
  readonly phandle: number;
}

interface Device {
  readonly path: string;
  readonly name: string;
  readonly props: Props;
  /** What makes it part of Xen's SCI. */
  readonly sci: Props;
  readonly isForGuests: boolean;
  readonly isDriven: boolean;
  readonly start: number;
}

/** Makes a host that boots: Xen finds every channel, nobody wants what is another's. */
export function randomHost(random: Random): RandomHost {
  const agents = randomAgents(random);
  const [own, ...others] = agents as [Agent, ...Agent[]];
  const dom0 = random.chance(70) ? others[0] : undefined;
  const devices = Array.from({ length: 2 + random.below(7) }, (_, index) => randomDevice(random, index));
  const free = others.filter((agent) => agent !== dom0);
  const forGuests = devices.filter(({ isForGuests }) => isForGuests);
  const dom0less = random.chance(40) ? [randomDom0less(random, "domA", free, forGuests)] : [];
  const guests: RandomGuest[] = [];
  for (let index = 0; index < 1 + random.below(3); index++)
    guests.push(randomGuest(random, index, free, forGuests));

  const parts = { random, own, others, dom0, devices, dom0less };
  const partialTrees: PartialTreeBytes[] = dom0less.map(({ name, tree }) => ({
    domain: name,
    tree: buildDtb(tree),
  }));
  const boardText = textOfBoard(random, agents, own, dom0less);
  return {
    boardText,
    host: {
      board: boardOf(boardText),
      deviceTree: fullTree(parts),
      autostart: [],
      partialTrees,
    },
    bareTree: bareTree(devices, dom0less, dom0 ?? own, {}),
    guests,
  };
}

function randomAgents(random: Random): Agent[] {
  const count = 2 + random.below(5);
  const ids = new Set<number>();
  while (ids.size < count) ids.add(random.chance(60) ? random.below(8) : random.below(255));
  const base = random.pick([0x47ff_0000, 0x3ff0_0000, 0x5_0000_0000]);
  const firstPage = random.below(16);
  const agents = [...ids].map((id, index) => ({
    id,
    funcId: 0x8200_0002 + 3 * index,
    shmem: base + (firstPage + index) * PAGE,
    phandle: 10 + index,
  }));
  return random.chance(50) ? agents : agents.reverse();
}

const SCMI_DEVICES = 6;

function randomDevice(random: Random, index: number): Device {
  const start = 0x1000_0000 + index * 0x10_0000;
  const size = random.pick([0x40, 0x1000, 0x8500, 0x2_0000]);
  const name = `${random.pick(["i2c", "gpu", "can"])}@${start.toString(16)}`;
  const isDriven = random.chance(40);
  const second = random.chance(30) ? [0, start + 0x8_0000, 0, 0x2000] : [];
  const props: Props = {
    compatible: random.pick([`test,${index}`, ["test,one", "test,two"]]),
    reg: [0, start, 0, size, ...second],
  };
  if (random.chance(60)) props["interrupts"] = [0, 100 + index, 4];
  if (random.chance(50))
    props["clocks"] = random.pick([
      [PHANDLE.scmiClock, 0],
      [PHANDLE.clock],
      [PHANDLE.scmiClock, 1, PHANDLE.clock],
    ]);
  if (random.chance(20)) props["status"] = "okay";
  if (isDriven) props["iommus"] = [PHANDLE.smmu, index];
  const entries = Array.from({ length: random.below(3) }, () =>
    random.chance(20) ? [PHANDLE.foreign, 7, 8] : [PHANDLE.management, random.below(SCMI_DEVICES)],
  );
  const isForGuests = random.chance(75);
  const sci: Props = {
    ...(entries.length === 0 ? {} : { "access-controllers": entries.flat() }),
    ...(isForGuests ? { "xen,passthrough": true as const } : {}),
  };
  return { path: `/soc/${name}`, name, props, sci, isForGuests, isDriven, start };
}

interface RandomGuest {
  readonly create: object;
  readonly later: readonly string[];
}

/** Takes some things out of a list, so that nobody else gets them. */
function takeSome<T>(random: Random, from: T[], most: number): T[] {
  return Array.from({ length: random.below(most + 1) }, () =>
    from.splice(random.below(from.length || 1), 1),
  ).flat();
}

function randomGuest(random: Random, index: number, free: Agent[], devices: Device[]): RandomGuest {
  const [agent] = random.chance(85) ? free.splice(0, 1) : [];
  const name = random.pick([`guest-${index}`, `Guest ${index}`, `a"b\\c${index}`, `é'${index}`]);
  const dtdev = takeSome(random, devices, 2).map(({ path }) => path);
  const passthrough = dtdev.length > 0 || random.chance(30);
  const later = passthrough ? takeSome(random, devices, 1).map(({ path }) => path) : [];
  if (random.chance(40)) {
    const sci = agent === undefined ? { type: "none" } : { type: "scmi_smc_multiagent", agentId: agent.id };
    return { create: { do: "domain.create", name, sci, dtdev, passthrough }, later };
  }
  const lines = [
    `name = "${name.replace(/["\\]/g, "\\$&")}"`,
    ...(agent === undefined ? [] : [`arm_sci = "type=scmi_smc_multiagent,agent_id=${agent.id}"`]),
    `dtdev = [ ${dtdev.map((path) => `"${path}"`).join(", ")} ]`,
    ...(passthrough === dtdev.length > 0 ? [] : [`passthrough = "enabled"`]),
    "memory = 512",
    'disk = [ "a", [ "b", 0x10 ] ]',
    'extra += "console=hvc0"',
    ...(random.chance(50)
      ? [`on_reboot = "${random.pick(["destroy", "restart", "coredump-restart"])}"`]
      : []),
  ];
  if (agent !== undefined && random.chance(60)) {
    const gfn = random.pick(["", "@22001", "@4a000", "@22002"]);
    lines.push(`iomem = [ "${(agent.shmem / PAGE).toString(16)},1${gfn}", "22,1@22002" ]`);
  }
  return { create: { do: "domain.create", xlcfg: `${lines.join("\n")}\n` }, later };
}

interface Dom0less {
  readonly name: string;
  readonly node: DtbNode;
  readonly tree: DtbNode;
}

function randomDom0less(random: Random, name: string, free: Agent[], devices: Device[]): Dom0less {
  const [agent] = free.splice(0, 1);
  const sci: Props =
    agent === undefined ? {} : { "xen,sci_type": "scmi_smc_multiagent", "xen,sci-agent-id": [agent.id] };
  const cells = { "#address-cells": [2], "#size-cells": [2] };
  const nodes = takeSome(random, devices, 2).map(({ path, name: device, start, isDriven }) => {
    const force = isDriven ? {} : { "xen,force-assign-without-iommu": true as const };
    const props: Props = { "xen,path": path, "xen,reg": [0, start, 0, PAGE, 0, start], ...force };
    return [device, { props }] as const;
  });
  return {
    name,
    node: { props: { compatible: "xen,domain", ...cells, memory: [0, 0x20000], cpus: [1], ...sci } },
    tree: { children: { passthrough: { props: cells, children: nodes } } },
  };
}

/** What a vendor gives, with the host's own SCMI node for one of the agents. */
function bareTree(
  devices: readonly Device[],
  dom0less: readonly Dom0less[],
  hostAgent: Agent,
  chosen: Record<string, DtbNode>,
  isFull = false,
): Uint8Array {
  const domains = Object.fromEntries(dom0less.map(({ name, node }) => [name, node]));
  const soc = devices.map(
    ({ name, props, sci }) => [name, { props: isFull ? { ...props, ...sci } : props }] as const,
  );
  return buildDtb({
    props: { "#address-cells": [2], "#size-cells": [2], "interrupt-parent": [PHANDLE.gic] },
    children: {
      chosen: {
        props: { "#address-cells": [2], "#size-cells": [2], ranges: true },
        children: { ...domains, ...chosen },
      },
      foreign: { props: { "#access-controller-cells": [2], phandle: [PHANDLE.foreign] } },
      gic: { props: { "interrupt-controller": true, "#interrupt-cells": [3], phandle: [PHANDLE.gic] } },
      oscillator: { props: { compatible: "fixed-clock", "#clock-cells": [0], phandle: [PHANDLE.clock] } },
      "sram@1": page(hostAgent.shmem, PHANDLE.hostPage),
      firmware: { children: { scmi: hostScmi(hostAgent) } },
      soc: { props: { "#address-cells": [2], "#size-cells": [2], ranges: true }, children: soc },
      smmu: { props: { compatible: "arm,smmu-v3", "#iommu-cells": [1], phandle: [PHANDLE.smmu] } },
    },
  });
}

function page(address: number, phandle: number, addressCells = 2): DtbNode {
  const cells = [Math.floor(address / 2 ** 32), address >>> 0];
  const reg = addressCells === 2 ? [...cells, 0, PAGE] : [address, PAGE];
  return { props: { compatible: "arm,scmi-shmem", reg, phandle: [phandle] } };
}

function hostScmi({ funcId }: Agent): DtbNode {
  return {
    props: {
      compatible: "arm,scmi-smc",
      "arm,smc-id": [funcId],
      shmem: [PHANDLE.hostPage],
      "#address-cells": [1],
      "#size-cells": [0],
    },
    children: {
      "protocol@14": { props: { reg: [0x14], "#clock-cells": [1], phandle: [PHANDLE.scmiClock] } },
    },
  };
}

/** The bare tree with the container at some place, its rows in some order, its addresses in some cells. */
function fullTree(parts: {
  readonly random: Random;
  readonly own: Agent;
  readonly others: readonly Agent[];
  readonly dom0: Agent | undefined;
  readonly devices: readonly Device[];
  readonly dom0less: readonly Dom0less[];
}): Uint8Array {
  const { random, own, others, dom0, devices, dom0less } = parts;
  const addressCells = own.shmem > 0xffff_ffff || random.chance(50) ? 2 : 1;
  const rowCells = random.pick([2, 3]);
  const bus: Props = { "#address-cells": [addressCells], "#size-cells": [addressCells], ranges: true };
  const rows = others.flatMap(({ funcId, phandle, id }) => [funcId, phandle, id].slice(0, rowCells));
  const pages = [own, ...others].map(
    ({ shmem, phandle }) => [`sram@${shmem.toString(16)}`, page(shmem, phandle, addressCells)] as const,
  );
  const management: DtbNode = {
    props: {
      compatible: "arm,scmi-smc",
      "arm,smc-id": [own.funcId],
      shmem: [own.phandle],
      "#access-controller-cells": [1],
      phandle: [PHANDLE.management],
    },
  };
  const inside: readonly (readonly [string, DtbNode])[] = random.chance(70)
    ? [["scmi", management]]
    : [["inner", { props: bus, children: { scmi: management } }]];
  const container: DtbNode = {
    props: {
      compatible: "xen,sci",
      ...bus,
      ...(rowCells === 3 && random.chance(50) ? {} : { "#scmi-secondary-agents-cells": [rowCells] }),
      "scmi-secondary-agents": rows,
      ...(dom0 === undefined ? {} : { "xen,dom0-sci-agent-id": [dom0.id] }),
    },
    children: [...pages, ...inside],
  };
  const chosen: Record<string, DtbNode> = random.chance(50)
    ? { xen: { props: { ...bus, "#address-cells": [2] }, children: { "xen-scmi-config": container } } }
    : { "sci-box": container };
  return bareTree(devices, dom0less, dom0 ?? own, chosen, true);
}

function textOfBoard(random: Random, agents: readonly Agent[], own: Agent, dom0less: readonly Dom0less[]) {
  const listed = agents.map(
    ({ id, funcId, shmem }) => `    - { id: ${id}, name: agent-${id}, funcId: ${funcId}, shmem: ${shmem} }`,
  );
  const text = [
    "name: random board",
    "deviceTree: host.dtb",
    "xen:",
    `  partialTrees: { ${dom0less.map(({ name }) => `${name}: ${name}.dtb`).join(", ")} }`,
    "firmware:",
    `  profile: ${random.pick(["v32", "ref"])}`,
    `  trustedAgents: [${own.id}]`,
    "  protocols: [clock, power, voltage]",
    "  agents:",
    ...listed,
    "  powerDomains: [ { id: 0, name: on } ]",
    "  voltageDomains: [ { id: 0, name: vdd, range: { min: 0, max: 1000000, step: 1000 } } ]",
    "  clocks: [ { id: 0, name: a, rates: [1000] }, { id: 1, name: b, rates: [1000] } ]",
    "  devices:",
    ...Array.from(
      { length: SCMI_DEVICES },
      (_, id) => `    - { id: ${id}, name: device-${id}, clocks: [0] }`,
    ),
  ];
  return text.join("\n");
}

/** The result; throws where it is a refusal. */
export function ok<T>(result: T | Problem): T {
  if (isProblem(result)) throw new Error(result.detail);
  return result;
}

/** A host that has booted and created its guests. */
export interface Running {
  readonly view: ExportView;
  /** The last answer: the channel table and the permissions as they are. */
  readonly last: ScriptAnswer;
}

/** Boots a host in memory and creates guests. */
export function running(host: HostDescription, guests: RandomHost["guests"] = []): Running {
  const simulation = ok(Simulation.of(host, "booted", "test"));
  const script = scriptOn(simulation);
  for (const { create, later } of guests) {
    const { ok: created, result, problem } = script.do(create);
    if (!created) throw new Error(problem.detail);
    for (const path of later) script.do({ do: "device.assign", domid: result.domid, path });
  }
  return { view: simulation.exportView(), last: script.do({ do: "domain.destroy", domid: 0x7000 }) };
}
