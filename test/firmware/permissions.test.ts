import { describe, expect, test } from "vitest";
import type { FirmwareConfig, ProfileName } from "#config/board/board.ts";
import { allowedPairs, defaultAllowed, isAllowed } from "#firmware/access/permissions.ts";
import { packHeader } from "#scmi/header.ts";
import { agents, board, clock, device } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

/** Three agents; device 0 is nobody's, 1 everybody's, 2 agent 2's at power-on. Clock 0 is of devices 0 and 2. */
function firmwareOf(profile: ProfileName, more: Partial<FirmwareConfig> = {}) {
  const firmware = new TestFirmware(
    board(profile, {
      clocks: [clock(0, "shared"), clock(1, "free")],
      devices: [
        device(0, { clocks: [0] }),
        device(1, { defaultAccess: "all" }),
        device(2, { clocks: [0], defaultAccess: [2] }),
      ],
      ...more,
    }),
  );
  return {
    firmware,
    allow: (agentId: number, deviceId: number) =>
      firmware.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", agentId, deviceId, 1),
    deny: (agentId: number, deviceId: number) =>
      firmware.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", agentId, deviceId, 0),
    reset: (agentId: number, flags = 1) =>
      firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", agentId, flags),
    enable: (agentId: number, clockId = 0) =>
      firmware.status(agentId, "clock", "CLOCK_CONFIG_SET", clockId, 1),
    pairs: () =>
      allowedPairs(firmware.config, firmware.state)
        .map((pair) => pair.join(":"))
        .join(" "),
  };
}

test("at power-on, ref gives agent 0 every device, and v32 only what the board gives", () => {
  expect(firmwareOf("ref").pairs()).toBe("0:0 0:1 0:2 1:1 2:1 2:2");
  expect(firmwareOf("v32").pairs()).toBe("0:1 1:1 2:1 2:2");
});

describe.each(["ref", "v32"] as const)("profile %s", (profile) => {
  test("a permission opens the resources of its device, and taking it closes them", () => {
    const { allow, deny, enable } = firmwareOf(profile);
    expect(enable(1)).toBe("DENIED");
    expect([allow(1, 0), enable(1)]).toEqual(["SUCCESS", "SUCCESS"]);
    expect([deny(1, 0), enable(1)]).toEqual(["SUCCESS", "DENIED"]);
  });

  test("one device of several that list a resource is enough", () => {
    const { allow, deny, enable } = firmwareOf(profile);
    expect(enable(2)).toBe("SUCCESS");
    allow(2, 0);
    deny(2, 2);
    expect(enable(2)).toBe("SUCCESS");
    deny(2, 0);
    expect(enable(2)).toBe("DENIED");
  });

  test("a resource that no device lists is open to all", () => {
    expect(firmwareOf(profile).enable(1, 1)).toBe("SUCCESS");
  });

  test("setting what is set changes nothing; what equals the default is no cell", () => {
    const { firmware, allow, deny } = firmwareOf(profile);
    const header = packHeader(0x10, 0x9);
    const send = (...payload: number[]) => firmware.send(0, { header, payload }).effects;
    expect(send(1, 0, 0)).toEqual([]);
    expect(send(1, 0, 1)).toEqual([{ table: "permission", row: 1, column: "0", value: true }]);
    expect(send(1, 0, 1)).toEqual([]);
    expect(send(1, 0, 0)).toEqual([{ table: "permission", row: 1, column: "0", value: undefined }]);
    expect(send(2, 1, 0)).toEqual([{ table: "permission", row: 2, column: "1", value: false }]);
    expect([allow(2, 1), deny(1, 0)]).toEqual(["SUCCESS", "SUCCESS"]);
    expect(firmware.state.permission.size).toBe(0);
  });

  test("a reset with its flag takes an agent back to power-on, and leaves the others alone", () => {
    const { firmware, allow, deny, reset, pairs } = firmwareOf(profile);
    const before = pairs();
    allow(1, 0);
    deny(1, 1);
    deny(2, 2);
    expect([reset(1, 0), isAllowed(firmware.config, firmware.state, 1, 0)]).toEqual(["SUCCESS", true]);
    expect(reset(1)).toBe("SUCCESS");
    expect(firmware.state.permission.keys()).toEqual([2]);
    reset(2);
    expect(pairs()).toBe(before);
  });

  test("only trusted agents may set permissions, even about themselves", () => {
    const { firmware } = firmwareOf(profile, { trustedAgents: [1] });
    const set = (caller: number) =>
      firmware.status(caller, "base", "BASE_SET_DEVICE_PERMISSIONS", caller, 0, 1);
    expect([set(0), set(1), set(2)]).toEqual(["DENIED", "SUCCESS", "DENIED"]);
    const reset = (caller: number) =>
      firmware.status(caller, "base", "BASE_RESET_AGENT_CONFIGURATION", caller, 1);
    expect([reset(0), reset(1), reset(2)]).toEqual(["DENIED", "SUCCESS", "DENIED"]);
  });

  test("an exclusive device has one holder at a time", () => {
    const { allow, deny } = firmwareOf(profile, { deviceOwnership: "exclusive" });
    expect(allow(1, 0)).toBe("SUCCESS");
    expect(allow(1, 0)).toBe("SUCCESS");
    expect(allow(2, 0)).toBe("DENIED");
    // Held by agent 2 since power-on.
    expect(allow(1, 2)).toBe("DENIED");
    expect([deny(2, 0), deny(1, 0), allow(2, 0)]).toEqual(["SUCCESS", "SUCCESS", "SUCCESS"]);
  });

  test("a static owner reserves a device, and does not have it yet", () => {
    const { firmware, allow } = firmwareOf(profile, { devices: [device(0, { staticOwner: 2 })] });
    expect(isAllowed(firmware.config, firmware.state, 2, 0)).toBe(false);
    expect([allow(1, 0), allow(2, 0)]).toEqual(["DENIED", "SUCCESS"]);
  });

  test("who lists nothing is listed nowhere, and unknown ids are nobody's", () => {
    const { firmware } = firmwareOf(profile);
    expect(isAllowed(firmware.config, firmware.state, 1, 77)).toBe(false);
    expect(defaultAllowed(firmware.config, 0, 77)).toBe(false);
    expect(defaultAllowed(firmware.config, 77, 0)).toBe(false);
  });
});

test("ref: a reset leaves rates, enables and power as they are", () => {
  const { firmware, enable, reset } = firmwareOf("ref");
  enable(2);
  reset(2);
  expect(firmware.state.clock.at(0).enabled).toBe(true);
});

test("ref: agent 0's bits are real, and can be taken", () => {
  const { deny, enable, reset } = firmwareOf("ref");
  expect(enable(0)).toBe("SUCCESS");
  deny(0, 0);
  expect(enable(0)).toBe("SUCCESS");
  deny(0, 2);
  expect(enable(0)).toBe("DENIED");
  reset(0);
  expect(enable(0)).toBe("SUCCESS");
});

test("v32: agent 0 is a caller like any other, and holds an exclusive device like any other", () => {
  const { allow, enable } = firmwareOf("v32", { deviceOwnership: "exclusive" });
  expect(enable(0)).toBe("DENIED");
  expect([allow(0, 0), allow(1, 0)]).toEqual(["SUCCESS", "DENIED"]);
});

test("ref: agent 0 does not count as the holder of an exclusive device", () => {
  const { allow } = firmwareOf("ref", { deviceOwnership: "exclusive" });
  expect([allow(1, 0), allow(0, 0)]).toEqual(["SUCCESS", "DENIED"]);
});

test("ref: taking away is never refused; v32 refuses it to all but a static owner", () => {
  const devices = [device(0, { staticOwner: 2, defaultAccess: [1] })];
  expect(firmwareOf("ref", { devices }).deny(1, 0)).toBe("SUCCESS");
  expect(firmwareOf("v32", { devices }).deny(1, 0)).toBe("DENIED");
});

test("ref: a permission of an agent that the count covers, but nobody lists, shows once it was given", () => {
  const { allow, deny, pairs } = firmwareOf("ref", { agents: agents(1), agentCount: 4 });
  expect(pairs()).toBe("0:0 0:1 0:2");
  expect([allow(3, 0), deny(3, 1)]).toEqual(["SUCCESS", "SUCCESS"]);
  expect(pairs()).toBe("0:0 0:1 0:2 3:0");
});
