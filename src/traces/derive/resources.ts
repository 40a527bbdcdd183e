import type { Json } from "#base/canonical-json.ts";
import type { Schema } from "#config/board/fields.ts";
import { PerformanceDomainSchema } from "#config/board/performance-schema.ts";
import { ClockSchema, PowerDomainSchema, ResetSchema } from "#config/board/schema.ts";
import { SensorSchema } from "#config/board/sensor-schema.ts";
import { VoltageDomainSchema } from "#config/board/voltage-schema.ts";
import type { Assumptions, DraftMap, DraftValue } from "#config/draft/draft.ts";
import type { NoteGroups } from "#config/draft/notes.ts";
import { printable } from "#config/tree-import/names.ts";
import { type BoardFacts, fieldsOf, listOf, meaning, numberOf, type SeenResource } from "./facts.ts";
import { fitting } from "./fitting.ts";

/** Protocols whose resources a trace describes, with the board file's list and what answers their number. */
const KINDS = [
  { protocol: "power", list: "powerDomains", count: "domains", about: "POWER_DOMAIN_ATTRIBUTES" },
  { protocol: "clock", list: "clocks", count: "clocks", about: "CLOCK_ATTRIBUTES" },
  { protocol: "reset", list: "resets", count: "domains", about: "RESET_DOMAIN_ATTRIBUTES" },
  {
    protocol: "performance",
    list: "performanceDomains",
    count: "domains",
    about: "PERFORMANCE_DOMAIN_ATTRIBUTES",
  },
  { protocol: "sensor", list: "sensors", count: "sensors", about: "SENSOR_DESCRIPTION_GET" },
  { protocol: "voltage", list: "voltageDomains", count: "domains", about: "VOLTAGE_DOMAIN_ATTRIBUTES" },
] as const;

type Kind = (typeof KINDS)[number];

/** What the board file allows of each. */
const SCHEMAS: { readonly [List in Kind["list"]]: Schema } = {
  powerDomains: PowerDomainSchema,
  clocks: ClockSchema,
  resets: ResetSchema,
  performanceDomains: PerformanceDomainSchema,
  sensors: SensorSchema,
  voltageDomains: VoltageDomainSchema,
};

/** Resources of a kind that a board has; a trace that tells of more was damaged. */
const COUNT_MAX = 4096;
const ID_MAX = 0xffff;
/** Why a field is assumed. */
export const NOT_ASKED = "nobody in the trace asked";
const CLOCK_RATE = 24_000_000;
const LEVELS = [1, 2, 3, 4].map((step) => ({ value: step * 100_000 }));
/** SCMI's number of degrees Celsius. */
const CELSIUS = 2;

/** What a resource is described from. */
interface Described {
  readonly id: number;
  readonly seen: SeenResource | undefined;
  readonly facts: BoardFacts;
  /** Notes that the trace does not tell a field, and gives the value that is put there. */
  readonly assume: <Value extends DraftValue & Json>(field: string, value: Value) => Value;
}

/** The board file's lists of resources. */
export function drawnResources(
  facts: BoardFacts,
  assumptions: Assumptions,
  notes: NoteGroups,
): Readonly<Record<string, DraftMap[]>> {
  return Object.fromEntries(
    KINDS.map((kind) => [kind.list, drawn(kind, facts, assumptions, notes)] as const).filter(
      ([, list]) => list.length > 0,
    ),
  );
}

/**
 * Devices for all that was seen: one for what nobody was denied, and one for each set of agents that were.
 *
 * @param agents those of the traces
 * @param idOf the agent of a trace that does not say whose it is
 */
export function drawnDevices(
  facts: BoardFacts,
  lists: Readonly<Record<string, DraftMap[]>>,
  agents: readonly number[],
  idOf: (agent: number | null) => number,
): DraftMap[] {
  const devices = new Map<
    string,
    { readonly denied: ReadonlySet<number>; readonly resources: Map<string, number[]> }
  >();
  for (const { protocol, list } of KINDS) {
    for (const { id } of lists[list] ?? []) {
      const deniedTo = facts.of(protocol).get(id as number)?.deniedTo ?? [];
      const denied = new Set([...deniedTo].map(idOf));
      const key = [...denied].sort((a, b) => a - b).join(" ");
      const device = devices.get(key) ?? { denied, resources: new Map<string, number[]>() };
      devices.set(key, device);
      device.resources.set(list, [...(device.resources.get(list) ?? []), id as number]);
    }
  }
  const sorted = [...devices.values()].sort((a, b) => a.denied.size - b.denied.size);
  return sorted.map(({ denied, resources }, id) => {
    const holders = agents.filter((agent) => !denied.has(agent));
    const isFree = denied.size === 0;
    return {
      id,
      name: isFree ? "seen" : `denied-${[...denied].join("-")}`,
      ...Object.fromEntries(resources),
      ...(isFree ? { defaultAccess: "all" } : holders.length === 0 ? {} : { defaultAccess: holders }),
    };
  });
}

function drawn(
  { protocol, list, count, about }: Kind,
  facts: BoardFacts,
  assumptions: Assumptions,
  notes: NoteGroups,
): DraftMap[] {
  const known = facts.of(protocol);
  const told = facts.part(protocol, "PROTOCOL_ATTRIBUTES", "attributes", count);
  const ids = new Set([...known].filter(([, { isNotFound }]) => !isNotFound).map(([id]) => id));
  if (protocol === "sensor") for (const id of facts.sensors.keys()) ids.add(id);
  if (told !== null && told <= COUNT_MAX) for (let id = 0; id < told; id += 1) ids.add(id);
  return [...ids]
    .filter((id) => id <= ID_MAX && (told === null || id < told))
    .sort((a, b) => a - b)
    .flatMap((id) => {
      const seen = known.get(id);
      const assume = <Value extends DraftValue & Json>(field: string, value: Value) =>
        assumptions.take(`firmware.${list}[].${field}`, value, NOT_ASKED, id);
      const described = { id, seen, facts, assume };
      const attributes = protocol === "sensor" ? facts.sensors.get(id) : seen?.answers.get(about);
      const name = attributes?.["name"];
      const item = {
        id,
        name: typeof name === "string" ? printable(name) : assume("name", `${protocol}-${id}`),
        ...DESCRIBE[protocol](described),
        ...(seen?.isNotFound === true ? { absent: true } : {}),
      };
      const fitted = fitting(item, SCHEMAS[list], `${protocol} ${id}`, notes);
      return fitted === null ? [] : [fitted];
    });
}

/** What a board file says of a resource beside id and name. */
const DESCRIBE: { readonly [Protocol in Kind["protocol"]]: (described: Described) => DraftMap } = {
  power: ({ seen, assume }) => {
    const state = meaning(seen?.answers.get("POWER_STATE_GET"), "powerState");
    const powerState = seen?.answers.get("POWER_STATE_GET")?.["powerState"];
    if (powerState === undefined) return { initial: assume("initial", "off") };
    return { initial: powerState === 0 || Object.values(state).includes("ON") ? "on" : "off" };
  },
  clock: ({ seen, assume }) => {
    const attributes = seen?.answers.get("CLOCK_ATTRIBUTES");
    const enabled = meaning(attributes, "attributes")["enabled"];
    const parents = (seen?.lists.get("CLOCK_POSSIBLE_PARENTS_GET") ?? [])
      .map(numberOf)
      .filter((id) => id !== null);
    const parent = numberOf(seen?.answers.get("CLOCK_PARENT_GET")?.["parentId"]);
    return {
      ...clockRates(seen, assume),
      enabled: typeof enabled === "boolean" ? enabled : assume("enabled", false),
      ...(parents.length === 0 ? {} : { parents }),
      ...(parent === null || !parents.includes(parent) ? {} : { parent }),
    };
  },
  reset: () => ({}),
  performance: ({ seen, assume }) => {
    const attributes = seen?.answers.get("PERFORMANCE_DOMAIN_ATTRIBUTES");
    const levels = (seen?.lists.get("PERFORMANCE_DESCRIBE_LEVELS") ?? []).map(fieldsOf).flatMap((level) => {
      const value = numberOf(level["level"]);
      const cost = numberOf(level["powerCost"]) ?? 0;
      const latency = (numberOf(level["attributes"]) ?? 0) & 0xffff;
      const frequency = numberOf(level["indicativeFrequency"]);
      if (value === null) return [];
      return [
        {
          value,
          ...(cost === 0 ? {} : { powerCost: cost }),
          ...(latency === 0 ? {} : { latencyUs: latency }),
          ...(frequency === null ? {} : { frequencyKhz: frequency }),
        },
      ];
    });
    const level = numberOf(seen?.answers.get("PERFORMANCE_LEVEL_GET")?.["performanceLevel"]);
    const limits = seen?.answers.get("PERFORMANCE_LIMITS_GET");
    const [min, max] = [numberOf(limits?.["rangeMin"]), numberOf(limits?.["rangeMax"])];
    const indexing = meaning(attributes, "attributes")["levelIndexing"];
    return {
      levels: levels.length > 0 ? levels : assume("levels", LEVELS),
      ...(indexing === true ? { levelIndexing: true } : {}),
      ...(level === null ? {} : { level }),
      ...(min === null || max === null || levels.length === 0 ? {} : { limits: { min, max } }),
      ...numbered("sustainedFreqKhz", attributes?.["sustainedFreq"]),
      ...numbered("sustainedLevel", attributes?.["sustainedPerfLevel"]),
    };
  },
  sensor: ({ id, seen, facts, assume }) => {
    const descriptor = facts.sensors.get(id);
    const [low, high] = [
      numberOf(descriptor?.["attributesLow"]) ?? 0,
      numberOf(descriptor?.["attributesHigh"]),
    ];
    const first = fieldsOf(listOf(seen?.answers.get("SENSOR_READING_GET")?.["readings"])[0]);
    const reading = numberOf(first["value"]);
    const exponent = (high ?? 0) >>> 11;
    return {
      type: high === null ? assume("type", CELSIUS) : high & 0xff,
      exponent: high === null ? assume("exponent", -3) : ((exponent & 0x1f) ^ 0x10) - 0x10,
      reading: reading ?? assume("reading", 25_000),
      ...((low & 0xff) === 0 ? {} : { tripPoints: low & 0xff }),
      ...(((low >>> 9) & 1) === 0 ? {} : { timestamp: (((low >>> 10) & 0x1f) ^ 0x10) - 0x10 }),
      ...(((low >>> 30) & 1) === 0 ? {} : { continuous: true }),
      ...(((low >>> 31) & 1) === 0 && high !== null ? { async: false } : {}),
    };
  },
  voltage: ({ seen, assume }) => {
    const answer = seen?.answers.get("VOLTAGE_DESCRIBE_LEVELS");
    const levels = (seen?.lists.get("VOLTAGE_DESCRIBE_LEVELS") ?? [])
      .map(numberOf)
      .filter((level) => level !== null);
    const [min, max, step] = levels;
    const isRange = meaning(answer, "flags")["triplet"] === true && step !== undefined;
    const level = numberOf(seen?.answers.get("VOLTAGE_LEVEL_GET")?.["voltageLevel"]);
    const config = numberOf(seen?.answers.get("VOLTAGE_CONFIG_GET")?.["config"]);
    return {
      ...(isRange
        ? { range: { min: min as number, max: max as number, step } }
        : levels.length > 0
          ? { levels }
          : {}),
      level: level ?? (levels.length > 0 ? assume("level", levels[0] as number) : assume("level", 1_000_000)),
      mode: config === null ? assume("mode", "off") : (config & 0x7) === 0 ? "off" : "on",
    };
  },
};

function clockRates(seen: SeenResource | undefined, assume: Described["assume"]): DraftMap {
  const rates = (seen?.lists.get("CLOCK_DESCRIBE_RATES") ?? []).map(numberOf).filter((rate) => rate !== null);
  const isRange = meaning(seen?.answers.get("CLOCK_DESCRIBE_RATES"), "numRatesFlags")["triplet"] === true;
  const read = numberOf(seen?.answers.get("CLOCK_RATE_GET")?.["rate"]);
  const [min, max, step] = rates;
  if (isRange && min !== undefined && max !== undefined && step !== undefined) {
    return { range: { min, max, step: Math.max(1, step) }, rate: read ?? assume("rate", min) };
  }
  if (rates.length === 0) {
    const rate = read ?? assume("rate", CLOCK_RATE);
    return { rates: assume("rates", [rate]), rate };
  }
  return { rates, rate: read ?? assume("rate", rates[0] as number) };
}

function numbered(name: string, value: Json | undefined): DraftMap {
  const number = numberOf(value);
  return number === null ? {} : { [name]: number };
}
