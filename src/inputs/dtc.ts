import { basename, dirname } from "node:path";
import { type Problem, problem } from "#base/problem.ts";
import { runTool, whyFailed } from "./run-tool.ts";

/**
 * Compiles a device-tree source with `dtc`. It runs in the directory of the source, so that its messages name files as the
 * source does, and the bytes do not depend on where that directory lies.
 *
 * @param file an existing source
 * @param withLabels keep its labels, as overlays need them (`dtc -@`)
 * @returns the flattened tree; or `dtc-missing`, or `device-tree-invalid` with what dtc said
 */
export async function compileDeviceTree(file: string, withLabels = false): Promise<Uint8Array | Problem> {
  const args = [
    "-q",
    ...(withLabels ? ["-@"] : []),
    "-I",
    "dts",
    "-O",
    "dtb",
    "-o",
    "-",
    "--",
    basename(file),
  ];
  const { error, stdout, stderr } = await runTool("dtc", args, dirname(file));
  if (error === null) return new Uint8Array(stdout);
  if (error.code === "ENOENT") return problem("dtc-missing", { file });
  return problem("device-tree-invalid", { file, why: whyFailed("dtc", error, stderr) });
}
