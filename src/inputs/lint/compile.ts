import { basename, dirname, join, normalize } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX } from "#config/device-tree/fdt.ts";
import { type DtcMessage, readDtcMessages } from "#config/lint/dtc-messages.ts";
import type { SourceMessage, UncompiledSource } from "#config/lint/input.ts";
import { type Locations, readAnnotations } from "#config/lint/locations.ts";
import { repairSource, type SourceDefect } from "#config/lint/repair-source.ts";
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

/** A source that dtc refuses, and the tree that its author plainly meant, where there is one. */
export interface RefusedSource extends UncompiledSource {
  readonly meant: Compiled | null;
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
): Promise<Compiled | RefusedSource | Problem> {
  const dtc = new Dtc(file, withSymbols);
  const [tree, annotated] = await Promise.all([
    dtc.run("-O", "dtb", ...WITHOUT_LABEL_CHECK),
    dtc.run("-O", "dts", "-T", ...WITHOUT_LABEL_CHECK),
  ]);
  if (tree.error !== null && tree.error.code === "ENOENT") return problem("dtc-missing", { file });
  if (tree.error?.killed === true) {
    return problem("device-tree-invalid", { file, why: whyFailed("dtc", tree.error, tree.stderr) });
  }
  const text = annotated.error === null ? annotated.stdout.toString("utf8") : "";
  const withoutCheck = compiled(tree.stdout, text, dtc.fileOf);
  if (tree.error === null && !mayRepeatLabels(text)) return withoutCheck;
  const { error, stdout, stderr } = await dtc.run("-O", "dtb");
  if (error === null) return compiled(stdout, text, dtc.fileOf);
  const messages = errorsIn(stderr);
  if (messages.length === 0) {
    return problem("device-tree-invalid", { file, why: whyFailed("dtc", error, stderr) });
  }
  if (tree.error !== null) return repaired(dtc, messages);
  return { file, messages: await withSource(messages, dtc.fileOf), meant: withoutCheck };
}

/** Compiles what a source that dtc refuses was meant to be, so that its other mistakes are found too. */
async function repaired(dtc: Dtc, said: readonly DtcMessage[]): Promise<RefusedSource> {
  const { file, fileOf } = dtc;
  const bytes = await readBytes(file, DEVICE_TREE_BYTES_MAX);
  const source = repairSource(isProblem(bytes) ? "" : new TextDecoder().decode(bytes), basename(file));
  const [tree, annotated] = await Promise.all([
    // With a check that fails, dtc leaves the references as they are.
    dtc.runOn(source.text, "-f", "-O", "dtb", ...WITHOUT_LABEL_CHECK),
    dtc.runOn(source.text, "-f", "-O", "dts", "-T", ...WITHOUT_LABEL_CHECK),
  ]);
  const isDone = tree.error === null && annotated.error === null;
  const text = isDone ? annotated.stdout.toString("utf8") : "";
  const stderr = mayRepeatLabels(text) ? (await dtc.runOn(source.text, "-O", "dtb")).stderr : tree.stderr;
  const errors = isDone ? errorsIn(stderr) : errorsIn(tree.stderr);
  // What comes behind an error that is none of the usual ones cannot be trusted.
  const until = isDone ? Infinity : Math.min(...errors.map(({ line }) => line ?? 0), Infinity);
  const messages = [
    ...source.defects
      .filter(({ kind, line }) => kind === "no-version" || line <= until)
      .map((defect) => defectMessage(defect, basename(file))),
    ...(errors.length === 0 && !isDone ? said : errors),
  ];
  const told = new Map(messages.toReversed().map((message) => [`${message.file} ${message.line}`, message]));
  return {
    file,
    messages: await withSource([...told.values()].toReversed(), fileOf),
    meant: isDone ? compiled(tree.stdout, text, fileOf) : null,
  };
}

/** A defect in dtc's words, which stops at the first. */
function defectMessage({ kind, line, column }: SourceDefect, file: string): DtcMessage {
  const message = {
    arrow: "syntax error",
    "late-property": "Properties must precede subnodes",
    "no-version": "the source does not begin with /dts-v1/;",
  }[kind];
  return { severity: "error", file, line, column, check: null, message };
}

function errorsIn(stderr: string): DtcMessage[] {
  return readDtcMessages(stderr).filter(({ severity }) => severity === "error");
}

/** dtc on one source, in the folder of it. */
class Dtc {
  readonly file: string;
  readonly #withSymbols: boolean;

  constructor(file: string, withSymbols: boolean) {
    this.file = file;
    this.#withSymbols = withSymbols;
  }

  /** A file that dtc names, as the user would. */
  readonly fileOf = (named: string): string => normalize(join(dirname(this.file), named));

  run(...options: readonly string[]) {
    return this.#run([...options, "-o", "-", "--", basename(this.file)]);
  }

  /** The same of a text that stands for the source. */
  runOn(text: string, ...options: readonly string[]) {
    return this.#run([...options, "-o", "-", "--", "-"], text);
  }

  #run(options: readonly string[], stdin?: string) {
    const symbols = this.#withSymbols ? ["-@"] : [];
    const args = ["-q", "-I", "dts", ...symbols, ...options];
    return runTool("dtc", args, dirname(this.file), ANNOTATED_BYTES_MAX, stdin);
  }
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
