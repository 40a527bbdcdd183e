import { extname } from "node:path";
import type { Command } from "commander";
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
