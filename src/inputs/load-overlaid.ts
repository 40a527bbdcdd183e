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
  if (isOverlay(under.tree)) {
    return problem("overlay-refused", { file, why: `${base} is an overlay itself` });
  }
  return merged(under, given, file);
}

/**
 * Reads a device tree with its labels, and applies overlays to it one after the other.
 *
 * @returns the tree; or what `loadDeviceTree` refuses, `overlay-refused` or `fdtoverlay-missing`
 */
export async function loadWithOverlays(
  file: string,
  overlays: readonly string[],
): Promise<LoadedDeviceTree | Problem> {
  let under = await load(file);
  for (const overlay of overlays) {
    if (isProblem(under)) return under;
    if (isOverlay(under.tree)) {
      return problem("overlay-refused", { file: overlay, why: `${file} is an overlay itself` });
    }
    const given = await load(overlay);
    if (isProblem(given)) return given;
    if (!isOverlay(given.tree)) {
      return problem("overlay-refused", { file: overlay, why: "it is a whole tree, and no overlay" });
    }
    under = await merged(under, given, overlay);
  }
  return under;
}

async function merged(
  under: LoadedDeviceTree,
  { bytes, tree }: LoadedDeviceTree,
  file: string,
): Promise<LoadedDeviceTree | Problem> {
  const why = missingForOverlay(under.tree, tree);
  if (why !== null) return problem("overlay-refused", { file, why });
  const whole = await applyOverlay(under.bytes, bytes, file);
  return isProblem(whole) ? whole : parsed(whole, file);
}

async function load(file: string): Promise<LoadedDeviceTree | Problem> {
  const bytes = await loadDeviceTree(file, true);
  return isProblem(bytes) ? bytes : parsed(bytes, file);
}

function parsed(bytes: Uint8Array, file: string): LoadedDeviceTree | Problem {
  const tree = parseDeviceTree(bytes, file);
  return isProblem(tree) ? tree : { bytes, tree };
}
