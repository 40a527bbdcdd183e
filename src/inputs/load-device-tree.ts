import { extname } from "node:path";
import { isProblem, type Problem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX, FDT_MAGIC, parseDeviceTree } from "#config/device-tree/fdt.ts";
import { compileDeviceTree } from "./dtc.ts";
import { readBytes } from "./read-file.ts";

/** What every device-tree source begins with, after comments. */
const SOURCE_TAG = "/dts-v1/";

/**
 * Reads a device tree: a flattened one as it is, a source through `dtc`. What the file holds decides, not its name: only a
 * file with neither the magic number nor the source's tag is judged by `.dts`.
 *
 * @param withLabels keep the labels of a source (`dtc -@`)
 * @returns bytes that `parseDeviceTree` accepts; or `file-unreadable`, `file-too-large` (8 MiB, also of a source),
 *   `dtc-missing` or `device-tree-invalid`
 */
export async function loadDeviceTree(file: string, withLabels = false): Promise<Uint8Array | Problem> {
  const content = await readBytes(file, DEVICE_TREE_BYTES_MAX);
  if (isProblem(content)) return content;
  const bytes = isSource(content, file) ? await compileDeviceTree(file, withLabels) : content;
  if (isProblem(bytes)) return bytes;
  const tree = parseDeviceTree(bytes, file);
  return isProblem(tree) ? tree : bytes;
}

/** Whether what was read of a file is a device-tree source. */
export function isSource(content: Uint8Array, file: string): boolean {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (text.byteLength >= 4 && text.readUInt32BE(0) === FDT_MAGIC) return false;
  return extname(file).toLowerCase() === ".dts" || text.includes(SOURCE_TAG);
}
