import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "#base/hex.ts";
import { encodeRequest } from "#scmi/codec.ts";
import {
  bit,
  composeWord,
  i32,
  i64,
  list,
  readBits,
  record,
  signedBits,
  u32,
  when,
  word,
} from "#scmi/fields.ts";
import { decodeFields, encodeFields, type Layout } from "#scmi/layout.ts";
import { protocol } from "#scmi/protocol.ts";

/** Lists whose items differ in size by a bit of their own, and words with signed parts. */
const { GET, SET } = protocol({
  name: "vendor",
  protocolId: 0x81,
  version: 0x1_0000,
  doc: "A protocol of a vendor's.",
  commands: {
    GET: {
      id: 0x3,
      since: "1.0",
      doc: "",
      a2p: {},
      p2a: {
        status: i32,
        items: list(
          record({
            id: u32,
            flags: word({ bits: { long: bit(0, ""), exponent: signedBits(5, 1, "") } }),
            value: when("flags.long", i64),
          }),
        ),
      },
    },
    SET: {
      id: 0x4,
      since: "1.0",
      doc: "",
      a2p: {
        scale: word({ bits: { exponent: signedBits(15, 11, "") } }),
        items: list(record({ flags: word({ bits: { long: bit(0, "") } }), value: when("flags.long", i64) })),
      },
      p2a: { status: i32 },
    },
  },
}).commands;

describe("a record with a part that depends on a bit", () => {
  const [layout] = GET.responseLayouts as [Layout];
  const items = [
    { id: 1, flags: 1, value: -2n },
    { id: 2, flags: 0 },
    { id: 3, flags: 3, value: 2n ** 62n },
  ];
  const hex = `00000000 01000000 01000000 feffffffffffffff 02000000 00000000 03000000 03000000 0000000000000040`;

  test("takes its own size, each item for itself", () => {
    const bytes = encodeFields(layout, { status: 0, items });
    expect(toHex(bytes)).toBe(hex.replaceAll(" ", ""));
    expect(decodeFields(layout, bytes)).toEqual({ status: 0, items });
  });

  test.each([
    [0, 3],
    [1, 2],
    [8, 2],
    [15, 2],
    [16, 2],
    [17, 1],
  ])("is no item where %i of the bytes are missing", (missing, left) => {
    const bytes = fromHex(hex.replaceAll(" ", "")) as Uint8Array;
    const cut = bytes.slice(0, bytes.length - missing);
    expect(decodeFields(layout, cut)["items"]).toEqual(items.slice(0, left));
  });

  test("is given with that part, or without it, as the bit says", () => {
    const set = (given: unknown) => encodeRequest(SET, { scale: 0, items: given });
    expect(set([{ flags: 0 }, { flags: { long: 1 }, value: "-1" }])).toEqual(
      fromHex("000000000000000001000000ffffffffffffffff"),
    );
    expect(set([{ flags: 1 }])).toMatchObject({
      detail: expect.stringContaining("value being a signed 64-bit number"),
    });
    expect(set([{ flags: 1, value: "-9223372036854775809" }])).toMatchObject({
      detail: expect.stringContaining("value being a signed 64-bit number"),
    });
  });
});

describe("signed bits of a word", () => {
  const { scale } = SET.a2p;

  test.each([
    [-16, 0x8000],
    [-1, 0xf800],
    [0, 0],
    [15, 0x7800],
  ])("%i is 0x%s", (exponent, bits) => {
    expect(composeWord(scale, { exponent })).toBe(bits);
    expect(readBits((bits | 0xffff_07ff) >>> 0, scale.bits.exponent)).toBe(exponent);
    expect(encodeRequest(SET, { scale: { exponent }, items: [] })).toEqual(
      Uint8Array.of(bits & 0xff, bits >> 8, 0, 0),
    );
  });

  test.each([-17, 16, 31])("%i does not fit", (exponent) => {
    expect(encodeRequest(SET, { scale: { exponent }, items: [] })).toMatchObject({
      detail: expect.stringContaining("exponent of 5 bits (-16..15)"),
    });
  });
});
