import { describe, expect, test } from "vitest";
import { isAllowed } from "#firmware/access/permissions.ts";
import { fullBoard } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

const [POWER, CLOCK, RESET] = [0x11, 0x14, 0x16];

/** Device 0 guards power domain 1, clock 0 and reset 0; agent 1 holds it at power-on, agent 2 does not. */
function firmware(more: Parameters<typeof fullBoard>[1] = {}): TestFirmware {
  const { supports } = fullBoard("v32");
  return new TestFirmware(
    fullBoard("v32", { supports: { ...supports, setProtocolPermissions: true }, ...more }),
  );
}

/** Whether an agent may change the power domain, the clock and the reset of device 0. */
function rights(board: TestFirmware, agentId: number): boolean[] {
  return [
    board.status(agentId, "power", "POWER_STATE_SET", 0, 1, 0) === "SUCCESS",
    board.status(agentId, "clock", "CLOCK_CONFIG_SET", 0, 1) === "SUCCESS",
    board.status(agentId, "reset", "RESET", 0, 1, 0) === "SUCCESS",
  ];
}

function setProtocol(board: TestFirmware, agentId: number, protocolId: number, allow: 0 | 1): string {
  return board.status(0, "base", "BASE_SET_PROTOCOL_PERMISSIONS", agentId, 0, protocolId, allow);
}

describe("BASE_SET_PROTOCOL_PERMISSIONS", () => {
  test("denies one protocol of a device, and gives it back", () => {
    const board = firmware();
    expect(setProtocol(board, 1, CLOCK as number, 0)).toBe("SUCCESS");
    expect(rights(board, 1)).toEqual([true, false, true]);
    expect(isAllowed(board.config, board.state, 1, 0)).toBe(true);
    expect(setProtocol(board, 1, CLOCK as number, 1)).toBe("SUCCESS");
    expect(rights(board, 1)).toEqual([true, true, true]);
    expect(board.state.protocolPermission.size).toBe(0);
  });

  test("gives one protocol of a device to an agent without the device", () => {
    const board = firmware();
    expect(setProtocol(board, 2, RESET as number, 1)).toBe("SUCCESS");
    expect(rights(board, 2)).toEqual([false, false, true]);
    expect(rights(board, 1)).toEqual([true, true, true]);
    expect(isAllowed(board.config, board.state, 2, 0)).toBe(false);
  });

  test("saying what is so already changes nothing", () => {
    const board = firmware();
    setProtocol(board, 1, POWER as number, 1);
    setProtocol(board, 2, POWER as number, 0);
    expect(board.state.protocolPermission.size).toBe(0);
  });

  test("the device's permission is for all of its protocols, whatever was said of one", () => {
    const board = firmware();
    setProtocol(board, 1, POWER as number, 0);
    setProtocol(board, 2, POWER as number, 1);
    board.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1);
    board.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 2, 0, 0);
    expect([rights(board, 1), rights(board, 2)]).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
  });

  test("a reset of the agent with flag 1 takes it back to power-on; with flag 0 it stays", () => {
    const board = firmware();
    setProtocol(board, 1, POWER as number, 0);
    setProtocol(board, 2, CLOCK as number, 1);
    for (const agentId of [1, 2]) board.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", agentId, 0);
    expect([rights(board, 1), rights(board, 2)]).toEqual([
      [false, true, true],
      [false, true, false],
    ]);
    for (const agentId of [1, 2]) board.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", agentId, 1);
    expect([rights(board, 1), rights(board, 2)]).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
  });

  test("of an exclusive device no second agent gets a protocol, nor the device while another has a protocol of it", () => {
    const board = firmware({ deviceOwnership: "exclusive" });
    expect(setProtocol(board, 2, CLOCK as number, 1)).toBe("DENIED");
    board.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 0);
    expect(setProtocol(board, 2, CLOCK as number, 1)).toBe("SUCCESS");
    expect(board.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1)).toBe("DENIED");
    expect(setProtocol(board, 2, CLOCK as number, 0)).toBe("SUCCESS");
    expect(board.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1)).toBe("SUCCESS");
  });
});
