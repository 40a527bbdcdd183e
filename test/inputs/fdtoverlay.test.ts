import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { readU32 } from "#config/device-tree/property.ts";
import { applyOverlay } from "#inputs/fdtoverlay.ts";
import { nodeAt, parsed } from "../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../support/dtc.ts";

const compiled = (source: string) => dtc(["-@", "-I", "dts", "-O", "dtb"], `/dts-v1/;\n${source}`);

test("an overlay is merged into its base", async ({ skip }) => {
  if (!HAS_DTC) skip(NO_DTC);
  const base = compiled("/ { a: a { x = <1>; }; b: b { }; };");
  const overlay = compiled("/plugin/;\n&a { x = <2>; other = <&b>; c { }; };");
  const merged = await applyOverlay(base, overlay, "o.dtbo");
  if (isProblem(merged)) throw new Error(merged.detail);
  const tree = parsed(merged);
  const a = nodeAt(tree, "/a");
  expect(readU32(a, "x")).toBe(2);
  expect(tree.nodeByPhandle(readU32(a, "other") ?? 0)?.path).toBe("/b");
  expect(nodeAt(tree, "/a/c").path).toBe("/a/c");
});

test("one for another base is refused in fdtoverlay's words", async ({ skip }) => {
  if (!HAS_DTC) skip(NO_DTC);
  const refused = await applyOverlay(compiled("/ { a { }; };"), compiled("/plugin/;\n&z { };"), "o.dtbo");
  expect(refused).toMatchObject({ code: "overlay-refused" });
  expect(isProblem(refused) && refused.detail).toMatch(/^o\.dtbo cannot be applied .*FDT_ERR/);
});
