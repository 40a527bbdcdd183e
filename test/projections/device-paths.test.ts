import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { SeriesVersion } from "#config/board/board.ts";
import { configure } from "#machine/configuration.ts";
import { devicePaths } from "#projections/device-paths.ts";
import { sha256 } from "#replay/hash.ts";
import { bspTree, MANAGEMENT, rfcTree, xenConfigTree } from "../support/generations.ts";
import { type HostOptions, hostWith } from "../support/scenario.ts";

const soc = { "gpu@1": { "access-controllers": [MANAGEMENT, 4] } };

function pathsOf(tree: HostOptions["tree"], version: SeriesVersion, rules?: number) {
  const configured = configure(hostWith({ ...(tree && { tree }), xen: { version } }), sha256, rules);
  if (isProblem(configured)) throw new Error(configured.detail);
  return devicePaths(configured).map(({ deviceId, path, provider, isExpected }) => [
    deviceId,
    path,
    provider,
    isExpected,
  ]);
}

test.each<[SeriesVersion, HostOptions["tree"], string]>([
  ["bsp", bspTree({ soc }), "/firmware/scmi"],
  ["v4", rfcTree({ soc }), "/firmware/scmi"],
  ["v6", xenConfigTree({ soc }), "/chosen/xen,config/scmi"],
])("a device of %s names the SCMI node that is Xen's own there", (version, tree, provider) => {
  expect(pathsOf(tree, version)).toEqual([[4, "/soc/gpu@1", provider, true]]);
});

test("a version that does not read the tree's form knows no device of it; nor did the first rules", () => {
  expect(pathsOf(bspTree({ soc }), "v10")).toEqual([]);
  expect(pathsOf(xenConfigTree({ soc }), "v6", 1)).toEqual([]);
});
