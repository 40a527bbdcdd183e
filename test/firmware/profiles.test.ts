import { expect, test } from "vitest";
import { REFUSALS, SWITCHES, type SwitchName } from "#config/board/switches.ts";
import { SERVERS } from "#firmware/dispatch.ts";
import { OWN_HANDLERS } from "#firmware/profiles/own-handlers.ts";
import { PROFILE_TABLE } from "#firmware/profiles.ts";
import { packHeader } from "#scmi/header.ts";
import { commandsOf, PROTOCOL_IDS, PROTOCOLS } from "#scmi/registry.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import { board, fullBoard } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

test.each(PROFILE_TABLE.map((profile) => [profile.name, profile] as const))(
  "%s sets every switch to something allowed, and implements messages that have handlers",
  (profile, { switches, protocols }) => {
    expect(Object.keys(switches)).toEqual(Object.keys(SWITCHES));
    for (const [name, value] of Object.entries(switches)) {
      expect([name, SWITCHES[name as SwitchName].accepts(value)]).toEqual([name, true]);
    }
    for (const [name, { messages = [] }] of Object.entries(protocols)) {
      const server = SERVERS.find(({ protocol }) => protocol.name === name);
      const own = OWN_HANDLERS[profile]?.[name] ?? {};
      const handled =
        server === undefined
          ? []
          : commandsOf(server.protocol).filter((c) => own[c.name] ?? server.handlers[c.name]);
      expect(messages.filter((id) => !handled.some((command) => command.id === id))).toEqual([]);
    }
  },
);

test("every table has a server, and goes by the board file's name and id", () => {
  expect(SERVERS.map(({ protocol }) => protocol)).toEqual(PROTOCOLS);
  const ids: Readonly<Record<string, number>> = PROTOCOL_IDS;
  for (const { name, protocolId } of PROTOCOLS) expect(ids[name]).toBe(protocolId);
});

test("a board's switches override the profile's", () => {
  const strict = new TestFirmware(fullBoard("ref", { switches: { "rangeStatus.action": "NOT_FOUND" } }));
  expect(strict.status(1, "clock", "CLOCK_RATE_GET", 9)).toBe("NOT_FOUND");
  expect(strict.status(1, "clock", "CLOCK_ATTRIBUTES", 9)).toBe("INVALID_PARAMETERS");
});

test.each([
  ["deniedStatus", "NOT_FOUND", "POWER_STATE_SET", [0, 1, 0], "NOT_FOUND"],
  ["rangeStatus.attributes", "OUT_OF_RANGE", "POWER_DOMAIN_ATTRIBUTES", [9], "OUT_OF_RANGE"],
  ["sizeCheck", "atLeast", "POWER_STATE_GET", [0, 0], "SUCCESS"],
  ["reservedFlagPolicy", "INVALID_PARAMETERS", "POWER_STATE_SET", [2, 0, 0], "INVALID_PARAMETERS"],
] as const)("ref with %s: %s", (name, value, message, payload, status) => {
  const firmware = new TestFirmware(fullBoard("ref", { switches: { [name]: value } }));
  expect(firmware.status(2, "power", message, ...payload)).toBe(status);
});

test("unknownMessageStatus answers unknown messages of known protocols only", () => {
  const firmware = new TestFirmware(fullBoard("v32", { switches: { unknownMessageStatus: "NOT_FOUND" } }));
  const answer = (protocolId: number, messageId: number) =>
    firmware.send(1, { header: packHeader(protocolId, messageId), payload: [] }).response?.payload[0];
  expect([answer(0x14, 0x33), answer(0x13, 0)]).toEqual([0xfc, 0xff]);
});

test("a switch can ask for every status but success", () => {
  expect([...REFUSALS].sort()).toEqual(
    Object.keys(SCMI_STATUS)
      .filter((name) => name !== "SUCCESS")
      .sort(),
  );
});

test("what is wrong with a switch changes nothing", () => {
  const firmware = new TestFirmware(board("ref", { switches: { smtBusyLeak: "no", toString: 1 } }));
  expect(firmware.ring(1).effects).toHaveLength(1);
});
