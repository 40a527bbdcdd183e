import fc from "fast-check";
import { expect, test } from "vitest";
import { memcpyFromIo, memcpyToIo } from "#scmi/device-memory.ts";
import { RecordingPage } from "../firmware/support/pages.ts";

test("a copy takes single bytes up to a word, words, and single bytes for the rest", () => {
  const page = new RecordingPage();
  memcpyToIo(page, 0x1e, new Uint8Array(11));
  expect(page.accesses.map(({ kind, bytes, offset }) => `${kind}${bytes}@${offset}`)).toEqual([
    "write1@30",
    "write1@31",
    "write4@32",
    "write4@36",
    "write1@40",
  ]);
});

test("what is copied in is copied out, by aligned accesses, and nothing beside it is touched", () => {
  const copies = fc.record({ offset: fc.nat(0x1000), bytes: fc.uint8Array({ maxLength: 0x80 }) });
  const property = fc.property(
    copies.filter(({ offset, bytes }) => offset + bytes.length <= 0x1000),
    ({ offset, bytes }) => {
      const page = new RecordingPage();
      page.bytes.fill(0xc5);
      memcpyToIo(page, offset, bytes);
      expect(Buffer.from(page.bytes.subarray(offset, offset + bytes.length)).equals(bytes)).toBe(true);
      const around = [...page.bytes.subarray(0, offset), ...page.bytes.subarray(offset + bytes.length)];
      expect(around.every((byte) => byte === 0xc5)).toBe(true);

      const writes = page.accesses.splice(0);
      expect(memcpyFromIo(page, offset, bytes.length)).toEqual(bytes);
      expect(page.accesses.map((access) => ({ ...access, kind: "write" }))).toEqual(writes);
    },
  );
  fc.assert(property);
});
