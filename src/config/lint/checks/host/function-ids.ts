import { hexWord } from "#base/hex.ts";
import type { Check } from "../../check.ts";
import { capital } from "./capital.ts";
import { agentChannels, hostChannels, managementChannel } from "./channel.ts";

/** Bits of a function id, by the SMC Calling Convention. */
const FAST_CALL = 0x8000_0000;
const CONVENTION_64 = 0x4000_0000;
const OWNER_SHIFT = 24;
const OWNER_MASK = 0x3f;
const OWNER_SIP = 2;

/** MA001, MA002: whose doorbell a row rings. */
export const doorbells: Check = (input, report) => {
  const xensOwn = managementChannel(input)?.funcId ?? null;
  const owners = new Map<number, string>();
  for (const { who, funcId, place } of agentChannels(input)) {
    if (funcId === null) continue;
    if (funcId === xensOwn) report("MA001", place, { agent: capital(who), funcId: hexWord(funcId) });
    const owner = owners.get(funcId);
    if (owner === undefined) owners.set(funcId, who);
    else report("MA002", place, { a: capital(owner), b: who, funcId: hexWord(funcId) });
  }
};

/** MA017 to MA019: function ids that Xen or a guest cannot use as they are meant. */
export const functionIds: Check = (input, report) => {
  for (const { isManagement, who, funcId, place } of hostChannels(input)) {
    if (funcId === null) continue;
    const params = { funcId: hexWord(funcId), who };
    // Only guests' calls pass Xen's own dispatch by owner.
    if (!isManagement && ((funcId >>> OWNER_SHIFT) & OWNER_MASK) !== OWNER_SIP)
      report("MA017", place, params);
    if (!isManagement && (funcId & CONVENTION_64) !== 0) report("MA018", place, params);
    if ((funcId & FAST_CALL) === 0) report("MA019", place, params);
  }
};
