/**
 * Makes examples/rcar-v4h/board.yaml from the tables of the reference firmware and a device table of ours:
 * `node --conditions=scmi-source --import tsx scripts/generate-rcar-v4h.ts`.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  ALWAYS_ON_DOMAINS,
  CORE_CLOCK_COUNT,
  CORE_CLOCKS,
  FORCED_ON_DOMAINS,
  MODULE_CLOCKS,
  type ModuleClock,
  POWER_DOMAIN_COUNT,
  POWER_DOMAINS,
  RESET_MODULES,
  RUNNING_AT_BOOT,
} from "#config/reference-boards/rcar-v4h-tables.ts";

const BOARD_FILE = fileURLToPath(new URL("../examples/rcar-v4h/board.yaml", import.meta.url));

const AGENTS = 8;
const FUNC_ID_BASE = 0x82000002;
const SHMEM_BASE = 0x47ff0000;
const PAGE_BYTES = 0x1000;

interface Device {
  readonly name: string;
  /** Names the clock gate and the reset line, which share their number. */
  readonly module: number;
  readonly powerDomains?: readonly string[];
}

/** Our device table; the id is the index. */
const DEVICES: readonly Device[] = [
  { name: "hscif0", module: 514 },
  { name: "i2c0", module: 518 },
  { name: "i2c1", module: 519 },
  { name: "i2c4", module: 522 },
  { name: "avb0", module: 211 },
  { name: "sdhi0", module: 706 },
  { name: "pcie0", module: 624 },
  { name: "pcie1", module: 625 },
  { name: "gpu", module: 0, powerDomains: ["3dg-a", "3dg-b"] },
  { name: "can-fd", module: 328 },
  { name: "msiof0", module: 618 },
  { name: "pwm", module: 628 },
  { name: "tmu1", module: 714 },
  { name: "isp0", module: 612, powerDomains: ["a3isp0"] },
];

/** The whole of examples/rcar-v4h/board.yaml. */
export function rcarV4hBoard(): string {
  return [
    HEAD,
    section("agents", indices(AGENTS).map(agent)),
    POWER_COMMENT,
    section("powerDomains", indices(POWER_DOMAIN_COUNT).map(powerDomain)),
    CLOCK_COMMENT,
    section("clocks", [...indices(CORE_CLOCK_COUNT).map(coreClock), ...MODULE_CLOCKS.map(moduleClock)]),
    RESET_COMMENT,
    section("resets", RESET_MODULES.map(reset)),
    DEVICE_COMMENT,
    section("devices", DEVICES.map(device)),
    TAIL,
  ].join("");
}

const HEAD = `# Renesas R-Car V4H (r8a779g0) with the reference EL3 firmware of Xen's multi-agent SCMI series: 8 agents, 65 power domains,
# 229 clocks, 167 resets, as that firmware is compiled. Made by scripts/generate-rcar-v4h.ts: edit that, not this.
#
# Where this board is not the real one:
#   devices         the real firmware has no device table yet, so it refuses every permission; the table below is ours
#   trustedAgents   the real firmware trusts agent 0, which is dom0's here; Xen has a channel of its own, agent 1
#   clocks          the real firmware accepts any CLOCK_RATE_SET of a module clock and changes nothing; here it must name the
#                   one rate there is. Which module clocks run is read from the hardware at boot; here it is two of them
#   powerDomains    the real firmware starts the counts of domains that are never off, other than the forced ones, at 0
name: rcar-v4h
deviceTree: host.dtb # compiled from host.dts beside it, so that a bare machine needs no dtc
xen:
  mediator: multi-agent
  version: v10
  smccc: "1.2"
  acpi: false
  iommu: true
  cmdline: console=dtuart dtuart=serial0 dom0_mem=1024M bootscrub=0
firmware:
  profile: ref
  permissionPolicy: device-bitmask
  vendor: EPAM
  subVendor: ""
  implementationVersion: 0
  trustedAgents: [1]
  protocols: [power, reset, clock]
  supports:
    discoverAgent: true
    setDevicePermissions: true
    setProtocolPermissions: false
    resetAgentConfiguration: true
`;

const POWER_COMMENT = `
  # Never off: CPUs and their caches, always-on, and the ids that nothing uses. a1cnn0, a2cn0 and a3ir are powered at boot.
`;

const CLOCK_COMMENT = `
  # 0 to 84 are core clocks: a fixed rate, always running; the ids that nothing uses have the rate 0. 85 to 228 are the module
  # clocks behind them, each with the rate of its parent; the number at the end is the module (register * 100 + bit).
`;

const RESET_COMMENT = "\n";

const DEVICE_COMMENT = `
  # A deviation: the real firmware has no devices. The ids are the cells of access-controllers in host.dts.
`;

const TAIL = `
# Created after every host boot. domu.cfg is for you: POST it to /v1/domains.
autostart: [domd.cfg]
`;

function section(name: string, entries: readonly string[]): string {
  return `  ${name}:\n${entries.map((entry) => `    - ${entry}\n`).join("")}`;
}

function map(fields: readonly string[]): string {
  return `{ ${fields.join(", ")} }`;
}

function agent(id: number): string {
  const funcId = `0x${(FUNC_ID_BASE + id).toString(16)}`;
  const shmem = `0x${(SHMEM_BASE + id * PAGE_BYTES).toString(16)}`;
  return map([`id: ${id}`, `name: agent-${id}`, `funcId: ${funcId}`, `shmem: ${shmem}`]);
}

function powerDomain(id: number): string {
  const known = POWER_DOMAINS.find((domain) => domain.id === id);
  if (known === undefined) return map([`id: ${id}`, `name: reserved-${id}`, "alwaysOn: true"]);
  const fields = [`id: ${id}`, `name: ${known.name}`];
  if (known.parent !== null) fields.push(`parent: ${known.parent}`);
  const forced = FORCED_ON_DOMAINS.includes(id);
  if (forced || ALWAYS_ON_DOMAINS.includes(id)) fields.push("alwaysOn: true");
  if (forced) fields.push("initial: on");
  return map(fields);
}

function coreClock(id: number): string {
  const known = CORE_CLOCKS.find((clock) => clock.id === id);
  const { name, rate } = known ?? { name: `reserved-${id}`, rate: 0 };
  return map([`id: ${id}`, `name: ${name}`, `rates: [${rate}]`, "enabled: true", "fixed: true"]);
}

function moduleClock({ id, name, module, rate }: ModuleClock): string {
  const enabled = RUNNING_AT_BOOT.includes(name);
  const fields = [`id: ${id}`, `name: ${quoted(name)}`, `rates: [${rate}]`, `enabled: ${enabled}`];
  return `${map(fields)} # ${module}`;
}

function reset(module: number, id: number): string {
  return map([`id: ${id}`, `name: reset_${module}`]);
}

function device({ name, module, powerDomains = [] }: Device, id: number): string {
  const fields = [`id: ${id}`, `name: ${name}`];
  if (powerDomains.length > 0) fields.push(`powerDomains: [${powerDomains.map(powerDomainId).join(", ")}]`);
  return map([...fields, `clocks: [${clockId(module)}]`, `resets: [${resetId(module)}]`]);
}

function powerDomainId(name: string): number {
  return found(POWER_DOMAINS.find((domain) => domain.name === name)?.id, name);
}

function clockId(module: number): number {
  return found(MODULE_CLOCKS.find((clock) => clock.module === module)?.id, module);
}

function resetId(module: number): number {
  const index = RESET_MODULES.indexOf(module);
  return found(index < 0 ? undefined : index, module);
}

function found(id: number | undefined, what: string | number): number {
  if (id === undefined) throw new Error(`the tables have no ${what}`);
  return id;
}

/** A colon inside a plain flow scalar is legal YAML, but easily misread. */
function quoted(name: string): string {
  return name.includes(":") ? JSON.stringify(name) : name;
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(BOARD_FILE, rcarV4hBoard());
