import { hexWord } from "#base/hex.ts";
import { atLeast } from "../../../xen/series-version.ts";
import type { Check } from "../../check.ts";
import { firmwareAgents } from "./agent-rows.ts";
import { hostChannels } from "./channel.ts";

/** The product's management agent, which its driver takes for granted. */
const BSP_MANAGEMENT_AGENT = 0;

/** MA010: an agent that has two channels. Ids that no row declares are the firmware's, where a board tells them. */
export const agentIds: Check = (input, report) => {
  const byFirmware = firmwareAgents(input);
  const owners = new Map<number, string>();
  const isRefused = input.binding?.list.cells === 3 && atLeast(input.xen.version, "v6");
  const outcome = isRefused ? "boot fails with EEXIST" : "the second channel cannot be reached";
  for (const { isManagement, who, funcId, agentId, place } of hostChannels(input)) {
    const declared =
      agentId ?? (isManagement && input.binding?.form === "bsp" ? BSP_MANAGEMENT_AGENT : undefined);
    const agent = declared ?? byFirmware.get(funcId ?? -1);
    if (agent === undefined) continue;
    const owner = owners.get(agent);
    const named = agentId === null ? who : `the row of ${funcId === null ? who : hexWord(funcId)}`;
    if (owner === undefined) owners.set(agent, named);
    else report("MA010", place, { agent, a: owner, b: named, outcome });
  }
};
