import { basename, dirname, join, normalize } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX } from "#config/fdt.ts";
import { type DtcMessage, readDtcMessages } from "#config/lint/dtc-messages.ts";
import type { SourceMessage, UncompiledSource } from "#config/lint/input.ts";
import { type Locations, readAnnotations } from "#config/lint/locations.ts";
import { mayRepeatLabels } from "#config/lint/repeated-labels.ts";
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
  const run = (...options: readonly string[]) =>
    runTool(
      "dtc",
      ["-q", "-I", "dts", ...(withSymbols ? ["-@"] : []), ...options, "-o", "-", "--", basename(file)],
      folder,
      ANNOTATED_BYTES_MAX,
    );
  const [tree, annotated] = await Promise.all([
    run("-O", "dtb", ...WITHOUT_LABEL_CHECK),
    run("-O", "dts", "-T", ...WITHOUT_LABEL_CHECK),
  ]);
  if (tree.error !== null && tree.error.code === "ENOENT") return problem("dtc-missing", { file });
  const text = annotated.error === null ? annotated.stdout.toString("utf8") : "";
  if (tree.error === null && !mayRepeatLabels(text)) return compiled(tree.stdout, text, fileOf);
  const { error, stdout, stderr } = await run("-O", "dtb");
  if (error === null) return compiled(stdout, text, fileOf);
  const messages = readDtcMessages(stderr).filter(({ severity }) => severity === "error");
  if (messages.length === 0)
    return problem("device-tree-invalid", { file, why: whyFailed("dtc", error, stderr) });
  return { file, messages: await withSource(messages, fileOf) };
}

/** dtc looks for a label in the whole tree, for every label. It is spared that where no label can be there twice. */
const WITHOUT_LABEL_CHECK = ["-E", "no-duplicate_label", "-W", "no-duplicate_label"];

function compiled(bytes: Uint8Array, annotated: string, fileOf: (named: string) => string): Compiled {
  return { bytes: new Uint8Array(bytes), locations: readAnnotations(annotated, fileOf) };
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
