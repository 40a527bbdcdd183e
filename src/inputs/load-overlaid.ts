import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { DeviceTree } from "#config/device-tree/device-tree.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { isOverlay } from "#config/overlay/fragments.ts";
import { missingForOverlay } from "#config/overlay/missing.ts";
import { applyOverlay } from "./fdtoverlay.ts";
import { loadDeviceTree } from "./load-device-tree.ts";

/** A device tree with its bytes. */
export interface LoadedDeviceTree {
  readonly bytes: Uint8Array;
  readonly tree: DeviceTree;
}

/**
 * Reads a device tree with its labels; an overlay is applied to its base first.
 *
 * @param base of an overlay; null: the file is a whole tree
 * @returns the tree; or what `loadDeviceTree` refuses, `overlay-refused` (also where a base is missing, or one too many) or
 *   `fdtoverlay-missing`
 */
export async function loadOverlaid(file: string, base: string | null): Promise<LoadedDeviceTree | Problem> {
  const given = await load(file);
  if (isProblem(given)) return given;
  if (!isOverlay(given.tree)) {
    if (base === null) return given;
    return problem("overlay-refused", {
      file,
      why: `it is a whole tree, which needs no base such as ${base}`,
    });
  }
  if (base === null) {
    return problem("overlay-refused", { file, why: "nobody said to which tree: name it with --base" });
  }
  const under = await load(base);
  if (isProblem(under)) return under;
  const why = isOverlay(under.tree)
    ? `${base} is an overlay itself`
    : missingForOverlay(under.tree, given.tree);
  if (why !== null) return problem("overlay-refused", { file, why });
  const bytes = await applyOverlay(under.bytes, given.bytes, file);
  return isProblem(bytes) ? bytes : parsed(bytes, file);
}

async function load(file: string): Promise<LoadedDeviceTree | Problem> {
  const bytes = await loadDeviceTree(file, true);
  return isProblem(bytes) ? bytes : parsed(bytes, file);
}

function parsed(bytes: Uint8Array, file: string): LoadedDeviceTree | Problem {
  const tree = parseDeviceTree(bytes, file);
  return isProblem(tree) ? tree : { bytes, tree };
}
