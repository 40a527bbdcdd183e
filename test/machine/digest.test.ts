import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Scalar } from "#base/cells.ts";
import { Digest, digestOf } from "#machine/state/digest.ts";
import { MachineState } from "#machine/state/state.ts";
import { sha256 } from "#replay/hash.ts";

const scalar: fc.Arbitrary<Scalar | undefined> = fc.oneof(
  fc.boolean(),
  fc.nat(),
  fc.string({ maxLength: 4 }),
  fc.constant(null),
  fc.constant(undefined),
);
const change = fc.tuple(
  fc.nat({ max: 6 }),
  fc.oneof(fc.nat({ max: 3 }), fc.constantFrom("a", "b")),
  fc.constantFrom("x", "y", "9"),
  scalar,
);

test("following every change comes to the digest counted afresh, whatever the changes and their order", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 8 }), (commands) => {
      const state = new MachineState();
      const digest = new Digest(sha256);
      for (const changes of commands) {
        const mark = state.journal.mark();
        for (const [table, row, column, value] of changes) state.tables()[table]?.write(row, column, value);
        digest.follow(state.journal, mark, state.memory);
        expect([...digest.bytes()]).toEqual([...digestOf(state, sha256)]);
        expect(digest.equals(digestOf(state, sha256), 0)).toBe(true);
      }
    }),
  );
});

test("many changes at once come to the same as one after the other", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 65, maxLength: 300 }), (changes) => {
      const state = new MachineState();
      for (const [table, row, column, value] of changes) state.tables()[table]?.write(row, column, value);
      const digest = new Digest(sha256);
      digest.follow(state.journal, { cells: 0, pieces: 0 }, state.memory);
      expect([...digest.bytes()]).toEqual([...digestOf(state, sha256)]);
    }),
  );
});

test("it is the sum of SHA-256(path=value), modulo 2^256", () => {
  const state = new MachineState();
  const table = state.tables()[0];
  const cells: [string, Scalar][] = [
    ["name", "a"],
    ["count", 3],
    ["on", true],
    ["none", null],
  ];
  let sum = 0n;
  for (const [column, value] of cells) {
    table?.write(0, column, value);
    const text = `${table?.name}/0/${column}=${JSON.stringify(value)}`;
    sum += BigInt(`0x${createHash("sha256").update(text).digest("hex")}`);
  }
  const expected = BigInt.asUintN(256, sum).toString(16).padStart(64, "0");
  expect(Buffer.from(digestOf(state, sha256)).toString("hex")).toBe(expected);
});

test("values of different types, and cells of different places, are not the same", () => {
  const digests = ([1, "1", true, "true", null, "null", ""] as Scalar[]).map((value) => {
    const state = new MachineState();
    state.tables()[0]?.write(0, "x", value);
    return Buffer.from(digestOf(state, sha256)).toString("hex");
  });
  expect(new Set(digests).size).toBe(digests.length);
});

test("bytes at an offset are compared as they lie", () => {
  const digest = new Digest(sha256);
  digest.cell("t", 0, "c", 1, 1);
  const bytes = Uint8Array.from([9, 9, ...digest.bytes()]);
  expect(digest.equals(bytes, 2)).toBe(true);
  for (let at = 2; at < bytes.length; at += 1) {
    const other = bytes.slice();
    other[at] = (other[at] as number) ^ 0x10;
    expect(digest.equals(other, 2)).toBe(false);
  }
  const loaded = new Digest(sha256);
  loaded.load(digest.bytes());
  expect(loaded.bytes()).toEqual(digest.bytes());
});
