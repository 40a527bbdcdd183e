import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Board } from "#config/board.ts";
import { LATER_DEVICE, LATER_FIRMWARE } from "#config/board-defaults.ts";
import type { HostConfigured } from "#events/types.ts";
import { loadConfiguration } from "#machine/configuration.ts";
import { EXAMPLE_BOARD } from "../support/boards.ts";
import { buildDtb } from "../support/fdt-builder.ts";

const hash = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

function configured(board: Board): HostConfigured {
  const deviceTree = buildDtb({ children: {} });
  return { board, deviceTree, deviceTreeDigest: "", cmdline: "", autostart: [], ruleVersion: 1 };
}

function without(object: object, names: object): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !(name in names)));
}

test("a log whose board lacks the fields that came later runs, and is known as its own file's", () => {
  const { firmware } = EXAMPLE_BOARD;
  const devices = firmware.devices.map((device) => without(device, LATER_DEVICE));
  const old = { ...EXAMPLE_BOARD, firmware: { ...without(firmware, LATER_FIRMWARE), devices } };
  const loaded = loadConfiguration(configured(old as unknown as Board), hash);
  expect(loaded.board).toEqual(EXAMPLE_BOARD);
  expect(loaded.digest).toBe(loadConfiguration(configured(EXAMPLE_BOARD), hash).digest);
});

test("a resource of a later kind makes another configuration", () => {
  const systemPower = { warmReset: false, suspend: false };
  const more = { ...EXAMPLE_BOARD, firmware: { ...EXAMPLE_BOARD.firmware, systemPower } };
  const digests = [EXAMPLE_BOARD, more].map((board) => loadConfiguration(configured(board), hash).digest);
  expect(new Set(digests).size).toBe(2);
});
