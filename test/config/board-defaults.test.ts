import { describe, expect, test } from "vitest";
import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { Board } from "#config/board.ts";
import { essential, LATER_DEVICE, LATER_FIRMWARE, withDefaults } from "#config/board-defaults.ts";
import { boardOf, boardWith, EXAMPLE_BOARD } from "../support/boards.ts";

/** The board as the first logs have it. */
function recordedLongAgo(board: Board): Board {
  const { firmware } = board;
  const without = (object: object, names: object) =>
    Object.fromEntries(Object.entries(object).filter(([name]) => !(name in names)));
  return {
    ...board,
    firmware: {
      ...without(firmware, LATER_FIRMWARE),
      devices: firmware.devices.map((device) => without(device, LATER_DEVICE)),
      clocks: firmware.clocks.map((clock) => without(clock, { absent: false })),
      powerDomains: firmware.powerDomains.map((domain) => without(domain, { absent: false })),
      resets: firmware.resets.map((reset) => without(reset, { absent: false })),
    },
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

/** The old board's resources, whose `absent` may stay left out. */
function recordedLongAgoWith({ firmware, ...board }: Board): unknown {
  const { clocks, powerDomains, resets } = recordedLongAgo({ firmware, ...board }).firmware;
  return { ...board, firmware: { ...firmware, clocks, powerDomains, resets } };
}

test.each([
  "sensors: [ { id: 0, name: s, type: 2 } ]",
  "performanceDomains: [ { id: 0, name: p, levels: [ { value: 1 } ] } ]",
  "systemPower: {}",
])("what a board says of %s makes it another one", (line) => {
  const [plain, more] = [boardOf(boardWith()), boardOf(boardWith(line, "protocols: []"))];
  expect(text(plain)).not.toBe(text(more));
  expect(withDefaults(more)).toEqual(more);
});
