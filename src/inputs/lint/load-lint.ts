import { dirname, isAbsolute, join, resolve } from "node:path";
import { isProblem, type Problem } from "#base/problem.ts";
import { readBinding } from "#config/binding/read-binding.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import type { DeviceTree } from "#config/device-tree/device-tree.ts";
import type {
  LintBoard,
  LintGuest,
  LintInput,
  LintTree,
  UncompiledSource,
  UnreadableFile,
} from "#config/lint/input.ts";
import { lintGuest } from "#config/lint/lint-guest.ts";
import { ASSUMED_VERSION, describeXen } from "#config/lint/xen.ts";
import { isOverlay } from "#config/overlay/fragments.ts";
import { parseXlCfg } from "#config/xlcfg/xlcfg.ts";
import { findPartialTree } from "../partial-file.ts";
import { readTextFile } from "../read-file.ts";
import { readXlCfg } from "../read-xlcfg.ts";
import { hostTree } from "./host-tree.ts";
import { type LoadedTree, loadTree, wholeTree } from "./load-tree.ts";

/** Largest board file that is read. */
const BOARD_BYTES_MAX = 16 * 1024 * 1024;

/** The files of one lint, as the user names them. */
export interface LintFiles {
  readonly board: string | null;
  /** The host device tree instead of the board's: a base first, then overlays; overlays alone go onto the board's. */
  readonly dts: readonly string[];
  /** Beside those of the board's `autostart`. */
  readonly xlcfg: readonly string[];
  /** Partial device trees of guests; those beside an xl.cfg are found by themselves. */
  readonly partial: readonly string[];
}

/** The messages of the base protocol that a firmware's profile has, or null: all of them. */
export type BaseMessages = (firmware: FirmwareConfig) => readonly number[] | null;

/** Reads everything that a lint looks at. What cannot be read is kept as such, and never stops the rest. */
export async function loadLint(files: LintFiles, baseMessages: BaseMessages): Promise<LintInput> {
  const loader = new Loader(baseMessages);
  const board = files.board === null ? null : await loader.board(files.board);
  const host = await loader.host(files.dts, board);
  const version = board?.board.xen.version ?? ASSUMED_VERSION;
  const autostart = board?.board.autostart.map((file) => beside(board.file, file)) ?? [];
  const texts = await loader.texts(eachOnce([...files.xlcfg, ...autostart]));
  const used = new Set<string>();
  const guests: LintGuest[] = [];
  for (const { file, text } of texts) {
    const found = await findPartial(file, text, files.partial, texts.length === 1);
    if (found !== null) used.add(found);
    guests.push(lintGuest(file, text, version, found === null ? null : await loader.partial(found)));
  }
  const others = Object.values(board?.board.xen.partialTrees ?? {}).map((file) =>
    beside(files.board ?? "", file),
  );
  const { partials } = loader;
  for (const file of [...files.partial, ...others].filter((name) => !used.has(name))) {
    const tree = await loader.partial(file);
    if (tree !== null) partials.push(tree);
  }
  const xen = describeXen(board, host, guests);
  const binding = host === null ? null : readBinding(host.tree, xen.cmdline);
  const { uncompiled, unreadable } = loader;
  return { host, binding, board, xen, guests, partials, uncompiled, unreadable };
}

/** The files, each under its first name: whoever is named twice would seem to want the agent of somebody else. */
function eachOnce(files: readonly string[]): string[] {
  return [...new Map(files.toReversed().map((file) => [resolve(file), file])).values()].toReversed();
}

/** Reads files, and keeps what went wrong. */
class Loader {
  readonly uncompiled: UncompiledSource[] = [];
  readonly unreadable: UnreadableFile[] = [];
  readonly partials: LintTree[] = [];
  readonly #baseMessages: BaseMessages;

  constructor(baseMessages: BaseMessages) {
    this.#baseMessages = baseMessages;
  }

  async board(file: string): Promise<LintBoard | null> {
    const text = this.#checked(file, await readTextFile(file, BOARD_BYTES_MAX));
    const board = text === null ? null : this.#checked(file, parseBoard(text, file));
    if (text === null || board === null) return null;
    return { file, text, board, baseMessages: this.#baseMessages(board.firmware) };
  }

  async host(dts: readonly string[], board: LintBoard | null): Promise<LintTree | null> {
    const ofBoard = board === null ? null : beside(board.file, board.board.deviceTree);
    const loaded = await this.#trees(dts, dts.length > 1);
    // What is a guest's tree is told by what is in it: somebody may well check it as any other.
    const given = loaded.filter(({ tree }) => !isPartialTree(tree));
    for (const tree of loaded) if (!given.includes(tree)) this.partials.push(wholeTree(tree));
    const needsBase = given[0] === undefined ? loaded.length === dts.length : isOverlay(given[0].tree);
    const base = needsBase && ofBoard !== null ? await this.#trees([ofBoard], given.length > 0) : [];
    // Overlays whose base does not compile would only be told that they lack it.
    if (needsBase && ofBoard !== null && base.length === 0) return null;
    const { tree, refused } = await hostTree([...base, ...given]);
    this.unreadable.push(...refused);
    return tree;
  }

  async partial(file: string): Promise<LintTree | null> {
    const [tree] = await this.#trees([file], false);
    return tree === undefined ? null : wholeTree(tree);
  }

  async texts(files: readonly string[]): Promise<{ file: string; text: string }[]> {
    const texts: { file: string; text: string }[] = [];
    for (const file of files) {
      const text = this.#checked(file, await readXlCfg(file));
      if (text !== null) texts.push({ file, text });
    }
    return texts;
  }

  async #trees(files: readonly string[], withSymbols: boolean): Promise<LoadedTree[]> {
    const loaded = await Promise.all(files.map((file) => loadTree(file, withSymbols)));
    return loaded.flatMap((tree, index) => {
      if (isProblem(tree)) this.unreadable.push({ file: files[index] ?? "", problem: tree });
      else if ("messages" in tree) this.uncompiled.push(tree);
      else {
        if (tree.refused !== null) this.uncompiled.push(tree.refused);
        return [tree];
      }
      return [];
    });
  }

  #checked<T>(file: string, value: T | Problem): T | null {
    if (!isProblem(value)) return value;
    this.unreadable.push({ file, problem: value });
    return null;
  }
}

/** The partial tree that an xl.cfg names, where it can be found. */
async function findPartial(
  file: string,
  text: string,
  given: readonly string[],
  isOnlyGuest: boolean,
): Promise<string | null> {
  const parsed = parseXlCfg(text);
  const named = isProblem(parsed) ? undefined : parsed.string("device_tree");
  return named === undefined ? null : findPartialTree(file, named, given, isOnlyGuest);
}

/** Whether a tree is a guest's partial one: it has what the guest gets, and nothing that a machine has. */
function isPartialTree({ root }: DeviceTree): boolean {
  const names = new Set(root.children.map(({ name }) => name.replace(/@.*/, "")));
  return names.has("passthrough") && !["chosen", "cpus", "memory"].some((name) => names.has(name));
}

/** A path as a board file means it. */
function beside(boardFile: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(boardFile), path);
}
