import { expect, test } from "vitest";
import { keyLine } from "#config/lint/key-line.ts";
import { describeXen } from "#config/lint/xen.ts";
import { boardText } from "./board-text.ts";
import { edited } from "./edit-tree.ts";
import { hostTree } from "./host-tree.ts";
import { type Given, inputOf } from "./lint-input.ts";

const described = (given: Given) => {
  const { board, host, guests } = inputOf(given);
  return describeXen(board, host, guests);
};
const PLAIN = edited(hostTree(), { "/chosen/xen/xen_scmi_config": null });
const SINGLE_GUEST = "name = 'g'\narm_sci = 'type=scmi_smc'\n";

test("a board says what Xen is", () => {
  const xen = described({ host: hostTree(), board: boardText({ xen: { version: "v8", iommu: false } }) });
  expect(xen).toMatchObject({ mediator: "multi-agent", version: "v8", iommu: false, known: true });
});

test.each<[string, Given, string]>([
  ["a container", { host: hostTree(), xlcfg: [SINGLE_GUEST] }, "multi-agent"],
  ["nothing at all", { host: PLAIN }, "multi-agent"],
  ["a guest of the single-agent type", { host: PLAIN, xlcfg: [SINGLE_GUEST] }, "single-agent"],
  [
    "the option of the single-agent driver",
    { host: edited(PLAIN, { "/chosen": { "xen,xen-bootargs": "sync_console scmi-smc-passthrough" } }) },
    "single-agent",
  ],
  [
    "a dom0less domain of the single-agent type",
    { host: edited(PLAIN, { "/chosen/d": { compatible: "xen,domain", "xen,sci_type": "scmi_smc" } }) },
    "single-agent",
  ],
])("without a board, %s decides", (_what, given, mediator) => {
  expect(described(given)).toMatchObject({ mediator, version: "v10", iommu: null, known: false });
});

test("the command line is the board's, else the tree's, and has a place", () => {
  const host = edited(hostTree(), { "/chosen": { "xen,xen-bootargs": "of=tree" } });
  const board = boardText({ xen: { cmdline: "of=board" } });
  const ofBoard = described({ host, board });
  expect(ofBoard.cmdline).toBe("of=board");
  expect(board.split("\n")[(ofBoard.cmdlinePlace?.line ?? 0) - 1]).toContain("of=board");
  expect(described({ host, board: boardText() })).toMatchObject({ cmdline: "of=tree" });
  expect(described({ host })).toMatchObject({ cmdline: "of=tree", cmdlinePlace: { node: "/chosen" } });
  const linux = edited(hostTree(), { "/chosen": { bootargs: "linux" } });
  expect(described({ host: linux })).toMatchObject({ cmdline: "", cmdlinePlace: null });
  const both = edited(linux, { "/chosen": { "xen,dom0-bootargs": "linux", bootargs: "xen" } });
  expect(described({ host: both }).cmdline).toBe("xen");
});

test.each([
  ["name: b\nxen:\n  cmdline: x", 3],
  ["xen: { version: v10, cmdline: x }", 1],
  ['{\n"cmdline" : "x"}', 2],
  ["xen:\n  my-cmdline: x", null],
])("a key is found where it is written: %j", (text, line) => {
  expect(keyLine(text, "cmdline")).toBe(line);
});
