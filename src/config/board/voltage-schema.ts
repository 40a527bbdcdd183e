import { z } from "zod";
import type { VoltageDomainConfig } from "./board.ts";
import {
  absent,
  asciiName,
  async,
  foundInstead,
  left,
  leftNull,
  list,
  onOff,
  record,
  resourceId,
  whole,
} from "./fields.ts";

/** Levels are signed words: a domain can be below ground. */
const microvolts = () => whole(-0x8000_0000, 0x7fff_ffff);

const RangeSchema = record({
  min: microvolts().describe("Lowest level, µV."),
  max: microvolts().describe("Highest level, µV."),
  step: whole(1, 0x7fff_ffff).describe("Distance of two levels, µV."),
});

/** The fields of a voltage domain as they are written. */
const VoltageDomainFields = record({
  id: resourceId().describe("Voltage domain id."),
  name: asciiName().describe("Name."),
  levels: leftNull(list(microvolts(), "levels in µV"), "`level` alone").describe(
    "Levels that can be set, ascending.",
  ),
  range: leftNull(RangeSchema, "none").describe("Levels that can be set, instead of `levels`."),
  level: leftNull(microvolts(), "the first of `levels`, or `min`").describe("Level at power-on, µV."),
  mode: left(onOff(), "off", "off").describe("Mode at power-on."),
  async: async(),
  absent: absent(),
});

/** A voltage domain of the board file, with what was left out. */
export const VoltageDomainSchema = VoltageDomainFields.transform((domain, ctx): VoltageDomainConfig => {
  const { levels, range } = domain;
  const level = domain.level ?? range?.min ?? levels?.[0];
  const refusal = refuseLevels(domain, level);
  if (refusal === null && level !== undefined) {
    return { ...domain, level, levels: range === null ? (levels ?? [level]) : null };
  }
  ctx.issues.push({ code: "custom", input: domain, ...refusal });
  return z.NEVER;
});

/** What is wrong with a domain's levels, in the order in which somebody would mend it. */
function refuseLevels(
  { levels, range }: z.output<typeof VoltageDomainFields>,
  level: number | undefined,
): { path: (string | number)[]; message: string } | null {
  if (levels !== null && range !== null) {
    return { path: ["range"], message: "found both levels and range, allowed is one of them" };
  }
  if (range !== null && range.max < range.min) {
    return { path: ["range", "max"], message: foundInstead(range.max, `min (${range.min}) or more`) };
  }
  if (levels?.length === 0) {
    return { path: ["levels"], message: "found an empty list, allowed is at least one level" };
  }
  if (level === undefined) {
    const allowed = "a level in µV, as there are neither levels nor range";
    return { path: ["level"], message: foundInstead(level, allowed) };
  }
  const unordered = (levels ?? []).findIndex((value, i, all) => i > 0 && value <= (all[i - 1] as number));
  if (levels !== null && unordered > 0) {
    const allowed = `more than the level before it (${levels[unordered - 1]})`;
    return { path: ["levels", unordered], message: foundInstead(levels[unordered], allowed) };
  }
  if (levels !== null && !levels.includes(level)) {
    return { path: ["level"], message: foundInstead(level, "one of `levels`") };
  }
  if (range !== null && (level < range.min || level > range.max || (level - range.min) % range.step !== 0)) {
    const allowed = `${range.min} to ${range.max} in steps of ${range.step}`;
    return { path: ["level"], message: foundInstead(level, allowed) };
  }
  return null;
}
