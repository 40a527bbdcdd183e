import type { z } from "zod";
import { ACCESS_LEVELS, type AccessLevel, type AgentLevels, type LEVEL_KINDS } from "./board.ts";
import { asciiName, field, foundInstead, left, leftNull, list, mapOf, record, whole } from "./fields.ts";

/** The instances and access levels of profile `imx`. @see profile-imx.md, "Board-file keys of this profile" */

const AGENT_ID_MAX = 254;

export const InstanceSchema = record({
  id: whole(0, 0xff).describe("Number of the instance."),
  name: asciiName().describe("Name, for people."),
  agents: list(whole(0, AGENT_ID_MAX), "agent ids").describe(
    "Its agents. The firmware numbers them from 1, in this order.",
  ),
});

const LEVEL_WORDS = `${ACCESS_LEVELS.join(", ")}, ALL`;

/** An access level; ALL is another word for the highest. */
const level = () =>
  field<AccessLevel>(LEVEL_WORDS, (value) =>
    value === "ALL" ? "EXCLUSIVE" : ACCESS_LEVELS.find((known) => known === value),
  );

/** A map from ids to something: `{0: ALL, 1: SET}`. */
function byId<Item>(item: z.ZodType<Item, unknown>, what: string, idMax: number) {
  return mapOf(item, `a map from ${what} to ${LEVEL_WORDS}`, (key) =>
    /^(0|[1-9]\d{0,5})$/.test(key) && Number(key) <= idMax
      ? null
      : foundInstead(key, `one of ${what}, 0 to ${idMax}`),
  );
}

const kind = (what: string, idMax = 0xffff) => left(byId(level(), what, idMax), {}, "{}");

const AgentLevelsSchema = record({
  default: left(level(), "NONE", "NONE").describe("Level on what is not given below."),
  system: leftNull(level(), "`default`").describe("Level on the system's power."),
  power: kind("power domain ids").describe("Levels on power domains."),
  performance: kind("performance domain ids").describe("Levels on performance domains."),
  clock: kind("clock ids").describe("Levels on clocks."),
  sensor: kind("sensor ids").describe("Levels on sensors."),
  reset: kind("reset domain ids").describe("Levels on reset domains."),
  voltage: kind("voltage domain ids").describe("Levels on voltage domains."),
  pin: kind("pin ids").describe("Levels on pins."),
  device: kind("device ids").describe("Levels on devices."),
  agent: kind("agent ids", AGENT_ID_MAX).describe("Levels on agents, by the board file's ids."),
} satisfies Record<"default" | "system" | (typeof LEVEL_KINDS)[number], z.ZodType>) satisfies z.ZodType<
  AgentLevels,
  unknown
>;

/** The field `levels`: what each agent may do. */
export const LevelsSchema = byId(AgentLevelsSchema, "agent ids", AGENT_ID_MAX).meta({
  allowed: "a map from agent ids to maps of levels",
});
