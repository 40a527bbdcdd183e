import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Problem, problem } from "#base/problem.ts";
import { runTool, whyFailed } from "./run-tool.ts";

/**
 * Applies an overlay (.dtbo) to a flattened tree with the real `fdtoverlay`.
 *
 * @param file what a refusal calls the overlay
 * @returns the merged tree, flattened; or `fdtoverlay-missing` or `overlay-refused`
 */
export async function applyOverlay(
  base: Uint8Array,
  overlay: Uint8Array,
  file: string,
): Promise<Uint8Array | Problem> {
  const folder = await mkdtemp(join(tmpdir(), "fdtoverlay-"));
  try {
    await Promise.all([
      writeFile(join(folder, "base.dtb"), base),
      writeFile(join(folder, "overlay.dtbo"), overlay),
    ]);
    const args = ["-i", "base.dtb", "-o", "merged.dtb", "overlay.dtbo"];
    const { error, stderr } = await runTool("fdtoverlay", args, folder);
    if (error === null) return new Uint8Array(await readFile(join(folder, "merged.dtb")));
    if (error.code === "ENOENT") return problem("fdtoverlay-missing", { file });
    return problem("overlay-refused", { file, why: whyFailed("fdtoverlay", error, stderr) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
