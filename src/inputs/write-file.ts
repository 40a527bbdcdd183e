import { writeFile } from "node:fs/promises";
import { type Problem, problem } from "#base/problem.ts";
import { reason } from "./read-file.ts";

/** Writes a whole file, over one that is there; or refuses with `file-unwritable`. */
export async function writeOut(file: string, content: Uint8Array | string): Promise<Problem | null> {
  try {
    await writeFile(file, content);
    return null;
  } catch (error) {
    return problem("file-unwritable", { file, why: reason(error) });
  }
}
