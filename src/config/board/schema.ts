import { z } from "zod";
import {
  AGENT_TYPES,
  type Board,
  type ClockConfig,
  type DeviceConfig,
  type ListedProtocol,
  PROFILES,
  PROTOCOL_NAMES,
  type ProfileName,
  SERIES_VERSIONS,
} from "./board.ts";
import {
  absent,
  asciiName,
  async,
  didYouMean,
  field,
  flag,
  foundInstead,
  hexWhole,
  left,
  leftNull,
  list,
  mapOf,
  onOff,
  record,
  resourceId,
  text,
  whole,
  word,
} from "./fields.ts";
import { InstanceSchema, LevelsSchema } from "./level-schema.ts";
import { PerformanceDomainSchema } from "./performance-schema.ts";
import { PinFunctionSchema, PinGroupSchema, PinSchema } from "./pin-schema.ts";
import { PowerCapSchema } from "./powercap-schema.ts";
import { SensorSchema } from "./sensor-schema.ts";
import { SwitchesSchema } from "./switch-fields.ts";
import { VoltageDomainSchema } from "./voltage-schema.ts";

/** Physical addresses of Arm have at most 52 bits. */
const PAGE_ADDRESS_MAX = 2 ** 52 - 4096;
const U32_MAX = 0xffff_ffff;
const AGENT_ID_MAX = 254;

const agentId = () => whole(0, AGENT_ID_MAX);
const id = resourceId;
const hertz = () => whole(0, Number.MAX_SAFE_INTEGER);
const path = () => text("the path of a file", (value) => value !== "");

export const AgentSchema = record({
  id: agentId().describe("The agent's id, which its channel stands for."),
  name: asciiName().describe("What BASE_DISCOVER_AGENT answers."),
  funcId: hexWhole("a 32-bit SMC function id", U32_MAX).describe("SMC function id of the agent's doorbell."),
  shmem: hexWhole("an address that is a multiple of 0x1000, below 2^52", PAGE_ADDRESS_MAX, 4096).describe(
    "Physical address of the agent's shared-memory page (4 KiB).",
  ),
  p2a: leftNull(
    hexWhole("an address that is a multiple of 0x1000, below 2^52", PAGE_ADDRESS_MAX, 4096),
    "none",
  ).describe(
    "Physical address of the page (4 KiB) in which the firmware tells the agent of something by itself; without one it tells nothing.",
  ),
  type: left(word(AGENT_TYPES), "ospm", "ospm").describe(
    "What the agent is: an operating system, the PSCI of EL3, or who manages the machine. Profile scp tells them apart.",
  ),
  deniedProtocols: left(list(word(PROTOCOL_NAMES), "protocols"), []).describe(
    "Protocols that the agent may not use.",
  ),
});

export const PowerDomainSchema = record({
  id: id().describe("Power domain id."),
  name: asciiName().describe("Name."),
  parent: leftNull(id(), "none").describe("Power domain that has to be on for this one to be."),
  alwaysOn: left(flag(), false).describe("Switched on at power-on and never off."),
  initial: left(onOff(), "off", "off").describe("State at power-on."),
  absent: absent(),
});

const RangeSchema = record({
  min: hertz().describe("Lowest rate, Hz."),
  max: hertz().describe("Highest rate, Hz."),
  step: whole(1, Number.MAX_SAFE_INTEGER).describe("Distance of two rates, Hz."),
}).superRefine((range, ctx) => {
  if (range.max < range.min) {
    ctx.addIssue({
      code: "custom",
      path: ["max"],
      message: foundInstead(range.max, `min (${range.min}) or more`),
    });
  }
});

/** The fields of a clock as they are written. */
const ClockFields = record({
  id: id().describe("Clock id."),
  name: asciiName().describe("Name."),
  rates: leftNull(list(hertz(), "rates in Hz"), "`rate` alone").describe(
    "Rates that can be set, in the order described.",
  ),
  range: leftNull(RangeSchema, "none").describe("Rates that can be set, instead of `rates`."),
  rate: leftNull(hertz(), "the first of `rates`, or `min`").describe("Rate at power-on, Hz."),
  enabled: left(flag(), false).describe("Whether it runs at power-on."),
  fixed: left(flag(), false).describe("Accepts every rate and state, and changes nothing."),
  parents: left(list(id(), "clock ids"), []).describe("Clocks that it can be fed from."),
  parent: leftNull(id(), "the first of `parents`").describe("The one that feeds it at power-on."),
  extendedConfigs: left(list(whole(1, 255), "types"), []).describe(
    "Types of its extended configurations: 1 duty cycle, 2 phase, 128 to 255 the vendor's own.",
  ),
  async: async(),
  absent: absent(),
});

export const ClockSchema = ClockFields.transform((clock, ctx): ClockConfig => {
  const { rates, range } = clock;
  const rate = clock.rate ?? range?.min ?? rates?.[0];
  const parent = clock.parent ?? clock.parents[0] ?? null;
  const refusal = refuseRates(rates, range, rate) ?? refuseParents(clock.parents, parent);
  if (refusal === null && rate !== undefined) {
    return { ...clock, rate, rates: range === null ? (rates ?? [rate]) : null, parent };
  }
  ctx.issues.push({ code: "custom", input: clock, ...refusal });
  return z.NEVER;
});

/** What is wrong with a clock's rates, in the order in which somebody would mend it. */
function refuseRates(
  rates: readonly number[] | null,
  range: ClockConfig["range"],
  rate: number | undefined,
): { path: string[]; message: string } | null {
  if (rates !== null && range !== null) {
    return { path: ["range"], message: "found both rates and range, allowed is one of them" };
  }
  if (rates?.length === 0)
    return { path: ["rates"], message: "found an empty list, allowed is at least one rate" };
  if (rate === undefined) {
    return {
      path: ["rate"],
      message: foundInstead(rate, "a rate in Hz, as there are neither rates nor range"),
    };
  }
  if (rates !== null && !rates.includes(rate)) {
    return { path: ["rate"], message: foundInstead(rate, `one of the rates: ${shorten(rates)}`) };
  }
  if (range !== null && (rate < range.min || rate > range.max || (rate - range.min) % range.step !== 0)) {
    return {
      path: ["rate"],
      message: foundInstead(rate, `${range.min} to ${range.max} in steps of ${range.step}`),
    };
  }
  return null;
}

/** A message has eight bits for the number of parents to come. */
const PARENTS_MAX = 255;

function refuseParents(
  parents: readonly number[],
  parent: number | null,
): { path: string[]; message: string } | null {
  if (parents.length > PARENTS_MAX) {
    return { path: ["parents"], message: `found ${parents.length}, allowed are at most ${PARENTS_MAX}` };
  }
  if (parent === null || parents.includes(parent)) return null;
  const allowed =
    parents.length === 0 ? "none: it has no parents" : `one of the parents: ${shorten(parents)}`;
  return { path: ["parent"], message: foundInstead(parent, allowed) };
}

export const ResetSchema = record({
  id: id().describe("Reset domain id."),
  name: asciiName().describe("Name."),
  async: async(),
  absent: absent(),
});

const ids = (what: string) => left(list(id(), `${what} ids`), []);
const defaultAccess = field<"none" | "all" | readonly number[]>(
  "none, all, or a list of agent ids",
  (value) => {
    if (value === "none" || value === "all") return value;
    const agents = z.array(agentId()).safeParse(value);
    return agents.success ? (agents.data.length === 0 ? "none" : agents.data) : undefined;
  },
);

/** The fields of a device as they are written. */
const DeviceFields = record({
  id: id().describe("SCMI device id: the cell of a node's `access-controllers`."),
  name: asciiName().describe("Name."),
  powerDomains: ids("power domain").describe("Power domains that the permission covers."),
  clocks: ids("clock").describe("Clocks that the permission covers."),
  resets: ids("reset domain").describe("Reset domains that the permission covers."),
  performanceDomains: ids("performance domain").describe("Performance domains that the permission covers."),
  sensors: ids("sensor").describe("Sensors that the permission covers."),
  voltageDomains: ids("voltage domain").describe("Voltage domains that the permission covers."),
  powerCaps: ids("power capping domain").describe("Power capping domains that the permission covers."),
  pins: ids("pin").describe("Pins that the permission covers; it covers a group by its pins."),
  defaultAccess: leftNull(defaultAccess, "`all` of profiles ref-rcar, tfa and scp, else `none`").describe(
    "Agents that have the permission at power-on.",
  ),
  staticOwner: leftNull(agentId(), "none").describe("The only agent that the permission can be given to."),
});

/** A device of the board file, of a profile that denies what it does not give. */
export const DeviceSchema = DeviceFields.transform((device) => withAccess(device, "none"));

function withAccess(device: z.output<typeof DeviceFields>, access: "none" | "all"): DeviceConfig {
  return { ...device, defaultAccess: device.defaultAccess ?? access };
}

/** Profiles whose agents may do all that nothing denies. */
const OPEN_PROFILES: readonly ProfileName[] = ["ref-rcar", "tfa", "scp"];

const SystemPowerSchema = record({
  warmReset: left(flag(), false).describe("Whether it can do a warm reset."),
  suspend: left(flag(), false).describe("Whether it can suspend."),
});

const XenSchema = record({
  mediator: left(word(["multi-agent", "single-agent", "none"]), "multi-agent", "multi-agent").describe(
    "SCI driver that this Xen is built with.",
  ),
  version: left(word(SERIES_VERSIONS), "v10", "v10").describe(
    "Version of the patch series, where behaviour differs; `bsp` is the product for the Raspberry Pi 5. docs/bindings.md tells what each reads.",
  ),
  smccc: left(field('a version such as "1.2"', toVersion), "1.2", '"1.2"').describe(
    "SMCCC version of the firmware.",
  ),
  acpi: left(flag(), false).describe("Whether the host boots with ACPI."),
  iommu: left(flag(), true).describe("Whether the host has an IOMMU that Xen drives."),
  cmdline: left(text("a text on one line"), "").describe(
    "Xen's command line; left out, what the tree's /chosen has. Of it `scmi-smc-passthrough` counts, for the single-agent mediator; and, up to v7, what names dom0's agent: `dom0=sci-agent-id=N`, before v6 `dom0_scmi_agent_id=N`.",
  ),
  partialTrees: left(
    mapOf(path(), "a map from domain nodes to files", (name) =>
      /^[!-.0-~]{1,255}$/.test(name) ? null : foundInstead(name, "the name of a node below /chosen"),
    ),
    {},
    "{}",
  ).describe(
    "Partial device trees of dom0less domains, .dtb or .dts, relative to the board file: by the name of the domain's node below /chosen, such as `domU1`.",
  ),
});

/** A version in quotes, or as the number that YAML makes of it without them. */
function toVersion(value: unknown): string | undefined {
  const version = typeof value === "number" && Number.isInteger(value) ? value.toFixed(1) : String(value);
  return /^\d{1,4}\.\d{1,4}$/.test(version) ? version : undefined;
}

const SupportsSchema = record({
  discoverAgent: left(flag(), true).describe("BASE_DISCOVER_AGENT."),
  setDevicePermissions: left(flag(), true).describe("BASE_SET_DEVICE_PERMISSIONS."),
  setProtocolPermissions: left(flag(), false).describe("BASE_SET_PROTOCOL_PERMISSIONS."),
  resetAgentConfiguration: left(flag(), true).describe("BASE_RESET_AGENT_CONFIGURATION."),
});

/** What this version can serve of the words that the board file knows. */
const PROTOCOLS_SERVED = [
  "power",
  "reset",
  "clock",
  "performance",
  "sensor",
  "system",
  "voltage",
  "powercap",
  "pinctrl",
] as const;

/** Ids of vendors' own protocols. */
const VENDOR_IDS = { min: 0x80, max: 0xff } as const;

export const ProtocolSchema = field<ListedProtocol>(
  `${PROTOCOLS_SERVED.join(", ")}, or the id of a vendor's own from ${VENDOR_IDS.min} to ${VENDOR_IDS.max}`,
  (value) => {
    const vendor = whole(VENDOR_IDS.min, VENDOR_IDS.max).safeParse(value);
    return vendor.success ? vendor.data : PROTOCOLS_SERVED.find((name) => name === value);
  },
  (value) => foundInstead(value, PROTOCOLS_SERVED.join(", ")) + didYouMean(String(value), PROTOCOLS_SERVED),
);

export const TrustedAgentSchema = agentId();

/** The fields of `firmware` as they are written. */
const FirmwareFields = record({
  profile: left(word(PROFILES), "v32", "v32").describe("Whose behaviour the firmware has."),
  switches: left(SwitchesSchema, { switches: {} }, "{}").describe(
    "Overrides of the profile's behaviour, by name.",
  ),
  permissionPolicy: left(word(["device-bitmask"]), "device-bitmask", "device-bitmask").describe(
    "The board's permission policy, where the profile leaves it open.",
  ),
  vendor: left(asciiName(), "").describe("What BASE_DISCOVER_VENDOR answers."),
  subVendor: left(asciiName(), "").describe("What BASE_DISCOVER_SUB_VENDOR answers."),
  implementationVersion: left(whole(0, U32_MAX), 0).describe(
    "What BASE_DISCOVER_IMPLEMENTATION_VERSION answers.",
  ),
  trustedAgents: leftNull(list(TrustedAgentSchema, "agent ids"), "[0], if there is an agent 0").describe(
    "Agents that may set permissions and reset agents.",
  ),
  protocols: leftNull(
    list(ProtocolSchema, "protocols"),
    `those that have resources below, as ${PROTOCOLS_SERVED.join(", ")}`,
  ).describe("Protocols beside base, in the order that BASE_DISCOVER_LIST_PROTOCOLS tells."),
  supports: left(SupportsSchema, SupportsSchema.parse({}), "as below").describe(
    "Optional messages that are there.",
  ),
  agents: list(AgentSchema, "agents").describe("Agents that the firmware knows."),
  powerDomains: left(list(PowerDomainSchema, "power domains"), []).describe("Power domains."),
  clocks: left(list(ClockSchema, "clocks"), []).describe("Clocks."),
  resets: left(list(ResetSchema, "reset domains"), []).describe("Reset domains."),
  performanceDomains: left(list(PerformanceDomainSchema, "performance domains"), []).describe(
    "Performance domains.",
  ),
  sensors: left(list(SensorSchema, "sensors"), []).describe("Sensors."),
  voltageDomains: left(list(VoltageDomainSchema, "voltage domains"), []).describe("Voltage domains."),
  powerCaps: left(list(PowerCapSchema, "power capping domains"), []).describe("Power capping domains."),
  pins: left(list(PinSchema, "pins"), []).describe("Pins."),
  groups: left(list(PinGroupSchema, "groups"), []).describe("Groups of pins."),
  functions: left(list(PinFunctionSchema, "functions"), []).describe("Functions of pins."),
  systemPower: leftNull(SystemPowerSchema, "none").describe("What the system power protocol can do."),
  devices: left(list(DeviceFields, "devices"), []).describe(
    "Devices: groups of resources that a permission covers.",
  ),
  deviceOwnership: leftNull(
    word(["shared", "exclusive"]),
    "`exclusive` of profile ref-rpi5, else `shared`",
  ).describe("Whether a device held by one agent may be given to another."),
  agentCount: leftNull(whole(0, 255), "as many as are listed").describe(
    "Number of agents that BASE reports.",
  ),
  instances: left(list(InstanceSchema, "instances"), [], "one with all agents").describe(
    "Logical machines of profile imx.",
  ),
  levels: left(LevelsSchema, {}, "{}").describe(
    "What each agent may do, of profile imx: a map from agent ids to levels, by kind and id.",
  ),
});

const FirmwareSchema = FirmwareFields.transform((fields, ctx) => {
  const { switches, ...set } = fields.switches;
  for (const name of ["trustedAgents", "deviceOwnership"] as const) {
    if (fields[name] === null || set[name] === undefined) continue;
    const message = `is given here and as firmware.${name}, allowed is once`;
    ctx.issues.push({ code: "custom", input: fields, path: ["switches", name], message });
  }
  return {
    ...fields,
    switches,
    trustedAgents:
      fields.trustedAgents ?? set.trustedAgents ?? fields.agents.map((a) => a.id).filter((a) => a === 0),
    deviceOwnership: fields.deviceOwnership ?? set.deviceOwnership ?? ownershipOf(fields.profile),
    devices: fields.devices.map((device) =>
      withAccess(device, OPEN_PROFILES.includes(fields.profile) ? "all" : "none"),
    ),
    protocols: fields.protocols ?? PROTOCOLS_SERVED.filter((name) => isUsed(fields[RESOURCES[name]])),
  };
});

/** The field of `firmware` that a protocol is about. */
const RESOURCES = {
  power: "powerDomains",
  reset: "resets",
  clock: "clocks",
  performance: "performanceDomains",
  sensor: "sensors",
  system: "systemPower",
  voltage: "voltageDomains",
  powercap: "powerCaps",
  pinctrl: "pins",
} as const;

function ownershipOf(profile: ProfileName): "shared" | "exclusive" {
  return profile === "ref-rpi5" ? "exclusive" : "shared";
}

/** Whether a field of `firmware` says anything: a list with something in it, or a map. */
function isUsed(field: readonly unknown[] | object | null): boolean {
  return Array.isArray(field) ? field.length > 0 : field !== null;
}

/** The board file, without the checks of one field against another. What it gives is a board file again, and gives itself. */
export const BoardSchema = record({
  name: text("a name of 1 to 64 characters, without / and \\", (name) =>
    /^(?! )[^/\\]{1,64}(?<! )$/.test(name),
  ).describe("Name of the host; the log is called after it."),
  deviceTree: path().describe("The host device tree, .dtb or .dts, relative to the board file."),
  xen: left(XenSchema, XenSchema.parse({}), "as below").describe("The hypervisor."),
  firmware: FirmwareSchema.describe("The EL3 SCMI firmware."),
  autostart: left(list(path(), "xl.cfg files"), []).describe(
    "xl.cfg files of the toolstack domains created after every host boot, in this order, relative to the board file.",
  ),
}) satisfies z.ZodType<Board, unknown>;

function shorten(values: readonly number[]): string {
  const shown = values.slice(0, 10).join(", ");
  return values.length > 10 ? `${shown} and ${values.length - 10} more` : shown;
}
