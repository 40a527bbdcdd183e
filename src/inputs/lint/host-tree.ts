import { isProblem, type Problem, problem } from "#base/problem.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import type { LintTree } from "#config/lint/input.ts";
import { isOverlay, symbols } from "#config/overlay/fragments.ts";
import { missingForOverlay } from "#config/overlay/missing.ts";
import { targetPaths } from "#config/overlay/target-paths.ts";
import { viewOverlays } from "#config/overlay/view.ts";
import { applyOverlay } from "../fdtoverlay.ts";
import { type LoadedTree, lintTree, wholeTree } from "./load-tree.ts";

/** A host tree, and the overlays that could not become part of it. */
export interface HostTree {
  readonly tree: LintTree | null;
  readonly refused: readonly { readonly file: string; readonly problem: Problem }[];
}

/** A base with overlays applied to it in order; or, where the first file is an overlay too, what the overlays tell by themselves. */
export async function hostTree(files: readonly LoadedTree[]): Promise<HostTree> {
  const [first, ...rest] = files;
  if (first === undefined) return { tree: null, refused: [] };
  const overlays = rest.filter(({ tree }) => isOverlay(tree));
  const refused = rest
    .filter(({ tree }) => !isOverlay(tree))
    .map(({ file }) => {
      const why = `it is no overlay but a whole tree, which ${first.file} is already`;
      return { file, problem: problem("overlay-refused", { file, why }) };
    });
  if (isOverlay(first.tree)) return { tree: overlaysAlone([first, ...overlays]), refused };
  const merged = await merge(first, overlays);
  return { tree: merged.tree, refused: [...refused, ...merged.refused] };
}

async function merge(base: LoadedTree, overlays: readonly LoadedTree[]): Promise<HostTree> {
  const refused: { file: string; problem: Problem }[] = [];
  const files = [base.file];
  let merged = base;
  for (const overlay of overlays) {
    const next = await applied(merged, overlay);
    if (isProblem(next)) refused.push({ file: overlay.file, problem: next });
    else {
      merged = next;
      files.push(overlay.file);
    }
  }
  const tree =
    files.length === 1
      ? wholeTree(base)
      : lintTree(base.file, files, merged.tree, merged.locations, new Set());
  return { tree, refused };
}

async function applied(base: LoadedTree, overlay: LoadedTree): Promise<LoadedTree | Problem> {
  const { file } = overlay;
  const why = missingForOverlay(base.tree, overlay.tree);
  if (why !== null) return problem("overlay-refused", { file, why });
  const bytes = await applyOverlay(base.bytes, overlay.bytes, file);
  if (isProblem(bytes)) return bytes;
  const tree = parseDeviceTree(bytes, file);
  if (isProblem(tree)) return tree;
  const labels = symbols(base.tree);
  const pathOf = targetPaths(overlay.tree, (label) => labels.get(label) ?? null);
  return {
    file: base.file,
    bytes,
    tree,
    locations: base.locations.overlaidWith(overlay.locations.renamed(pathOf)),
    refused: null,
  };
}

function overlaysAlone(overlays: readonly [LoadedTree, ...LoadedTree[]]): LintTree {
  const { tree, unknown, pathOf } = viewOverlays(overlays.map((overlay) => overlay.tree));
  const locations = overlays
    .map((overlay, index) => overlay.locations.renamed(pathOf[index] ?? (() => null)))
    .reduce((all, more) => all.overlaidWith(more));
  return lintTree(
    overlays[0].file,
    overlays.map(({ file }) => file),
    tree,
    locations,
    unknown,
  );
}
