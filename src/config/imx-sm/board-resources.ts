import type { Assumptions, DraftMap } from "../draft/draft.ts";
import type { Identified } from "./ids.ts";
import type { ListedPrefix } from "./resources.ts";
import type { AtBoot } from "./starts.ts";

/** Levels of a performance domain of which nothing is known: the tool's own examples have four. */
const PERFORMANCE_LEVELS = 4;
const PERFORMANCE_STEP = 100_000;
const CLOCK_RATE = 24_000_000;
const CLOCK_RANGE = { min: 0, max: 0xffff_ffff, step: 1 };
const VOLTAGE_RANGE = { min: 0, max: 5_000_000, step: 1 };
/** SCMI's number of degrees Celsius, and of what is of no kind. */
const CELSIUS = 2;
const UNSPECIFIC = 1;

const UNKNOWN = "the configuration says nothing of it";

/** The lists of resources of a board file. What they can do is not in a configuration, and assumed. */
export function boardResources(
  kinds: ReadonlyMap<ListedPrefix, readonly Identified[]>,
  boot: AtBoot,
  assumptions: Assumptions,
): DraftMap {
  const each = (prefix: ListedPrefix, make: (resource: Identified) => DraftMap) => {
    const all = kinds.get(prefix) ?? [];
    const ofDevice = new Set(all.filter(({ full }) => full.startsWith("DEV_")).map(({ short }) => short));
    return all.map((resource) => {
      return { id: resource.id, name: nameOf(resource, ofDevice), ...make(resource) };
    });
  };
  const assume = <Value extends string | number | boolean>(
    list: string,
    field: string,
    id: number,
    value: Value,
  ) => assumptions.take(`firmware.${list}[].${field}`, value, UNKNOWN, id);

  return {
    powerDomains: each("pd", ({ full }) => (boot.power.has(full) ? { initial: "on" } : {})),
    clocks: each("clk", ({ id, full }) => {
      const start = boot.clocks.get(full);
      assumptions.take("firmware.clocks[].range", CLOCK_RANGE, UNKNOWN, id);
      return {
        range: CLOCK_RANGE,
        rate: start?.rate ?? assume("clocks", "rate", id, CLOCK_RATE),
        ...(start === undefined ? {} : { enabled: true }),
        ...(start?.parent === undefined || start.parent === null || start.parent === id
          ? {}
          : { parents: [start.parent], parent: start.parent }),
      };
    }),
    resets: each("rst", () => ({})),
    performanceDomains: each("perf", ({ id, full }) => {
      const index = boot.performance.get(full) ?? null;
      const count = Math.min(Math.max(PERFORMANCE_LEVELS, (index ?? 0) + 1), 64);
      const levels = Array.from({ length: count }, (_, at) => ({ value: (at + 1) * PERFORMANCE_STEP }));
      assumptions.take("firmware.performanceDomains[].levels", levels, UNKNOWN, id);
      return {
        ...(index === null || index >= count ? {} : { level: (index + 1) * PERFORMANCE_STEP }),
        levels,
      };
    }),
    sensors: each("sensor", ({ id, short }) => ({
      type: assume("sensors", "type", id, /TEMP/.test(short) ? CELSIUS : UNSPECIFIC),
      exponent: assume("sensors", "exponent", id, -2),
      tripPoints: assume("sensors", "tripPoints", id, 2),
      reading: assume("sensors", "reading", id, 2500),
    })),
    voltageDomains: each("volt", ({ id, full }) => {
      assumptions.take("firmware.voltageDomains[].range", VOLTAGE_RANGE, UNKNOWN, id);
      return {
        range: VOLTAGE_RANGE,
        level: assume("voltageDomains", "level", id, 0),
        ...(boot.voltage.has(full) ? { mode: "on" } : {}),
      };
    }),
    pins: each("pin", () => ({})),
  };
}

/** The name behind the prefix; of the board's, where the device has one alike, with its owner: `brd_temp`. */
function nameOf({ full, short }: Identified, ofDevice: ReadonlySet<string>): string {
  const isTaken = !full.startsWith("DEV_") && ofDevice.has(short);
  return `${isTaken ? `${full.slice(0, full.indexOf("_SM_"))}_` : ""}${short}`.toLowerCase();
}
