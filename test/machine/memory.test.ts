import fc from "fast-check";
import { expect, test } from "vitest";
import { Journal } from "#base/cells.ts";
import { toHex } from "#base/hex.ts";
import { Digest, digestOf } from "#machine/state/digest.ts";
import { PhysicalMemory, PIECE_BYTES, ScratchMemory } from "#machine/state/memory.ts";
import { MachineState } from "#machine/state/state.ts";
import { sha256 } from "#replay/hash.ts";
import { memcpyFromIo, memcpyToIo } from "#scmi/device-memory.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";

const BASE = 0x47ff_0000;

/** Windows that are page aligned, word aligned, and neither; near each other, so that they overlap. */
const address = fc.constantFrom(0, 0x80, 0x7fc, 0x801, 0xfff, 0x1000, 0x1003).map((offset) => BASE + offset);
const access = fc.oneof(
  fc.record({ width: fc.constant(8), offset: fc.nat({ max: PAGE_BYTES - 1 }), value: fc.nat({ max: 0xff }) }),
  fc.record({
    width: fc.constant(32),
    offset: fc.nat({ max: PAGE_BYTES / 4 - 1 }).map((word) => 4 * word),
    value: fc.nat({ max: 0xffff_ffff }),
  }),
);
const writes = fc.array(fc.tuple(address, access), { maxLength: 30 });

/** The same memory as one array of bytes. */
function flatAfter(
  list: readonly (readonly [number, { width: number; offset: number; value: number }])[],
): Uint8Array {
  const flat = new Uint8Array(4 * PAGE_BYTES);
  const view = new DataView(flat.buffer);
  for (const [at, { width, offset, value }] of list) {
    if (width === 8) view.setUint8(at - BASE + offset, value);
    else view.setUint32(at - BASE + offset, value, true);
  }
  return flat;
}

function write(memory: PhysicalMemory | ScratchMemory, list: Parameters<typeof flatAfter>[0]): void {
  for (const [at, { width, offset, value }] of list) {
    const window = memory.window(at);
    if (width === 8) window.write8(offset, value);
    else window.write32(offset, value);
  }
}

/** The four pages as text, which is compared in a moment. */
function bytesOf(memory: PhysicalMemory | ScratchMemory): string {
  return [0, 1, 2, 3]
    .map((page) => toHex(memcpyFromIo(memory.window(BASE + page * PAGE_BYTES), 0, PAGE_BYTES)))
    .join("");
}

test("windows at any address are views of one memory", () => {
  fc.assert(
    fc.property(writes, address, access, (list, at, { width, offset }) => {
      const memory = new PhysicalMemory(new Journal());
      write(memory, list);
      const flat = flatAfter(list);
      expect(bytesOf(memory)).toBe(toHex(flat));
      const view = new DataView(flat.buffer);
      const window = memory.window(at);
      if (width === 8) expect(window.read8(offset)).toBe(view.getUint8(at - BASE + offset));
      else expect(window.read32(offset)).toBe(view.getUint32(at - BASE + offset, true));
    }),
  );
});

test("what is copied in is copied out, at any offset and length", () => {
  fc.assert(
    fc.property(address, fc.nat({ max: 200 }), fc.uint8Array({ maxLength: 300 }), (at, offset, bytes) => {
      const window = new PhysicalMemory(new Journal()).window(at);
      memcpyToIo(window, offset, bytes);
      expect([...memcpyFromIo(window, offset, bytes.length)]).toEqual([...bytes]);
    }),
  );
});

test("the journal undoes every write, and the digest follows what is there", () => {
  fc.assert(
    fc.property(writes, writes, (first, second) => {
      const state = new MachineState();
      const digest = new Digest(sha256);
      write(state.memory, first);
      digest.follow(state.journal, { cells: 0, pieces: 0 }, state.memory);
      expect([...digest.bytes()]).toEqual([...digestOf(state, sha256)]);

      const mark = state.journal.mark();
      state.memory.beginCommand();
      write(state.memory, second);
      digest.follow(state.journal, mark, state.memory);
      expect([...digest.bytes()]).toEqual([...digestOf(state, sha256)]);
      expect(bytesOf(state.memory)).toBe(toHex(flatAfter([...first, ...second])));

      state.undo(mark);
      expect(bytesOf(state.memory)).toBe(toHex(flatAfter(first)));
    }),
  );
});

test("writing back what was there leaves the digest as it was; all zero is as never written", () => {
  const state = new MachineState();
  const digest = new Digest(sha256);
  const empty = digest.bytes();
  const window = state.memory.window(BASE);
  for (const value of [7, 7, 0]) {
    const mark = state.journal.mark();
    state.memory.beginCommand();
    window.write32(0x40, value);
    digest.follow(state.journal, mark, state.memory);
  }
  expect(digest.bytes()).toEqual(empty);
  expect([...state.memory.pieces()]).toEqual([]);
});

test("a piece is journaled once a command", () => {
  const journal = new Journal();
  const memory = new PhysicalMemory(journal);
  memcpyToIo(memory.window(BASE), 0, new Uint8Array(2 * PIECE_BYTES).fill(1));
  memcpyToIo(memory.window(BASE), 0, new Uint8Array(2 * PIECE_BYTES).fill(2));
  expect(journal.pieces).toHaveLength(2);
  memory.beginCommand();
  memory.window(BASE).write8(0, 3);
  expect(journal.pieces).toHaveLength(3);
});

test("scratch memory reads through and keeps what is written to itself", () => {
  fc.assert(
    fc.property(writes, writes, (first, second) => {
      const memory = new PhysicalMemory(new Journal());
      write(memory, first);
      const scratch = new ScratchMemory(memory);
      for (let round = 0; round < 2; round += 1) {
        scratch.reset();
        expect(bytesOf(scratch)).toBe(toHex(flatAfter(first)));
        write(scratch, second);
        expect(bytesOf(scratch)).toBe(toHex(flatAfter([...first, ...second])));
      }
      expect(bytesOf(memory)).toBe(toHex(flatAfter(first)));
    }),
    { numRuns: 50 },
  );
});

test("no access leaves the page", () => {
  const memory = new PhysicalMemory(new Journal());
  for (const at of [BASE, BASE + 1]) {
    const window = memory.window(at);
    expect(() => window.read8(PAGE_BYTES)).toThrow(RangeError);
    expect(() => window.read32(PAGE_BYTES - 3)).toThrow(RangeError);
    expect(() => window.write8(-1, 0)).toThrow(RangeError);
    expect(() => window.write32(PAGE_BYTES - 2, 0)).toThrow(RangeError);
  }
});
