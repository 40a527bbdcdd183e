import { afterAll, describe, expect, test } from "vitest";
import { brokenInvariants, INVARIANTS, violations } from "#machine/checks/invariants.ts";
import { MachineState } from "#machine/state/state.ts";
import { booted, type Scenario } from "../support/scenario.ts";

function twoGuests(): Scenario {
  const scenario = booted();
  scenario.create("red", 2, "clocked@2000");
  scenario.create("blue", 3);
  return scenario;
}

test("nothing is wrong with a host that is not configured, or that runs", () => {
  expect(violations(new MachineState())).toEqual([]);
  expect(violations(twoGuests().machine.state)).toEqual([]);
});

describe("what no command may lead to is seen", () => {
  const named = new Set<string>();
  afterAll(() => expect([...named].sort()).toEqual([...INVARIANTS].sort()));

  test.each<[string, (scenario: Scenario) => void, RegExp]>([
    [
      "one channel, two domains",
      ({ machine }) => machine.state.mediator.domain.set(2, "channel", 2),
      /domains 1 and 2 both hold channel 2/,
    ],
    [
      "a channel that is not in the list",
      ({ machine }) => machine.state.mediator.domain.set(1, "channel", 9),
      /domain 1 holds channel 9, which is not in the list/,
    ],
    [
      "a channel of another owner",
      ({ machine }) => machine.state.mediator.channel.set(2, "owner", 2),
      /domain 1 holds channel 2 of another owner/,
    ],
    [
      "a free channel that a domain names",
      ({ machine }) => machine.state.mediator.channel.set(2, "owner", null),
      /channel 2 is free, but a domain names it/,
    ],
    [
      "an owner that does not name its channel",
      ({ machine }) => machine.state.mediator.domain.set(1, "channel", null),
      /channel 2 is owned by 1, which does not name it/,
    ],
    [
      "a management channel that is not Xen's",
      ({ machine }) => machine.state.mediator.channel.set(0, "owner", 1),
      /the management channel's owner is not Xen/,
    ],
    [
      "permissions that a free agent cannot have",
      ({ machine }) => {
        machine.state.firmware.permission.set(3, 1, true);
        machine.state.mediator.domain.set(2, "channel", null);
        machine.state.mediator.channel.set(3, "owner", null);
      },
      /free agent 3 has devices 1 without a reset that failed/,
    ],
  ])("%s", (_, spoil, expected) => {
    const scenario = twoGuests();
    spoil(scenario);
    expect(violations(scenario.machine.state).join("; ")).toMatch(expected);
    for (const { invariant } of brokenInvariants(scenario.machine.state)) named.add(invariant);
  });
});

test("permissions that an administrator granted, or a reset that failed left, are no violation", () => {
  const scenario = twoGuests();
  scenario.when({ kind: "permission.set", agentId: 0, deviceId: 3, allowed: true });
  scenario.fault({ action: "status", value: -1, message: "BASE_RESET_AGENT_CONFIGURATION" }).destroy("red");
  expect(scenario.permissions).toEqual([
    [0, 3],
    [2, 1],
  ]);
  expect(violations(scenario.machine.state)).toEqual([]);
});
