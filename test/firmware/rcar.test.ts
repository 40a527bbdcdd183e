import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseBoard } from "#config/board/file.ts";
import { agents } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

/** R-Car as it is, of whose resources its board file says nothing. @see scmi-reference.md 4.2, 4.5, 4.7 */

function rcar(): TestFirmware {
  const text = JSON.stringify({
    name: "rcar",
    deviceTree: "host.dtb",
    firmware: { profile: "ref-rcar", vendor: "EPAM", agents: agents(8) },
  });
  const board = parseBoard(text, "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return new TestFirmware(board.firmware);
}

const ON = 0;
const OFF = 0x4000_0000;

function power(firmware: TestFirmware, agentId: number, domainId: number, state: number): string {
  return firmware.status(agentId, "power", "POWER_STATE_SET", 0, domainId, state);
}

test("there are 65 power domains, 229 clocks and 167 reset lines", () => {
  const firmware = rcar();
  const counts = ["power", "clock", "reset"].map(
    (protocol) => (firmware.call(3, protocol, "PROTOCOL_ATTRIBUTES")[1] ?? 0) & 0xffff,
  );
  expect(counts).toEqual([65, 229, 167]);
});

test("power domains that boot switched on count their children's requests", () => {
  const counts = [41, 42, 43, 64, 24].map((id) => rcar().state.powerDomain.at(id).count ?? 0);
  expect(counts).toEqual([1, 2, 2, 0, 0]);
});

test("a power domain is on as long as the requests of all agents together say so", () => {
  const firmware = rcar();
  expect(power(firmware, 1, 25, OFF)).toBe("BUSY");
  expect(power(firmware, 1, 25, ON)).toBe("SUCCESS");
  expect(power(firmware, 2, 25, ON | 5)).toBe("SUCCESS");
  expect(firmware.state.powerDomain.at(24).count).toBe(1);
  expect(power(firmware, 3, 25, OFF)).toBe("SUCCESS");
  expect(firmware.call(1, "power", "POWER_STATE_GET", 25)).toEqual([0, ON]);
  expect(power(firmware, 3, 25, OFF)).toBe("SUCCESS");
  expect(firmware.call(1, "power", "POWER_STATE_GET", 25)).toEqual([0, OFF]);
  expect(firmware.call(1, "power", "POWER_STATE_GET", 24)).toEqual([0, OFF]);
});

test("the last request of a domain that is always on is not taken back", () => {
  const firmware = rcar();
  expect(power(firmware, 1, 41, OFF)).toBe("BUSY");
  expect(power(firmware, 1, 43, OFF)).toBe("SUCCESS");
  expect(power(firmware, 1, 43, OFF)).toBe("BUSY");
  // An unused id is on, and may be asked to be so.
  expect(firmware.call(1, "power", "POWER_STATE_GET", 5)).toEqual([0, ON]);
  expect([power(firmware, 1, 5, ON), power(firmware, 1, 5, OFF)]).toEqual(["SUCCESS", "BUSY"]);
});

test("a clock has one rate; any other is accepted and changes nothing", () => {
  const firmware = rcar();
  const [, , low = 0, high = 0] = firmware.call(1, "clock", "CLOCK_DESCRIBE_RATES", 5, 0);
  expect(firmware.call(1, "clock", "CLOCK_DESCRIBE_RATES", 5, 0)[1]).toBe(1);
  expect(firmware.status(1, "clock", "CLOCK_DESCRIBE_RATES", 5, 1)).toBe("OUT_OF_RANGE");
  expect(firmware.status(1, "clock", "CLOCK_RATE_SET", 0xffff_ffff, 5, 1, 2)).toBe("SUCCESS");
  expect(firmware.call(1, "clock", "CLOCK_RATE_GET", 5)).toEqual([0, low, high]);
  expect(firmware.status(1, "clock", "CLOCK_RATE_SET", 0, 229, 1, 2)).toBe("INVALID_PARAMETERS");
});

test("a core clock always runs; a module's clock is anybody's to stop", () => {
  const firmware = rcar();
  const runs = (id: number) => (firmware.call(1, "clock", "CLOCK_ATTRIBUTES", id)[1] ?? 0) & 1;
  expect(firmware.status(1, "clock", "CLOCK_CONFIG_SET", 5, 0)).toBe("SUCCESS");
  expect(runs(5)).toBe(1);
  expect(firmware.status(1, "clock", "CLOCK_CONFIG_SET", 100, 1)).toBe("SUCCESS");
  expect(runs(100)).toBe(1);
  expect(firmware.status(2, "clock", "CLOCK_CONFIG_SET", 100, 0)).toBe("SUCCESS");
  expect(runs(100)).toBe(0);
});

test("anybody may reset any line", () => {
  const firmware = rcar();
  expect(firmware.status(7, "reset", "RESET", 166, 0xffff_fffa, 0xffff_ffff)).toBe("SUCCESS");
  expect(firmware.state.reset.at(166).lastFlags).toBe(0xffff_fffa);
  expect(firmware.status(6, "reset", "RESET", 166, 1, 0)).toBe("SUCCESS");
  expect(firmware.state.reset.at(166)).toMatchObject({ lastFlags: 1, lastAgent: 6 });
  expect(firmware.status(6, "reset", "RESET", 167, 1, 0)).toBe("NOT_FOUND");
});
