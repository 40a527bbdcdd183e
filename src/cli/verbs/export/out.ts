import { extname } from "node:path";
import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import type { EditableTree } from "#config/tree-writer/editable-tree.ts";
import { note, refuse, write } from "../../output.ts";

/** Options of everything that is exported. */
export interface OutOptions {
  readonly out?: string;
}

/** Lets an export be written to a file. */
export function withOut(command: Command): Command {
  return command.option(
    "--out <file>",
    "write it there, instead of printing it; a tree is flattened for .dtb and .dtbo",
  );
}

/** Prints a text, or writes it to the file that was asked for. */
export async function putText(text: string, { out }: OutOptions): Promise<void> {
  if (out === undefined) await write(text);
  else await putFile(out, text);
}

/** How a tree is written. */
interface TreeStyle {
  readonly plugin?: boolean;
  readonly header?: readonly string[];
}

/** Prints a tree as source, or writes it to the file that was asked for: flattened where that is called .dtb or .dtbo. */
export async function putTree(tree: EditableTree, options: OutOptions, style: TreeStyle = {}): Promise<void> {
  if (wantsFlattened(options)) {
    const { toDtb } = await import("#config/tree-writer/to-dtb.ts");
    await putFile(options.out as string, toDtb(tree, { plugin: style.plugin ?? false }));
    return;
  }
  const { toDts } = await import("#config/tree-writer/to-dts.ts");
  const source = toDts(tree, style);
  if (isProblem(source)) refuse(source);
  else await putText(source, options);
}

/** Whether the file that was asked for is a flattened tree's by its name. */
export function wantsFlattened({ out }: OutOptions): boolean {
  return out !== undefined && [".dtb", ".dtbo"].includes(extname(out).toLowerCase());
}

/** Writes a file, and says so. */
export async function putFile(file: string, content: Uint8Array | string): Promise<void> {
  const { writeOut } = await import("#inputs/write-file.ts");
  const fault = await writeOut(file, content);
  if (fault === null) note(`${file}: ${Buffer.byteLength(content)} bytes`);
  else refuse(fault);
}
