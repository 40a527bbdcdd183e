import { expect, test } from "vitest";
import type { Board, PartialTreeBytes } from "#config/board/board.ts";
import { LATER_DEVICE, LATER_FIRMWARE } from "#config/board/defaults.ts";
import type { HostConfigured } from "#events/types.ts";
import { configure, loadConfiguration } from "#machine/configuration.ts";
import { sha256 as hash } from "#replay/hash.ts";
import { EXAMPLE_BOARD } from "../support/boards.ts";
import { buildDtb } from "../support/fdt-builder.ts";

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

const guest = { chosen: { children: { domU1: { props: { compatible: "xen,domain" } } } } };
const partialTree = (model: string) => ({ domain: "domU1", tree: buildDtb({ props: { model } }) });

test("partial trees make another configuration by what is in them, not by their files", () => {
  const digest = (trees: readonly PartialTreeBytes[], file = "a.dtb") => {
    const partialTrees = trees.length === 0 ? {} : { domU1: file };
    const board = { ...EXAMPLE_BOARD, xen: { ...EXAMPLE_BOARD.xen, partialTrees } };
    return loadConfiguration({ ...configured(board), partialTrees: trees }, hash).digest;
  };
  const one = digest([partialTree("one")]);
  expect(digest([])).toBe(loadConfiguration(configured(EXAMPLE_BOARD), hash).digest);
  expect(digest([partialTree("one")], "b.dtb")).toBe(one);
  expect(new Set([digest([]), one, digest([partialTree("two")])]).size).toBe(3);
});

test("a partial tree of a domain that the host tree has not is refused, with those that it has", () => {
  const description = {
    board: EXAMPLE_BOARD,
    deviceTree: buildDtb({ children: guest }),
    autostart: [],
    partialTrees: [{ ...partialTree("one"), domain: "domU2" }],
  };
  expect(configure(description, hash)).toMatchObject({
    code: "partial-tree-unclaimed",
    detail: expect.stringMatching(/domU2.*but domU1$/),
  });
  const given = { ...description, partialTrees: [partialTree("one")] };
  expect(configure(given, hash)).toHaveProperty("partialTrees", given.partialTrees);
  const broken = { ...given, partialTrees: [{ domain: "domU1", tree: new Uint8Array(9) }] };
  expect(configure(broken, hash)).toMatchObject({ code: "device-tree-invalid" });
});

test("a resource of a later kind makes another configuration", () => {
  const systemPower = { warmReset: false, suspend: false };
  const more = { ...EXAMPLE_BOARD, firmware: { ...EXAMPLE_BOARD.firmware, systemPower } };
  const digests = [EXAMPLE_BOARD, more].map((board) => loadConfiguration(configured(board), hash).digest);
  expect(new Set(digests).size).toBe(2);
});
