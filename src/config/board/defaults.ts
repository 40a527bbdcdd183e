import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { Board, DeviceConfig, FirmwareConfig, XenConfig } from "./board.ts";

/**
 * Fields of `firmware` that came after the first logs, and what they are where a board does not have them. A new field is one
 * more line here.
 */
export const LATER_FIRMWARE = {
  performanceDomains: [],
  sensors: [],
  voltageDomains: [],
  powerCaps: [],
  pins: [],
  groups: [],
  functions: [],
  systemPower: null,
  instances: [],
  levels: {},
} as const satisfies Partial<FirmwareConfig>;

/** The same of `xen`. */
export const LATER_XEN = { partialTrees: {} } as const satisfies Partial<XenConfig>;

/** The same of devices. */
export const LATER_DEVICE = {
  performanceDomains: [],
  sensors: [],
  voltageDomains: [],
  powerCaps: [],
  pins: [],
} as const satisfies Partial<DeviceConfig>;

/** Of a resource that can be fused off. */
const PRESENT = { absent: false };

/** The same of the items of every list in `firmware`, by its field. */
export const LATER_ITEMS = {
  agents: { p2a: null, type: "ospm", deniedProtocols: [] },
  powerDomains: PRESENT,
  clocks: { ...PRESENT, async: true, parents: [], parent: null, extendedConfigs: [] },
  resets: { ...PRESENT, async: true },
  performanceDomains: PRESENT,
  sensors: { ...PRESENT, async: true },
  devices: LATER_DEVICE,
} as const;

/** A board as an older log recorded it, with the fields that it could not have: what they are says nothing new. */
export function withDefaults(board: Board): Board {
  const { firmware } = board;
  const devices = firmware.devices.map((device) => ({ ...LATER_DEVICE, ...device }));
  const xen = { ...LATER_XEN, ...board.xen };
  return { ...board, xen, firmware: { ...LATER_FIRMWARE, ...firmware, devices } };
}

/**
 * A board without the later fields that say nothing: the same for an older log's board and for what its file is read as now, so
 * that one is known by the other.
 */
export function essential(board: Board): Json {
  const firmware = Object.entries(bare(board.firmware, LATER_FIRMWARE)).map(([name, value]) => {
    if (!Array.isArray(value)) return [name, value];
    const later: Readonly<Record<string, unknown>> = { ...LATER_ITEMS[name as keyof typeof LATER_ITEMS] };
    return [name, value.map((item) => (isMap(item) ? bare(item, later) : item))];
  });
  const xen = bare(board.xen, LATER_XEN);
  return { ...board, xen, firmware: Object.fromEntries(firmware) } as unknown as Json;
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object without the fields that are what they are by default. */
function bare(object: object, defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !(name in defaults) || !isSame(value, defaults[name])),
  );
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json);
}
