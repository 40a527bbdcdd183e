import type { DeviceTree } from "../device-tree/device-tree.ts";
import { overlayFragments } from "./fragments.ts";

/**
 * Tells where the nodes of an overlay come to lie: the path in the whole tree for a path of the overlay, or null for what is
 * not part of its content.
 *
 * @param pathOfLabel the path of a label, or null: it is not known, and neither is the place of the fragment
 */
export function targetPaths(
  overlay: DeviceTree,
  pathOfLabel: (label: string) => string | null,
): (path: string) => string | null {
  const byContent = new Map<string, string>();
  for (const { content, target } of overlayFragments(overlay)) {
    const path =
      target.kind === "path" ? target.path : target.kind === "label" ? pathOfLabel(target.label) : null;
    if (path !== null) byContent.set(content.path, path);
  }
  return (path) => {
    const [, content, below] = /^(\/[^/]+\/__overlay__)(\/.*)?$/.exec(path) ?? [];
    const target = content === undefined ? undefined : byContent.get(content);
    if (target === undefined) return null;
    return below === undefined ? target : `${target === "/" ? "" : target}${below}`;
  };
}
