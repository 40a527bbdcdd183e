import { basename, dirname, join, normalize } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX } from "#config/fdt.ts";
import { type DtcMessage, readDtcMessages } from "#config/lint/dtc-messages.ts";
import type { SourceMessage, UncompiledSource } from "#config/lint/input.ts";
import { type Locations, NO_LOCATIONS, readAnnotations } from "#config/lint/locations.ts";
import { readBytes } from "../read-file.ts";
import { runTool, whyFailed } from "../run-tool.ts";

/** A tree of 8 MiB as annotated source; a larger one is checked without lines. */
const ANNOTATED_BYTES_MAX = 128 * 1024 * 1024;

/** A compiled source, and where in it everything was written. */
export interface Compiled {
  readonly bytes: Uint8Array;
  readonly locations: Locations;
}

/**
 * Compiles a device-tree source, and asks dtc where each node and property comes from.
 *
 * @param withSymbols keep the labels (`dtc -@`), for overlays
 * @returns the tree; what dtc said, with places, where it refuses the source; or `dtc-missing` or `device-tree-invalid`
 */
export async function compileWithPlaces(
  file: string,
  withSymbols: boolean,
): Promise<Compiled | UncompiledSource | Problem> {
  const folder = dirname(file);
  const fileOf = (named: string) => normalize(join(folder, named));
  const common = ["-q", "-I", "dts", ...(withSymbols ? ["-@"] : []), "-o", "-"];
  const [tree, annotated] = await Promise.all([
    runTool("dtc", [...common, "-O", "dtb", "--", basename(file)], folder),
    runTool("dtc", [...common, "-O", "dts", "-T", "--", basename(file)], folder, ANNOTATED_BYTES_MAX),
  ]);
  if (tree.error === null) {
    const locations =
      annotated.error === null ? readAnnotations(annotated.stdout.toString("utf8"), fileOf) : NO_LOCATIONS;
    return { bytes: new Uint8Array(tree.stdout), locations };
  }
  if (tree.error.code === "ENOENT") return problem("dtc-missing", { file });
  const messages = readDtcMessages(tree.stderr).filter(({ severity }) => severity === "error");
  if (messages.length === 0) {
    return problem("device-tree-invalid", { file, why: whyFailed("dtc", tree.error, tree.stderr) });
  }
  return { file, messages: await withSource(messages, fileOf) };
}

/** Messages with the lines that they are about; the files as the user would name them. */
async function withSource(
  messages: readonly DtcMessage[],
  fileOf: (named: string) => string,
): Promise<SourceMessage[]> {
  const texts = new Map<string, readonly string[]>();
  for (const named of new Set(messages.flatMap(({ file }) => file ?? []))) {
    const file = fileOf(named);
    const bytes = await readBytes(file, DEVICE_TREE_BYTES_MAX);
    if (!isProblem(bytes)) texts.set(file, new TextDecoder().decode(bytes).split("\n"));
  }
  return messages.map((message) => {
    const file = message.file === null ? null : fileOf(message.file);
    const source = message.line === null ? undefined : texts.get(file ?? "")?.[message.line - 1];
    return { ...message, file, ...(source === undefined ? {} : { source }) };
  });
}
