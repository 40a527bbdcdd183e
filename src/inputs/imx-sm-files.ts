import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";
import { isProblem, type Problem } from "#base/problem.ts";
import { HeaderNumbers } from "#config/imx-sm/headers.ts";
import type { OpenSource } from "#config/imx-sm/source.ts";
import { readBytes } from "./read-file.ts";

/** Largest file of a configuration that is read. Device files of real SoCs have some ten KiB. */
const CONFIG_BYTES_MAX = 4 * 1024 * 1024;
const HEADER_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Opens files of a configuration. An include is looked for beside the including file, beside the top-level one, then in `folders`.
 */
export function configOpener(top: string, folders: readonly string[]): OpenSource {
  return async (name, from) => {
    const places = from === null ? [name] : candidates(name, [dirname(from), dirname(top), ...folders]);
    for (const place of places) {
      if (!(await isThere(place))) continue;
      const bytes = await readBytes(place, CONFIG_BYTES_MAX);
      return isProblem(bytes) ? bytes.detail : { file: await nameOf(place), text: textOf(bytes) };
    }
    return from === null ? "there is no such file" : `there is none, looked for as ${places.join(", ")}`;
  };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}

function candidates(name: string, folders: readonly string[]): string[] {
  return isAbsolute(name) ? [name] : [...new Set(folders.map((folder) => join(folder, name)))];
}

/** One name for a file, however it is reached: as seen from here, if it lies below. */
async function nameOf(file: string): Promise<string> {
  const [real, here] = [await realpath(file), await realpath(".")];
  const below = relative(here, real);
  return below.startsWith("..") || isAbsolute(below) ? real : below;
}

/** Configurations are ASCII but for comments, which may be of any encoding. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Reads headers for the numbers of resources: each a file, or a folder of `.h` files, in the order of their names. */
export async function readHeaders(
  paths: readonly string[],
): Promise<{ readonly numbers: HeaderNumbers; readonly files: readonly string[] } | Problem> {
  const numbers = new HeaderNumbers();
  const files: string[] = [];
  for (const path of paths) files.push(...((await headersIn(path)) ?? [path]));
  for (const file of files) {
    const bytes = await readBytes(file, HEADER_BYTES_MAX);
    if (isProblem(bytes)) return bytes;
    numbers.read(textOf(bytes));
  }
  return { numbers, files };
}

/** The headers in a folder; null: it is none. */
async function headersIn(path: string): Promise<string[] | null> {
  try {
    const names = await readdir(path);
    return names
      .filter((name) => name.endsWith(".h"))
      .sort()
      .map((name) => join(path, name));
  } catch {
    return null;
  }
}

/**
 * The folders of headers that lie where the System Manager's own sources have them, seen from a configuration in `configs/` or
 * `configs/other/`; none where there are none.
 */
export async function ownHeaderFolders(
  top: string,
  { soc, board }: { readonly soc: string | null; readonly board: string | null },
): Promise<string[]> {
  const isPlain = (name: string | null): name is string => name !== null && /^\w[\w.-]*$/.test(name);
  for (const root of [join(dirname(top), ".."), join(dirname(top), "..", "..")]) {
    const wanted = [
      ...(isPlain(soc) ? ["sm", "drivers"].map((folder) => join(root, "devices", soc, folder)) : []),
      ...(isPlain(board) ? [join(root, "boards", board, "sm")] : []),
    ];
    const found: string[] = [];
    for (const folder of wanted) if (((await headersIn(folder)) ?? []).length > 0) found.push(folder);
    if (found.length > 0) return found;
  }
  return [];
}
