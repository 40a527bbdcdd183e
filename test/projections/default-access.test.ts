import fc from "fast-check";
import { expect, test } from "vitest";
import { PROFILES } from "#config/board/board.ts";
import { defaultAllowed } from "#firmware/access/permissions.ts";
import { defaultAccess } from "#projections/default-access.ts";
import { firmware } from "./host-log.ts";

test("the defaults that the history keeps are those that the firmware has, of every profile", () => {
  const access = fc.oneof(
    fc.constantFrom("none" as const, "all" as const),
    fc.uniqueArray(fc.nat({ max: 5 })),
  );
  const switches = fc.constantFrom(
    {},
    { agent0Privileged: true },
    { agent0Privileged: false },
    { permissionsEnforced: true },
    { permissionsEnforced: false },
  );
  fc.assert(
    fc.property(fc.constantFrom(...PROFILES), switches, access, (profile, overrides, given) => {
      const device = { ...firmware.devices[0], id: 4, defaultAccess: given } as (typeof firmware.devices)[0];
      const config = { ...firmware, profile, switches: overrides, devices: [device] };
      const { everyone, agents } = defaultAccess(config, device);
      for (let agentId = 0; agentId <= 6; agentId += 1) {
        expect(everyone || agents.includes(agentId)).toBe(defaultAllowed(config, agentId, 4));
      }
    }),
  );
});
