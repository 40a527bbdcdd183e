import { describe, expect, test } from "vitest";
import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { Board } from "#config/board/board.ts";
import { essential, LATER_FIRMWARE, LATER_ITEMS, LATER_XEN, withDefaults } from "#config/board/defaults.ts";
import { boardOf, boardWith, EXAMPLE_BOARD } from "../support/boards.ts";

/** An object without these fields. */
function without(object: object, names: object): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !(name in names)));
}

/** The board as the first logs have it. */
function recordedLongAgo(board: Board): Board {
  const { firmware } = board;
  const lists = Object.entries(LATER_ITEMS).flatMap(([field, later]) => {
    if (field in LATER_FIRMWARE) return [];
    const items = firmware[field as keyof typeof LATER_ITEMS] as readonly object[];
    return [[field, items.map((item) => without(item, later))]];
  });
  return {
    ...board,
    xen: without(board.xen, LATER_XEN),
    firmware: { ...without(firmware, LATER_FIRMWARE), ...Object.fromEntries(lists) },
  } as unknown as Board;
}

const text = (board: Board) => canonicalJson(essential(board));

describe("a board that an older log recorded", () => {
  const old = recordedLongAgo(EXAMPLE_BOARD);

  test("gets what it could not say", () => {
    expect(old.firmware).not.toHaveProperty("sensors");
    expect(withDefaults(old)).toEqual(recordedLongAgoWith(EXAMPLE_BOARD));
  });

  test("is known as what its file is read as now", () => {
    expect(text(old)).toBe(text(EXAMPLE_BOARD));
    expect(text(withDefaults(old))).toBe(text(old));
    expect(text(old)).toBe(canonicalJson(old as unknown as Json));
  });
});

/** The old board as it is read: its devices have all fields, its agents and resources may lack those that say nothing. */
function recordedLongAgoWith(board: Board): unknown {
  const { agents, clocks, powerDomains, resets } = recordedLongAgo(board).firmware;
  return { ...board, firmware: { ...board.firmware, agents, clocks, powerDomains, resets } };
}

test("its partial trees make it another one", () => {
  const text = `${boardWith()}\nxen: { partialTrees: { domU1: a.dtb } }\n`;
  expect(boardOf(text).xen.partialTrees).toEqual({ domU1: "a.dtb" });
  const odd = boardOf(text.replace("domU1", "__proto__")).xen.partialTrees;
  expect(Object.entries(odd)).toEqual([["__proto__", "a.dtb"]]);
  expect(canonicalJson(essential(boardOf(text)))).not.toBe(canonicalJson(essential(boardOf(boardWith()))));
});

test.each([
  "sensors: [ { id: 0, name: s, type: 2 } ]",
  "performanceDomains: [ { id: 0, name: p, levels: [ { value: 1 } ] } ]",
  "systemPower: {}",
  "voltageDomains: [ { id: 0, name: v, level: 1 } ]",
  "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 } } ]",
  "pins: [ { id: 0, name: p } ]",
])("what a board says of %s makes it another one", (line) => {
  const [plain, more] = [boardOf(boardWith()), boardOf(boardWith(line, "protocols: []"))];
  expect(text(plain)).not.toBe(text(more));
  expect(withDefaults(more)).toEqual(more);
});
