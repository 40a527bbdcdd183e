import { describe, expect, test } from "vitest";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import { nodeAt, treeOf } from "../support/device-tree.ts";
import type { DtbValue } from "../support/fdt-builder.ts";

const MGMT = 1;
const HOST = 2;
const NONE = 3;
const PLAIN = 4;

/** What the walk over this `access-controllers` finds, as `provider(arguments)`. */
function walk(list: DtbValue | null) {
  const tree = treeOf({
    children: {
      mgmt: { props: { phandle: [MGMT], "#access-controller-cells": [1] } },
      host: { props: { phandle: [HOST], "#access-controller-cells": [2] } },
      none: { props: { phandle: [NONE], "#access-controller-cells": [0] } },
      plain: { props: { phandle: [PLAIN] } },
      device: { props: list === null ? {} : { "access-controllers": list } },
    },
  });
  const { entries, endedEarly } = accessControllers(tree, nodeAt(tree, "/device"));
  expect(entries.map((entry) => entry.index)).toEqual(entries.map((_, at) => at));
  return { found: entries.map(({ provider, args }) => `${provider.name}(${args})`), endedEarly };
}

describe("a device's access controllers", () => {
  test.each<[string, DtbValue | null, string[]]>([
    ["an absent list", null, []],
    ["an empty list", true, []],
    ["one entry", [MGMT, 7], ["mgmt(7)"]],
    [
      "entries as long as each provider says",
      [HOST, 8, 9, NONE, MGMT, 7],
      ["host(8,9)", "none()", "mgmt(7)"],
    ],
    ["the same entry twice", [MGMT, 7, MGMT, 7], ["mgmt(7)", "mgmt(7)"]],
  ])("%s is walked to its end", (_, list, found) => {
    expect(walk(list)).toEqual({ found, endedEarly: false });
  });

  test.each<[string, DtbValue, string[]]>([
    ["phandle 0", [MGMT, 7, 0, MGMT, 8], ["mgmt(7)"]],
    ["a phandle that nothing has", [MGMT, 7, 99, MGMT, 8], ["mgmt(7)"]],
    ["a provider without #access-controller-cells", [PLAIN, MGMT, 8], []],
    ["arguments past the end", [MGMT, 7, HOST, 8], ["mgmt(7)"]],
    ["a phandle at the very end", [MGMT, 7, MGMT], ["mgmt(7)"]],
    ["less than a cell", Uint8Array.of(0, 0, 0, MGMT, 0, 0, 0, 7, 0, 0), ["mgmt(7)"]],
  ])("the walk ends early at %s, and keeps what it had", (_, list, found) => {
    expect(walk(list)).toEqual({ found, endedEarly: true });
  });

  test("a count of arguments beyond counting ends the walk", () => {
    const tree = treeOf({
      children: {
        odd: { props: { phandle: [1], "#access-controller-cells": [0xffffffff] } },
        device: { props: { "access-controllers": [1, 2, 3] } },
      },
    });
    expect(accessControllers(tree, nodeAt(tree, "/device"))).toEqual({ entries: [], endedEarly: true });
  });
});
