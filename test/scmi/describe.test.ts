import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeExchange, decodeSent, encodeRequest } from "#scmi/codec.ts";
import {
  type Decoded,
  type DecodedExchange,
  describeExchange,
  describeSent,
  type Names,
  NO_NAMES,
} from "#scmi/describe.ts";
import { packHeader } from "#scmi/header.ts";
import type { Command } from "#scmi/protocol.ts";
import { commandsOf, findCommand, PROTOCOLS } from "#scmi/registry.ts";

const NAMES: Names = {
  of: (protocol, field, id) =>
    protocol === "clock" && field === "clockId" && id === 5
      ? "gpu"
      : protocol === "power" && id === 1
        ? "bus"
        : undefined,
  denial: (caller, protocol) =>
    protocol === "clock" ? `device gpu is not granted to agent ${caller}` : undefined,
};

function exchange(
  protocol: string,
  message: string,
  params: Record<string, unknown>,
  status: number | null,
  ...words: number[]
): DecodedExchange {
  const command = findCommand(protocol, message) as Command;
  const header = packHeader(command.protocolId, command.id);
  const response = status === null ? null : { header, payload: bytes(status, ...words), channelStatus: 1 };
  const request = { header, payload: encodeRequest(command, params) as Uint8Array };
  return decodeExchange(request, response) as unknown as DecodedExchange;
}

function bytes(...words: number[]): Uint8Array {
  const payload = new Uint8Array(4 * words.length);
  const view = new DataView(payload.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word >>> 0, true);
  return payload;
}

const RATE = { flags: { rounding: "UP" }, clockId: 5, rate: "400MHz" };

describe("an exchange in a line", () => {
  test.each<[string, DecodedExchange, string]>([
    [
      "a refusal, why, and the names of the board",
      exchange("clock", "CLOCK_RATE_SET", RATE, -3),
      'CLOCK_RATE_SET clock 5 "gpu" 400 MHz round-up → DENIED: device gpu is not granted to agent 2',
    ],
    [
      "a flag",
      exchange("clock", "CLOCK_RATE_SET", { ...RATE, flags: 3, clockId: 4 }, 0),
      "CLOCK_RATE_SET clock 4 400 MHz async no-delayed-response → SUCCESS",
    ],
    [
      "an answer's values with their units",
      exchange("clock", "CLOCK_RATE_GET", { clockId: 5 }, 0, 1_843_200, 0),
      'CLOCK_RATE_GET clock 5 "gpu" → SUCCESS: 1843.2 kHz',
    ],
    [
      "a piece of a list",
      exchange("clock", "CLOCK_DESCRIBE_RATES", { clockId: 5, rateIndex: 2 }, 0, 0x3_0001, 7, 0),
      'CLOCK_DESCRIBE_RATES clock 5 "gpu" from 2 → SUCCESS: 7 Hz and 3 more',
    ],
    [
      "the name of a value",
      exchange("power", "POWER_STATE_SET", { flags: 0, domainId: 1, powerState: "OFF" }, 0),
      'POWER_STATE_SET domain 1 "bus" OFF → SUCCESS',
    ],
    [
      "what is common to all protocols",
      exchange("power", "PROTOCOL_MESSAGE_ATTRIBUTES", { messageId: 4 }, -4),
      "power PROTOCOL_MESSAGE_ATTRIBUTES of POWER_STATE_SET → NOT_FOUND",
    ],
    [
      "a version",
      exchange("base", "PROTOCOL_VERSION", {}, 0, 0x2_0001),
      "base PROTOCOL_VERSION → SUCCESS: version 2.1",
    ],
    [
      "a permission",
      exchange("base", "BASE_SET_DEVICE_PERMISSIONS", { agentId: 2, deviceId: 1, flags: 0 }, 0),
      "BASE_SET_DEVICE_PERMISSIONS agent 2 device 1 deny → SUCCESS",
    ],
    [
      "nothing but that it was not answered",
      exchange("clock", "CLOCK_RATE_GET", { clockId: 5 }, null),
      'CLOCK_RATE_GET clock 5 "gpu" → no answer',
    ],
    [
      "protocols by their names",
      exchange("base", "BASE_DISCOVER_LIST_PROTOCOLS", { skip: 0 }, 0, 2, 0x8014),
      "BASE_DISCOVER_LIST_PROTOCOLS → SUCCESS: clock, 0x80",
    ],
  ])("tells %s", (_, decoded, line) => {
    expect(describeExchange(decoded, 2, NAMES)).toBe(line);
  });

  test("a message of no table is told by its numbers", () => {
    const decoded = decodeExchange(
      { header: packHeader(0x99, 0x33), payload: bytes(1) },
      {
        header: 0,
        payload: bytes(-1),
      },
    ) as unknown as DecodedExchange;
    expect(describeExchange(decoded, 2, NO_NAMES)).toBe("0x99 0x33 and 4 bytes → NOT_SUPPORTED");
  });

  test("whatever the bytes, there is a line", () => {
    const anyCommand = fc.constantFrom(...PROTOCOLS.flatMap((table) => commandsOf(table)));
    const payload = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(anyCommand, payload, payload, fc.nat(3), (command, request, answer, type) => {
        const header = packHeader(command.protocolId, command.id, 0, type);
        const decoded = decodeExchange({ header, payload: request }, { header, payload: answer });
        const line = describeExchange(decoded as unknown as DecodedExchange, 1, NAMES);
        expect(line).toMatch(/^\S.* → \S/);
        expect(line).not.toMatch(/undefined|NaN|\[object|\n/);
        expect(describeSent(decodeSent(header, answer) as Decoded, NAMES)).not.toMatch(
          /undefined|NaN|\[object|\n/,
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("what the firmware sent by itself", () => {
  test.each<[string, number, Uint8Array, string]>([
    [
      "a notification",
      packHeader(0x14, 0, 0, 3),
      bytes(2, 5, 400_000_000, 0),
      'CLOCK_RATE_CHANGED clock 5 "gpu" 400 MHz by agent 2',
    ],
    [
      "of nobody's doing",
      packHeader(0x14, 0, 0, 3),
      bytes(0, 5, 1000, 0),
      'CLOCK_RATE_CHANGED clock 5 "gpu" 1 kHz',
    ],
    [
      "a delayed response",
      packHeader(0x14, 5, 9, 2),
      bytes(-3, 5, 1000, 0),
      'CLOCK_RATE_SET_COMPLETE clock 5 "gpu" 1 kHz → DENIED',
    ],
    ["one that is cut short", packHeader(0x14, 5, 9, 2), bytes(0), "CLOCK_RATE_SET_COMPLETE → SUCCESS"],
    ["one of no table", packHeader(0x99, 1, 0, 3), bytes(7), "0x99 0x01 and 4 bytes"],
  ])("%s", (_, header, payload, line) => {
    expect(describeSent(decodeSent(header, payload) as Decoded, NAMES)).toBe(line);
  });

  test("keeps the token of its command", () => {
    expect(decodeSent(packHeader(0x16, 4, 77, 2), bytes(0, 3))).toMatchObject({
      protocol: "reset",
      message: "RESET_COMPLETE",
      token: 77,
      status: "SUCCESS",
      statusCode: 0,
      domainId: 3,
    });
  });
});
