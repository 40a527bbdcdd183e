import { describe, expect, test } from "vitest";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { isAvailable, isCompatible, readCells, readStrings, readU32 } from "#config/device-tree/property.ts";
import { treeOf } from "../support/device-tree.ts";
import type { DtbValue } from "../support/fdt-builder.ts";

function nodeWith(props: Record<string, DtbValue>): DtNode {
  return treeOf({ props }).root;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("cells", () => {
  test("are big-endian and unsigned", () => {
    const node = nodeWith({ x: [0x82000004, 0xffffffff, 1] });
    expect(readCells(node, "x")).toEqual([0x82000004, 0xffffffff, 1]);
    expect(readU32(node, "x")).toBe(0x82000004);
  });

  test("of an empty property are none", () => {
    const node = nodeWith({ x: true });
    expect(readCells(node, "x")).toEqual([]);
    expect(readU32(node, "x")).toBeNull();
  });

  test("of a ragged property cannot be read, but its first one can", () => {
    const node = nodeWith({ x: Uint8Array.of(0, 0, 1, 0, 9), y: Uint8Array.of(1, 2, 3) });
    expect(readCells(node, "x")).toBeNull();
    expect(readU32(node, "x")).toBe(256);
    expect(readU32(node, "y")).toBeNull();
  });

  test("of an absent property cannot be read; names of properties mind case", () => {
    const node = nodeWith({ Reg: [1] });
    expect(readCells(node, "reg")).toBeNull();
    expect(readU32(node, "reg")).toBeNull();
    expect(readStrings(node, "reg")).toBeNull();
  });
});

test("strings are split at NUL, and need one at the end", () => {
  expect(readStrings(nodeWith({ x: ["a", "", "b c"] }), "x")).toEqual(["a", "", "b c"]);
  expect(readStrings(nodeWith({ x: "héllo" }), "x")).toEqual(["héllo"]);
  expect(readStrings(nodeWith({ x: true }), "x")).toEqual([]);
  expect(readStrings(nodeWith({ x: bytes("a\0b") }), "x")).toBeNull();
});

describe("compatible", () => {
  test.each<[string, DtbValue, boolean]>([
    ["the only string", "arm,scmi-smc", true],
    ["a later string", ["vendor,scmi", "arm,scmi-smc"], true],
    ["another case", "ARM,SCMI-smc", true],
    ["a longer string", "arm,scmi-smc-param", false],
    ["a shorter string", "arm,scmi", false],
    ["two strings that only together make it", ["arm,", "scmi-smc"], false],
    ["an unterminated string", bytes("arm,scmi-smc"), false],
    ["an unterminated string after it", bytes("arm,scmi-smc\0x"), true],
    ["an empty list", true, false],
  ])("with %s", (_, value, compatible) => {
    expect(isCompatible(nodeWith({ compatible: value }), "arm,scmi-smc")).toBe(compatible);
  });

  test("absent, is compatible with nothing", () => {
    expect(isCompatible(nodeWith({}), "arm,scmi-smc")).toBe(false);
    expect(isCompatible(nodeWith({}), "")).toBe(false);
  });
});

test.each<[string, DtbValue, boolean]>([
  ["okay", "okay", true],
  ["ok", "ok", true],
  ["okay before other strings", ["okay", "x"], true],
  ["disabled", "disabled", false],
  ["fail-sss", "fail-sss", false],
  ["another case", "OKAY", false],
  ["a longer word", "okay!", false],
  ["empty", true, false],
  ["unterminated", bytes("okay"), false],
])("a node with status %s is available: %o, %s", (_, status, available) => {
  expect(isAvailable(nodeWith({ status }))).toBe(available);
});

test("a node without status is available", () => {
  expect(isAvailable(nodeWith({}))).toBe(true);
});
