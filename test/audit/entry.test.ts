import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerHash, EntryWriter } from "#audit/entry/entry.ts";
import { EntryRows } from "#audit/entry/entry-rows.ts";
import { VALUE_BYTES_MAX, type Value, ValueWriter } from "#audit/entry/values.ts";
import { leafHash } from "#audit/merkle/hash.ts";
import { ENTRY_BYTES_MAX } from "#audit/tiles/bundle.ts";
import { toHex } from "#base/hex.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

function encoded(values: readonly Value[]): string {
  const writer = new ValueWriter(ENTRY_BYTES_MAX);
  for (const value of values) writer.value(value);
  return toHex(writer.written());
}

test.each<[string, Value, string]>([
  ["NULL", null, "00"],
  ["zero", 0, "010000000000000000"],
  ["one", 1, "010000000000000001"],
  ["minus one", -1, "01ffffffffffffffff"],
  ["2^32", 2 ** 32, "010000000100000000"],
  ["a time in microseconds", 1_795_132_800_000_000, "01000660a9ecde6000"],
  ["the largest", Number.MAX_SAFE_INTEGER, "01001fffffffffffff"],
  ["the smallest", Number.MIN_SAFE_INTEGER, "01ffe0000000000001"],
  ["no text", "", "0200000000"],
  ["a text", "é", "0200000002c3a9"],
  ["no bytes", new Uint8Array(0), "0300000000"],
  ["bytes", Uint8Array.of(0, 255), "030000000200ff"],
  ["what no log has", 0.5, "ff"],
])("%s", (_, value, hex) => {
  expect(encoded([value])).toBe(hex);
});

test("what is long stands as its hash", () => {
  const sha = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
  const most = "é".repeat(VALUE_BYTES_MAX / 2);
  expect(encoded([most])).toBe(`0200001000${Buffer.from(most).toString("hex")}`);
  expect(encoded([`${most}x`])).toBe(`0400001001${sha(`${most}x`)}`);
  const bytes = new Uint8Array(100_000).fill(7);
  expect(encoded([bytes])).toBe(`05000186a0${sha(bytes)}`);
  expect(encoded([bytes.subarray(0, VALUE_BYTES_MAX + 1)])).toBe(`0500001001${sha(bytes.subarray(0, 4097))}`);
});

test("different values are different bytes", () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom("x".repeat(4096), "x".repeat(4097), "é".repeat(3000)),
  );
  const same = (a: readonly Value[], b: readonly Value[]) =>
    JSON.stringify(a.map((v) => (v instanceof Uint8Array ? { hex: toHex(v) } : v))) ===
    JSON.stringify(b.map((v) => (v instanceof Uint8Array ? { hex: toHex(v) } : v)));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), fc.array(value, { maxLength: 5 }), (a, b) => {
      expect(encoded(a) === encoded(b)).toBe(same(a, b));
    }),
  );
});

test("the longest entry of all fits an entry bundle", () => {
  const writer = new EntryWriter();
  writer.row(Array.from({ length: 22 }, (_, i) => (i < 15 ? "x".repeat(4096) : 1)));
  // Fifteen texts are more than an entry has: thirteen values of it are texts or bytes.
  expect(writer.entry().length - 2 * 4101).toBeLessThan(ENTRY_BYTES_MAX);
});

test("an entry made as an event is appended is the one made from its rows", async () => {
  const recording = new Recording(await twoGuests());
  recording.do({ kind: "host.reboot", cause: "reboot" });
  recording.do({ kind: "smc", domain: 0, x: [1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n], shmem: null });
  const rows = new EntryRows(recording.db);
  const stored = recording.db.prepare<[], Buffer>("SELECT leaf FROM events ORDER BY seq").pluck().all();
  expect(stored.length).toBeGreaterThan(20);
  expect(stored.map(toHex)).toEqual(rows.entries(1, stored.length).map((entry) => toHex(leafHash(entry))));
  expect(toHex(rows.leaves(1, stored.length))).toBe(stored.map(toHex).join(""));
});

test("the hash of a kept answer is over every part of it", () => {
  const kept = { actor: "a", key: "k", bodyHash: Uint8Array.of(1), status: 200, answer: "{}" };
  const others = [
    { ...kept, actor: "ak" },
    { ...kept, actor: "", key: "ak" },
    { ...kept, bodyHash: Uint8Array.of(2) },
    { ...kept, status: 201 },
    { ...kept, answer: "{ }" },
  ];
  expect(new Set([kept, ...others].map((one) => toHex(answerHash(one)))).size).toBe(6);
});
