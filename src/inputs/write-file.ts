import { type FileHandle, open, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Problem, problem } from "#base/problem.ts";
import { reason } from "./read-file.ts";

/** How a file is written. */
export interface WriteOptions {
  /** It must not be there yet; else whatever is there, but a log, is written over. */
  readonly isNew?: boolean;
  /** Its permissions where it is made; else what the process makes files with. */
  readonly mode?: number;
}

/** How every SQLite database begins, and so every log and every pack. */
const DATABASE = "SQLite format 3\0";

/** Another file cannot take the place of this one: the folder is read-only, or the file is mounted by itself. */
const IN_PLACE = ["EACCES", "EPERM", "EROFS", "EBUSY"];

/**
 * Writes a file that is there whole or not at all: a disk that is full leaves what was there before. Pipes and devices are
 * written to as they are.
 *
 * @returns what {@link outProblem} says, or `file-unwritable`
 */
export async function writeOut(
  file: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<Problem | null> {
  const refusal = await outProblem(file, options);
  if (refusal !== null) return refusal;
  try {
    const there = await stat(file).catch(() => null);
    if (options.isNew === true || (there === null && !(await isLink(file)))) {
      await create(file, content, options.mode);
    } else if (there?.isFile() === true) await replace(await realpath(file), content, there.mode & 0o777);
    else await writeFile(file, content);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EEXIST" ? problem("log-exists", { file }) : unwritable(file, error);
  }
}

/**
 * Why a file cannot be written, as far as that can be told before there is anything to write: its folder is not there, it is a
 * folder itself, or it is a log (`log-exists`). Null: nothing speaks against it.
 */
export async function outProblem(
  file: string,
  { isNew = false }: WriteOptions = {},
): Promise<Problem | null> {
  if (file === "") return problem("file-unwritable", { file: '""', why: "it is no name of a file" });
  try {
    const there = await stat(file).catch(absent);
    if (there === null) {
      const folder = dirname(file);
      const above = await stat(folder).catch(absent);
      const why = above === null ? `there is no folder ${folder}` : `${folder} is not a folder`;
      return above?.isDirectory() === true ? null : problem("file-unwritable", { file, why });
    }
    if (there.isDirectory()) return problem("file-unwritable", { file, why: "it is a directory" });
    if (isNew || (there.isFile() && (await isDatabase(file)))) return problem("log-exists", { file });
    return null;
  } catch (error) {
    return unwritable(file, error);
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

function unwritable(file: string, error: unknown): Problem {
  return problem("file-unwritable", { file, why: reason(error) });
}

/** A link to what is not there yet: the file is made where it points. */
function isLink(file: string): Promise<boolean> {
  return readlink(file).then(
    () => true,
    () => false,
  );
}

async function isDatabase(file: string): Promise<boolean> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(DATABASE.length), 0, DATABASE.length, 0);
    return buffer.toString("latin1", 0, bytesRead) === DATABASE;
  } catch {
    // Who may not read a file may be allowed to write it; no log of theirs is lost.
    return false;
  } finally {
    await handle?.close();
  }
}

async function create(file: string, content: Uint8Array | string, mode: number | undefined): Promise<void> {
  const handle = await open(file, "wx", mode);
  try {
    await handle.writeFile(content);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function replace(file: string, content: Uint8Array | string, mode: number): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    await rm(unfinished, { force: true });
    await create(unfinished, content, mode);
    await rename(unfinished, file);
  } catch (error) {
    if (!IN_PLACE.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rm(unfinished, { force: true }).catch(() => undefined);
    await writeFile(file, content);
  }
}
