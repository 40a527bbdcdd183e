import { stat } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join } from "node:path";

/**
 * Finds the partial tree that an xl.cfg's `device_tree` names. That is a path on the target (`/etc/xen/drv.dtb`), which most
 * often is not there where the file is checked: looked for is, in this order, one of `given` with that name (any extension),
 * the only one given where `isOnlyGuest`, the file itself, and one of its name beside the xl.cfg, as `.dtb` or `.dts`.
 *
 * @param xlcfgFile the file that says so
 * @param deviceTree what it says
 * @returns a path, or null where nothing is found, which is no error
 */
export async function findPartialTree(
  xlcfgFile: string,
  deviceTree: string,
  given: readonly string[],
  isOnlyGuest: boolean,
): Promise<string | null> {
  const named = given.find((file) => stem(file) === stem(deviceTree));
  if (named !== undefined) return named;
  if (isOnlyGuest && given.length === 1) return given[0] ?? null;
  const folder = dirname(xlcfgFile);
  const beside = join(folder, basename(deviceTree));
  const candidates = [
    isAbsolute(deviceTree) ? deviceTree : join(folder, deviceTree),
    beside,
    join(folder, `${stem(deviceTree)}.dts`),
  ];
  for (const file of candidates) {
    if (await isFile(file)) return file;
  }
  return null;
}

function stem(path: string): string {
  return basename(path, extname(path));
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not to be looked at: the same to who asks.
    return false;
  }
}
