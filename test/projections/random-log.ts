import fc from "fast-check";
import type { FirmwareConfig } from "#config/board/board.ts";
import {
  assigned,
  booted,
  configured,
  created,
  type Draft,
  destroyed,
  event,
  firmware,
  forwarded,
  permits,
  probed,
  probeFailed,
  refused,
  reset,
} from "./host-log.ts";

/** A command as its kind and its events. */
export type RandomCommand = readonly [kind: string, drafts: readonly Draft[]];

const agentId = fc.constantFrom(0, 1, 2, 3);
const domid = fc.integer({ min: 0, max: 3 });
/** Devices of the boards below, and one that is on none. */
const deviceId = fc.constantFrom(0, 1, 7, 9);
/** Of few pairs, so that one changes again and again. */
const change = fc.tuple(
  fc.constantFrom(0, 2),
  fc.constantFrom(0, 1, 9),
  fc.constantFrom(true, false, undefined),
);

/** Boards that differ in agents, devices and defaults. */
const board: fc.Arbitrary<FirmwareConfig> = fc
  .record({
    agents: fc.subarray([...firmware.agents]),
    devices: fc.subarray([...firmware.devices]),
    access: fc.array(fc.oneof(fc.constantFrom("none" as const, "all" as const), fc.subarray([0, 2, 3])), {
      minLength: 3,
      maxLength: 3,
    }),
    profile: fc.constantFrom("ref" as const, "v32" as const),
  })
  .map(({ agents, devices, access, profile }) => ({
    ...firmware,
    profile,
    agents,
    devices: devices.map((device, i) => ({ ...device, defaultAccess: access[i] ?? "none" })),
  }));

const step: fc.Arbitrary<RandomCommand> = fc.oneof(
  fc.constant<RandomCommand>(["host.reboot", [destroyed(1, 2, "host-reboot"), booted, probed]]),
  fc.constant<RandomCommand>(["host.reboot", [booted, probed, created(0, 0)]]),
  fc.boolean().map((emptied): RandomCommand => ["host.reboot", [booted, probeFailed(emptied)]]),
  board.map((config): RandomCommand => ["host.configure", [configured(config), booted, probed]]),
  fc
    .tuple(domid, agentId)
    .map(([dom, agent]): RandomCommand => ["domain.create", [created(dom, agent === 1 ? null : agent)]]),
  fc
    .tuple(domid, agentId, deviceId)
    .map(
      ([dom, agent, device]): RandomCommand => [
        "device.assign",
        [permits([agent, device, true]), assigned(dom, agent, `/soc/d@${device}`, [device])],
      ],
    ),
  fc
    .tuple(domid, agentId)
    .map(
      ([dom, agent]): RandomCommand => [
        "domain.destroy",
        [
          permits([agent, 0, undefined], [agent, 1, undefined]),
          reset(agent, "destroy", dom),
          destroyed(dom, agent, "destroy"),
        ],
      ],
    ),
  fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes): RandomCommand => ["permission.set", [permits(...changes)]]),
  fc
    .tuple(agentId, fc.constantFrom(0, -1, -3, -11, -12, 5))
    .map(([agent, status]): RandomCommand => ["smc", [forwarded(agent, status)]]),
  domid.map((dom): RandomCommand => ["smc", [refused(null, dom)]]),
  fc
    .tuple(domid, fc.boolean())
    .map(
      ([dom, dying]): RandomCommand => [
        "domain.destroy",
        [event("domain.destroy-refused", { errno: "EBUSY", message: "test", dying }, { domid: dom })],
      ],
    ),
  domid.map(
    (dom): RandomCommand => [
      "domain.shutdown",
      [
        event(
          "domain.shutdown",
          { reason: "reboot", action: "rename-restart", renamedTo: "old" },
          { domid: dom },
        ),
      ],
    ],
  ),
);

/** Commands in any order, likely or not: a configured and booted host, and then whatever comes. */
export const randomCommands: fc.Arbitrary<readonly RandomCommand[]> = fc
  .tuple(board, fc.array(step, { maxLength: 30, size: "max" }))
  .map(([config, steps]) => [["host.configure", [configured(config), booted, probed]], ...steps]);
