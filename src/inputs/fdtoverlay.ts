import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Problem, problem } from "#base/problem.ts";
import type { DeviceTree } from "#config/device-tree.ts";
import { overlayFixups, overlayFragments, symbols } from "#config/overlay/fragments.ts";

const TIMEOUT_MS = 60_000;

/** A compiled tree under the name that the user knows it by. */
export interface NamedTree {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly tree: DeviceTree;
}

/**
 * Applies an overlay to a base with the real `fdtoverlay`.
 *
 * @param base compiled with symbols (`dtc -@`), where the overlay refers to labels
 * @returns the merged tree, flattened; or `overlay-not-applied`, which names what the base lacks as far as that can be told
 */
export async function applyOverlay(base: NamedTree, overlay: NamedTree): Promise<Uint8Array | Problem> {
  const folder = await mkdtemp(join(tmpdir(), "fdtoverlay-"));
  try {
    const [input, addition, output] = ["base.dtb", "overlay.dtbo", "merged.dtb"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await Promise.all([writeFile(input, base.bytes), writeFile(addition, overlay.bytes)]);
    const said = await run(["-i", input, "-o", output, addition]);
    if (said === null) return new Uint8Array(await readFile(output));
    const why = missing(base.tree, overlay.tree) ?? said.replaceAll(`${folder}/`, "");
    return problem("overlay-not-applied", { base: base.file, overlay: overlay.file, why });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Null where it went well, else what is to be said about it. */
function run(args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("fdtoverlay", args, { timeout: TIMEOUT_MS, killSignal: "SIGKILL" }, (error, _, stderr) => {
      if (error === null) resolve(null);
      else if (error.code === "ENOENT") resolve("fdtoverlay is not installed (package device-tree-compiler)");
      else resolve(`fdtoverlay says: ${stderr.trim().split("\n").join("; ")}`);
    });
  });
}

/** What an overlay needs and the base has not. */
function missing(base: DeviceTree, overlay: DeviceTree): string | null {
  const known = symbols(base);
  const labels = new Set(overlayFixups(overlay).map(({ label }) => label));
  if (labels.size > 0 && known.size === 0) {
    return "the base has no symbols for the overlay's labels; compile it with dtc -@, or give its source";
  }
  const unknown = [...labels].filter((label) => !known.has(label));
  if (unknown.length > 0) return `the base has no label ${unknown.join(", ")}`;
  const paths = overlayFragments(overlay).flatMap(({ target }) =>
    target.kind === "path" && base.nodeByPath(target.path) === undefined ? [target.path] : [],
  );
  return paths.length > 0 ? `the base has no node ${paths.join(", ")}` : null;
}
