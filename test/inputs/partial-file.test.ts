import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findPartialTree } from "#inputs/partial-file.ts";
import { scratchFolder } from "../support/scmictl.ts";

const folder = scratchFolder();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);
for (const name of ["a.cfg", "beside.dtb", "source.dts", "other.dtb"]) writeFileSync(at(name), "");
mkdirSync(at("folder.dtb"));

describe("the partial tree of an xl.cfg", () => {
  test.each<[string, string, string[], boolean, string | null]>([
    ["is the file given with its name", "/etc/xen/drv.dtb", ["x/gpu.dtb", "x/drv.dts"], false, "x/drv.dts"],
    ["is the only file given for the only guest", "/etc/xen/drv.dtb", ["x/gpu.dtb"], true, "x/gpu.dtb"],
    ["is not a file given for another guest", "/etc/xen/drv.dtb", ["x/gpu.dtb"], false, null],
    ["is the one beside the xl.cfg", "/etc/xen/beside.dtb", [], true, at("beside.dtb")],
    ["is the source beside the xl.cfg", "/etc/xen/source.dtb", [], true, at("source.dts")],
    ["is the one at its own path", at("other.dtb"), [], true, at("other.dtb")],
    ["is found from where the xl.cfg is", "./other.dtb", [], true, at("other.dtb")],
    ["is not there", "/etc/xen/drv.dtb", [], true, null],
    ["is not a folder", "folder.dtb", [], true, null],
    ["has an odd name", "\0", [], true, null],
    ["has no name", "", [], true, null],
  ])("%s", async (_what, deviceTree, given, isOnlyGuest, expected) => {
    expect(await findPartialTree(at("a.cfg"), deviceTree, given, isOnlyGuest)).toBe(expected);
  });
});
