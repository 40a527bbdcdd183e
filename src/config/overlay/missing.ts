import type { DeviceTree } from "../device-tree/device-tree.ts";
import { overlayFixups, overlayFragments, symbols } from "./fragments.ts";

/** What an overlay needs of its base and the base has not, or null: nothing that could be told. */
export function missingForOverlay(base: DeviceTree, overlay: DeviceTree): string | null {
  const known = symbols(base);
  const labels = new Set(overlayFixups(overlay).map(({ label }) => label));
  if (labels.size > 0 && known.size === 0) {
    return "the base has no symbols for the overlay's labels (compile it with dtc -@, or give its source)";
  }
  const unknown = [...labels].filter((label) => !known.has(label));
  if (unknown.length > 0) return `the base has no label ${unknown.join(", ")}`;
  const paths = overlayFragments(overlay).flatMap(({ target }) =>
    target.kind === "path" && base.nodeByPath(target.path) === undefined ? [target.path] : [],
  );
  return paths.length > 0 ? `the base has no node ${paths.join(", ")}` : null;
}
