import { dirname, isAbsolute, join } from "node:path";
import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription, PartialTreeBytes } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { loadDeviceTree } from "./load-device-tree.ts";
import { readTextFile } from "./read-file.ts";
import { readXlCfg } from "./read-xlcfg.ts";

/** Largest board file that is read. */
const BOARD_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a board file and every file that it names, relative to it: the host device tree, the xl.cfg files of `autostart` and the
 * partial trees of `xen`.
 * The first one that cannot be had is the refusal; nothing is half read.
 */
export async function loadHost(boardFile: string): Promise<HostDescription | Problem> {
  const text = await readTextFile(boardFile, BOARD_BYTES_MAX);
  if (isProblem(text)) return text;
  const board = parseBoard(text, boardFile);
  if (isProblem(board)) return board;
  const deviceTree = await loadDeviceTree(beside(boardFile, board.deviceTree));
  if (isProblem(deviceTree)) return deviceTree;
  const autostart: { file: string; text: string }[] = [];
  for (const file of board.autostart) {
    const xlcfg = await readXlCfg(beside(boardFile, file));
    if (isProblem(xlcfg)) return xlcfg;
    autostart.push({ file, text: xlcfg });
  }
  const partialTrees: PartialTreeBytes[] = [];
  for (const [domain, file] of Object.entries(board.xen.partialTrees)) {
    const tree = await loadDeviceTree(beside(boardFile, file));
    if (isProblem(tree)) return tree;
    partialTrees.push({ domain, tree });
  }
  return { board, deviceTree, autostart, ...(partialTrees.length === 0 ? {} : { partialTrees }) };
}

/** A path as a board file means it. */
function beside(boardFile: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(boardFile), path);
}
