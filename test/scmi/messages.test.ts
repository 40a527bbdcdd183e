import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { decodeExchange, decodeMessage, encodeRequest } from "#scmi/codec.ts";
import { type ItemField, i32, list, record, u16, u32, u64, type ValueField, word } from "#scmi/fields.ts";
import { packHeader } from "#scmi/header.ts";
import { decodeFields, encodeFields, isThere, type Layout } from "#scmi/layout.ts";
import { type Command, protocol } from "#scmi/protocol.ts";
import { commandsOf, findCommand, PROTOCOLS } from "#scmi/registry.ts";

function command(protocol: string | number, message: string | number): Command {
  const found = findCommand(protocol, message);
  if (isProblem(found)) throw new Error(found.detail);
  return found;
}

/** The payload of a request as hex, or the issues of its refusal. */
function encoded(protocol: string, message: string, params: Record<string, unknown>): string | string[] {
  const payload = encodeRequest(command(protocol, message), params);
  return isProblem(payload) ? payload.detail.replace(/^[^:]*: /, "").split("; ") : toHex(payload);
}

function decoded(protocol: string, message: string, direction: "a2p" | "p2a", payload: string, token = 0) {
  const { protocolId, id } = command(protocol, message);
  return decodeMessage(packHeader(protocolId, id, token), fromHex(payload) as Uint8Array, direction);
}

/** A protocol whose messages carry lists of every kind of item that no standard list of one value has. */
const pairs = protocol({
  name: "pairs",
  protocolId: 0x81,
  version: 0x2_0000,
  doc: "A protocol of a vendor's.",
  commands: {
    SET_PAIRS: {
      id: 0x3,
      since: "1.0",
      doc: "",
      a2p: { pairs: list(record({ type: word({ values: { A: 1, B: 2 } }), value: i32 })) },
      p2a: { status: i32, ids: list(u16) },
    },
    GET_PAIRS: {
      id: 0x4,
      since: "1.0",
      doc: "",
      a2p: {},
      p2a: { status: i32, pairs: list(record({ low: u32, high: { ...u32, from: 0x2_0000 } })) },
    },
  },
});

test("a record has the parts of its version, and items of a list their own width", () => {
  const { SET_PAIRS, GET_PAIRS } = pairs.commands;
  const [newest, oldest] = GET_PAIRS.responseLayouts as [Layout, Layout];
  const values = { status: 0, pairs: [{ low: 1, high: 2 }] };
  expect(encodeFields(newest, values)).toHaveLength(12);
  expect(encodeFields(oldest, values)).toHaveLength(8);
  const [answer] = SET_PAIRS.responseLayouts as [Layout];
  const bytes = encodeFields(answer, { status: 0, ids: [0x1234, 0xffff] });
  expect(bytes).toEqual(Uint8Array.of(0, 0, 0, 0, 0x34, 0x12, 0xff, 0xff));
  expect(decodeFields(answer, bytes)).toEqual({ status: 0, ids: [0x1234, 0xffff] });
});

describe("requests from their parameters", () => {
  test.each([
    [
      "base",
      "BASE_SET_DEVICE_PERMISSIONS",
      { agentId: 1, deviceId: "0x2", flags: "1" },
      "010000000200000001000000",
    ],
    ["base", "BASE_DISCOVER_AGENT", { agentId: 0xffff_ffff }, "ffffffff"],
    ["base", "BASE_DISCOVER_AGENT", { agentId: "CALLER" }, "ffffffff"],
    ["base", "PROTOCOL_VERSION", {}, ""],
    ["power", "POWER_STATE_SET", { flags: 0, domainId: 24, powerState: "OFF" }, "000000001800000000000040"],
    [
      "power",
      "POWER_STATE_SET",
      { flags: { async: true }, domainId: 1, powerState: { contextLost: 1, stateId: 5 } },
      "010000000100000005000040",
    ],
    [
      "clock",
      "CLOCK_RATE_SET",
      { flags: { rounding: "UP", async: false }, clockId: 5, rate: "0x1dcd65000" },
      "04000000050000000050d6dc01000000",
    ],
    [
      "clock",
      "CLOCK_RATE_SET",
      { flags: 0, clockId: 5, rate: 8_000_000_000 },
      "00000000050000000050d6dc01000000",
    ],
    [
      "clock",
      "CLOCK_RATE_SET",
      { flags: 0, clockId: 5, rate: "18446744073709551615" },
      "0000000005000000ffffffffffffffff",
    ],
    // The form of clock 2.0 and before, and that of 3.0.
    ["clock", "CLOCK_CONFIG_SET", { clockId: 104, attributes: 0 }, "6800000000000000"],
    [
      "clock",
      "CLOCK_CONFIG_SET",
      { clockId: 104, attributes: { state: "ENABLE" }, extendedConfigVal: 7 },
      "680000000100000007000000",
    ],
    [
      "reset",
      "RESET",
      { domainId: 0, flags: { autonomous: true }, resetState: 0 },
      "000000000100000000000000",
    ],
  ])("%s %s of %o", (protocol, message, params, payload) => {
    expect(encoded(protocol, message, params)).toBe(payload);
  });

  test("every field that is wrong, missing or unknown is named, with what is allowed", () => {
    expect(encoded("base", "BASE_SET_DEVICE_PERMISSIONS", { agentId: -1, flags: {}, agent: 1 })).toEqual([
      "agentId is -1",
      "it must be an unsigned 32-bit number (0..4294967295), as a number or as text in decimal or hex",
      "deviceId is missing",
      "it is an unsigned 32-bit number (0..4294967295), as a number or as text in decimal or hex",
      "agent is not a field",
      "BASE_SET_DEVICE_PERMISSIONS has agentId, deviceId, flags",
    ]);
  });

  test.each([
    [{ agentId: 1.5, deviceId: 0, flags: 0 }, "agentId is 1.5"],
    [{ agentId: "0x1g", deviceId: 0, flags: 0 }, 'agentId is "0x1g"'],
    [{ agentId: "", deviceId: 0, flags: 0 }, 'agentId is ""'],
    [{ agentId: null, deviceId: 0, flags: 0 }, "agentId is null"],
    [{ agentId: [1], deviceId: 0, flags: 0 }, "agentId is [1]"],
    [{ agentId: 2 ** 32, deviceId: 0, flags: 0 }, "agentId is 4294967296"],
    [{ agentId: { id: 1 }, deviceId: 0, flags: 0 }, 'agentId is {"id":1}'],
    [{ agentId: 1, deviceId: 0, flags: { grant: 1 } }, 'flags is {"grant":1}'],
    [{ agentId: 1, deviceId: 0, flags: { allow: 2 } }, 'flags is {"allow":2}'],
    [{ agentId: 1, deviceId: 0, flags: { constructor: 1 } }, 'flags is {"constructor":1}'],
  ])("%o is refused", (params, issue) => {
    expect(encoded("base", "BASE_SET_DEVICE_PERMISSIONS", params)).toContain(issue);
  });

  test("a 64-bit value above 2^53 is not taken from a number, which cannot hold it", () => {
    const rate = (value: unknown) =>
      encoded("clock", "CLOCK_RATE_SET", { flags: 0, clockId: 0, rate: value });
    expect(rate(2 ** 53)).toContain("rate is 9007199254740992");
    expect(rate("0x10000000000000000")).toContain('rate is "0x10000000000000000"');
    expect(rate(-1)).toContain("rate is -1");
  });

  test("a list is an array, and what is wrong with an element is told", () => {
    const vendor = protocol({
      name: "vendor",
      protocolId: 0x80,
      version: 0x1_0000,
      doc: "A protocol of a vendor's.",
      commands: {
        SET_ALL: {
          id: 0x3,
          since: "1.0",
          doc: "",
          a2p: { first: u32, values: list(u64) },
          p2a: { status: i32 },
        },
      },
    });
    const setAll = (params: Record<string, unknown>) => encodeRequest(vendor.commands.SET_ALL, params);
    expect(setAll({ first: 1, values: [2, "0x300000000"] })).toEqual(
      Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0),
    );
    expect(setAll({ first: 1, values: [] })).toEqual(Uint8Array.of(1, 0, 0, 0));
    for (const [values, allowed] of [
      [[-1], /values is \[-1\]; it must be an array, each element an unsigned 64-bit number/],
      [7, /values is 7; it must be an array/],
    ] as const) {
      expect(setAll({ first: 1, values })).toMatchObject({ detail: expect.stringMatching(allowed) });
    }
    expect(setAll({ first: 1 })).toMatchObject({
      detail: expect.stringContaining("values is missing; it is an array"),
    });
  });

  test("a list of records is an array of objects, each with every part by name", () => {
    const { SET_PAIRS } = pairs.commands;
    const setPairs = (given: unknown) => encodeRequest(SET_PAIRS, { pairs: given });
    expect(
      setPairs([
        { type: "B", value: -1 },
        { value: 2, type: 3 },
      ]),
    ).toEqual(Uint8Array.of(2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 2, 0, 0, 0));
    for (const given of [[1], [{ type: 1 }], [{ type: 1, value: 2, unit: 3 }], [{ type: "C", value: 1 }]]) {
      expect(setPairs(given)).toMatchObject({ detail: expect.stringContaining("an object of type, value") });
    }
  });

  test("nothing is taken from an object's prototype", () => {
    const params = Object.create({ agentId: 1 }) as Record<string, unknown>;
    expect(encoded("base", "BASE_DISCOVER_AGENT", params)).toContain("agentId is missing");
  });
});

describe("messages in words", () => {
  test("a request", () => {
    expect(decoded("clock", "CLOCK_RATE_SET", "a2p", "04000000050000000050d6dc01000000", 3)).toEqual({
      protocol: "clock",
      message: "CLOCK_RATE_SET",
      token: 3,
      flags: 4,
      clockId: 5,
      rate: "0x1dcd65000",
      meaning: { flags: { async: false, noDelayedResponse: false, rounding: "UP" } },
    });
  });

  test("an answer with its status by name", () => {
    const answer = decoded("power", "POWER_STATE_GET", "p2a", "0000000000000040");
    expect(answer).toEqual({
      protocol: "power",
      message: "POWER_STATE_GET",
      token: 0,
      status: "SUCCESS",
      statusCode: 0,
      powerState: 0x4000_0000,
      meaning: { powerState: "OFF" },
    });
  });

  test.each([
    ["fdffffff", { status: "DENIED", statusCode: -3 }],
    ["02000000", { status: "2", statusCode: 2 }],
    ["7fffffff", { status: "-129", statusCode: -129 }],
    ["fdff", { rest: "fdff" }],
    ["", {}],
    // An error with a body all the same.
    ["fcffffff07000000", { status: "NOT_FOUND", statusCode: -4, attributes: 7 }],
    ["000000000700", { status: "SUCCESS", statusCode: 0, rest: "0700" }],
    ["0000000007000000aabb", { status: "SUCCESS", statusCode: 0, attributes: 7, rest: "aabb" }],
  ])("an answer of %s", (payload, fields) => {
    const {
      protocol: _p,
      message: _m,
      token: _t,
      ...rest
    } = decoded("base", "PROTOCOL_MESSAGE_ATTRIBUTES", "p2a", payload);
    expect(rest).toEqual(fields);
  });

  test("a list has as many items as the answer says, and the padding is nothing", () => {
    const list = decoded("base", "BASE_DISCOVER_LIST_PROTOCOLS", "p2a", "0000000003000000111614aa");
    expect(list).toMatchObject({ numProtocols: 3, protocols: [0x11, 0x16, 0x14] });
    expect(list).not.toHaveProperty("rest");
    const rates = decoded("clock", "CLOCK_DESCRIBE_RATES", "p2a", "000000000100020000e1f5050000000011");
    expect(rates).toMatchObject({
      numRatesFlags: 0x2_0001,
      rates: ["0x5f5e100"],
      meaning: { numRatesFlags: { remaining: 2, triplet: false, returned: 1 } },
      rest: "11",
    });
    const liar = decoded("clock", "CLOCK_DESCRIBE_RATES", "p2a", "00000000ff0f0000");
    expect(liar).toMatchObject({ numRatesFlags: 0xfff, rates: [] });
  });

  test("the size of a message tells its version", () => {
    const uart = "75617274000000000000000000000000";
    const short = decoded("clock", "CLOCK_ATTRIBUTES", "p2a", `0000000001000000${uart}`);
    expect(short).toMatchObject({ attributes: 1, name: "uart" });
    expect(short).not.toHaveProperty("clockEnableDelay");
    const long = decoded("clock", "CLOCK_ATTRIBUTES", "p2a", `0000000001000000${uart}05000000`);
    expect(long).toMatchObject({ name: "uart", clockEnableDelay: 5 });
    const agent = "6167656e742d31000000000000000000";
    expect(decoded("base", "BASE_DISCOVER_AGENT", "p2a", `00000000${agent}`)).toMatchObject({
      name: "agent-1",
    });
    const named = decoded("base", "BASE_DISCOVER_AGENT", "p2a", `0000000001000000${agent}`);
    expect(named).toMatchObject({ agentId: 1, name: "agent-1" });
  });

  test("messages that no table has show their bytes", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    expect(decodeMessage(packHeader(0x1f, 0x7, 9), bytes, "a2p")).toEqual({
      protocol: "0x1f",
      message: "0x07",
      token: 9,
      payload: "0102030405",
    });
    expect(decodeMessage(packHeader(0x14, 0x55), Uint8Array.of(0xff, 0xff, 0xff, 0xff), "p2a")).toEqual({
      protocol: "clock",
      message: "0x55",
      token: 0,
      status: "NOT_SUPPORTED",
      statusCode: -1,
    });
  });
});

describe("exchanges", () => {
  const header = packHeader(0x10, 0x7, 5);
  const request = { header, payload: Uint8Array.of(9, 0, 0, 0) };
  const who = { protocol: "base", message: "BASE_DISCOVER_AGENT", token: 5, request: { agentId: 9 } };

  test("a request and its answer", () => {
    const response = { header, payload: Uint8Array.of(0xfe, 0xff, 0xff, 0xff), channelStatus: 1 };
    const answer = { status: "INVALID_PARAMETERS", statusCode: -2 };
    expect(decodeExchange(request, response)).toEqual({ ...who, response: answer });
    expect(decodeExchange(request, { header, payload: response.payload })).toEqual({
      ...who,
      response: answer,
    });
    // Answered, though the channel was left busy.
    expect(decodeExchange(request, { ...response, channelStatus: 0 })).toEqual({ ...who, response: answer });
  });

  test("where the firmware did not answer, what is left in the page is not taken for an answer", () => {
    expect(decodeExchange(request, { ...request, channelStatus: 3 })).toEqual({ ...who, response: null });
    expect(decodeExchange(request, { ...request, channelStatus: 0 })).toEqual({ ...who, response: null });
    expect(decodeExchange(request, null)).toEqual({ ...who, response: null });
    expect(decodeExchange(null, null)).toBe(null);
  });
});

const everyCommand = PROTOCOLS.flatMap(commandsOf);
const anyLayout = fc.constantFrom(
  ...everyCommand.flatMap(({ requestLayouts, responseLayouts }) => [...requestLayouts, ...responseLayouts]),
);

function anyValue(field: ValueField): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "u32":
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case "i32":
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
    case "u64":
      return fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    case "i64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case "name":
      return fc.string({ unit: fc.constantFrom(..."az09-_.é€"), maxLength: 5 });
  }
}

function valuesOf({ entries, list }: Layout): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.fromEntries(entries.map(({ name, field }) => [name, anyValue(field)]));
  if (list === null) return fc.record(values);
  return fc.record({ ...values, [list.name]: fc.array(anyItem(list.item), { maxLength: 6 }) });
}

function anyItem(item: ItemField): fc.Arbitrary<unknown> {
  if (item.kind === "u8") return fc.nat(0xff);
  if (item.kind === "u16") return fc.nat(0xffff);
  if (item.kind !== "record") return anyValue(item);
  const parts = Object.entries(item.fields).map(([name, part]) => [name, anyValue(part)]);
  return fc.record(Object.fromEntries(parts) as Record<string, fc.Arbitrary<unknown>>).map((values) => {
    const present = Object.entries(item.fields).filter(([, part]) => isThere(item, part, values));
    return Object.fromEntries(present.map(([name]) => [name, values[name]]));
  });
}

test("what is encoded decodes to the same values, in every layout of every message", () => {
  const pairs = anyLayout.chain((layout) => valuesOf(layout).map((values) => ({ layout, values })));
  const property = fc.property(pairs, ({ layout, values }) => {
    expect(decodeFields(layout, encodeFields(layout, values))).toEqual(values);
  });
  fc.assert(property, { numRuns: 2000 });
});

test("a decoded request encodes to the same bytes", () => {
  const cases = fc.constantFrom(...everyCommand).chain((row) =>
    fc
      .constantFrom(...row.requestLayouts)
      .chain((layout) => fc.uint8Array({ minLength: layout.size, maxLength: layout.size }))
      .map((payload) => ({ row, payload })),
  );
  const property = fc.property(cases, ({ row, payload }) => {
    const message = decodeMessage(packHeader(row.protocolId, row.id), payload, "a2p");
    const { protocol: _p, message: _m, token: _t, meaning: _, ...params } = message;
    expect(encodeRequest(row, params)).toEqual(payload);
  });
  fc.assert(property, { numRuns: 1000 });
});

test("any bytes under any header give something that JSON can say", () => {
  const headers = fc.oneof(
    fc.integer({ min: 0, max: 0xffff_ffff }),
    fc.constantFrom(...everyCommand).map(({ protocolId, id }) => packHeader(protocolId, id)),
  );
  const payloads = fc.uint8Array({ maxLength: 80 });
  const property = fc.property(headers, payloads, payloads, (header, asked, answered) => {
    const exchange = decodeExchange({ header, payload: asked }, { header, payload: answered });
    expect(JSON.parse(JSON.stringify(exchange))).toEqual(exchange);
  });
  fc.assert(property, { numRuns: 2000 });
});
