import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { exportHostOverlay } from "#config/export/host-overlay.ts";
import { exportPartialTree } from "#config/export/partial-tree.ts";
import { EditableTree } from "#config/tree-writer/editable-tree.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { runs } from "../../support/runs.ts";
import { guest, viewOf } from "../export/views.ts";

const FILES = ["two-guests", "rcar-v4h"].map((name) => readFileSync(`examples/${name}/host.dtb`));
const RUNS = runs(150, 20_000);

/** A tree with some bytes that are others, as long as it still reads as a tree. */
const spoilt = fc
  .tuple(fc.constantFrom(...FILES), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 8 }))
  .map(([file, changes]) => {
    const bytes = Uint8Array.from(file);
    // Behind the header, which says where everything is.
    for (const [at, byte] of changes) bytes[64 + (at % (bytes.length - 64))] = byte;
    return bytes;
  });

test("a tree full of nonsense is written as it is, or refused, and exports do not mind", () => {
  fc.assert(
    fc.property(spoilt, (bytes) => {
      const tree = parseDeviceTree(bytes, "spoilt.dtb");
      if (isProblem(tree)) return;
      const copy = EditableTree.of(tree);
      const again = parseDeviceTree(toDtb(copy), "again.dtb");
      if (isProblem(again)) throw new Error(again.detail);
      expect(again.nodes.map(({ path, properties }) => [path, [...properties]])).toEqual(
        tree.nodes.map(({ path, properties }) => [path, [...properties]]),
      );
      toDts(copy);
      const view = { ...viewOf({}), tree, accessController: "/chosen/xen/xen-scmi-config/scmi" };
      const devices = tree.nodes.filter(({ properties }) => properties.has("reg")).map(({ path }) => path);
      const overlay = exportHostOverlay(view, { all: true, agents: [] });
      const partial = exportPartialTree(view, guest({ devices }), "dom0less");
      for (const made of [isProblem(overlay) ? overlay : overlay.tree, partial]) {
        if (isProblem(made)) continue;
        toDtb(made, { plugin: true });
        toDts(made);
      }
    }),
    { numRuns: RUNS },
  );
});
