import type { GivenLevel, ImxAgent, LogicalMachine } from "./config.ts";
import { keyValue, type Word, wholeOf } from "./words.ts";

/** A board file has agent ids up to 254. */
const AGENTS_MAX = 255;

/** An agent whose section is being read. */
export type OpenAgent = { -readonly [Field in keyof ImxAgent]: ImxAgent[Field] } & {
  levels: Map<string, GivenLevel>;
};

/**
 * The agent that a line `SCMI_AGENTn` begins.
 *
 * @param machine the logical machine in which it stands
 * @param next the number that is due
 * @returns the agent, without levels and channels; or why there is none, in words
 */
export function readAgent(
  id: number,
  words: readonly Word[],
  where: string,
  machine: LogicalMachine | undefined,
  next: number,
): OpenAgent | string {
  if (machine === undefined) return "SCMI_AGENT stands before any LM";
  if (!machine.isScmi) return `SCMI_AGENT stands in LM${machine.id}, which has no rpc=scmi`;
  if (id !== next) {
    return `found SCMI_AGENT${id}, allowed is SCMI_AGENT${next}: agents are numbered from 0, in order`;
  }
  if (id >= AGENTS_MAX) return `there are over ${AGENTS_MAX} agents`;
  const name = keyValue(words, "name");
  if (name === null || !/^[ -~]+$/.test(name)) return `SCMI_AGENT${id} has no name`;
  const duplicate = keyValue(words, "dup");
  if (duplicate !== null && wholeOf(duplicate) === null) return `dup=${duplicate} is no agent's number`;
  return {
    id,
    name,
    machine: machine.id,
    isSecure: words.some((word) => word.name === "secure" && word.value === null),
    duplicate: wholeOf(duplicate),
    levels: new Map(),
    sharedMemory: null,
    isNotified: false,
    where,
  };
}
