import type { z } from "zod";
import type { PerformanceDomainConfig } from "./board.ts";
import {
  absent,
  asciiName,
  field,
  flag,
  foundInstead,
  hexWhole,
  left,
  leftNull,
  list,
  record,
  resourceId,
  whole,
  word,
} from "./fields.ts";

const U32_MAX = 0xffff_ffff;
/** Physical addresses of Arm have at most 52 bits. */
const ADDRESS_MAX = 2 ** 52 - 4;
/** A rate limit has 20 bits. */
const RATE_LIMIT_MAX = 0xf_ffff;

const u32 = () => whole(0, U32_MAX);
const address = () => hexWhole("an address that is a multiple of 4, below 2^52", ADDRESS_MAX, 4);
const mask = () => hexWhole("a mask below 2^53", Number.MAX_SAFE_INTEGER);
const level = () => u32();

const LevelSchema = record({
  value: u32().describe("The level, in a unit of the platform's own."),
  powerCost: left(u32(), 0).describe("Power that it costs, in the firmware's unit of power; 0 is unknown."),
  latencyUs: left(whole(0, 0xffff), 0).describe("Longest time to come to it, µs."),
  frequencyKhz: leftNull(u32(), "`value`").describe("Its frequency, kHz."),
});

const LimitsSchema = record({
  min: level().describe("Lowest level, by its value or its index."),
  max: level().describe("Highest level, by its value or its index."),
});

const DoorbellSchema = record({
  address: address().describe("Physical address of the doorbell register."),
  width: field("8, 16, 32 or 64", (value) =>
    ([8, 16, 32, 64] as const).find((bits) => bits === value),
  ).describe("Bits of the register."),
  setMask: mask().describe("Bits to set when ringing."),
  preserveMask: left(mask(), 0).describe("Bits to keep when ringing."),
});

const FastChannelSchema = record({
  message: word([
    "PERFORMANCE_LIMITS_SET",
    "PERFORMANCE_LIMITS_GET",
    "PERFORMANCE_LEVEL_SET",
    "PERFORMANCE_LEVEL_GET",
  ]).describe("Command that the channel stands for."),
  address: address().describe("Physical address of the channel."),
  rateLimitUs: left(whole(0, RATE_LIMIT_MAX), 0).describe(
    "Shortest time between two requests, µs; 0 is none.",
  ),
  doorbell: leftNull(DoorbellSchema, "none").describe("Doorbell to ring after writing."),
});

/** The fields of a performance domain as they are written. */
const PerformanceDomainFields = record({
  id: resourceId().describe("Performance domain id."),
  name: asciiName().describe("Name."),
  levels: list(LevelSchema, "levels").describe("Levels that can be set, ascending by value."),
  level: leftNull(level(), "the lowest that `limits` allow").describe(
    "Level at power-on, by its value or its index in `levels`.",
  ),
  levelIndexing: leftNull(flag(), "as the profile has it").describe(
    "Whether messages name levels by their index instead of their value.",
  ),
  limits: leftNull(LimitsSchema, "all of `levels`").describe("Levels that can be set at power-on."),
  sustainedFreqKhz: leftNull(u32(), "that of the highest level").describe(
    "Highest frequency that can be kept up, kHz.",
  ),
  sustainedLevel: leftNull(u32(), "the highest").describe("Value of the level that goes with it."),
  rateLimitUs: left(whole(0, RATE_LIMIT_MAX), 0).describe(
    "Shortest time between two changes, µs; 0 is none.",
  ),
  notifications: left(flag(), true).describe("Whether it tells of changes of its level and limits."),
  absent: absent(),
  fastChannels: left(list(FastChannelSchema, "fast channels"), []).describe(
    "Fast channels as PERFORMANCE_DESCRIBE_FASTCHANNEL tells them; the model does not serve what lies there.",
  ),
});

/** A performance domain of the board file, with what was left out. */
export const PerformanceDomainSchema = PerformanceDomainFields.transform(
  (domain, ctx): PerformanceDomainConfig => {
    const levels = domain.levels.map((entry) => ({
      ...entry,
      frequencyKhz: entry.frequencyKhz ?? entry.value,
    }));
    const refusals = refuseLevels(domain);
    for (const refusal of refusals) ctx.issues.push({ code: "custom", input: domain, ...refusal });
    const highest = levels.at(-1);
    const lowest = domain.limits?.min ?? levels[0]?.value ?? 0;
    return {
      ...domain,
      levels,
      level: domain.level ?? lowest,
      sustainedFreqKhz: domain.sustainedFreqKhz ?? highest?.frequencyKhz ?? 0,
      sustainedLevel: domain.sustainedLevel ?? highest?.value ?? 0,
    };
  },
);

/** What is wrong with a domain's levels and with what refers to them. */
function refuseLevels({
  levels,
  level: atPowerOn,
  limits,
  fastChannels,
}: z.output<typeof PerformanceDomainFields>): { path: (string | number)[]; message: string }[] {
  if (levels.length === 0) {
    return [{ path: ["levels"], message: "found an empty list, allowed is at least one level" }];
  }
  const values = levels.map(({ value }) => value);
  const unordered = values.findIndex((value, i) => i > 0 && value <= (values[i - 1] as number));
  if (unordered > 0) {
    const allowed = `more than the level before it (${values[unordered - 1]})`;
    return [{ path: ["levels", unordered, "value"], message: foundInstead(values[unordered], allowed) }];
  }
  const named = [
    { path: ["level"], value: atPowerOn },
    { path: ["limits", "min"], value: limits?.min ?? null },
    { path: ["limits", "max"], value: limits?.max ?? null },
  ];
  const unknown = named.flatMap(({ path, value }) =>
    value === null || values.includes(value) || value < values.length
      ? []
      : [{ path, message: foundInstead(value, `a value of \`levels\`, or an index below ${values.length}`) }],
  );
  const twice = fastChannels.flatMap(({ message }, i) =>
    fastChannels.findIndex((channel) => channel.message === message) === i
      ? []
      : [{ path: ["fastChannels", i, "message"], message: `found ${message} again, allowed is once` }],
  );
  return [...unknown, ...twice];
}
