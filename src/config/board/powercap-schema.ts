import type { z } from "zod";
import type { CapRange, PowerCapConfig } from "./board.ts";
import {
  absent,
  asciiName,
  async,
  foundInstead,
  left,
  leftNull,
  list,
  record,
  resourceId,
  whole,
  word,
} from "./fields.ts";

const U32_MAX = 0xffff_ffff;
/** A domain counts its concurrent limits in four bits. */
const LIMITS_MAX = 15;

const u32 = () => whole(0, U32_MAX);
/** A cap, or an interval: neither can be 0, which means that there is none. */
const positive = () => whole(1, U32_MAX);

/** A range of caps or intervals, whose ends are both possible; min and max alike: what it is about cannot be set. */
const range = (unit: string) =>
  record({
    min: positive().describe(`Lowest, ${unit}.`),
    max: positive().describe(`Highest, ${unit}.`),
    step: left(u32(), 1).describe(`Distance of two, ${unit}; of no meaning where min and max are alike.`),
  }).transform((given, ctx): CapRange => {
    const refuse = (path: string, message: string): void => {
      ctx.issues.push({ code: "custom", input: given, path: [path], message });
    };
    if (given.max < given.min) refuse("max", foundInstead(given.max, `min (${given.min}) or more`));
    if (given.max > given.min && given.step === 0) refuse("step", foundInstead(0, "1 or more"));
    return given.max === given.min ? { ...given, step: 0 } : given;
  });

const caps = () => range("in the domain's unit");
const intervals = () => range("µs");

/** An interval that cannot be set, of a millisecond. */
const FIXED_INTERVAL: CapRange = { min: 1000, max: 1000, step: 0 };
const FIXED_SHOWN = "1000 µs, fixed";

/** A limit beside the domain's own, as it is written. */
const LimitFields = record({
  name: asciiName().describe("Name."),
  range: caps().describe("Caps that can be set."),
  cap: leftNull(u32(), "the highest").describe("Cap at power-on; 0: none."),
  caiRange: left(intervals(), FIXED_INTERVAL, FIXED_SHOWN).describe("Capping intervals that can be set, µs."),
  cai: leftNull(positive(), "the shortest").describe("Capping interval at power-on, µs."),
});

/** The fields of a power capping domain as they are written. */
const PowerCapFields = record({
  id: resourceId().describe("Power capping domain id."),
  name: asciiName().describe("Name."),
  parent: leftNull(resourceId(), "none").describe("Power capping domain that this one's power is part of."),
  unit: left(word(["abstract", "uW", "mW"]), "mW", "mW").describe("Unit of the domain's powers and caps."),
  range: caps().describe("Caps that can be set."),
  cap: leftNull(u32(), "the highest").describe("Cap at power-on; 0: none."),
  paiRange: left(intervals(), FIXED_INTERVAL, FIXED_SHOWN).describe(
    "Averaging intervals that can be set (PAI, from 3.0 on MAI), µs.",
  ),
  pai: leftNull(positive(), "the shortest").describe("Averaging interval at power-on, µs."),
  caiRange: left(intervals(), FIXED_INTERVAL, FIXED_SHOWN).describe(
    "Capping intervals that can be set (CAI, from 3.0 on), µs.",
  ),
  cai: leftNull(positive(), "the shortest").describe("Capping interval at power-on, µs."),
  limits: left(list(LimitFields, "limits"), []).describe(
    "Concurrent limits beside the domain's own, which is limit 0 (from 3.0 on).",
  ),
  sustainablePower: left(u32(), 0).describe("Power that can be kept up; 0 is unknown."),
  accuracy: left(u32(), 0).describe("Accuracy of measurements; 0 is unknown."),
  power: leftNull(u32(), "none: it is not measured").describe("Power that is measured."),
  async: async(),
  absent: absent(),
});

/** A power capping domain of the board file, with what was left out. */
export const PowerCapSchema = PowerCapFields.transform((domain, ctx): PowerCapConfig => {
  const refuse = (path: (string | number)[], message: string): void => {
    ctx.issues.push({ code: "custom", input: domain, path, message });
  };
  const limitOf = (fields: z.output<typeof LimitFields>, path: (string | number)[]) => {
    const cap = fields.cap ?? fields.range.max;
    if (cap !== 0 && !isWithin(cap, fields.range)) {
      refuse([...path, "cap"], foundInstead(cap, `0, or ${shown(fields.range)}`));
    }
    const cai = fields.cai ?? fields.caiRange.min;
    if (!isWithin(cai, fields.caiRange)) refuse([...path, "cai"], foundInstead(cai, shown(fields.caiRange)));
    return { name: fields.name, range: fields.range, cap, caiRange: fields.caiRange, cai };
  };
  const pai = domain.pai ?? domain.paiRange.min;
  if (!isWithin(pai, domain.paiRange)) refuse(["pai"], foundInstead(pai, shown(domain.paiRange)));
  if (domain.limits.length >= LIMITS_MAX) {
    const allowed = `${LIMITS_MAX - 1} beside the domain's own`;
    refuse(["limits"], `found ${domain.limits.length}, allowed are at most ${allowed}`);
  }
  const limits = domain.limits.map((limit, i) => limitOf(limit, ["limits", i]));
  return { ...domain, ...limitOf(domain, []), pai, limits };
});

function isWithin(value: number, { min, max }: CapRange): boolean {
  return value >= min && value <= max;
}

function shown({ min, max }: CapRange): string {
  return `${min} to ${max}`;
}
