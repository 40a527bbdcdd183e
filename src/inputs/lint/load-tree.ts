import { isProblem, type Problem } from "#base/problem.ts";
import type { DeviceTree } from "#config/device-tree/device-tree.ts";
import { DEVICE_TREE_BYTES_MAX, parseDeviceTree } from "#config/device-tree/fdt.ts";
import type { LintTree, UncompiledSource } from "#config/lint/input.ts";
import { type Locations, NO_LOCATIONS } from "#config/lint/locations.ts";
import { isSource } from "../load-device-tree.ts";
import { readBytes } from "../read-file.ts";
import { compileWithPlaces, type RefusedSource } from "./compile.ts";

/** One file that holds a tree or an overlay, read. */
export interface LoadedTree {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly tree: DeviceTree;
  readonly locations: Locations;
  /** Where dtc refuses the source, what it said: the tree is what was meant. */
  readonly refused: UncompiledSource | null;
}

/**
 * Reads a device tree or an overlay, source or flattened, for the lint.
 *
 * @param withSymbols keep the labels of a source, for overlays; those of an overlay's own are always kept
 */
export async function loadTree(
  file: string,
  withSymbols: boolean,
): Promise<LoadedTree | UncompiledSource | Problem> {
  const content = await readBytes(file, DEVICE_TREE_BYTES_MAX);
  if (isProblem(content)) return content;
  const compiled = isSource(content, file)
    ? await compileWithPlaces(file, withSymbols || isPlugin(content))
    : { bytes: content, locations: NO_LOCATIONS };
  if (isProblem(compiled)) return compiled;
  if ("messages" in compiled) return meantBy(file, compiled);
  const tree = parseDeviceTree(compiled.bytes, file);
  return isProblem(tree) ? tree : { file, ...compiled, tree, refused: null };
}

function meantBy(file: string, refused: RefusedSource): LoadedTree | UncompiledSource {
  const tree = refused.meant === null ? null : parseDeviceTree(refused.meant.bytes, file);
  return refused.meant === null || tree === null || isProblem(tree)
    ? refused
    : { file, ...refused.meant, tree, refused };
}

/** A tree as the lint reads it, complete and of one file. */
export function wholeTree({ file, tree, locations }: LoadedTree): LintTree {
  return lintTree(file, [file], tree, locations, new Set());
}

/** A tree as the lint reads it. What is `unknown` makes it a part only. */
export function lintTree(
  file: string,
  files: readonly string[],
  tree: DeviceTree,
  locations: Locations,
  unknown: LintTree["unknown"],
): LintTree {
  return {
    file,
    files,
    tree,
    whole: unknown.size === 0,
    unknown,
    locate: (node, property) => {
      const place = locations.find(node.path, property);
      return { file: place?.file ?? file, line: place?.line ?? null, node: node.path };
    },
  };
}

function isPlugin(content: Uint8Array): boolean {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes("/plugin/");
}
