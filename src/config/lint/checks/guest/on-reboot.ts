import type { GuestConfig } from "../../../xlcfg/guest.ts";
import type { Check } from "../../check.ts";
import { guestName, settingPlace } from "../../guest-places.ts";

/** Endings that leave the old domain, and with it the agent that the new one wants. */
const KEEPING: readonly (readonly [
  key: string,
  of: (config: GuestConfig) => string,
  actions: readonly string[],
])[] = [
  ["on_reboot", ({ onReboot }) => onReboot, ["rename-restart", "preserve"]],
  // After these no new domain is wanted, unless it is asked for.
  ["on_poweroff", ({ onPoweroff }) => onPoweroff, ["rename-restart"]],
  ["on_crash", ({ onCrash }) => onCrash, ["rename-restart"]],
];

/** XL013: a domain that is kept keeps its agent. */
export const onReboot: Check = ({ guests }, report) => {
  for (const guest of guests) {
    const { config } = guest;
    if (config === null || config.sci.type === "none") continue;
    const agent = config.sci.type === "scmi_smc" ? "(the only one)" : config.sci.agentId;
    for (const [key, of, actions] of KEEPING) {
      const action = of(config);
      if (!actions.includes(action)) continue;
      report("XL013", settingPlace(guest, key), { domain: guestName(guest), key, action, agent });
    }
  }
};
